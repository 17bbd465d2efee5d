//! The codes of findings: stable names that people search for, suppress and have explained.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use strum::IntoStaticStr;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// Something is not as it is said to be.
    Error,
    /// Something will not do what people expect of it.
    Warning,
    /// Something is worth knowing.
    Note,
}

impl Level {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The kind of a finding. Two codes are the same if they have the same name.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// The stable name.
    pub name: &'static str,
    /// How much a finding of this kind matters.
    pub level: Level,
    /// What it says, in one sentence.
    pub summary: &'static str,
    /// The long story: what it means, why it matters, an example, and what to do, as Markdown.
    pub explanation: &'static str,
}

impl Code {
    /// Returns the stable name.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

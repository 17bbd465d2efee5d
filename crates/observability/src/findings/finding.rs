//! What a check found.

use std::fmt;
use std::ops::Deref;

use jobwatch_catalogue::JobName;
use jobwatch_catalogue::yaml::Position;

use super::code::{Code, Level};
use crate::definition::AlertName;

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind it is.
    pub code: Code,
    /// The alert it is about.
    pub alert: Option<AlertName>,
    /// The job it is about.
    pub job: Option<JobName>,
    /// The alert or the recorded series of a rule file that it is about.
    pub rule: Option<String>,
    /// Where it is.
    pub location: Location,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was expected, where something was.
    pub expected: Option<String>,
    /// What stands there instead.
    pub found: Option<String>,
    /// What to do about it.
    pub hint: String,
    /// Why the catalogue or the file suppresses it, if one does. A suppressed finding fails no
    /// check.
    pub suppressed: Option<Suppressed>,
}

/// Why a finding is suppressed: it reads as its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The reason that is given.
    pub reason: String,
    /// Whether a comment in the file at fault gives it, rather than the catalogue.
    pub is_in_source: bool,
}

impl Suppressed {
    /// A finding that the catalogue suppresses, for this reason.
    pub fn by_catalogue(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_in_source: false }
    }

    /// A finding that a comment suppresses in the file where it is found, for this reason.
    pub fn by_comment(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_in_source: true }
    }
}

impl Deref for Suppressed {
    type Target = str;

    fn deref(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.reason)
    }
}

/// Which of the files that a check read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The catalogue.
    Catalogue,
    /// The runbook.
    Runbook,
    /// A file of rules.
    Rules,
}

/// A position in one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub source: Source,
    /// Where in it. The bytes are those at fault; there are none where something is missing.
    pub position: Position,
}

impl Finding {
    /// Returns how much it matters.
    pub const fn level(&self) -> Level {
        self.code.level
    }

    /// Returns whether it fails a check: it is no mere note, and nobody has suppressed it.
    pub fn fails(&self) -> bool {
        self.suppressed.is_none() && self.level() != Level::Note
    }
}

/// Sorts findings by file and position. Those of one position stay in the order in which they were
/// found, which is that of the lints and of the alerts.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        let Location { source, position } = &finding.location;
        (*source, position.span.start, position.line)
    });
}

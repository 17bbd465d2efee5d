//! What a check found.

use std::ops::Range;

use jobwatch_catalogue::{AlertName, JobName};

use crate::code::Code;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Something is not as it is said to be.
    Error,
    /// Something will not do what people expect of it.
    Warning,
    /// Something is worth knowing.
    Note,
}

impl Level {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind it is.
    pub code: Code,
    /// The alert it is about.
    pub alert: Option<AlertName>,
    /// The job it is about.
    pub job: Option<JobName>,
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
    /// Why the catalogue accepts it, if it does. An accepted finding fails no check.
    pub accepted: Option<String>,
}

/// Which of the files that a check read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The catalogue.
    Catalogue,
    /// The runbook.
    Runbook,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub source: Source,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one, in characters.
    pub column: usize,
    /// The bytes that are at fault. Empty where something is missing.
    pub span: Range<usize>,
}

impl Finding {
    /// How much it matters.
    pub fn level(&self) -> Level {
        self.code.level()
    }

    /// Whether it fails a check: it is no mere note, and nobody has accepted it.
    pub fn fails(&self) -> bool {
        self.accepted.is_none() && self.level() != Level::Note
    }
}

/// Sorts findings by file, place and code, so that every run prints them alike.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.location.source, f.location.span.start, f.location.line, f.code, f.alert);
        key(a).cmp(&key(b)).then_with(|| a.job.cmp(&b.job)).then_with(|| a.message.cmp(&b.message))
    });
}

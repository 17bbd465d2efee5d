//! What a check found.

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
    /// Why the catalogue or the file suppresses it, if one does. A suppressed finding fails no check.
    pub suppressed: Option<String>,
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

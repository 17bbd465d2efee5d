//! How urgent an alert is.

use std::fmt;

/// How urgent an alert is: the value of the label `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody has to look during working hours.
    Warning,
    /// Somebody has to look now.
    Critical,
}

impl Severity {
    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    /// Writes it as a runbook does: `Warning`, `Critical`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "Warning",
            Self::Critical => "Critical",
        })
    }
}

//! How urgent an alert is.

use std::fmt;

use strum::IntoStaticStr;

/// How urgent an alert is: the value of the label `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// Somebody has to look during working hours.
    Warning,
    /// Somebody has to look now.
    Critical,
}

impl Severity {
    /// All of them, the least urgent first.
    pub const ALL: [Self; 2] = [Self::Warning, Self::Critical];

    /// Returns the label's value.
    pub fn as_str(self) -> &'static str {
        self.into()
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

//! Why what an overlay yields is neither rules nor a dashboard.

use std::fmt;

/// Why what an overlay yields is neither rules nor a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct OverlayError {
    /// What is wrong, in the order of the fields. At least one.
    pub problems: Vec<OverlayProblem>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayProblem {
    /// The field, by its path from the mixin: `prometheusAlerts.groups[2].rules[0].expr`.
    pub field: String,
    /// What is wrong, and what is expected.
    pub message: String,
}

impl fmt::Display for OverlayProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Where problems are noted.
pub(super) type Problems = Vec<OverlayProblem>;

/// Notes what is wrong with a field.
pub(super) fn note(problems: &mut Problems, field: impl Into<String>, message: impl Into<String>) {
    problems.push(OverlayProblem { field: field.into(), message: message.into() });
}

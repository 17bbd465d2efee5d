//! Why a text is no rule file.

use jobwatch_catalogue::yaml::{Position, YamlProblem};

/// Why a text is no rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {}, column {}", position.line, position.column)]
pub struct RuleFileError {
    /// Where it stands.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl RuleFileError {
    pub(super) fn new(position: &Position, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { position: position.clone(), message: message.into(), hint: hint.into() }
    }
}

impl From<YamlProblem> for RuleFileError {
    fn from(problem: YamlProblem) -> Self {
        let YamlProblem { position, message, hint, .. } = problem;
        Self { position, message, hint: hint.unwrap_or_default() }
    }
}

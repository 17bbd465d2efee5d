//! What is wrong with the text of a catalogue.

use std::fmt;

use super::position::Position;

/// Everything that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct YamlError {
    /// The problems, in the order of their places: at least one, at most
    /// [`crate::problem::MAX_PROBLEMS`].
    pub problems: Vec<YamlProblem>,
    /// How many further problems there are.
    pub omitted: usize,
}

/// One thing that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlProblem {
    /// Where it stands.
    pub position: Position,
    /// The path to the value, as in `jobs[2].timeout`; empty for the text as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, where the message does not already say so.
    pub hint: Option<String>,
}

impl YamlError {
    pub(super) fn one(problem: YamlProblem) -> Self {
        Self { problems: vec![problem], omitted: 0 }
    }

    /// Returns the error of some problems, in the order of the text. There is one at least.
    pub(super) fn sorted(mut problems: Vec<YamlProblem>, omitted: usize) -> Self {
        problems.sort_by_key(|problem| problem.position.span.start);
        Self { problems, omitted }
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the catalogue cannot be used")?;
        if let Some(YamlProblem { position, message, .. }) = self.problems.first() {
            write!(f, ": {message} at line {}, column {}", position.line, position.column)?;
        }
        match self.problems.len().saturating_sub(1) + self.omitted {
            0 => Ok(()),
            1 => f.write_str(", and one more problem"),
            further => write!(f, ", and {further} more problems"),
        }
    }
}

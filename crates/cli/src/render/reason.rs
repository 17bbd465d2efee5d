//! Why a command could not run, as the formats for programs tell it.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use jobwatch_catalogue::yaml::{Position, YamlProblem};
use jobwatch_observability::findings::{Code, Level};

use super::error::MOST_PROBLEMS;
use crate::error::Error;
use crate::lines::Lines;
use crate::number::grouped;

/// What stands in place of the code of a finding.
pub(super) const CODE: &str = COULD_NOT_RUN.as_str();

/// What there is to say of it.
pub(crate) const COULD_NOT_RUN: Code = Code {
    name: "could-not-run",
    level: Level::Error,
    summary: "The command could not run, so that nothing was looked at.",
    explanation: include_str!("could-not-run.md"),
};

/// A reason why a command could not run.
#[derive(Debug)]
pub(crate) struct Reason<'a> {
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
    /// The part of a text that it is about. `None` if it is about none.
    pub(super) place: Option<Place<'a>>,
}

/// A part of a text.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The path of the file.
    pub(super) path: &'a Path,
    /// The first character.
    pub(super) start: Position,
    /// The first character behind it.
    pub(super) end: Position,
}

impl Display for Place<'_> {
    /// Writes the path, the line and the column.
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.path.display(), self.start.line, self.start.column)
    }
}

impl Reason<'_> {
    /// Returns the message and what to do about it, in lines.
    pub(super) fn text(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}\n{hint}", self.message),
            None => self.message.clone(),
        }
    }
}

/// Returns the reasons that make up an error: of a text with many problems the first, and how many
/// more there are.
pub(crate) fn reasons(error: &Error) -> Vec<Reason<'_>> {
    let (path, text, problems) = match error {
        Error::Several(errors) => return errors.iter().flat_map(reasons).collect(),
        Error::Problems { path, text, error } => (path, text, error),
        other => return vec![Reason { message: other.to_string(), hint: other.hint(), place: None }],
    };
    let lines = Lines::new(text);
    let reason = |YamlProblem { position, message, hint, .. }: &YamlProblem| Reason {
        message: message.clone(),
        hint: hint.clone(),
        place: Some(Place { path, start: position.clone(), end: lines.position(position.span.end) }),
    };
    let mut reasons: Vec<Reason<'_>> = problems.problems.iter().take(MOST_PROBLEMS).map(reason).collect();
    let more = problems.problems.len() + problems.omitted - reasons.len();
    if more > 0 {
        let message = format!("{} has {} more problems", path.display(), grouped(more));
        reasons.push(Reason { message, hint: None, place: None });
    }
    reasons
}

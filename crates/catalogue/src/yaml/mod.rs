//! Reads a catalogue from YAML.
//!
//! The text is read into a tree whose every value knows its place, and the tree is read strictly: all problems of one text are
//! found in one run, each with line, column and the next step.

mod entry;
mod job;
mod node;
mod position;
mod top;

use crate::catalogue::Catalogue;
use crate::validate::{Problem, ProblemKind};

pub use position::{Position, Positions};

/// A catalogue and where its values stand in the text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Where its values stand.
    pub positions: Positions,
}

/// Everything that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue cannot be used: {} at line {}, column {}", .problems[0].message, .problems[0].position.line, .problems[0].position.column)]
pub struct YamlError {
    /// The problems, in the order of their places. Never empty.
    pub problems: Vec<YamlProblem>,
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

/// Reads a catalogue.
///
/// # Errors
///
/// [`YamlError`] holds everything that is wrong with the text.
///
/// ```
/// let text = "service: shop\njobs:\n  - name: bill\n    summary: Bills.\n    interval: 300\n    timeout: 1m\n";
/// let error = jobwatch_catalogue::yaml::parse(text).unwrap_err();
/// let problem = &error.problems[0];
/// assert_eq!((problem.position.line, problem.position.column), (5, 15));
/// assert_eq!(problem.message, "the unit is missing: write `300s`, `300m` or `300h`");
/// ```
pub fn parse(text: &str) -> Result<Parsed, YamlError> {
    let (root, positions) = node::read(text).map_err(|problem| YamlError { problems: vec![problem] })?;
    let mut problems = Vec::new();
    let builder = top::read(&root, &mut problems);
    // Values that could not be read have been replaced by harmless ones, so that what is wrong with the others is told as well.
    let catalogue = builder.build().map_err(|error| {
        problems.extend(error.problems.into_iter().map(|problem| placed(problem, &positions)));
    });
    problems.sort_by_key(|problem| problem.position.span.start);
    // A value that could not be read may look like one that is missing to those that check the whole.
    problems.dedup_by(|later, earlier| later.path == earlier.path && !later.path.is_empty());
    match catalogue {
        Ok(catalogue) if problems.is_empty() => Ok(Parsed { catalogue, positions }),
        _ => Err(YamlError { problems }),
    }
}

fn placed(problem: Problem, positions: &Positions) -> YamlProblem {
    let Problem { path, kind } = problem;
    let hint = match &kind {
        ProblemKind::DuplicateName { other, .. } => {
            let first = positions.of(&format!("jobs[{}].name", other - 1));
            Some(format!("the first one stands in line {}", first.line))
        }
        _ => None,
    };
    YamlProblem { position: positions.of(&path).clone(), path, message: kind.to_string(), hint }
}

#[cfg(test)]
mod tests;

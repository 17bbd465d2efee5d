//! From a text to a catalogue.

use super::positions::Positions;
use super::problem::{YamlError, YamlProblem};
use super::{earlier, node, syntax, top};
use crate::builder::CatalogueBuilder;
use crate::catalogue::Catalogue;
use crate::problem::{CatalogueError, Problem, ProblemKind, Problems};

pub use super::syntax::{MAX_BYTES, MAX_JOBS};

/// A catalogue and where its values stand in the text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Where its values stand.
    pub positions: Positions,
    /// What is understood, and should be written in another way.
    pub notices: Vec<YamlProblem>,
}

/// Reads a catalogue.
///
/// # Errors
///
/// [`YamlError`] holds what is wrong with the text. A text of more than [`MAX_BYTES`] is not
/// read, nor one of more than [`MAX_JOBS`] jobs.
///
/// ```
/// let text = "\
/// service: shop
/// jobs:
///   - name: bill
///     summary: Bills.
///     interval: 300
///     timeout: 1m
/// ";
/// let error = jobwatch_catalogue::yaml::parse(text).unwrap_err();
/// let problem = &error.problems[0];
/// assert_eq!((problem.position.line, problem.position.column), (5, 15));
/// assert_eq!(problem.message, "the unit is missing: write `300s`, `300m` or `300h`");
/// ```
pub fn parse(text: &str) -> Result<Parsed, YamlError> {
    parse_with(text, |catalogue| catalogue)
}

/// Reads a catalogue, changes it, and checks what it is then.
///
/// # Errors
///
/// As [`parse`]. What is wrong because of a change has its path, and the position of what stands
/// nearest to that in the text.
pub fn parse_with(
    text: &str,
    change: impl FnOnce(CatalogueBuilder) -> CatalogueBuilder,
) -> Result<Parsed, YamlError> {
    let mut root = syntax::read(text).map_err(YamlError::one)?;
    let mut problems = Problems::new();
    node::refuse_odd_keys(&mut root, &mut problems);
    let notices = earlier::settle(&mut root, &mut problems);
    let builder = top::read(&root, &mut problems);
    let positions = Positions::new(root);
    // Values that could not be read have been replaced by harmless ones, so that what is wrong with
    // the others is told as well.
    match change(builder).build() {
        Ok(catalogue) => match problems.found() {
            None => Ok(Parsed { catalogue, positions, notices }),
            Some((problems, omitted)) => Err(YamlError::sorted(problems, omitted)),
        },
        Err(CatalogueError { problems: found, omitted }) => {
            problems.extend(found.into_iter().map(|problem| placed(problem, &positions)), omitted);
            let (problems, omitted) = problems.into_parts();
            Err(YamlError::sorted(problems, omitted))
        }
    }
}

fn placed(Problem { path, kind }: Problem, positions: &Positions) -> YamlProblem {
    let hint = match &kind {
        ProblemKind::DuplicateName { other, .. } => {
            let first = positions.of(&format!("jobs[{}].name", other - 1));
            Some(format!("the first one stands in line {}", first.line))
        }
        _ => None,
    };
    YamlProblem { position: positions.of(&path).clone(), path, message: kind.to_string(), hint }
}

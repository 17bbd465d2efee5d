//! `jobwatch diff`

use std::path::PathBuf;

use jobwatch_observability::difference::all_differences;

use crate::diff_options::{Diff, DiffFormat};
use crate::error::Error;
use crate::exit::Exit;
use crate::generate_options::Overlaid;
use crate::options::Shared;
use crate::output::Output;
use crate::render::differences::{self, Compared};
use crate::render::error_markdown;
use crate::render::reason::Reason;
use crate::side::Side;
use crate::working_folder::WorkingFolder;

pub(crate) fn run(
    arguments: &Diff,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let [before, after] = sides(arguments, shared)?;
    let facts = [before.facts(&after, shared, here, output)?, after.facts(&before, shared, here, output)?];
    let all = all_differences(&facts[0], &facts[1]);
    let exit = if all.is_empty() { Exit::Clean } else { Exit::Findings };
    let compared = Compared { before: before.name(), after: after.name(), all, is_verbose: shared.verbose };
    output.result(&match arguments.format.unwrap_or(DiffFormat::Human) {
        DiffFormat::Human => differences::human(&compared),
        DiffFormat::Json => differences::json(&compared)?,
        DiffFormat::Markdown => differences::markdown(&compared),
    })?;
    Ok(exit)
}

/// Returns why nothing was compared, in a format that is read elsewhere. `None` for a terminal.
///
/// Errors: it cannot be written.
pub(super) fn failed(arguments: &Diff, reasons: &[Reason<'_>]) -> Result<Option<String>, Error> {
    Ok(match arguments.format.unwrap_or(DiffFormat::Human) {
        DiffFormat::Human => None,
        DiffFormat::Json => Some(differences::failed(reasons)?),
        DiffFormat::Markdown => Some(error_markdown::failed("Nothing was compared", reasons)),
    })
}

/// Returns what is compared with what.
///
/// Errors: nothing was given, or more than two revisions or overlays.
fn sides(arguments: &Diff, shared: &Shared) -> Result<[Side; 2], Error> {
    let usual = || Side::Catalogues(shared.catalogue.clone());
    let revision = |revision: &String| Side::Revision(revision.clone());
    let overlaid = |overlay: &PathBuf| {
        Side::Overlaid(Overlaid { overlay: Some(overlay.clone()), jpath: arguments.jpath.clone() })
    };
    match arguments.overlay.as_slice() {
        [] => {}
        [after] => return Ok([usual(), overlaid(after)]),
        [before, after] => return Ok([overlaid(before), overlaid(after)]),
        more => return Err(Error::TooManySides { what: "overlays", number: more.len() }),
    }
    match (arguments.paths.as_slice(), arguments.revision.as_slice()) {
        ([before, after], []) => Ok([Side::of_path(before)?, Side::of_path(after)?]),
        ([after], []) => Ok([usual(), Side::of_path(after)?]),
        ([], [before]) => Ok([revision(before), usual()]),
        ([], [before, after]) => Ok([revision(before), revision(after)]),
        ([], []) => Err(Error::NothingToCompare),
        (_, more) => Err(Error::TooManySides { what: "revisions", number: more.len() }),
    }
}

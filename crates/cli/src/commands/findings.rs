//! How `check` and `lint` print what they have found.

use crate::args::Format;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::reason::Reason;
use crate::render::report::Report;
use crate::render::{github, human, json, junit, sarif};
use crate::working_folder::WorkingFolder;

/// How many findings programs are given.
const MOST_FOR_PROGRAMS: usize = 1000;

/// Returns how many findings are shown in a format. Who wants to see all is shown all.
pub(super) const fn most(format: Format, is_verbose: bool) -> usize {
    match format {
        _ if is_verbose => usize::MAX,
        Format::Human => human::MOST,
        Format::Json | Format::Github | Format::Sarif | Format::Junit => MOST_FOR_PROGRAMS,
    }
}

/// Prints a report, and says how the command ends.
pub(super) fn print(report: &Report<'_>, format: Format, output: &mut Output) -> Result<Exit, Error> {
    output.result(&match format {
        Format::Human => human::report(report),
        Format::Json => json::report(report)?,
        Format::Github => github::report(report),
        Format::Sarif => sarif::report(report)?,
        Format::Junit => junit::report(report),
    })?;
    // A list of findings has no room for what it leaves off.
    if let (Format::Json, Some(more)) = (format, report.more()) {
        output.message(&format!("{more}\n"));
    }
    Ok(if report.findings().any(|finding| finding.fails()) { Exit::Findings } else { Exit::Clean })
}

/// Returns why a command could not run, in a format for programs. `None` for people, who are told
/// apart from findings.
///
/// Errors: it cannot be written.
pub(super) fn failed(
    reasons: &[Reason<'_>],
    format: Format,
    here: Option<&WorkingFolder>,
) -> Result<Option<String>, Error> {
    Ok(match format {
        Format::Human => None,
        Format::Json => Some(json::failed(reasons)?),
        Format::Github => Some(github::failed(reasons, here)),
        Format::Sarif => Some(sarif::failed(reasons, here)?),
        Format::Junit => Some(junit::failed(reasons, "jobwatch")),
    })
}

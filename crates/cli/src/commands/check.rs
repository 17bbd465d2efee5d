//! `jobwatch check`

use std::path::PathBuf;

use jobwatch_observability::alerts::alerts;
use jobwatch_observability::check::check;
use jobwatch_observability::runbook::fix;

use super::Exit;
use crate::args::{Check, Format};
use crate::error::Error;
use crate::files;
use crate::output::Output;
use crate::render::{Report, github, human, json, sarif};
use crate::source;

pub(crate) fn run(arguments: &Check, output: &mut Output) -> Result<Exit, Error> {
    let source = source::read(&arguments.from.catalogue)?;
    let runbook_path = arguments.runbook.clone().unwrap_or_else(|| PathBuf::from(source.catalogue.runbook()));
    let hint = "name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; \
                `jobwatch explain runbook-section-missing` shows a section";
    let mut runbook = files::read(&runbook_path, hint)?;
    if arguments.fix {
        let mended = fix(&alerts(&source.catalogue), &runbook);
        if mended != runbook {
            let hint =
                "make the runbook a file that can be written to, or leave out `--fix` to see what differs";
            files::write(&runbook_path, &mended, hint)?;
            output.message(&human::fixed(&runbook_path, &runbook, &mended));
            runbook = mended;
        }
    }
    let findings = check(&source.catalogue, &source.positions, Some(&runbook));
    let report =
        Report { findings: &findings, catalogue: &source, runbook_path: &runbook_path, runbook: &runbook };
    output.result(&match arguments.format {
        Format::Human => human::report(&report),
        Format::Json => json::report(&report)?,
        Format::Github => github::report(&report),
        Format::Sarif => sarif::report(&report)?,
    })?;
    Ok(if findings.iter().any(|finding| finding.fails()) { Exit::Findings } else { Exit::Clean })
}

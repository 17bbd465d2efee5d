//! `jobwatch check`

use std::io;
use std::path::Path;

use jobwatch_observability::Model;
use jobwatch_observability::check::check;
use jobwatch_observability::runbook::{MAX_SIZE, fix};

use crate::args::{Check, Format};
use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, FolderLock, Input, Patience, is_standard_input};
use crate::locate::{Paths, RUNBOOK_HINT};
use crate::options::Shared;
use crate::output::Output;
use crate::render::report::{Report, Subject};
use crate::render::{github, human, json, sarif};
use crate::source;
use crate::working_folder::WorkingFolder;

/// The largest runbook.
const RUNBOOK: Input = Input { what: "runbook", most_bytes: MAX_SIZE, hint: RUNBOOK_HINT };

/// What to do when the runbook cannot be written.
const FIX_HINT: &str =
    "make the runbook a file that can be written to, or leave out `--fix` to see what differs";

pub(crate) fn run(
    arguments: &Check,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let paths = Paths::find(shared, here)?;
    let is_piped = arguments.runbook.as_deref().is_some_and(is_standard_input);
    if is_piped && is_standard_input(&paths.catalogue) {
        return Err(Error::OneInput);
    }
    let source = source::read(&paths.catalogue, output)?;
    let model = source.model()?;
    let runbook_path = match &arguments.runbook {
        Some(given) => given.clone(),
        None => paths.runbook(source.catalogue.runbook(), here)?,
    };
    if is_piped && arguments.fix {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it is standard input");
        return Err(Error::Write { path: runbook_path, source, hint: FIX_HINT });
    }
    let runbook = match arguments.fix {
        true => mend(&model, &runbook_path, output)?,
        false => files::read(&runbook_path, &RUNBOOK)?,
    };
    let findings = check(&model, &source.positions, Some(&runbook));
    let subject = Subject {
        catalogue: (&source.path, &source.text),
        runbook: (&runbook_path, &runbook),
        jobs: source.catalogue.jobs().len(),
        alerts: model.alerts().len(),
        here,
    };
    let format = arguments.format.unwrap_or(Format::Human);
    let report = Report::new(&findings, subject, most(format, shared.verbose));
    output.result(&match format {
        Format::Human => human::report(&report),
        Format::Json => json::report(&report)?,
        Format::Github => github::report(&report),
        Format::Sarif => sarif::report(&report)?,
    })?;
    // A list of findings has no room for what it leaves off.
    if let (Format::Json, Some(more)) = (format, report.more()) {
        output.message(&format!("{more}\n"));
    }
    Ok(if findings.iter().any(|finding| finding.fails()) { Exit::Findings } else { Exit::Clean })
}

/// How many findings programs are given.
const MOST_FOR_PROGRAMS: usize = 1000;

/// Returns how many findings are shown in a format. Who wants to see all is shown all.
const fn most(format: Format, is_verbose: bool) -> usize {
    match format {
        _ if is_verbose => usize::MAX,
        Format::Human => human::MOST,
        Format::Json | Format::Github | Format::Sarif => MOST_FOR_PROGRAMS,
    }
}

/// Rewrites what differs in the runbook, and returns it as it is now.
fn mend(model: &Model<'_>, path: &Path, output: &mut Output) -> Result<String, Error> {
    let folder = files::folder_of(path);
    // A folder that is not there has no runbook in it, which reading tells.
    let lock = match folder.is_dir() {
        true => FolderLock::alone(&folder, Patience::default(), &mut |text| output.message(text))?,
        false => None,
    };
    if lock.is_some() {
        files::clear_leftovers(&folder);
    }
    let runbook = files::read(path, &RUNBOOK)?;
    let mended = fix(model.alerts(), &runbook);
    if mended == runbook {
        return Ok(runbook);
    }
    let staged = files::stage(path, &mended, FIX_HINT)?;
    files::finish(vec![staged], Vec::new(), FIX_HINT)?;
    output.message(&human::fixed(path, &runbook, &mended));
    Ok(mended)
}

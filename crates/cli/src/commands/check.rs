//! `jobwatch check`

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::check::Checker;

use crate::args::{Check, Format};
use crate::commands::findings;
use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, FolderLock, Patience, is_standard_input};
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::overlay::{Environment, environment};
use crate::render::human;
use crate::render::report::{Report, Subject};
use crate::rules::{RuleFiles, facts};
use crate::runbook::{RUNBOOK, link};
use crate::source::{self, CatalogueSource};
use crate::working_folder::WorkingFolder;

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
    let is_piped = is_piped(arguments.runbook.as_deref(), &paths)?;
    let read = source::read_all(&paths.catalogues, output)?;
    let Environment { sources, overlays } = environment(read, &arguments.overlaid, &paths, here)?;
    let models = source::models(&sources)?;
    let runbooks = match &arguments.runbook {
        Some(given) => vec![given.clone(); sources.len()],
        None => runbooks(&paths, &sources, here)?,
    };
    if is_piped && arguments.fix {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it is standard input");
        return Err(Error::Write { path: PathBuf::from("-"), source, hint: FIX_HINT });
    }
    // Several catalogues may have one runbook.
    let mut texts: BTreeMap<&Path, String> = BTreeMap::new();
    for ((source, model), path) in sources.iter().zip(&models).zip(&runbooks) {
        if arguments.fix {
            texts.insert(path, mend(&Checker::new(model, &source.positions), path, output)?);
        } else if !texts.contains_key(path.as_path()) {
            texts.insert(path, files::read(path, &RUNBOOK)?);
        }
    }
    let mut subjects = Vec::with_capacity(sources.len());
    for (number, ((source, model), path)) in sources.iter().zip(&models).zip(&runbooks).enumerate() {
        let runbook = &texts[path.as_path()];
        let others = sources.iter().enumerate().filter(|(other, _)| *other != number);
        let others: Vec<&Catalogue> = others.map(|(_, other)| &other.catalogue).collect();
        let alerts = model.alerts().iter().filter(|alert| !alert.is_off).count();
        let findings = Checker::new(model, &source.positions).among(&others).findings(Some(runbook));
        subjects.push(Subject::of_catalogue(
            &source.catalogue,
            (&source.path, &source.text),
            (path, runbook),
            alerts,
            findings,
        ));
    }
    let rules = match arguments.rules.as_slice() {
        [] => None,
        given => Some(RuleFiles::read(given, output)?),
    };
    let runbook = runbooks.first().map(|path| (path.as_path(), texts[path.as_path()].as_str()));
    let known = facts(arguments.server, &models, runbook);
    if let Some(rules) = &rules {
        subjects.extend(rules.lint(&known)?);
    }
    let linked = link(source::models(&sources)?, &sources, &paths, here)?;
    let overlaid = RuleFiles::overlaid(linked, &overlays, &paths.out_dir)?;
    if let Some(rules) = &overlaid {
        subjects.extend(rules.lint(&known)?);
    }
    let format = arguments.format.unwrap_or(Format::Human);
    let report = Report::new(&subjects, here, findings::most(format, shared.verbose));
    findings::print(&report, format, output)
}

/// Returns whether the runbook that is given is read from standard input. Errors: a catalogue is,
/// too.
pub(super) fn is_piped(runbook: Option<&Path>, paths: &Paths) -> Result<bool, Error> {
    let is_piped = runbook.is_some_and(is_standard_input);
    match is_piped && paths.catalogues.iter().any(|catalogue| is_standard_input(&catalogue.path)) {
        true => Err(Error::OneInput),
        false => Ok(is_piped),
    }
}

/// Looks for the runbook of each catalogue. Errors: one of them is nowhere.
fn runbooks(paths: &Paths, sources: &[CatalogueSource], here: &WorkingFolder) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::with_capacity(sources.len());
    let mut errors = Vec::new();
    for source in sources {
        match paths.runbook(&source.path, source.catalogue.runbook(), here) {
            Ok(path) => found.push(path),
            Err(error) => errors.push(error),
        }
    }
    Error::together(errors).map_or(Ok(found), Err)
}

/// Rewrites what differs in the runbook, and returns it as it is now.
fn mend(checker: &Checker<'_>, path: &Path, output: &mut Output) -> Result<String, Error> {
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
    let mended = checker.fix(&runbook);
    if mended == runbook {
        return Ok(runbook);
    }
    let staged = files::stage(path, &mended, FIX_HINT)?;
    files::finish(vec![staged], Vec::new(), FIX_HINT)?;
    output.message(&human::fixed(path, &runbook, &mended));
    Ok(mended)
}

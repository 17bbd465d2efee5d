//! `jobwatch lint`

use std::path::PathBuf;

use crate::args::{Format, Lint};
use crate::commands::findings;
use crate::error::Error;
use crate::exit::Exit;
use crate::files;
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::render::report::Report;
use crate::rules::{RuleFiles, facts};
use crate::runbook::RUNBOOK;
use crate::source::{self, CatalogueSource};
use crate::working_folder::WorkingFolder;

pub(crate) fn run(
    arguments: &Lint,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let rules = RuleFiles::read(&arguments.files, output)?;
    // A catalogue that is given has to be there; one that is not is used where it is found.
    let paths = match Paths::find(shared, here) {
        Ok(paths) => Some(paths),
        Err(Error::NotFound { .. }) if shared.catalogue.is_empty() => None,
        Err(error) => return Err(error),
    };
    let sources = match &paths {
        Some(paths) => source::read_all(&paths.catalogues, output)?,
        None => Vec::new(),
    };
    let models = source::models(&sources)?;
    let runbook = runbook(arguments, paths.as_ref(), &sources, here)
        .map(|path| files::read(&path, &RUNBOOK).map(|text| (path, text)))
        .transpose()?;
    let known = facts(
        arguments.server,
        &models,
        runbook.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
    );
    let subjects = rules.lint(&known)?;
    let format = arguments.format.unwrap_or(Format::Human);
    let report = Report::new(&subjects, here, findings::most(format, shared.verbose));
    findings::print(&report, format, output)
}

/// Returns the runbook that is given, or that of the first catalogue if it is there.
fn runbook(
    arguments: &Lint,
    paths: Option<&Paths>,
    sources: &[CatalogueSource],
    here: &WorkingFolder,
) -> Option<PathBuf> {
    let found = || {
        let source = sources.first()?;
        paths?.runbook(&source.path, source.catalogue.runbook(), here).ok()
    };
    arguments.runbook.clone().or_else(found)
}

//! `jobwatch runbook`

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use jobwatch_observability::Model;
use jobwatch_observability::outline::outline;

use super::check::is_piped;
use crate::args::Runbook;
use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, is_standard_input, is_there};
use crate::locate::Paths;
use crate::number::counted;
use crate::options::Shared;
use crate::output::Output;
use crate::runbook::RUNBOOK;
use crate::source;
use crate::working_folder::WorkingFolder;

/// What to do when the runbook cannot be written.
const HINT: &str =
    "make the runbook a file that can be written to, or leave out `--write` to see what is missing";

/// What one runbook lacks for all catalogues that it is of.
struct Lacking {
    path: PathBuf,
    missing: usize,
    addition: String,
    completed: String,
}

impl Lacking {
    /// Returns a line that says how many sections are missing, or were.
    fn told(&self, word: &str) -> String {
        let path = self.path.display();
        match self.missing {
            0 => format!("{path}: no section is missing\n"),
            missing => format!("{path}: {} {word}\n", counted(missing, "section", "sections")),
        }
    }
}

pub(crate) fn run(
    arguments: &Runbook,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let paths = Paths::find(shared, here)?;
    if is_piped(arguments.runbook.as_deref(), &paths)? && arguments.write {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it is standard input");
        return Err(Error::Write { path: PathBuf::from("-"), source, hint: HINT });
    }
    let sources = source::read_all(&paths.catalogues, output)?;
    let models = source::models(&sources)?;
    let mut of: BTreeMap<PathBuf, Vec<&Model<'_>>> = BTreeMap::new();
    for (source, model) in sources.iter().zip(&models) {
        let named = source.catalogue.runbook();
        let path = match &arguments.runbook {
            Some(given) => given.clone(),
            None => paths.runbook(&source.path, named, here).unwrap_or_else(|_| paths.out_dir.join(named)),
        };
        of.entry(path).or_default().push(model);
    }
    let _locks = match arguments.write {
        true => files::hold_folders_of(of.keys(), &mut |text| output.message(text))?,
        false => Vec::new(),
    };
    let mut all = Vec::with_capacity(of.len());
    for (path, models) in of {
        all.push(lacking(path, &models)?);
    }
    match arguments.write {
        true => write(&all, shared, output),
        false => print(&all, &arguments.next(shared), output),
    }
}

/// Reads a runbook, and looks what it lacks. One that is not there lacks everything.
fn lacking(path: PathBuf, models: &[&Model<'_>]) -> Result<Lacking, Error> {
    let text = if is_standard_input(&path) || is_there(&path) {
        files::read(&path, &RUNBOOK)?
    } else {
        String::new()
    };
    let mut lacking = Lacking { path, missing: 0, addition: String::new(), completed: text };
    for model in models {
        let outline = outline(model, &lacking.completed)
            .map_err(|reason| Error::Outline { path: lacking.path.clone(), reason })?;
        if outline.missing > 0 && lacking.missing > 0 {
            lacking.addition.push('\n');
        }
        lacking.missing += outline.missing;
        lacking.addition.push_str(&outline.addition);
        lacking.completed = outline.completed;
    }
    Ok(lacking)
}

fn print(all: &[Lacking], next: &str, output: &mut Output) -> Result<Exit, Error> {
    for Lacking { path, missing, addition, .. } in all {
        if *missing > 0 && all.len() > 1 {
            output.result(&format!("==> {} <==\n", path.display()))?;
        }
        output.result(addition)?;
    }
    for lacking in all {
        output.message(&lacking.told("missing"));
    }
    if all.iter().all(|lacking| lacking.missing == 0) {
        return Ok(Exit::Clean);
    }
    output.message(&format!("next: {next}\n"));
    Ok(Exit::Findings)
}

fn write(all: &[Lacking], shared: &Shared, output: &mut Output) -> Result<Exit, Error> {
    let mut staged = Vec::new();
    for Lacking { path, completed, .. } in all.iter().filter(|lacking| lacking.missing > 0) {
        staged.push(files::stage(path, completed, HINT)?);
    }
    files::finish(staged, Vec::new(), HINT)?;
    for lacking in all {
        output.result(&lacking.told("added"))?;
    }
    let fill_in = if all.iter().any(|lacking| lacking.missing > 0) { "fill them in, then run " } else { "" };
    output.result(&format!("next: {fill_in}{}\n", shared.next("check")))?;
    Ok(Exit::Clean)
}

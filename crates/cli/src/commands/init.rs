//! `jobwatch init`

use std::path::{Path, PathBuf};

use jobwatch_observability::outline::outline;

use crate::args::Init;
use crate::error::Error;
use crate::exit::Exit;
use crate::files::{self, is_standard_input, is_there};
use crate::locate::{Paths, usual_path};
use crate::options::Shared;
use crate::output::Output;
use crate::render::file_line::file_line;
use crate::source::CatalogueSource;
use crate::starter;
use crate::working_folder::WorkingFolder;

/// What to do when a file cannot be written.
const HINT: &str =
    "change into a folder that can be written to, or name one with `--catalogue` and `--out-dir`";

/// What the service is called where no folder has a name.
const A_SERVICE: &str = "my-service";

pub(crate) fn run(
    arguments: &Init,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let path = target(shared, here)?;
    let service = arguments.service.clone().or_else(|| here.project());
    let service = service.as_deref().unwrap_or(A_SERVICE);
    let source = CatalogueSource::parse(&path, starter::catalogue(service), output)?;
    let model = source.model()?;
    let runbook = shared.out_dir.clone().unwrap_or_default().join(source.catalogue.runbook());
    let _locks = files::hold_folders_of([&path, &runbook], &mut |text| output.message(text))?;
    let has_runbook = is_there(&runbook);
    let mut staged = vec![files::stage_new(&path, &source.text, HINT)?];
    if !has_runbook {
        let outline =
            outline(&model, "").map_err(|reason| Error::Outline { path: runbook.clone(), reason })?;
        staged.push(files::stage_new(&runbook, &outline.completed, HINT)?);
    }
    files::finish(staged, Vec::new(), HINT)?;
    let nowhere = Path::new("");
    output.result(&file_line("written", nowhere, &path.display().to_string()))?;
    let word = if has_runbook { "unchanged" } else { "written" };
    output.result(&file_line(word, nowhere, &runbook.display().to_string()))?;
    let next = |command| shared.next(command);
    let sections = if has_runbook { format!(", {}", next("runbook --write")) } else { String::new() };
    output.result(&format!(
        "next: put your jobs into {}, then run {}{sections} and {}\n",
        path.display(),
        next("generate"),
        next("check")
    ))?;
    Ok(Exit::Clean)
}

/// Returns where the catalogue is to be written: where it is given, or its usual place in the
/// working folder.
///
/// Errors: there is one already, also in the usual place of a folder above, which the other
/// commands find; or it is given in a form that is not one file.
fn target(shared: &Shared, here: &WorkingFolder) -> Result<PathBuf, Error> {
    let path = match shared.catalogue.as_slice() {
        [] => match Paths::find(shared, here) {
            Ok(found) => return Err(Error::AlreadyThere { path: found.catalogues[0].path.clone() }),
            Err(_) => usual_path(),
        },
        [path] if !is_standard_input(path) && !path.is_dir() => path.clone(),
        given => return Err(Error::OneCatalogue { given: given.to_vec() }),
    };
    if is_there(&path) { Err(Error::AlreadyThere { path }) } else { Ok(path) }
}

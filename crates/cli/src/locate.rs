//! Finds the catalogues, the folder that files are generated into, and the runbooks.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::files::is_standard_input;
use crate::options::Shared;
use crate::working_folder::{WorkingFolder, upwards_from};

/// Where a catalogue is unless somebody says otherwise.
const CATALOGUE: &str = "jobs/catalogue.yaml";

/// What to do for whoever has no catalogue.
pub(crate) const CATALOGUE_HINT: &str =
    "name the catalogue with `--catalogue FILE`, or write a first one with `jobwatch init`";

/// What to do for whoever has no runbook.
pub(crate) const RUNBOOK_HINT: &str = "name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; \
     `jobwatch runbook --write` writes one";

/// How the names of the files end that are looked at in a folder.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// Where the catalogues are, and where their files go.
#[derive(Debug)]
pub(crate) struct Paths {
    /// Each file once, in the order they were given; those of a folder by name. Never empty.
    pub(crate) catalogues: Vec<CataloguePath>,
    /// The folder that files are generated into. Empty for the working folder.
    pub(crate) out_dir: PathBuf,
    is_out_dir_given: bool,
}

/// Where a catalogue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CataloguePath {
    pub(crate) path: PathBuf,
    /// Whether it was found in a folder that was given: it may be something else.
    pub(crate) is_found: bool,
}

impl Paths {
    /// Takes what was given, and looks for what was not.
    pub(crate) fn find(given: &Shared, here: &WorkingFolder) -> Result<Self, Error> {
        let mut root = PathBuf::new();
        let mut catalogues = Vec::new();
        for path in &given.catalogue {
            match path.is_dir() {
                true => {
                    let found = |path| CataloguePath { path, is_found: true };
                    catalogues.extend(in_folder(path)?.into_iter().map(found));
                }
                false => catalogues.push(CataloguePath { path: path.clone(), is_found: false }),
            }
        }
        if given.catalogue.is_empty() {
            let found = usual(here)?;
            catalogues.push(CataloguePath { path: found.join(CATALOGUE), is_found: false });
            root = found;
        }
        if catalogues.is_empty() {
            return Err(Error::NoCatalogue { looked_at: given.catalogue.clone() });
        }
        let mut seen = HashSet::new();
        catalogues.retain(|catalogue| seen.insert(identity(&catalogue.path)));
        let is_out_dir_given = given.out_dir.is_some();
        let out_dir = given.out_dir.clone().unwrap_or(root);
        // `.` says nothing in front of a path.
        let out_dir = if out_dir == Path::new(".") { PathBuf::new() } else { out_dir };
        Ok(Self { catalogues, out_dir, is_out_dir_given })
    }

    /// Looks for the runbook that a catalogue names by a path relative to the folder that files
    /// are generated into: there if somebody has said which folder that is, else in the folders
    /// around the catalogue, and then in the working folder. A catalogue on standard input is taken
    /// for one in the working folder.
    pub(crate) fn runbook(
        &self,
        catalogue: &Path,
        named: &str,
        here: &WorkingFolder,
    ) -> Result<PathBuf, Error> {
        let mut looked_for = match self.is_out_dir_given {
            true => vec![self.out_dir.join(named)],
            false if is_standard_input(catalogue) => {
                here.upwards().map(|folder| folder.join(named)).collect()
            }
            false => around(catalogue).iter().map(|folder| here.shown(&folder.join(named))).collect(),
        };
        let last = PathBuf::from(named);
        if !looked_for.contains(&last) {
            looked_for.push(last);
        }
        match looked_for.iter().find(|path| exists(path)) {
            Some(found) => Ok(found.clone()),
            None => Err(Error::NotFound { what: "runbook", looked_for, hint: RUNBOOK_HINT }),
        }
    }
}

/// Returns where a catalogue usually is in a folder.
pub(crate) fn usual_path() -> PathBuf {
    PathBuf::from(CATALOGUE)
}

/// Returns the folder in which the catalogue is where it usually is: the working folder, or the
/// nearest above it in its repository.
fn usual(here: &WorkingFolder) -> Result<PathBuf, Error> {
    here.upwards().find(|folder| exists(&folder.join(CATALOGUE))).ok_or_else(|| Error::NotFound {
        what: "catalogue",
        looked_for: here.upwards().map(|folder| folder.join(CATALOGUE)).collect(),
        hint: CATALOGUE_HINT,
    })
}

/// Returns the files of a folder that may be catalogues or hold rules, by name: those whose names
/// end in one of [`ENDINGS`], without hidden ones. Folders in it are not looked into.
///
/// Errors: the folder cannot be read.
pub(crate) fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Read {
        path: folder.to_owned(),
        source,
        hint: "name a folder that can be read, or the files in it".to_owned(),
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let has_ending = path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known));
        if has_ending && !is_hidden && !path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns what two paths to one file have in common.
fn identity(path: &Path) -> PathBuf {
    match is_standard_input(path) {
        true => PathBuf::from("-"),
        false => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// Returns the folders around a catalogue, the nearest first, up to the root of its repository. Of
/// one in its usual place the folder that it was looked for in is among them, in a repository or
/// not.
fn around(catalogue: &Path) -> Vec<PathBuf> {
    let folder = catalogue.parent().filter(|folder| *folder != Path::new(""));
    let Ok(folder) = fs::canonicalize(folder.unwrap_or(Path::new("."))) else { return Vec::new() };
    let mut around: Vec<PathBuf> = upwards_from(&folder).map(Path::to_owned).collect();
    let catalogue = folder.join(catalogue.file_name().unwrap_or_default());
    let root = folder.parent().filter(|_| catalogue.ends_with(CATALOGUE));
    around.extend(root.filter(|_| around.len() == 1).map(Path::to_owned));
    around
}

fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

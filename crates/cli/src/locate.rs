//! Finds the catalogue, the folder that files are generated into, and the runbook.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::files::is_standard_input;
use crate::options::Shared;
use crate::working_folder::{WorkingFolder, upwards_from};

/// Where a catalogue is unless somebody says otherwise.
const CATALOGUE: &str = "jobs/catalogue.yaml";

/// What a catalogue is, for whoever has none.
pub(crate) const CATALOGUE_HINT: &str = "name the catalogue with `--catalogue FILE`; a first one has `service`, and `jobs` with \
     `name`, `summary`, `interval` and `timeout` each";

/// What a runbook is, for whoever has none.
pub(crate) const RUNBOOK_HINT: &str = "name the runbook with `--runbook FILE`, or as `runbook` in the catalogue; \
     `jobwatch explain runbook-section-missing` shows a section";

/// Where the catalogue is, and where its files go.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) catalogue: PathBuf,
    /// The folder that files are generated into. Empty for the working folder.
    pub(crate) out_dir: PathBuf,
    is_out_dir_given: bool,
}

impl Paths {
    /// Takes what was given, and looks for what was not.
    pub(crate) fn find(given: &Shared, here: &WorkingFolder) -> Result<Self, Error> {
        let (catalogue, root) = match &given.catalogue {
            Some(catalogue) => (catalogue.clone(), PathBuf::new()),
            None => here
                .upwards()
                .map(|folder| (folder.join(CATALOGUE), folder))
                .find(|(catalogue, _)| exists(catalogue))
                .ok_or_else(|| Error::NotFound {
                    what: "catalogue",
                    looked_for: here.upwards().map(|folder| folder.join(CATALOGUE)).collect(),
                    hint: CATALOGUE_HINT,
                })?,
        };
        let is_out_dir_given = given.out_dir.is_some();
        let out_dir = given.out_dir.clone().unwrap_or(root);
        // `.` says nothing in front of a path.
        let out_dir = if out_dir == Path::new(".") { PathBuf::new() } else { out_dir };
        Ok(Self { catalogue, out_dir, is_out_dir_given })
    }

    /// Looks for the runbook that the catalogue names by a path relative to the folder that files
    /// are generated into: there if somebody has said which folder that is, else in the folders
    /// around the catalogue, and then in the working folder. A catalogue on standard input is taken
    /// for one in the working folder.
    pub(crate) fn runbook(&self, named: &str, here: &WorkingFolder) -> Result<PathBuf, Error> {
        let mut looked_for = match self.is_out_dir_given {
            true => vec![self.out_dir.join(named)],
            false if is_standard_input(&self.catalogue) => {
                here.upwards().map(|folder| folder.join(named)).collect()
            }
            false => self.around_catalogue().iter().map(|folder| here.shown(&folder.join(named))).collect(),
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

    /// Returns the folders around the catalogue, the nearest first, up to the root of its
    /// repository. Of one in its usual place the folder that it was looked for in is among them, in
    /// a repository or not.
    fn around_catalogue(&self) -> Vec<PathBuf> {
        let folder = self.catalogue.parent().filter(|folder| *folder != Path::new(""));
        let Ok(folder) = fs::canonicalize(folder.unwrap_or(Path::new("."))) else { return Vec::new() };
        let mut around: Vec<PathBuf> = upwards_from(&folder).map(Path::to_owned).collect();
        let catalogue = folder.join(self.catalogue.file_name().unwrap_or_default());
        let root = folder.parent().filter(|_| catalogue.ends_with(CATALOGUE));
        around.extend(root.filter(|_| around.len() == 1).map(Path::to_owned));
        around
    }
}

fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

//! Writes files: all of them beside their places first, and then each is renamed into its own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::leftovers::{PREFIX, RANDOM};
use crate::error::Error;

/// A text that lies beside the file that it will replace. If it never does, it goes away with this
/// value.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
    real: PathBuf,
    file: TempPath,
    /// Whether it replaces nothing, whatever appears there meanwhile.
    is_new: bool,
}

/// Writes a text to the disk, beside its place. A link stays one: what it leads to will be
/// replaced.
///
/// Only a regular file is ever replaced: a pipe or a terminal that a text was read from has nothing
/// to be written to.
pub(crate) fn stage(path: &Path, text: &str, hint: &'static str) -> Result<Staged, Error> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match beside(&real, text) {
        Ok(file) => Ok(Staged { path: path.to_owned(), real, file, is_new: false }),
        Err(source) => Err(Error::Write { path: path.to_owned(), source, hint }),
    }
}

/// The same for a file that is not there yet: it will replace nothing.
pub(crate) fn stage_new(path: &Path, text: &str, hint: &'static str) -> Result<Staged, Error> {
    Ok(Staged { is_new: true, ..stage(path, text, hint)? })
}

/// Returns the folder that a file lies in; of a link, the folder of the file that it leads to.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    parent(&real).to_owned()
}

/// Renames every file into its place, and then removes those that nothing needs any more.
///
/// Errors: [`Error::Write`] if nothing has changed yet, [`Error::WrittenInPart`] if some files
/// have.
pub(crate) fn finish(staged: Vec<Staged>, stale: Vec<PathBuf>, hint: &'static str) -> Result<(), Error> {
    let mut steps = staged.into_iter().map(Step::Rename).chain(stale.into_iter().map(Step::Remove));
    let mut new = Vec::new();
    while let Some(step) = steps.next() {
        let path = step.path().to_owned();
        if let Err(source) = step.take() {
            if new.is_empty() {
                return Err(Error::Write { path, source, hint });
            }
            let old = std::iter::once(path.clone()).chain(steps.map(|step| step.path().to_owned())).collect();
            return Err(Error::WrittenInPart { path, source, new, old });
        }
        new.push(path);
    }
    Ok(())
}

/// What is done to one file.
enum Step {
    Rename(Staged),
    Remove(PathBuf),
}

impl Step {
    fn path(&self) -> &Path {
        match self {
            Self::Rename(staged) => &staged.path,
            Self::Remove(path) => path,
        }
    }

    fn take(self) -> io::Result<()> {
        match self {
            Self::Rename(Staged { file, real, is_new: true, .. }) => {
                file.persist_noclobber(real).map_err(|error| error.error)
            }
            Self::Rename(staged) => staged.file.persist(&staged.real).map_err(|error| error.error),
            Self::Remove(path) => fs::remove_file(path),
        }
    }
}

fn beside(path: &Path, text: &str) -> io::Result<TempPath> {
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|there| !there.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let folder = parent(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(PREFIX).rand_bytes(RANDOM).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = old.map(|there| there.permissions()).or_else(readable_by_all) {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// A temporary file is for its owner alone; a generated one is for everybody.
#[cfg(unix)]
fn readable_by_all() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all() -> Option<fs::Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_in_the_middle_says_what_is_new_and_what_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c, stale] = ["a", "b", "c", "stale"].map(|name| folder.path().join(name));
        for file in [&a, &stale] {
            fs::write(file, "old").unwrap();
        }
        let staged = [&a, &b, &c].map(|path| stage(path, "new", "hint").unwrap());
        assert_eq!(fs::read_to_string(&a).unwrap(), "old", "nothing is replaced before all is written");
        // A folder appears in the place of the second file.
        fs::create_dir(&b).unwrap();
        let error = finish(staged.into(), vec![stale.clone()], "hint").unwrap_err();
        let Error::WrittenInPart { path, new, old, .. } = &error else { panic!("{error}") };
        assert_eq!((path, new, old), (&b, &vec![a.clone()], &vec![b.clone(), c.clone(), stale.clone()]));
        assert!(error.hint().unwrap().contains("run it again"));
        assert_eq!(fs::read_to_string(&a).unwrap(), "new");
        assert!(!c.exists() && stale.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
        // The cause is removed, and it is run again.
        fs::remove_dir(&b).unwrap();
        let staged = [&a, &b, &c].map(|path| stage(path, "new", "hint").unwrap());
        finish(staged.into(), vec![stale], "hint").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_new_file_replaces_nothing_that_appears_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let staged = stage_new(&path, "new", "hint").unwrap();
        fs::write(&path, "somebody's").unwrap();
        assert!(matches!(finish(vec![staged], Vec::new(), "hint"), Err(Error::Write { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's");
        let staged = stage_new(&folder.path().join("b"), "new", "hint").unwrap();
        finish(vec![staged], Vec::new(), "hint").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "new");
    }

    #[test]
    fn what_fails_at_the_beginning_has_changed_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let staged = stage(&path, "new", "hint").unwrap();
        fs::create_dir(&path).unwrap();
        let error = finish(vec![staged], Vec::new(), "hint").unwrap_err();
        assert!(matches!(error, Error::Write { .. }), "{error}");
    }
}

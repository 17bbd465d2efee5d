//! Folders of files that are about to be written.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::leftovers::clear;
use super::lock::{FolderLock, Patience};
use super::write::folder_of;
use crate::error::Error;

/// Keeps other runs from writing into the folders of some files, and removes what killed ones have
/// left there. A folder that is not there yet cannot be locked, and has nothing in it.
///
/// Errors: as [`FolderLock::alone`].
pub(crate) fn hold_folders_of<'a>(
    files: impl IntoIterator<Item = &'a PathBuf>,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<FolderLock>, Error> {
    // Each once, however many ways lead to it.
    let folders: BTreeSet<PathBuf> =
        files.into_iter().filter_map(|path| fs::canonicalize(folder_of(path)).ok()).collect();
    let mut locks = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        locks.extend(FolderLock::alone(folder, Patience::default(), tell)?);
        clear(folder);
    }
    Ok(locks)
}

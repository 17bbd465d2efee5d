//! Removes what runs left behind that were killed.

use std::fs;
use std::path::Path;

/// What the names of temporary files start with.
pub(super) const PREFIX: &str = ".jobwatch-";

/// How many characters follow.
pub(super) const RANDOM: usize = 6;

/// Removes the temporary files of dead runs from a folder. The caller has locked it, so that none
/// of them is somebody's who still lives. What cannot be removed stays, and harms nobody.
pub(crate) fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(is_temporary);
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_temporary(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

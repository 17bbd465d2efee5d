//! A line about a generated file.

use std::path::Path;

/// Returns what was done to a file, or has to be, and its path below the output folder.
pub(crate) fn file_line(word: &str, out_dir: &Path, path: &str) -> String {
    format!("{word:<9}  {}\n", out_dir.join(path).display())
}

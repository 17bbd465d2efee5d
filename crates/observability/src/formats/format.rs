//! What a format is.

use crate::artifact::{Artifact, HeaderPlace, Origin, RenderError};
use crate::views::Views;

/// A format of generated files: how they are written, and how they are recognised later.
///
/// A run replaces and removes only what [`Format::origin`] recognises, so that a format has to
/// know each path that it writes.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The folders that its files are in, relative to the one that files are generated into.
    pub folders: &'static [&'static str],
    /// Returns the name of the catalogue in the path of a file. `None` for a path that this format
    /// does not write to.
    pub catalogue_in: fn(&str) -> Option<&str>,
    /// Where its files say that they were generated.
    pub header: HeaderPlace,
    /// Writes its files.
    pub files: fn(&Views<'_>) -> Result<Vec<Artifact>, RenderError>,
}

impl Format {
    /// Returns the catalogue that the file at a path says it was generated from. `None` if it is no
    /// file of this format: it has another name, or not the whole header in its place.
    pub fn origin(&self, path: &str, bytes: &[u8]) -> Option<Origin> {
        (self.catalogue_in)(path)?;
        self.header.origin(bytes)
    }
}

/// Returns the name of the catalogue in the path of a format that has one file for each: what
/// stands between the folder and the end of the name. `None` for other paths.
pub(super) fn catalogue_between<'a>(path: &'a str, folder: &str, end: &str) -> Option<&'a str> {
    let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(end)?;
    (!name.is_empty() && !name.contains(['.', '/'])).then_some(name)
}

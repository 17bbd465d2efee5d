//! What a format is.

use std::collections::BTreeSet;

use crate::artifact::{Artifact, HeaderPlace, Origin, RenderError};
use crate::target::Target;
use crate::views::Views;

/// A format of generated files: how they are written, and how they are recognised later.
///
/// A run replaces and removes only what [`Format::origin`] recognises, so that a format has to
/// know each path that it writes.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// By which choice it is generated. `None` for one that always is, as one from outside is.
    pub target: Option<Target>,
    /// The folders that its files are in, relative to the one that files are generated into.
    pub folders: &'static [&'static str],
    /// Returns whether it writes to a path, the first, for a catalogue of a name, the second.
    pub writes_to: fn(&str, &str) -> bool,
    /// Where its files say that they were generated.
    pub header: HeaderPlace,
    /// Writes its files.
    pub files: fn(&Views<'_>) -> Result<Vec<Artifact>, RenderError>,
}

impl Format {
    /// Returns whether it is generated where some formats are chosen.
    pub fn is_chosen(&self, targets: &BTreeSet<Target>) -> bool {
        self.target.is_none_or(|target| targets.contains(&target))
    }

    /// Returns the catalogue that the file at a path says it was generated from. `None` if it is no
    /// file of this format: it has another name, or not the whole header in its place.
    pub fn origin(&self, path: &str, bytes: &[u8]) -> Option<Origin> {
        self.header.origin(bytes).filter(|origin| (self.writes_to)(path, &origin.name))
    }
}

/// Returns whether a path is that of a format which has one file for each catalogue: its name, in a
/// folder, with an end.
pub(super) fn is_named(path: &str, catalogue: &str, folder: &str, end: &str) -> bool {
    let name = path.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
    !catalogue.is_empty() && name.and_then(|name| name.strip_suffix(end)) == Some(catalogue)
}

/// Returns the same of a format that has further files, with a part of their own before the end.
pub(super) fn is_further(path: &str, catalogue: &str, folder: &str, end: &str) -> bool {
    let part = path.strip_suffix(end).and_then(|start| start.rsplit_once('.')).map(|(_, part)| part);
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match part {
        Some(part) if !part.is_empty() && part.chars().all(is_part) => {
            is_named(path, catalogue, folder, &format!(".{part}{end}"))
        }
        _ => is_named(path, catalogue, folder, end),
    }
}

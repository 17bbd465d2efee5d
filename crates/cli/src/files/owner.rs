//! Whose generated files a run may replace and remove.

use jobwatch_observability::artifact::Origin;

/// A catalogue, as the owner of generated files.
#[derive(Debug)]
pub(crate) struct Owner<'a> {
    /// What its files say.
    pub(crate) origin: Origin,
    /// The names of further catalogues whose files it takes over, of whichever service.
    pub(crate) taken_over: &'a [String],
}

impl Owner<'_> {
    /// Returns whether the files of a catalogue are its own, or taken over.
    pub(crate) fn owns(&self, origin: &Origin) -> bool {
        self.origin.is(origin) || self.taken_over.contains(&origin.name)
    }
}

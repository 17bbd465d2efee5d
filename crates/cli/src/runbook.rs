//! The runbook that belongs to a catalogue.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jobwatch_observability::Model;
use jobwatch_observability::runbook::{MAX_SIZE, anchors};

use crate::error::Error;
use crate::files::{self, Input};
use crate::locate::{Paths, RUNBOOK_HINT};
use crate::source::CatalogueSource;
use crate::working_folder::WorkingFolder;

/// The largest runbook, and what to do if it cannot be read.
pub(crate) const RUNBOOK: Input = Input { what: "runbook", most_bytes: MAX_SIZE, hint: RUNBOOK_HINT };

/// Lets the links of alerts lead to the headings that they have in the runbook of their catalogue.
/// Without one they lead to the headings of the sections that `check` proposes.
///
/// Errors: a runbook is there and cannot be read.
pub(crate) fn link<'m>(
    models: Vec<Model<'m>>,
    sources: &[CatalogueSource],
    paths: &Paths,
    here: &WorkingFolder,
) -> Result<Vec<Model<'m>>, Error> {
    // Several catalogues may have one runbook.
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut linked = Vec::with_capacity(models.len());
    for (model, source) in models.into_iter().zip(sources) {
        let Ok(path) = paths.runbook(&source.path, source.catalogue.runbook(), here) else {
            linked.push(model);
            continue;
        };
        if !texts.contains_key(&path) {
            texts.insert(path.clone(), files::read(&path, &RUNBOOK)?);
        }
        let anchors = anchors(&model, &texts[&path]);
        linked.push(model.with_anchors(anchors));
    }
    Ok(linked)
}

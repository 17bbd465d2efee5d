//! What is generated from a catalogue.

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::{Generator, Model};

/// Every file that is generated from a catalogue.
///
/// # Panics
///
/// When the catalogue's thresholds make no sense, or a text cannot be written.
#[track_caller]
pub fn files(catalogue: &Catalogue) -> Vec<Artifact> {
    let model = model(catalogue);
    Generator::new(&model).files().unwrap_or_else(|error| panic!("{error}"))
}

/// The model of a catalogue.
///
/// # Panics
///
/// When the catalogue's thresholds make no sense.
#[track_caller]
pub fn model(catalogue: &Catalogue) -> Model<'_> {
    Model::new(catalogue).unwrap_or_else(|error| panic!("{error}"))
}

/// The rule file among generated files.
///
/// # Panics
///
/// When there is none.
#[track_caller]
pub fn rules(files: &[Artifact]) -> &Artifact {
    let found = files.iter().find(|file| file.path.as_str().ends_with(".rules.yaml"));
    found.unwrap_or_else(|| panic!("no rule file among {} files", files.len()))
}

//! What is generated from a catalogue.

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::target::Target;
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

/// The rule file that is generated from a catalogue, without all that else is.
///
/// # Panics
///
/// As [`files`].
#[track_caller]
pub fn rule_file(catalogue: &Catalogue) -> Artifact {
    let model = model(catalogue).with_targets([Target::Prometheus].into());
    let files = Generator::new(&model).files().unwrap_or_else(|error| panic!("{error}"));
    rules(&files).clone()
}

/// The rule file, and then the routing, that are generated from a catalogue for time that passes so
/// many times as fast.
///
/// # Panics
///
/// As [`files`], and when the catalogue does not choose both.
#[track_caller]
pub fn faster(catalogue: &Catalogue, times: u64) -> [String; 2] {
    let model = model(catalogue);
    let files = Generator::new(&model).faster(times).files().unwrap_or_else(|error| panic!("{error}"));
    [".rules.yaml", "alertmanager.yaml"].map(|end| {
        let found = files.iter().find(|file| file.path.as_str().ends_with(end));
        found.unwrap_or_else(|| panic!("no {end} among {} files", files.len())).text.clone()
    })
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

//! The files of this repository.

use std::fs;
use std::path::{Path, PathBuf};

use jobwatch_catalogue::{Catalogue, yaml};

/// The catalogue of Clipper's six jobs.
pub const CLIPPER: &str = "jobs/catalogue.yaml";
/// The catalogue of another team: cron schedules, its own labels, namespace and thresholds.
pub const PAYMENTS: &str = "tests/fixtures/payments/catalogue.yaml";

/// The repository's root.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Reads a file of the repository.
///
/// # Panics
///
/// When there is no such file, with its path.
#[track_caller]
pub fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Reads a catalogue of the repository.
///
/// # Panics
///
/// When the file is missing, or is no catalogue.
#[track_caller]
pub fn catalogue(path: &str) -> Catalogue {
    match yaml::parse(&read(path)) {
        Ok(parsed) => parsed.catalogue,
        Err(error) => panic!("{path}: {error}"),
    }
}

//! For tests of yours: what goes wrong, and what time it is.

pub mod conformance;
mod faulty_store;
mod virtual_clock;

use jobwatch_catalogue::Catalogue;
use prometheus::Registry;

use crate::metrics::{Metrics, RegistrationError};

pub use faulty_store::{Fault, FaultyStore};
pub use virtual_clock::VirtualClock;

/// Exposes every series of a catalogue's jobs, as a runtime does that has not run any yet: for
/// tests of rules and dashboards.
///
/// # Errors
///
/// [`RegistrationError`] if the registry holds a metric of one of the names already.
pub fn register_metrics(catalogue: &Catalogue, registry: &Registry) -> Result<(), RegistrationError> {
    Metrics::register(catalogue, registry).map(drop)
}

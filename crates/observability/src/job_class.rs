//! Jobs that an alert judges alike.

use std::collections::BTreeMap;

use jobwatch_catalogue::JobName;

use crate::quantity::Quantity;

/// Jobs that an alert judges by the same parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobClass {
    /// The parameters, in the order of [`crate::definition::AlertDefinition::parameters`].
    pub parameters: Vec<Quantity>,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
}

/// Jobs for which a parameter has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueClass {
    /// The value.
    pub value: Quantity,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
}

impl ValueClass {
    /// Returns the values of the parameter at a place, ascending, each with the jobs that it holds
    /// for.
    pub(crate) fn of(classes: &[JobClass], place: usize) -> Vec<Self> {
        let mut by_value: BTreeMap<Quantity, Vec<JobName>> = BTreeMap::new();
        for class in classes {
            if let Some(&value) = class.parameters.get(place) {
                by_value.entry(value).or_default().extend(class.jobs.iter().cloned());
            }
        }
        by_value.into_iter().map(|(value, jobs)| Self { value, jobs }).collect()
    }
}

/// Returns the names of a few jobs, or how many there are: `bill, ship`, `12 jobs`.
pub fn few(jobs: &[JobName]) -> String {
    match jobs.len() {
        0..=3 => jobs.iter().map(JobName::as_str).collect::<Vec<_>>().join(", "),
        many => format!("{many} jobs"),
    }
}

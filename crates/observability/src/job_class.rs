//! Jobs that an alert judges alike.

use std::collections::BTreeMap;

use jobwatch_catalogue::{JobName, JobSpec};

use crate::quantity::Quantity;

/// Jobs that an alert judges by the same parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobClass {
    /// The parameters, in the order of [`crate::definition::AlertDefinition::parameters`].
    pub parameters: Vec<Quantity>,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
    /// What they have in common.
    pub pace: Pace,
}

/// How often jobs run, and how long they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// In seconds. `None` where they differ, or where a schedule has gaps of different lengths.
    pub interval: Option<u64>,
    /// The time that an execution may take, in seconds. `None` where they differ.
    pub timeout: Option<u64>,
}

impl Pace {
    /// Returns the pace of a job.
    pub fn of(job: &JobSpec) -> Self {
        let (longest, shortest) = (job.schedule().longest_gap(), job.schedule().shortest_gap());
        let interval = (longest == shortest).then_some(longest.as_secs());
        Self { interval, timeout: Some(job.timeout().as_secs()) }
    }

    /// Returns what it has in common with another.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        let same = |own: Option<u64>, other| own.filter(|own| Some(*own) == other);
        Self { interval: same(self.interval, other.interval), timeout: same(self.timeout, other.timeout) }
    }
}

/// Jobs for which a parameter has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueClass {
    /// The value.
    pub value: Quantity,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
    /// What they have in common.
    pub pace: Pace,
}

impl ValueClass {
    /// Returns the values of the parameter at a place, ascending, each with the jobs that it holds
    /// for.
    pub(crate) fn of(classes: &[JobClass], place: usize) -> Vec<Self> {
        let mut by_value: BTreeMap<Quantity, Self> = BTreeMap::new();
        for class in classes {
            if let Some(&value) = class.parameters.get(place) {
                let new = || Self { value, jobs: Vec::new(), pace: class.pace };
                let of_value = by_value.entry(value).or_insert_with(new);
                of_value.jobs.extend(class.jobs.iter().cloned());
                of_value.pace = of_value.pace.common(class.pace);
            }
        }
        by_value.into_values().collect()
    }
}

/// Returns the names of a few jobs, or how many there are: `bill, ship`, `12 jobs`.
pub fn few(jobs: &[JobName]) -> String {
    match jobs.len() {
        0..=3 => jobs.iter().map(JobName::as_str).collect::<Vec<_>>().join(", "),
        many => format!("{many} jobs"),
    }
}

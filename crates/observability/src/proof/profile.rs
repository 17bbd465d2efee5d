//! Which jobs are alike, so that one proof holds for all of them.

use std::collections::BTreeMap;

use jobwatch_catalogue::{Catalogue, JobSpec};

use crate::alerts::Alert;
use crate::condition::Condition;

/// Jobs that are alike in everything that decides whether an alert fires.
pub(super) struct Profile<'a> {
    /// The first of them, for which the proof is written.
    pub(super) job: &'a JobSpec,
    /// How many more there are.
    pub(super) others: usize,
}

/// Interval, timeout, whether there are a queue and items, and the figures of each alert.
type Traits = (u64, u64, bool, bool, Vec<Option<Condition>>);

/// The profiles of the enabled jobs, in the catalogue's order.
pub(super) fn profiles<'a>(catalogue: &'a Catalogue, alerts: &[Alert]) -> Vec<Profile<'a>> {
    let mut places: BTreeMap<Traits, usize> = BTreeMap::new();
    let mut profiles: Vec<Profile<'a>> = Vec::new();
    let conditions = Conditions::new(alerts);
    for job in catalogue.jobs().iter().filter(|job| job.enabled()) {
        let traits = (
            job.schedule().longest_gap().as_secs(),
            job.timeout().as_secs(),
            job.queue().is_some(),
            job.items().is_some(),
            conditions.of(job),
        );
        let place = *places.entry(traits).or_insert(profiles.len());
        match profiles.get_mut(place) {
            Some(profile) => profile.others += 1,
            None => profiles.push(Profile { job, others: 0 }),
        }
    }
    profiles
}

/// The figures of every alert by job, looked up rather than searched for: a catalogue may have thousands of jobs.
struct Conditions<'a>(Vec<BTreeMap<&'a str, Condition>>);

impl<'a> Conditions<'a> {
    fn new(alerts: &'a [Alert]) -> Self {
        let by_job = |alert: &'a Alert| {
            let each = alert
                .classes
                .iter()
                .flat_map(|class| class.jobs.iter().map(|job| (job.as_str(), class.condition)));
            each.collect()
        };
        Self(alerts.iter().map(by_job).collect())
    }

    fn of(&self, job: &JobSpec) -> Vec<Option<Condition>> {
        self.0.iter().map(|by_job| by_job.get(job.name().as_str()).copied()).collect()
    }
}

//! Which jobs are alike, so that the tests for one of them hold for all.

use std::collections::BTreeMap;

use crate::scope::WatchedJob;

/// Jobs that are alike in everything that decides whether an alert fires.
#[derive(Debug, Clone)]
pub(crate) struct Profile<'a> {
    /// The first of them, for which the tests are written.
    pub(crate) job: WatchedJob<'a>,
    /// How many more there are.
    pub(crate) others: usize,
}

/// Returns the profiles of jobs, in the order of their first ones. What holds for a job about each
/// alert is compared by a key.
pub(crate) fn profiles<'a, K: Ord>(jobs: impl IntoIterator<Item = (WatchedJob<'a>, K)>) -> Vec<Profile<'a>> {
    let mut places = BTreeMap::new();
    let mut profiles: Vec<Profile<'a>> = Vec::new();
    for (job, thresholds) in jobs {
        let (spec, schedule) = (job.spec, job.spec.schedule());
        let of_gaps = |gaps| (schedule.shortest_span(gaps), schedule.longest_span(gaps));
        let key = (
            (1..=5).map(of_gaps).collect::<Vec<_>>(),
            spec.timeout(),
            spec.queue().is_some(),
            spec.items().is_some(),
            spec.grouping_labels(),
            thresholds,
        );
        let place = *places.entry(key).or_insert(profiles.len());
        match profiles.get_mut(place) {
            Some(profile) => profile.others += 1,
            None => profiles.push(Profile { job, others: 0 }),
        }
    }
    profiles
}

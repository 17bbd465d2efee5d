//! The catalogue's jobs that a selector reads, and what their schedules allow.

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::{DURATION_BUCKETS_SECONDS, JobSpec};

use super::regex::alternatives;
use crate::model::Model;
use crate::query::{MatchOperator, Matcher, Selector};

/// Returns the watched jobs whose series a selector reads. Empty if there are none, or if it cannot
/// be told which.
pub(super) fn selected<'m>(models: &'m [Model<'_>], selector: &Selector) -> Vec<&'m JobSpec> {
    let about_job = || selector.matchers.iter().filter(|matcher| matcher.label == JOB_NAME);
    if about_job().any(|matcher| names(matcher).is_none()) {
        return Vec::new();
    }
    let is_read = |job: &&JobSpec| about_job().all(|matcher| takes(matcher, job.name().as_str()));
    models.iter().flat_map(Model::jobs).map(|job| job.spec).filter(is_read).collect()
}

fn names(matcher: &Matcher) -> Option<Vec<String>> {
    match matcher.operator {
        MatchOperator::Equal | MatchOperator::NotEqual => Some(vec![matcher.value.clone()]),
        MatchOperator::Matches | MatchOperator::MatchesNot => alternatives(&matcher.value),
    }
}

fn takes(matcher: &Matcher, job: &str) -> bool {
    let is_named = names(matcher).is_some_and(|names| names.iter().any(|name| name == job));
    let is_positive = matches!(matcher.operator, MatchOperator::Equal | MatchOperator::Matches);
    is_named == is_positive
}

/// Returns the shortest time between two runs of one of these jobs, in seconds.
pub(super) fn shortest_gap(jobs: &[&JobSpec]) -> Option<f64> {
    jobs.iter().map(|job| job.schedule().shortest_gap().as_secs_f64()).reduce(f64::min)
}

/// Returns the job whose runs lie furthest apart.
pub(super) fn rarest<'j>(jobs: &[&'j JobSpec]) -> Option<&'j JobSpec> {
    jobs.iter().max_by_key(|job| job.schedule().longest_gap()).copied()
}

/// Returns the most that is measured of a run of these jobs, in seconds: the bound of the bucket
/// that the longest of them may reach.
pub(super) fn longest_measured(jobs: &[&JobSpec]) -> Option<f64> {
    let longest = jobs.iter().map(|job| job.timeout().as_secs_f64()).reduce(f64::max)?;
    let reached = DURATION_BUCKETS_SECONDS.iter().find(|bound| **bound >= longest);
    reached.or(DURATION_BUCKETS_SECONDS.last()).copied()
}

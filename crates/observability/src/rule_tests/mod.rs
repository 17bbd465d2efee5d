//! The rule tests: unit tests for `promtool test rules`, in which Prometheus itself decides what
//! fires.
//!
//! Each profile of jobs, which are alike in schedule, run time, queue, items and thresholds, gets a
//! few files. One simulates what takes several runs to see: failures, staleness, long runs, and
//! jobs that are well. Another simulates what is seen at once: queues, failures in a row, a run
//! that does not end, a job that is missing. What would take too many steps in these has a file
//! with a longer step, and what is over too soon one with a shorter step. Every alert is shown a
//! series that must fire it and one that must not, on both sides of its threshold.

mod placement;
mod profile;
mod simulation;
mod steps;
mod tested;
mod untested;
mod wording;

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod tests;

use jobwatch_catalogue::JobName;

use crate::model::Model;
use crate::scenario::Scenario;
pub(crate) use placement::{KINDS, TestFile};
pub(crate) use profile::Profile;
pub(crate) use simulation::{Simulation, simulations};
pub(crate) use tested::Tested;
pub(crate) use wording::Wording;

/// The most profiles that are simulated. Catalogues of thousands of jobs have few; where every job
/// is different, the first ones stand for the others, which the same code computes.
pub(crate) const MOST_PROFILES: usize = 12;

/// The most jobs of which there are rule tests. Promtool refuses an expression that takes more than
/// 10,000 samples at once, which lists of some more jobs do.
pub(crate) const MOST_JOBS: usize = 3_000;

/// Returns the scenarios of all test files, each with the job that it is about and the seconds
/// between two scrapes.
pub fn scenarios(model: &Model<'_>) -> Vec<(JobName, u64, Scenario)> {
    let mut all = Vec::new();
    for profile in tested_profiles(model) {
        each_file(model, &profile, |file| {
            let step = file.stage.step();
            let of = |scenario| (profile.job.spec.name().clone(), step, scenario);
            all.extend(file.scenarios.into_iter().map(of));
        });
    }
    all
}

/// Returns the profiles of jobs that have tests: the first [`MOST_PROFILES`]. None for a model of
/// more than [`MOST_JOBS`].
pub(crate) fn tested_profiles<'a>(model: &'a Model<'a>) -> Vec<Profile<'a>> {
    if model.jobs().len() > MOST_JOBS {
        return Vec::new();
    }
    let mut profiles = Tested { model }.profiles();
    profiles.truncate(MOST_PROFILES);
    profiles
}

/// Calls a function with each test file of a profile: up to four.
pub(crate) fn each_file<'a>(model: &'a Model<'a>, profile: &Profile<'a>, write: impl FnMut(TestFile<'_>)) {
    let setting = Tested { model }.setting(profile.job);
    placement::test_files(model, &setting).into_iter().for_each(write);
}

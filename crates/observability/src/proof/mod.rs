//! The proof of the rules: unit tests for `promtool test rules`, in which Prometheus itself decides what fires.
//!
//! Each profile of jobs, which are alike in schedule, run time, queue, items and figures, gets two files. One simulates what
//! takes several executions to see: failures, staleness, long executions, and jobs that are well. The other simulates what is
//! seen at once: queues, failures in a row, an execution that does not end, a job that is missing. Every alert is shown a
//! series that must fire it and one that must not, on both sides of its threshold, with figures that are computed from the
//! same values as the rules are.

mod absent;
mod execution;
mod failing;
mod healthy;
mod process;
mod profile;
mod queue;
mod said;
mod series;
mod simulation;
mod situation;
mod slow;
mod stale;
mod yaml;

use std::time::Duration;

use jobwatch_catalogue::{AlertName, Catalogue, JobSpec, duration};

use crate::alerts::{Alert, alerts};
use crate::artifact::{Artifact, RenderError};
use crate::condition::Condition;
use crate::rules::{self, RuleGroup};
use crate::signals::{Span, window_of};
use profile::{Profile, profiles};
use simulation::{Simulation, feasible};
use situation::Stage;

/// The most profiles that are simulated. Catalogues of thousands of jobs have few; where every job is different, the first
/// ones stand for the others, which the same code computes.
pub const MOST_PROFILES: usize = 12;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// The steps for what is seen at once: the second for jobs that may run for hours, until which nobody is stuck.
const FINE: [u64; 2] = [MINUTE, 5 * MINUTE];
const HOURS: u64 = 4 * HOUR;
/// The steps for what takes several executions to see, the shortest first.
const COARSE: [u64; 5] = [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR];
/// What is over after so many steps is simulated apart from what goes on for longer.
const FEW_STEPS: u64 = 24;
/// A simulation that would need more steps takes a longer step where there is one.
const MANY_STEPS: u64 = 500;
/// The same where each situation needs a simulation of its own.
const MANY_STEPS_EACH: u64 = 150;

/// The promtool tests of a catalogue: two files for each profile of jobs, of the first [`MOST_PROFILES`].
///
/// # Errors
///
/// [`RenderError`] if the YAML writer refuses a text.
pub fn artifacts(catalogue: &Catalogue) -> Result<Vec<Artifact>, RenderError> {
    let alerts = alerts(catalogue);
    let groups = rules::groups(catalogue);
    let mut artifacts = Vec::new();
    for profile in profiles(catalogue, &alerts).into_iter().take(MOST_PROFILES) {
        let stage = |step| Stage { catalogue, alerts: &alerts, job: profile.job, step };
        let coarse = stage(coarse_step(profile.job, catalogue, &alerts));
        artifacts.push(file("runs", &coarse, &profile, &groups, about_runs(&coarse))?);
        let fine = stage(if profile.job.timeout().as_secs() < HOURS { FINE[0] } else { FINE[1] });
        let mut simulations = about_states(&fine);
        if !healthy::restarts_fit(&coarse) && healthy::restarts_fit(&fine) {
            simulations.push(Simulation::new("restarts", healthy::restarts(&fine)));
        }
        artifacts.push(file("states", &fine, &profile, &groups, simulations)?);
    }
    Ok(artifacts)
}

fn about_runs(stage: &Stage<'_>) -> Vec<Simulation> {
    let mut situations = healthy::situations(stage);
    situations.extend(failing::situations(stage));
    situations.extend(slow::situations(stage));
    let (soon, late): (Vec<_>, Vec<_>) = situations
        .into_iter()
        .chain(stale::situations(stage))
        .partition(|situation| situation.end() <= FEW_STEPS * stage.step);
    vec![
        Simulation::new(
            &format!("within {}", duration::format(Duration::from_secs(FEW_STEPS * stage.step))),
            soon,
        ),
        Simulation::new("through several executions", late),
        said::about_runs(stage),
    ]
}

fn about_states(stage: &Stage<'_>) -> Vec<Simulation> {
    let mut situations = queue::situations(stage);
    situations.extend(execution::situations(stage));
    let mut simulations = vec![Simulation::new("seen at once", situations), said::about_states(stage)];
    simulations.extend(absent::simulations(stage));
    simulations
}

fn file(
    kind: &str,
    stage: &Stage<'_>,
    profile: &Profile<'_>,
    groups: &[RuleGroup],
    simulations: Vec<Simulation>,
) -> Result<Artifact, RenderError> {
    let path = format!("alerts/tests/{}.{}.{kind}.yaml", stage.catalogue.name(), profile.job.name());
    let (simulations, left_out) = feasible(stage, simulations);
    match yaml::render(stage, profile, groups, &simulations, left_out) {
        Ok(text) => Ok(Artifact { path, text }),
        Err(source) => Err(RenderError { path, source: Box::new(source) }),
    }
}

/// The shortest step at which the slowest alert of a job can be shown without too many evaluations.
fn coarse_step(job: &JobSpec, catalogue: &Catalogue, alerts: &[Alert]) -> u64 {
    let stale = |name| {
        let alert = alerts.iter().find(|alert| alert.name == name)?;
        match alert.condition_for(job.name())? {
            Condition::NoSuccess { longer_than } => Some(longer_than.as_f64() as u64),
            _ => None,
        }
    };
    let longest = [AlertName::BackgroundJobNotRunning, AlertName::BackgroundJobCriticallyStale]
        .into_iter()
        .filter_map(stale)
        .max()
        .unwrap_or(0)
        .max(5 * job.schedule().longest_gap().as_secs());
    // A window holds at least two steps, or there is no rate to be seen.
    let most = window_of(job, Span::Short) / 2;
    let many = if simulation::has_one_namespace(catalogue) { MANY_STEPS_EACH } else { MANY_STEPS };
    let steps = || COARSE.into_iter().filter(|&step| step <= most);
    steps().find(|step| longest / step <= many).or(steps().next_back()).unwrap_or(COARSE[0])
}

#[cfg(test)]
mod tests {
    use jobwatch_catalogue::JobDraft;

    use super::*;

    fn job(name: &str, minutes: u64) -> JobDraft {
        JobSpec::every(name, Duration::from_secs(60 * minutes))
    }

    fn paths(jobs: impl IntoIterator<Item = JobDraft>) -> Vec<String> {
        let catalogue =
            jobs.into_iter().fold(Catalogue::builder("test"), |all, job| all.job(job)).build().unwrap();
        artifacts(&catalogue).unwrap().into_iter().map(|artifact| artifact.path).collect()
    }

    #[test]
    fn jobs_that_are_alike_share_their_proof() {
        let queued = job("third", 5).queue("mails");
        assert_eq!(
            paths([job("first", 5), job("second", 5), queued, job("off", 9).enabled(false)]),
            [
                "alerts/tests/background-jobs.first.runs.yaml",
                "alerts/tests/background-jobs.first.states.yaml",
                "alerts/tests/background-jobs.third.runs.yaml",
                "alerts/tests/background-jobs.third.states.yaml",
            ]
        );
    }

    #[test]
    fn the_number_of_files_is_bounded() {
        assert_eq!(
            paths((1..100).map(|number| job(&format!("job_{number}"), number))).len(),
            2 * MOST_PROFILES
        );
    }

    #[test]
    fn what_is_seen_at_once_is_proved_like_this() {
        let catalogue = Catalogue::builder("shop").job(job("send-mails", 5).queue("mails")).build().unwrap();
        insta::assert_snapshot!(artifacts(&catalogue).unwrap()[1].text);
    }
}

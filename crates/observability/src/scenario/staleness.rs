//! Jobs that have not succeeded for long, and those that only look like it. For alerts that fire
//! when there has been no success for longer than their threshold.

use jobwatch_catalogue::label::RunStatus;
use jobwatch_catalogue::metric::JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS;

use super::described::{Check, Scenario};
use super::failures::one_run_fails;
use super::firing::{Course, Firing};
use super::neighbour::of_another_catalogue;
use super::series::Series;
use super::stage::Stage;
use crate::alert_name::AlertName;
use crate::lookback::is_uneven;
use crate::series::{FIRST_SCHEDULED, LAST_SUCCESS};

/// Returns the scenarios of an alert about staleness. None if it does not watch the job.
pub fn scenarios(stage: &Stage<'_>, alert: AlertName) -> Vec<Scenario> {
    let Some(threshold) = stage.staleness(alert) else { return Vec::new() };
    let overdue = Overdue { stage, alert, threshold };
    let mut all = vec![overdue.never(), overdue.stopped(), overdue.never_contract_only(), overdue.disabled()];
    if threshold == stage.shortest_staleness() && !is_uneven(stage.job()) {
        all.push(overdue.lengthened());
    }
    all.extend(
        one_run_fails(stage)
            .map(|(scenario, moments)| scenario.check(moments.map(|at| Check::silent(at, alert)))),
    );
    // The job is not overdue in the first steps, so that it becomes overdue while it is watched.
    let longest_step = threshold.max(2 * stage.tolerated_interval(alert, stage.longest_gap())) / 2;
    all.into_iter().map(|scenario| scenario.step_at_most(longest_step)).collect()
}

/// Returns what makes an alert about staleness fire. `None` if it does not watch the job.
pub fn firing(stage: &Stage<'_>, alert: AlertName) -> Option<Firing> {
    let at = stage.fires_at(alert, stage.step_after(stage.start() + stage.staleness(alert)?));
    let series = Series::constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], stage.start());
    Some(Firing::new(alert, at, (at - stage.start()) as f64, [series]).going_on(Course::Passing))
}

struct Overdue<'a> {
    stage: &'a Stage<'a>,
    alert: AlertName,
    /// The seconds without success from which on the condition holds.
    threshold: u64,
}

impl Overdue<'_> {
    /// That the alert fires on time when there has been no success since a moment.
    fn onset(&self, since: u64) -> Vec<Check> {
        self.onset_with(since, self.stage.longest_gap())
    }

    /// The same with an interval in force: within two intervals no job is overdue that does not set
    /// the threshold itself.
    fn onset_with(&self, since: u64, interval: u64) -> Vec<Check> {
        let overdue = self.stage.step_after(since + self.threshold);
        let interval = self.stage.tolerated_interval(self.alert, interval);
        let overdue = overdue.max(self.stage.step_from(since + 2 * interval));
        Check::onset(self.stage, self.alert, overdue)
    }

    fn never(&self) -> Scenario {
        let runs = self.stage.runs().then(3, self.stage.usual_duration(), RunStatus::Failed);
        let says = "The job has never succeeded, and has no time of a last success. What counts is when it was first scheduled.";
        Scenario::new("never-succeeded", says)
            .process(self.stage.process(runs))
            .check(self.onset(self.stage.expected_since()))
    }

    fn stopped(&self) -> Scenario {
        let duration = self.stage.usual_duration();
        let runs = self.stage.runs().then(1, duration, RunStatus::Success);
        Scenario::new("stopped", "The job succeeds once and is never run again.")
            .process(self.stage.process(runs))
            .check(self.onset(self.stage.first_run() + duration))
    }

    fn never_contract_only(&self) -> Scenario {
        let says = "The same, in a process that exposes the contract's metrics alone. What counts is when this job was first seen.";
        const NAME: &str = "never-succeeded-contract-only";
        let known_to_another = [LAST_SUCCESS, FIRST_SCHEDULED]
            .map(|series| of_another_catalogue(self.stage, NAME, series.name, &[], 1));
        Scenario::new(NAME, says)
            .process(self.stage.process(self.stage.runs()).contract_only())
            .beside(known_to_another)
            .check(self.onset_with(self.stage.start(), 0))
            .step_at_most(self.stage.memory())
    }

    fn disabled(&self) -> Scenario {
        let enabled = self.onset(self.stage.first_run() + self.stage.interval());
        let until = enabled.iter().map(|check| check.at).max().unwrap_or(0) + self.stage.step();
        let says = "The environment has disabled the job, which nobody has to be told about.";
        Scenario::new("disabled", says)
            .process(self.stage.process(self.stage.runs()).interval(0))
            .check([Check::nothing_fires(until)])
    }

    /// A job that the environment made run more rarely than the catalogue says.
    fn lengthened(&self) -> Scenario {
        let duration = self.stage.usual_duration();
        let interval = self.stage.step_from(self.threshold);
        let runs = self.stage.runs().then(1, duration, RunStatus::Success);
        let says = match self.stage.tolerated_interval(self.alert, interval) {
            0 => {
                "The environment has made the interval as long as the threshold, which the job sets itself and which holds all the same."
            }
            _ => {
                "The environment has made the interval as long as the threshold. Within two such intervals the job is not overdue."
            }
        };
        Scenario::new("interval-lengthened", says)
            .process(self.stage.process(runs).interval(interval))
            .check(self.onset_with(self.stage.first_run() + duration, interval))
    }
}

//! What a scenario has to know: the job, what holds for it, and the clock of the simulation.

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::{self, JOB_NAME, RunStatus};
use jobwatch_catalogue::metric::DURATION_BUCKETS_SECONDS;

use super::process::Process;
use super::runs::Runs;
use super::setting::{AlertSettings, Setting};
use crate::alert_name::AlertName;
use crate::lookback::{Lookback, is_uneven};
pub use crate::parameter::{ABOVE, AT_LEAST, GROWTH, OVER};
use crate::quantity::Quantity;
use crate::series::About;

/// The namespace of series that need not be told apart from those of other scenarios.
pub const NAMESPACE: &str = "here";

/// The namespace of series that are none of the catalogue's jobs where that has a namespace.
pub const ELSEWHERE: &str = "elsewhere";

/// The label that Prometheus gives to the series of each target.
const INSTANCE: &str = "instance";

/// Longer than any simulation, in seconds: a hundred years. What would take longer counts as this,
/// so that sums of moments stay in bounds.
const FOREVER: u64 = 100 * 366 * 86_400;

/// What a scenario has to know: a job, what holds for it, and the clock of the simulation.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    setting: &'a Setting<'a>,
    step: u64,
}

impl<'a> Stage<'a> {
    /// Returns the stage for a job, with a scrape and an evaluation of the rules at every step of
    /// so many seconds.
    pub fn new(setting: &'a Setting<'a>, step: u64) -> Self {
        Self { setting, step: step.max(1) }
    }

    /// Returns the job.
    pub fn job(&self) -> &'a JobSpec {
        self.setting.job.spec
    }

    /// Returns the name of the job's catalogue.
    pub fn catalogue(&self) -> &'a str {
        self.setting.catalogue
    }

    /// Returns whether the job is the first one that is watched. What the rules are for all jobs
    /// alike is shown of that one.
    pub fn is_first(&self) -> bool {
        self.setting.is_first
    }

    /// Returns whether rates may look back upon two executions of the job.
    pub fn holds_two_executions(&self) -> bool {
        self.setting.job.holds_two_executions()
    }

    /// Returns the seconds between two scrapes, and between two evaluations of the rules.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Returns the value of an alert's parameter for the job. `None` if the alert has no such
    /// parameter, or does not watch the job.
    pub fn threshold(&self, name: AlertName, parameter: &str) -> Option<Quantity> {
        let thresholds = self.settings(name)?.thresholds.as_ref()?;
        thresholds.iter().find(|(known, _)| *known == parameter).map(|&(_, quantity)| quantity)
    }

    /// Returns the same for a parameter that is a duration, in seconds. What is longer than a
    /// hundred years counts as that.
    pub fn seconds(&self, name: AlertName, parameter: &str) -> Option<u64> {
        match self.threshold(name, parameter)? {
            Quantity::Duration(seconds) => Some(seconds.min(FOREVER)),
            _ => None,
        }
    }

    /// Returns the same for a parameter that is a number of things.
    pub fn count(&self, name: AlertName, parameter: &str) -> Option<u64> {
        match self.threshold(name, parameter)? {
            Quantity::Count(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the same for a parameter that is a ratio, in millionths.
    pub fn millionths(&self, name: AlertName, parameter: &str) -> Option<u64> {
        match self.threshold(name, parameter)? {
            Quantity::Ratio(millionths) => Some(millionths),
            _ => None,
        }
    }

    /// Returns whether an alert watches the job.
    pub fn watches(&self, name: AlertName) -> bool {
        self.settings(name).is_some_and(|alert| alert.thresholds.is_some())
    }

    /// Returns whether an alert escalates for the job when nobody resolves it.
    pub fn escalates(&self, name: AlertName) -> bool {
        self.settings(name).is_some_and(|alert| alert.escalates)
    }

    /// Returns for how many seconds an alert's condition has to hold before it fires. Zero if there
    /// is no such alert.
    pub fn hold(&self, name: AlertName) -> u64 {
        self.settings(name).map_or(0, |alert| alert.hold.min(FOREVER))
    }

    /// Returns the names of all alerts, in order.
    pub fn alerts(&self) -> impl Iterator<Item = AlertName> {
        self.setting.alerts.iter().map(|alert| alert.name)
    }

    /// Returns how far back rates look, in seconds.
    pub fn lookback(&self, lookback: Lookback) -> u64 {
        self.setting.job.window(lookback)
    }

    /// Returns the longest step at which a lookback still holds two samples, in seconds: with fewer
    /// there is no rate.
    pub fn step_for_rates(&self, lookback: Lookback) -> u64 {
        self.lookback(lookback) / 2
    }

    /// Returns the same for a job with which nothing is wrong. One that is due too rarely for a
    /// ratio needs none to be seen as well.
    pub fn step_for_life(&self, lookback: Lookback) -> u64 {
        if self.holds_two_executions() { self.step_for_rates(lookback) } else { u64::MAX }
    }

    /// Returns for how many seconds the rules remember a timestamp that is no longer exposed.
    pub fn memory(&self) -> u64 {
        self.setting.memory
    }

    /// Returns the time without success, in seconds, after which an alert about that holds. `None`
    /// if the alert is not about that, or does not watch the job.
    pub fn staleness(&self, name: AlertName) -> Option<u64> {
        self.settings(name).filter(|alert| alert.about == About::Staleness)?;
        self.seconds(name, ABOVE)
    }

    /// Returns the shortest time without success after which the job is overdue, in seconds. Zero
    /// if no alert is about that.
    pub fn shortest_staleness(&self) -> u64 {
        self.alerts().filter_map(|name| self.staleness(name)).min().unwrap_or(0)
    }

    /// Returns the interval, in seconds, of which a job may miss two before an alert about
    /// staleness holds, out of the one in force. Zero if the job sets the threshold itself, or is
    /// due at uneven times.
    pub fn tolerated_interval(&self, name: AlertName, in_force: u64) -> u64 {
        let is_own = self.settings(name).is_some_and(|alert| alert.is_own);
        if is_own || is_uneven(self.job()) { 0 } else { in_force }
    }

    /// Returns when the process of a scenario starts. Not at the epoch, which stands for "never".
    pub fn start(&self) -> u64 {
        self.step
    }

    /// Returns when the first run of a fresh process starts: not before its series have been seen.
    pub fn first_run(&self) -> u64 {
        self.start() + 2 * self.step
    }

    /// Returns since when a job counts as expected that has never succeeded: since the start, but
    /// no more than an interval before it is first due. At steps that are longer than that, the
    /// first due time is later than it really would be.
    pub fn expected_since(&self) -> u64 {
        self.first_run().saturating_sub(self.longest_gap()).max(self.start())
    }

    /// Returns the seconds from one due time to the next: where these are due most closely, as in
    /// the working hours of a job that rests at night.
    pub fn interval(&self) -> u64 {
        self.job().schedule().shortest_gap().as_secs()
    }

    /// Returns the longest time between two due times, in seconds: the interval that a process
    /// exposes.
    pub fn longest_gap(&self) -> u64 {
        self.job().schedule().longest_gap().as_secs()
    }

    /// Returns the longest time that a run may take, in seconds.
    pub fn timeout(&self) -> u64 {
        self.job().timeout().as_secs()
    }

    /// Returns the time within which no job is overdue that succeeds as often: the shortest
    /// staleness, but two intervals at least.
    pub fn never_overdue_within(&self) -> u64 {
        let within = |name| {
            let two_intervals = 2 * self.tolerated_interval(name, self.longest_gap());
            self.staleness(name).map(|threshold| threshold.max(two_intervals))
        };
        self.alerts().filter_map(within).min().unwrap_or(2 * self.interval())
    }

    /// Returns how long after a due time a success may come before an alert about that holds, in
    /// seconds. `None` if no alert is about that.
    pub fn may_be_late_by(&self) -> Option<u64> {
        let is_about_it = |alert: &&AlertSettings| alert.about == About::Overdue;
        let alerts = self.setting.alerts.iter().filter(is_about_it);
        let grace = alerts.filter_map(|alert| self.seconds(alert.name, ABOVE)).min()?;
        Some(self.timeout().saturating_add(grace))
    }

    /// Returns the time that a run takes where nothing is said about it: so short that nobody is
    /// told, where runs can be that short.
    pub fn usual_duration(&self) -> u64 {
        let slow = self.alerts().filter_map(|name| self.slow_from(name)).min().unwrap_or(u64::MAX);
        let bound = DURATION_BUCKETS_SECONDS.iter().rfind(|&&bound| bound <= slow as f64);
        let quick = bound.map_or(1, |&bound| bound as u64);
        // One that ends when the next is due keeps that from starting.
        let ends_in_time = self.interval().saturating_sub(1).max(1);
        (self.timeout() / 10).clamp(1, 10).min(ends_in_time).min(quick.max(1))
    }

    /// Returns the duration above which an alert calls runs slow. `None` if it is not about that.
    fn slow_from(&self, name: AlertName) -> Option<u64> {
        self.settings(name).filter(|alert| alert.about == About::RunDuration)?;
        self.seconds(name, ABOVE)
    }

    /// Returns the duration of runs that nearly time out.
    pub fn nearly_timeout(&self) -> u64 {
        let timeout = self.timeout();
        timeout - (timeout / 100).clamp(1, 30).min(timeout.saturating_sub(1))
    }

    /// Returns the seconds from one run to the next when each takes so long. A due time at which
    /// one ends passes.
    pub fn cycle(&self, duration: u64) -> u64 {
        (duration / self.interval() + 1).saturating_mul(self.interval())
    }

    /// Returns the first step that is not before a moment.
    pub fn step_from(&self, moment: u64) -> u64 {
        moment.div_ceil(self.step).saturating_mul(self.step)
    }

    /// Returns the first step after a moment.
    pub fn step_after(&self, moment: u64) -> u64 {
        (moment / self.step + 1).saturating_mul(self.step)
    }

    /// Returns when an alert fires whose condition holds from a step on.
    pub fn fires_at(&self, name: AlertName, holds_from: u64) -> u64 {
        holds_from.saturating_add(self.step_from(self.hold(name)))
    }

    /// Returns an empty list of runs: the first is due soon after the start, the others on
    /// schedule.
    pub fn runs(&self) -> Runs {
        Runs::due(self.first_run(), self.interval())
    }

    /// Returns a process that has the job run like this.
    pub fn process(&self, runs: Runs) -> Process {
        Process::new(self.job(), self.start(), runs)
    }

    /// Returns a process whose runs all take equally long and end in the same way.
    pub fn steady(&self, duration: u64, status: RunStatus) -> Process {
        self.process(self.runs().then_always(duration, status))
    }

    /// Returns the names of other jobs that are watched.
    pub fn other_jobs(&self) -> &'a [&'a str] {
        &self.setting.other_jobs
    }

    /// Returns whether [`Self::other_jobs`] are all of them.
    pub fn has_all_others(&self) -> bool {
        self.setting.has_all_others
    }

    /// Returns the namespace that the job is meant to be in. `None` if it may be in any, or if the
    /// rules read one alone.
    pub fn own_namespace(&self) -> Option<&'a str> {
        self.setting.namespace
    }

    /// Returns the labels of every series of a replica that are about this job, from the outside
    /// in. Where the job is meant to be in one namespace, that is it, unless it is [`ELSEWHERE`].
    pub fn labels(&self, namespace: &str, replica: usize) -> Vec<(String, String)> {
        self.labels_of(self.job().name().as_str(), namespace, replica)
    }

    /// Returns the same for another job.
    pub fn labels_of(&self, job: &str, namespace: &str, replica: usize) -> Vec<(String, String)> {
        let instance = char::from(b'a' + (replica % 26) as u8);
        let own = self.own_namespace().filter(|_| namespace != ELSEWHERE);
        let namespace = own.unwrap_or(namespace);
        let mut labels = vec![
            (label::NAMESPACE.to_owned(), namespace.to_owned()),
            (INSTANCE.to_owned(), format!("replica-{instance}")),
        ];
        for (label, value) in self.setting.selector {
            match labels.iter_mut().find(|(known, _)| known == label) {
                Some((_, known)) => known.clone_from(value),
                None => labels.push((label.clone(), value.clone())),
            }
        }
        for &label in self.grouping_labels() {
            if labels.iter().all(|(known, _)| known != label) {
                labels.push((label.to_owned(), NAMESPACE.to_owned()));
            }
        }
        labels.push((JOB_NAME.to_owned(), job.to_owned()));
        labels
    }

    /// Returns the labels of the series of the same job that are none of the catalogue's: those of
    /// another namespace, or without what it selects. `None` if it reads all there are.
    pub fn labels_elsewhere(&self) -> Option<Vec<(String, String)>> {
        if self.own_namespace().is_none() && self.setting.selector.is_empty() {
            return None;
        }
        let mut labels = self.labels(ELSEWHERE, 0);
        let selected = labels.iter_mut().filter(|(label, _)| self.setting.selector.contains_key(label));
        selected.for_each(|(_, value)| *value = ELSEWHERE.to_owned());
        Some(labels)
    }

    /// Returns the labels that tell copies of the job apart, besides the namespace.
    pub fn grouping_labels(&self) -> &'a [&'a str] {
        &self.setting.grouping_labels
    }

    /// Returns the labels of the series of another copy of the job. `None` if the rules read a
    /// single one in each namespace.
    pub fn labels_of_copy(&self, namespace: &str) -> Option<Vec<(String, String)>> {
        let differs = |label: &str| {
            self.grouping_labels().contains(&label) && !self.setting.selector.contains_key(label)
        };
        let mut labels = self.labels(namespace, 0);
        let mut is_another = false;
        for (_, value) in labels.iter_mut().filter(|(label, _)| differs(label)) {
            *value = ELSEWHERE.to_owned();
            is_another = true;
        }
        is_another.then_some(labels)
    }

    /// Returns whether the replicas of a scenario are replicas of one copy of the job. Where each
    /// instance is a copy of its own, they are not.
    pub fn has_replicas(&self) -> bool {
        !self.grouping_labels().contains(&INSTANCE)
    }

    /// Returns whether the rules read a single namespace, so that scenarios cannot be told apart by
    /// theirs.
    pub fn has_one_namespace(&self) -> bool {
        self.setting.selector.contains_key(label::NAMESPACE) || self.own_namespace().is_some()
    }

    fn settings(&self, name: AlertName) -> Option<&'a AlertSettings> {
        self.setting.alerts.iter().find(|alert| alert.name == name)
    }
}

//! Situations: what a simulated Prometheus sees of one job, and which alerts fire when.

use jobwatch_catalogue::label::{JOB_NAME, RunStatus};
use jobwatch_catalogue::{AlertName, Catalogue, JobSpec};

use super::process::{Process, Run};
use super::series::{Sample, Series};
use crate::alerts::Alert;
use crate::condition::Condition;
use crate::signals::MEMORY;

/// What a simulated Prometheus sees of a job, and which alerts fire when.
#[derive(Debug, Clone)]
pub(super) struct Situation {
    /// The namespace that its series are in, by which situations of one simulation are told apart.
    pub(super) namespace: &'static str,
    /// What happens, in one sentence.
    pub(super) says: String,
    /// Each process with its series.
    pub(super) processes: Vec<Vec<Series>>,
    /// What is checked.
    pub(super) checks: Vec<Check>,
}

/// Which of the watched alerts fire at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) at: u64,
    /// The alerts that are looked at.
    pub(super) watched: Vec<AlertName>,
    /// Those of them that fire; the others must not.
    pub(super) firing: Vec<AlertName>,
}

impl Check {
    pub(super) fn silent(at: u64, watched: &[AlertName]) -> Self {
        Self { at, watched: watched.to_vec(), firing: Vec::new() }
    }

    pub(super) fn fires(at: u64, alert: AlertName) -> Self {
        Self { at, watched: vec![alert], firing: vec![alert] }
    }
}

impl Situation {
    pub(super) fn new(namespace: &'static str, says: impl Into<String>) -> Self {
        Self { namespace, says: says.into(), processes: Vec::new(), checks: Vec::new() }
    }

    /// The same, with a process.
    pub(super) fn process(mut self, series: Vec<Series>) -> Self {
        self.processes.push(series);
        self
    }

    /// The same, with more to check.
    pub(super) fn check(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.checks.extend(checks);
        self
    }

    /// When the last check is.
    pub(super) fn end(&self) -> u64 {
        self.checks.iter().map(|check| check.at).max().unwrap_or(0)
    }
}

/// The job that situations are about, the figures that hold for it, and the clock of the simulation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) alerts: &'a [Alert],
    pub(super) job: &'a JobSpec,
    /// The seconds between two scrapes, and between two evaluations of the rules.
    pub(super) step: u64,
}

impl<'a> Stage<'a> {
    /// When the process of a situation starts. Not at the epoch, which stands for "never".
    pub(super) fn start(&self) -> u64 {
        self.step
    }

    /// When the first execution of a fresh process starts: not before its series have been seen.
    pub(super) fn first_run(&self) -> u64 {
        self.start() + 2 * self.step
    }

    pub(super) fn interval(&self) -> u64 {
        self.job.schedule().longest_gap().as_secs()
    }

    pub(super) fn timeout(&self) -> u64 {
        self.job.timeout().as_secs()
    }

    /// Whether the rules, evaluated at every step, still know what they knew at the step before.
    pub(super) fn remembers(&self) -> bool {
        self.step <= MEMORY
    }

    /// The time that an execution takes where nothing is said about it.
    pub(super) fn usual_duration(&self) -> u64 {
        (self.timeout() / 10).clamp(1, 10).min(self.interval())
    }

    pub(super) fn alert(&self, name: AlertName) -> Option<&'a Alert> {
        self.alerts.iter().find(|alert| alert.name == name)
    }

    /// The figures of an alert for the job, or nothing where it does not watch the job.
    pub(super) fn condition(&self, name: AlertName) -> Option<Condition> {
        self.alert(name)?.condition_for(self.job.name())
    }

    /// The first step that is not before a moment.
    pub(super) fn step_from(&self, moment: u64) -> u64 {
        moment.div_ceil(self.step) * self.step
    }

    /// The first step after a moment.
    pub(super) fn step_after(&self, moment: u64) -> u64 {
        (moment / self.step + 1) * self.step
    }

    /// When an alert fires whose condition holds from a step on.
    pub(super) fn fires_at(&self, name: AlertName, holds_from: u64) -> u64 {
        let hold = self.alert(name).map_or(0, |alert| alert.hold);
        holds_from + self.step_from(hold)
    }

    /// That an alert whose condition holds from a step on fires then and not a step sooner.
    pub(super) fn onset(&self, name: AlertName, holds_from: u64) -> [Check; 2] {
        let fires = self.fires_at(name, holds_from);
        [Check::silent(fires - self.step, &[name]), Check::fires(fires, name)]
    }

    /// Executions on schedule, each of which takes and ends as a function of its number says, until a moment has passed. One
    /// that outlasts its interval makes the due times pass that it covers.
    pub(super) fn runs(&self, until: u64, outcome: impl Fn(usize) -> (u64, RunStatus)) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut start = self.first_run();
        while start <= until {
            let (duration, status) = outcome(runs.len());
            runs.push(Run { start, end: start + duration, status });
            start += duration.div_ceil(self.interval()).max(1) * self.interval();
        }
        runs
    }

    /// A process whose executions all end in the same way.
    pub(super) fn process(&self, until: u64, duration: u64, status: RunStatus) -> Process<'a> {
        Process::new(self.job, self.start(), self.runs(until, |_| (duration, status)))
    }

    /// A series of the job that grows by the same amount at every step.
    pub(super) fn growing(&self, name: &str, labels: &[(&str, &str)], by: u64, until: u64) -> Series {
        self.series(name, labels, until, |now| Sample::Value(by * (now / self.step)))
    }

    /// A series of the job that never changes.
    pub(super) fn constant(&self, name: &str, value: u64, until: u64) -> Series {
        self.series(name, &[], until, |_| Sample::Value(value))
    }

    /// A series of the job whose value at each step a function of the time says.
    pub(super) fn series(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        until: u64,
        value: impl Fn(u64) -> Sample,
    ) -> Series {
        Series::new(name, labels, (0..=until / self.step).map(|index| value(index * self.step)))
    }

    /// The labels of every series of a process of this job, from the outside in.
    pub(super) fn labels(&self, namespace: &str, process: usize) -> Vec<(String, String)> {
        let mut labels = self.target_labels(namespace, process);
        labels.push((JOB_NAME.to_owned(), self.job.name().to_string()));
        labels
    }

    /// The labels that Prometheus adds to what it scrapes from a process.
    pub(super) fn target_labels(&self, namespace: &str, process: usize) -> Vec<(String, String)> {
        use jobwatch_catalogue::label::NAMESPACE;
        let instance = char::from(b'a' + (process % 26) as u8);
        let mut labels = vec![
            (NAMESPACE.to_owned(), namespace.to_owned()),
            ("instance".to_owned(), format!("replica-{instance}")),
        ];
        for (label, value) in self.catalogue.selector() {
            match labels.iter_mut().find(|(known, _)| known == label) {
                Some((_, known)) => known.clone_from(value),
                None => labels.push((label.clone(), value.clone())),
            }
        }
        labels
    }
}

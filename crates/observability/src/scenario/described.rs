//! A scenario as data: what happens, and what is checked when.

use super::process::Process;
use super::sampled::SampledSeries;
use super::series::Series;
use super::stage::{NAMESPACE, Stage};
use crate::alert_name::AlertName;

/// What a simulated Prometheus sees of a job, and which alerts fire when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name. Scenarios of the same name and the same series are one.
    pub name: &'static str,
    /// The namespace of its series, by which scenarios of one simulation are told apart. Defaults
    /// to its name.
    pub namespace: &'static str,
    /// What happens, in one sentence.
    pub says: String,
    /// The replicas of the process that expose the job.
    pub replicas: Vec<Exposed>,
    /// Series of other jobs, with all their labels. Defaults to none.
    pub others: Vec<Series>,
    /// What is checked.
    pub checks: Vec<Check>,
    /// The alerts that a check of all alerts passes over. Defaults to none.
    pub except: Vec<AlertName>,
    /// Whether it needs a simulation of its own, in which alerts are looked for in all namespaces.
    /// Defaults to no.
    pub alone: bool,
    /// Whether it is about what is seen at once, and needs no run of the job. Defaults to no.
    pub at_once: bool,
    /// The longest step, in seconds, at which it shows what it says. Defaults to any.
    pub longest_step: u64,
    until: u64,
}

/// What one replica exposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exposed {
    /// What follows from the runs of a process.
    Process(Process),
    /// Some series.
    Series(Vec<Series>),
}

/// Which of the watched alerts fire at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The moment, a multiple of the step.
    pub at: u64,
    /// The alerts that are looked at.
    pub watched: Watched,
    /// Those of them that fire; the others must not.
    pub firing: Vec<AlertName>,
}

/// The alerts that a check looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// All but those that the scenario excepts.
    All,
    /// These.
    These(Vec<AlertName>),
}

impl Check {
    /// Returns the check that no alert fires at a moment, but for those that the scenario excepts.
    pub const fn nothing_fires(at: u64) -> Self {
        Self { at, watched: Watched::All, firing: Vec::new() }
    }

    /// Returns the check that an alert does not fire at a moment.
    pub fn silent(at: u64, alert: AlertName) -> Self {
        Self { at, watched: Watched::These(vec![alert]), firing: Vec::new() }
    }

    /// Returns the check that an alert fires at a moment.
    pub fn fires(at: u64, alert: AlertName) -> Self {
        Self { at, watched: Watched::These(vec![alert]), firing: vec![alert] }
    }

    /// Returns the checks that an alert whose condition holds from a step on fires on time and not
    /// a step sooner.
    pub fn onset(stage: &Stage<'_>, alert: AlertName, holds_from: u64) -> Vec<Self> {
        let fires = stage.fires_at(alert, holds_from);
        let before = fires.checked_sub(stage.step()).map(|at| Self::silent(at, alert));
        before.into_iter().chain([Self::fires(fires, alert)]).collect()
    }
}

impl Scenario {
    /// Returns a scenario in which nothing happens yet.
    pub fn new(name: &'static str, says: impl Into<String>) -> Self {
        Self {
            name,
            namespace: name,
            says: says.into(),
            replicas: Vec::new(),
            others: Vec::new(),
            checks: Vec::new(),
            except: Vec::new(),
            alone: false,
            at_once: false,
            longest_step: u64::MAX,
            until: 0,
        }
    }

    /// The same, with a replica that runs the job.
    pub fn process(mut self, process: Process) -> Self {
        self.replicas.push(Exposed::Process(process));
        self
    }

    /// The same, with a replica that exposes some series of the job.
    pub fn series(mut self, series: impl IntoIterator<Item = Series>) -> Self {
        self.replicas.push(Exposed::Series(series.into_iter().collect()));
        self
    }

    /// The same, beside other jobs, whose series have all their labels.
    pub fn beside(mut self, others: impl IntoIterator<Item = Series>) -> Self {
        self.others.extend(others);
        self
    }

    /// The same, with more to check.
    pub fn check(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.checks.extend(checks);
        self
    }

    /// The same, where checks of all alerts pass over one.
    pub fn except(mut self, alert: AlertName) -> Self {
        self.except_all(&[alert]);
        self
    }

    /// The same in a simulation of its own, in which alerts are looked for in all namespaces.
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self.in_one_namespace()
    }

    /// The same in [`NAMESPACE`].
    pub fn in_one_namespace(mut self) -> Self {
        self.namespace = NAMESPACE;
        self
    }

    /// The same, as one that is about what is seen at once.
    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// The same, which shows what it says only at steps that are no longer than so many seconds.
    pub fn step_at_most(mut self, seconds: u64) -> Self {
        self.longest_step = self.longest_step.min(seconds);
        self
    }

    /// The same, simulated at least until a moment.
    pub fn until(mut self, moment: u64) -> Self {
        self.until = self.until.max(moment);
        self
    }

    /// Returns when it is over: with the last check, unless it goes on.
    pub fn end(&self) -> u64 {
        self.checks.iter().map(|check| check.at).chain([self.until]).max().unwrap_or(0)
    }

    /// Takes over what another scenario of the same name checks.
    pub fn merge(&mut self, other: Self) {
        debug_assert_eq!(
            (self.name, &self.replicas),
            (other.name, &other.replicas),
            "one name, two scenarios"
        );
        self.until = self.until.max(other.until);
        self.longest_step = self.longest_step.min(other.longest_step);
        self.except_all(&other.except);
        for check in other.checks {
            self.add(check);
        }
    }

    /// Excepts alerts from checks of all alerts.
    pub fn except_all(&mut self, alerts: &[AlertName]) {
        for &alert in alerts {
            if !self.except.contains(&alert) {
                self.except.push(alert);
            }
        }
    }

    fn add(&mut self, check: Check) {
        let is_alike = |known: &&mut Check| {
            known.at == check.at && known.firing.is_empty() && matches!(known.watched, Watched::These(_))
        };
        match (&check.watched, self.checks.iter_mut().find(is_alike)) {
            (Watched::These(more), Some(Check { watched: Watched::These(known), .. }))
                if check.firing.is_empty() =>
            {
                known.extend(more.iter().filter(|name| !known.contains(name)).copied().collect::<Vec<_>>());
            }
            _ => self.checks.push(check),
        }
    }
}

impl Exposed {
    /// Returns its series from the beginning until a moment, sampled at every step.
    pub fn sampled(&self, step: u64, until: u64) -> Vec<SampledSeries> {
        match self {
            Self::Process(process) => process.sampled(step, until),
            Self::Series(series) => series.iter().map(|series| series.sampled(step, until)).collect(),
        }
    }
}

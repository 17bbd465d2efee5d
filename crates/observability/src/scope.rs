//! What expressions are about: the watched jobs of a catalogue, and selectors that read them alone.

use std::collections::BTreeMap;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::Metric;
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};

use crate::lookback::{self, Lookback, WindowClass};
use crate::promql::{Aggregation, Expr, Selector};

/// The label of every recorded series and alert that says which catalogue it was generated from.
pub const CATALOGUE: &str = "catalogue";

/// The label of a recorded rate that says over how long it was taken.
pub const WINDOW: &str = "window";

/// The label of recorded counts of executions that says which of a job's windows they were
/// counted over: `short`, `long` or `recent`.
pub const LOOKBACK: &str = "lookback";

/// The series by which Prometheus itself exposes pending and firing alerts.
pub const ALERTS: &str = "ALERTS";
/// The label of [`ALERTS`] that names the alert.
pub const ALERTNAME: &str = "alertname";
/// The label of [`ALERTS`] that says whether the alert is pending or firing.
pub const ALERTSTATE: &str = "alertstate";
/// The label of an alert that says how urgent it is.
pub const SEVERITY: &str = "severity";
/// The label of an alert that names the warning which it is about.
pub const ESCALATES: &str = "escalates";
/// The label of an alert that says whose jobs it is about.
pub const SERVICE: &str = "service";

/// Since when each alert has been pending or firing, as Prometheus exposes it.
pub const ALERTS_FOR_STATE: &str = "ALERTS_FOR_STATE";

/// The labels that series are grouped by, whatever the catalogue. Where processes have no
/// namespace, it is empty.
const ALWAYS: [&str; 2] = [NAMESPACE, JOB_NAME];

/// The jobs of a catalogue that are watched: those that are enabled.
#[derive(Debug, Clone)]
pub struct Scope<'c> {
    catalogue: &'c Catalogue,
    jobs: Vec<WatchedJob<'c>>,
    group_by: Vec<&'c str>,
    /// Whether some watched jobs of the catalogue are left out.
    is_part: bool,
}

/// A job that is watched.
#[derive(Debug, Clone, Copy)]
pub struct WatchedJob<'c> {
    /// Its place in the catalogue, counted from zero.
    pub index: usize,
    /// The job.
    pub spec: &'c JobSpec,
    short: u64,
    long: u64,
    recent: u64,
    last: u64,
    interval: u64,
    retention: u64,
}

impl WatchedJob<'_> {
    /// Returns how many seconds it is looked back upon.
    pub const fn window(&self, lookback: Lookback) -> u64 {
        match lookback {
            Lookback::Short => self.short,
            Lookback::Long => self.long,
            Lookback::Recent => self.recent,
            Lookback::Last => self.last,
            Lookback::Interval => self.interval,
        }
    }

    /// Returns whether it rests for so long that its short window is empty then: at night, or at
    /// weekends.
    pub fn rests(&self) -> bool {
        self.short < self.retention && self.spec.schedule().longest_gap().as_secs() > self.short
    }

    /// Returns whether its short window holds three executions even when each takes all the time it
    /// may.
    pub fn short_holds_slow_executions(&self) -> bool {
        self.short >= lookback::slow_executions(self.spec)
    }

    /// Returns whether a window may hold two executions of it. One is no ratio.
    pub fn holds_two_executions(&self) -> bool {
        self.long > self.spec.schedule().longest_gap().as_secs()
    }

    /// Returns how long Prometheus keeps samples of it, in seconds.
    pub const fn retention(&self) -> u64 {
        self.retention
    }
}

impl<'c> Scope<'c> {
    /// The watched jobs of a catalogue.
    pub fn new(catalogue: &'c Catalogue) -> Self {
        let enabled = catalogue.jobs().iter().enumerate().filter(|(_, job)| job.enabled());
        let retention = catalogue.retention().as_secs();
        let watched = |(index, spec): (usize, &'c JobSpec)| WatchedJob {
            index,
            spec,
            short: Lookback::Short.seconds(spec, retention),
            long: Lookback::Long.seconds(spec, retention),
            recent: Lookback::Recent.seconds(spec, retention),
            last: Lookback::Last.seconds(spec, retention),
            interval: Lookback::Interval.seconds(spec, retention),
            retention,
        };
        let jobs: Vec<WatchedJob<'c>> = enabled.map(watched).collect();
        let group_by = group_by(catalogue, &jobs);
        Self { catalogue, jobs, group_by, is_part: false }
    }

    /// Returns the labels that series about jobs are grouped by: those that tell copies of any of
    /// the jobs apart, the namespace, and the job's name. A label that series do not have is empty,
    /// and does no harm.
    pub fn group_by(&self) -> &[&'c str] {
        &self.group_by
    }

    /// Returns the same labels and further ones.
    pub fn group_by_and(&self, further: &[&'c str]) -> Vec<&'c str> {
        [&self.group_by, further].concat()
    }

    /// Returns those of them that tell the copies of every job apart.
    pub fn group_by_of_all(&self) -> Vec<&'c str> {
        group_by(self.catalogue, &[])
    }

    /// Returns the labels by which the catalogue tells copies of its jobs apart, besides the
    /// namespace. Empty where it names none.
    pub fn grouping_labels(&self) -> &[&'c str] {
        &self.group_by[..self.group_by.len() - ALWAYS.len()]
    }

    /// Returns the jobs whose copies are told apart by the same labels, apart from the others: one
    /// scope, unless jobs name further labels.
    pub fn parts(&self) -> Vec<Self> {
        let mut parts: BTreeMap<&[String], Vec<WatchedJob<'c>>> = BTreeMap::new();
        for &job in &self.jobs {
            parts.entry(job.spec.grouping_labels()).or_default().push(job);
        }
        let is_part = self.is_part || parts.len() > 1;
        let part = |jobs: Vec<WatchedJob<'c>>| Self {
            catalogue: self.catalogue,
            group_by: group_by(self.catalogue, &jobs),
            jobs,
            is_part,
        };
        parts.into_values().map(part).collect()
    }

    /// Returns the catalogue.
    pub const fn catalogue(&self) -> &'c Catalogue {
        self.catalogue
    }

    /// Returns the watched jobs, in the catalogue's order.
    pub fn jobs(&self) -> &[WatchedJob<'c>] {
        &self.jobs
    }

    /// Returns the names of the watched jobs that a condition picks, in the catalogue's order.
    pub fn names(&self, picked: impl Fn(&WatchedJob<'_>) -> bool) -> Vec<JobName> {
        let picked = self.jobs.iter().filter(|job| picked(job));
        picked.map(|job| job.spec.name().clone()).collect()
    }

    /// Returns the watched jobs that a condition picks, by their window, the shortest first. Jobs
    /// that the window does not suit have none.
    pub fn by_window(
        &self,
        lookback: Lookback,
        picked: impl Fn(&WatchedJob<'_>) -> bool,
    ) -> Vec<WindowClass> {
        let mut classes: BTreeMap<u64, Vec<JobName>> = BTreeMap::new();
        for job in self.jobs.iter().filter(|job| lookback.suits(job.spec) && picked(job)) {
            classes.entry(job.window(lookback)).or_default().push(job.spec.name().clone());
        }
        classes.into_iter().map(|(window, jobs)| WindowClass { window, jobs }).collect()
    }

    /// Returns the namespace that the jobs are meant to be in. `None` if they may be in any, or if
    /// the selector names the only one that is read.
    pub fn own_namespace(&self) -> Option<&'c str> {
        self.catalogue.namespace().filter(|_| !self.catalogue.selector().contains_key(NAMESPACE))
    }

    /// Returns a metric of some jobs, read from the catalogue's service alone. There has to be one
    /// job at least.
    pub fn metric(&self, metric: &'static str, jobs: &[JobName]) -> Selector {
        self.service(metric).one_of(JOB_NAME, jobs)
    }

    /// Returns a metric of every watched job. There has to be one at least.
    pub fn metric_of_all(&self, metric: &'static Metric) -> Selector {
        self.metric(metric.name, &self.names(|_| true))
    }

    /// Returns a metric of every job of the catalogue's service, whichever catalogue it is in. The
    /// same job in another namespace is another job. Where processes have no namespace at all,
    /// there is no other.
    pub fn service(&self, metric: &'static str) -> Selector {
        let labels = self.catalogue.selector().iter();
        let selected =
            labels.fold(Selector::new(metric), |selector, (label, value)| selector.equal(label, value));
        match self.own_namespace() {
            Some(namespace) => selected.one_of(NAMESPACE, &[namespace, ""]),
            None => selected,
        }
    }

    /// Returns a series that was recorded for the catalogue's jobs, or their alerts ([`ALERTS`]).
    pub fn recorded(&self, series: &'static str) -> Selector {
        let of_catalogue = Selector::new(series).equal(CATALOGUE, self.catalogue.name());
        if self.is_part { of_catalogue.one_of(JOB_NAME, &self.names(|_| true)) } else { of_catalogue }
    }

    /// Returns the same series with one sample for each copy of a job. Apart from the other jobs,
    /// the series may have labels that are empty for these.
    pub fn recorded_by_copy(&self, series: &'static str, operation: Aggregation) -> Expr {
        let recorded = Expr::from(self.recorded(series));
        if self.is_part { recorded.aggregate(operation, &self.group_by) } else { recorded }
    }
}

/// Returns the labels that the series of a catalogue's jobs are grouped by, with those that only
/// these jobs name.
fn group_by<'c>(catalogue: &'c Catalogue, jobs: &[WatchedJob<'c>]) -> Vec<&'c str> {
    let mut labels: Vec<&str> = Vec::new();
    let of_jobs = jobs.iter().flat_map(|job| job.spec.grouping_labels());
    for label in catalogue.grouping_labels().iter().chain(of_jobs).map(String::as_str) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.extend(ALWAYS);
    labels
}

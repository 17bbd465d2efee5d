//! The expressions of the panels.

use std::collections::BTreeMap;

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, NAMESPACE, REASON, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_SKIPPED_TOTAL, JOB_EXECUTION_TOTAL, JOB_ITEMS_PROCESSED_TOTAL, Metric,
};
use jobwatch_catalogue::{AlertName, Catalogue, JobName, JobSpec, Quantity};

use crate::alerts::{Alert, alerts};
use crate::condition::Condition;
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector, Series, Window};
use crate::signals::{BY, Signal, Span, windows};

/// How many jobs a panel draws. A catalogue with more has panels of those nearest to their limits.
pub(super) const MOST: u32 = 20;

pub(super) const ALERTNAME: &str = "alertname";
pub(super) const SEVERITY: &str = "severity";
const ALERT_LABELS: [&str; 4] = [ALERTNAME, SEVERITY, NAMESPACE, JOB_NAME];

const ONE: Quantity = Quantity::Ratio(1_000_000);
const NONE: Quantity = Quantity::Count(0);

/// How a job is doing, as the overview numbers it: the higher, the more it needs somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    /// Nothing is known about it.
    Unknown,
    /// It is switched off.
    Disabled,
    /// It has succeeded, and nothing failed lately.
    Succeeding,
    /// Some of its executions failed lately.
    Failing,
    /// It has not succeeded for too long.
    Late,
    /// Most of its executions failed lately.
    Broken,
}

impl JobState {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Unknown, Self::Disabled, Self::Succeeding, Self::Failing, Self::Late, Self::Broken];

    /// What the overview says.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "No success yet",
            Self::Disabled => "Disabled",
            Self::Succeeding => "Succeeding",
            Self::Failing => "Some fail",
            Self::Late => "Late",
            Self::Broken => "Most fail",
        }
    }

    const fn number(self) -> Quantity {
        Quantity::Count(self as u64)
    }
}

/// A catalogue, seen through the choices at the top of its dashboard.
pub(super) struct Board<'a> {
    pub(super) catalogue: &'a Catalogue,
    alerts: Vec<Alert>,
}

impl<'a> Board<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, alerts: alerts(catalogue) }
    }

    /// Every alert that watches a job.
    pub(super) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().filter(|alert| !alert.classes.is_empty())
    }

    /// The alert of this name, if it watches a job.
    pub(super) fn alert(&self, name: AlertName) -> Option<&Alert> {
        self.alerts().find(|alert| alert.name == name)
    }

    pub(super) fn has(&self, picked: impl Fn(&JobSpec) -> bool) -> bool {
        self.count(picked) > 0
    }

    /// Whether there are more jobs than a panel can draw.
    pub(super) fn is_large(&self) -> bool {
        self.count(|_| true) > MOST as usize
    }

    fn count(&self, picked: impl Fn(&JobSpec) -> bool) -> usize {
        self.catalogue.jobs().iter().filter(|job| job.enabled() && picked(job)).count()
    }

    /// A signal of the chosen jobs.
    pub(super) fn signal(&self, signal: Signal) -> Selector {
        chosen(Selector::signal(signal, self.catalogue))
    }

    /// A signal of some of the chosen jobs.
    pub(super) fn signal_of(&self, signal: Signal, jobs: &[JobName], alert: &Alert) -> Selector {
        let watched: usize = alert.classes.iter().map(|class| class.jobs.len()).sum();
        let selector = self.signal(signal);
        if jobs.len() == watched { selector } else { selector.jobs(jobs) }
    }

    /// Alerts that are firing.
    pub(super) fn firing(&self) -> Expr {
        let firing = Selector::alerts(Series::Alerts, self.catalogue).equal("alertstate", "firing");
        Expr::from(chosen(firing)).aggregate(Aggregation::Max, &ALERT_LABELS)
    }

    /// How long each firing alert's condition has held.
    pub(super) fn firing_for(&self) -> Expr {
        let since = chosen(Selector::alerts(Series::AlertsSince, self.catalogue));
        Expr::Time
            .binary(Operator::Subtract, Expr::from(since).aggregate(Aggregation::Max, &ALERT_LABELS))
            .binary(Operator::And, self.firing())
    }

    /// What the rule of an alert tests, of the chosen jobs.
    pub(super) fn tested(&self, name: AlertName) -> Option<Expr> {
        let expression = self.alert(name)?.expression(self.catalogue)?;
        Some(expression.map_selectors(&chosen))
    }

    /// The state of each job, as [`JobState`] numbers them.
    pub(super) fn state(&self) -> Expr {
        let signal = |signal| Expr::from(self.signal(signal));
        let states = [
            (JobState::Disabled, Some(signal(Signal::ScheduleInterval).binary(Operator::Equal, NONE))),
            (JobState::Broken, self.tested(AlertName::BackgroundJobCriticalFailureRate)),
            (JobState::Late, self.tested(AlertName::BackgroundJobNotRunning)),
            (JobState::Failing, Some(signal(Signal::FailedExecutionRatio).binary(Operator::Greater, NONE))),
            (JobState::Succeeding, Some(signal(Signal::LastSuccess))),
            (JobState::Unknown, Some(signal(Signal::Catalogued))),
        ];
        let numbered = |(state, of): (JobState, Option<Expr>)| {
            let jobs = of?.aggregate(Aggregation::Group, &[JOB_NAME]);
            Some(Expr::from(state.number()).binary(Operator::Multiply, jobs))
        };
        Expr::any(states.into_iter().filter_map(numbered)).unwrap_or(Expr::Vector(NONE))
    }

    /// The part of the executions that failed: as the rules have it, or where nothing ended within their windows, of all that
    /// the processes have counted. Nothing only where nothing ever ended.
    pub(super) fn failed_ratio(&self) -> Expr {
        let window = windows(self.catalogue, Span::Long, |_| true).last().map_or(0, |class| class.window);
        let counted = |selector| Expr::since_start(selector, window).aggregate(Aggregation::Sum, &BY);
        let all = || counted(self.metric(&JOB_EXECUTION_TOTAL));
        let failed = counted(self.metric(&JOB_EXECUTION_TOTAL).equal(STATUS, RunStatus::Failed.as_str()))
            .binary(Operator::Or, Expr::from(NONE).binary(Operator::Multiply, all()));
        let since_start = failed.binary(Operator::Divide, all().binary(Operator::Greater, NONE));
        Expr::from(self.signal(Signal::FailedExecutionRatio))
            .aggregate(Aggregation::Max, &BY)
            .binary(Operator::Or, self.catalogued(since_start))
    }

    /// The part of the executions that succeeded, from the failed part.
    pub(super) fn succeeded(failed: Expr) -> Expr {
        Expr::from(ONE).binary(Operator::Subtract, failed)
    }

    /// Executions that ended.
    pub(super) fn executions(&self) -> Expr {
        let executions = Expr::increase(self.metric(&JOB_EXECUTION_TOTAL), Window::RateInterval);
        self.largest(self.catalogued(executions.aggregate(Aggregation::Sum, &[JOB_NAME, STATUS])))
    }

    /// Items that were handled a second.
    pub(super) fn items(&self) -> Expr {
        let statuses = ItemStatus::ALL.map(ItemStatus::as_str);
        let items = self.metric(&JOB_ITEMS_PROCESSED_TOTAL).one_of(STATUS, &statuses);
        let items = Expr::rate(items, Window::RateInterval).aggregate(Aggregation::Sum, &[JOB_NAME, STATUS]);
        self.largest(self.catalogued(items))
    }

    /// Due times that did not become an execution, by reason.
    pub(super) fn skipped(&self) -> Expr {
        let skipped = Expr::increase(self.metric(&JOB_EXECUTION_SKIPPED_TOTAL), Window::RateInterval);
        self.catalogued(skipped.aggregate(Aggregation::Sum, &[JOB_NAME, REASON]))
            .aggregate(Aggregation::Sum, &[REASON])
    }

    /// The interval of each job: the one in force, or the catalogue's where a process does not tell.
    pub(super) fn intervals(&self) -> Expr {
        let mut jobs: BTreeMap<u64, Vec<JobName>> = BTreeMap::new();
        for job in self.catalogue.jobs().iter().filter(|job| job.enabled()) {
            let interval = job.schedule().longest_gap().as_secs();
            jobs.entry(interval).or_default().push(job.name().clone());
        }
        let in_force = self.worst(Signal::ScheduleInterval);
        jobs.iter()
            .map(|(&interval, jobs)| self.figure(Quantity::Duration(interval), jobs))
            .fold(in_force, |all, interval| all.binary(Operator::Or, interval))
    }

    /// From when on each job is late.
    pub(super) fn late_after(&self) -> Option<Expr> {
        let alert = self.alert(AlertName::BackgroundJobNotRunning)?;
        Expr::any(alert.classes.iter().filter_map(|class| match class.condition {
            Condition::NoSuccess { longer_than } => Some(self.figure(longer_than, &class.jobs)),
            _ => None,
        }))
    }

    /// A signal's highest value of each job.
    pub(super) fn worst(&self, signal: Signal) -> Expr {
        Expr::from(self.signal(signal)).aggregate(Aggregation::Max, &[JOB_NAME])
    }

    /// The series with the highest values where there are many jobs, else all of them.
    pub(super) fn largest(&self, expression: Expr) -> Expr {
        if self.is_large() { expression.top(MOST) } else { expression }
    }

    /// A figure of some jobs.
    fn figure(&self, figure: Quantity, jobs: &[JobName]) -> Expr {
        let jobs =
            Expr::from(self.signal(Signal::Catalogued).jobs(jobs)).aggregate(Aggregation::Group, &[JOB_NAME]);
        Expr::from(figure).binary(Operator::Multiply, jobs)
    }

    fn metric(&self, metric: &'static Metric) -> Selector {
        chosen(Selector::service(metric, self.catalogue))
    }

    /// What an expression says about jobs of the catalogue.
    fn catalogued(&self, expression: Expr) -> Expr {
        let jobs = Selector::signal(Signal::Catalogued, self.catalogue);
        expression.matched(Operator::And, Matching::On(vec![JOB_NAME]), jobs)
    }
}

/// The same series of the namespaces and jobs that are chosen at the top of the dashboard.
fn chosen(selector: Selector) -> Selector {
    let selector = match selector.series {
        // A job is in the catalogue wherever it runs, so that series has no namespace.
        Series::Signal(signal) if !signal.labels().contains(&NAMESPACE) => selector,
        _ => selector.variable(NAMESPACE, NAMESPACE),
    };
    selector.variable(JOB_NAME, JOB_NAME)
}

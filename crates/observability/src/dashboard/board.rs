//! A model, seen through the choices at the top of its dashboard: what panels are made of.

use jobwatch_catalogue::label::{INSTANCE, JOB, JOB_NAME, NAMESPACE};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, Metric, PROCESS_START_TIME_SECONDS};
use jobwatch_catalogue::{JobName, JobSpec};

use crate::definition::AlertName;
use crate::model::{Alert, JOB_STATE, Model};
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector, Window};
use crate::quantity::Quantity;
use crate::scope::{ALERTNAME, ALERTS, ALERTS_FOR_STATE, ALERTSTATE, SEVERITY};
use crate::series::{CATALOGUED, RecordedSeries};
use crate::severity::Severity;

/// How many jobs a panel draws. A catalogue with more has panels of those nearest to their
/// thresholds.
pub const MOST_DRAWN: u32 = 20;

/// The label of firing alerts, on the dashboard alone, that has the anchor of an alert's section in
/// the runbook.
pub(super) const SECTION: &str = "section";

/// A model, seen through the choices at the top of its dashboard.
#[derive(Debug, Clone, Copy)]
pub struct Board<'a> {
    model: &'a Model<'a>,
}

impl<'a> Board<'a> {
    /// The board of a model.
    pub const fn new(model: &'a Model<'a>) -> Self {
        Self { model }
    }

    /// Returns the model.
    pub const fn model(&self) -> &'a Model<'a> {
        self.model
    }

    /// Returns every alert that watches a job.
    pub fn alerts(&self) -> impl Iterator<Item = &'a Alert> {
        self.model.alerts().iter().filter(|alert| !alert.classes.is_empty())
    }

    /// Returns the alert of this name. `None` if it watches no job.
    pub fn alert(&self, name: AlertName) -> Option<&'a Alert> {
        self.alerts().find(|alert| alert.name() == name)
    }

    /// Returns the alerts that a panel draws, those first whose main panel it is.
    pub fn alerts_on(&self, title: &str) -> Vec<&'a Alert> {
        let place = |alert: &Alert| alert.definition.panels.iter().position(|panel| *panel == title);
        let mut alerts: Vec<&Alert> = self.alerts().filter(|alert| place(alert).is_some()).collect();
        alerts.sort_by_key(|alert| place(alert) != Some(0));
        alerts
    }

    /// Returns the alert whose value a panel draws: the first of those that it draws, or if all of
    /// them are switched off, the first of these. `None` if there is no job for any.
    pub fn plotted_on(&self, title: &str) -> Option<&'a Alert> {
        let place = |alert: &Alert| alert.definition.panels.iter().position(|panel| *panel == title);
        let off = self.model.alerts().iter().filter(|alert| !alert.off.is_empty() && place(alert).is_some());
        let off = || off.min_by_key(|alert| place(alert) != Some(0));
        self.alerts_on(title).first().copied().or_else(off)
    }

    /// Returns whether any watched job is as a condition says.
    pub fn has(&self, picked: impl Fn(&JobSpec) -> bool) -> bool {
        self.model.jobs().iter().any(|job| picked(job.spec))
    }

    /// Returns whether there are more jobs than a panel can draw.
    pub fn is_large(&self) -> bool {
        self.model.jobs().len() > MOST_DRAWN as usize
    }

    /// Returns a recorded series of the chosen jobs.
    pub fn recorded(&self, series: &RecordedSeries) -> Selector {
        self.chosen(self.model.scope().recorded(series.name))
    }

    /// Returns a metric of the chosen jobs of the service, whichever catalogue they are in.
    pub fn metric(&self, metric: &'static Metric) -> Selector {
        self.chosen(self.model.scope().service(metric.name))
    }

    /// Returns a series of the service's processes, of the chosen jobs, by its name.
    pub(super) fn exposed(&self, series: &'static str) -> Selector {
        self.chosen(self.model.scope().service(series))
    }

    /// Returns how much counters of the chosen jobs grew between two points of a panel, by some
    /// labels. Of each moment one point tells.
    pub(super) fn grown(&self, counters: Selector, by: &[&str]) -> Expr {
        let by_job: Vec<&str> = if by.contains(&JOB_NAME) { by.to_vec() } else { [&[JOB_NAME], by].concat() };
        let grown = Expr::increase(counters, Window::Interval).aggregate(Aggregation::Sum, &by_job);
        let of_catalogue = self.catalogued(grown);
        if by.contains(&JOB_NAME) { of_catalogue } else { of_catalogue.aggregate(Aggregation::Sum, by) }
    }

    /// Returns a recorded series' highest value of each job.
    pub fn worst(&self, series: &RecordedSeries) -> Expr {
        Expr::from(self.recorded(series)).aggregate(Aggregation::Max, &[JOB_NAME])
    }

    /// Returns the state of each copy of the chosen jobs, as [`crate::job_state::JobState`] numbers
    /// them.
    pub fn state(&self) -> Expr {
        self.chosen_or_nowhere(self.model.scope().recorded(JOB_STATE)).into()
    }

    /// Returns the series with the highest values where there are many jobs, else all of them.
    pub fn largest(&self, expression: Expr) -> Expr {
        if self.is_large() { expression.top(MOST_DRAWN) } else { expression }
    }

    /// Returns what the rule of an alert tests, of the chosen jobs wherever they run. `None` if it
    /// watches no job. What the rule does not find in a chosen place may well be in another.
    pub fn tested(&self, name: AlertName) -> Option<Expr> {
        let tested = self.alert(name)?.expression.clone()?;
        Some(tested.map_selectors(&|selector| selector.variable(JOB_NAME, JOB_NAME)))
    }

    /// Returns what an expression says about jobs of the catalogue.
    pub fn catalogued(&self, expression: Expr) -> Expr {
        let jobs = self.model.scope().recorded(CATALOGUED.name);
        expression.matched(Operator::And, Matching::on(&[JOB_NAME]), jobs)
    }

    /// Returns the labels that say where a job runs: what can be chosen besides the job.
    pub(super) fn places(&self) -> impl Iterator<Item = &'a str> {
        self.model.scope().group_by().iter().copied().filter(|label| *label != JOB_NAME)
    }

    /// Returns the labels that tell copies of a job apart. Where the catalogue has a namespace of
    /// its own, that is none of them, and neither is a label of which it reads one value.
    pub(super) fn labels_of_copies(&self) -> impl Iterator<Item = &'a str> {
        let scope = self.model.scope();
        let selector = scope.catalogue().selector();
        let is_own = move |label: &str| label == NAMESPACE && scope.own_namespace().is_some();
        self.places().filter(move |label| !is_own(label) && !selector.contains_key(*label))
    }

    /// The labels of an alert that tell it from others.
    fn alert_labels(&self) -> Vec<&str> {
        [&[ALERTNAME, SEVERITY], self.model.scope().group_by()].concat()
    }

    /// Alerts that are firing.
    pub fn firing(&self) -> Expr {
        let firing = self.model.scope().recorded(ALERTS).equal(ALERTSTATE, "firing");
        Expr::from(self.chosen_or_nowhere(firing)).aggregate(Aggregation::Max, &self.alert_labels())
    }

    /// Alerts of a severity that are firing, as one number. Nothing where there are none.
    pub(super) fn firing_of(&self, severity: Severity) -> Expr {
        let firing = self.model.scope().recorded(ALERTS).equal(ALERTSTATE, "firing");
        let firing = self.chosen_or_nowhere(firing.equal(SEVERITY, severity.as_str()));
        Expr::from(firing).aggregate(Aggregation::Count, &[])
    }

    /// When each process started that runs jobs of the catalogue, where processes tell.
    pub(super) fn started(&self) -> Expr {
        let start = self.model.scope().service(PROCESS_START_TIME_SECONDS);
        let jobs = self.metric(&JOB_EXECUTION_TOTAL);
        Expr::from(start)
            .matched(Operator::And, Matching::on(&[INSTANCE, JOB]), jobs)
            .aggregate(Aggregation::Max, &[INSTANCE])
    }

    /// Returns how long each firing alert's condition has held, with the anchor of its section in
    /// the runbook.
    pub(super) fn firing_for(&self) -> Expr {
        let one = || Expr::Vector(Quantity::Count(1)).binary(Operator::Greater, Quantity::Count(0));
        let section = |alert: &Alert| {
            one().labelled(ALERTNAME, alert.name().as_str()).labelled(SECTION, self.model.anchor(alert))
        };
        let sections = Expr::any_on(&Matching::on(&[ALERTNAME]), self.alerts().map(section));
        let labels = vec![SECTION.to_owned()];
        let by_alert = Matching::OnWithLabels { on: vec![ALERTNAME.to_owned()], labels };
        match sections {
            Some(sections) => self.firing_since().matched(Operator::Multiply, by_alert, sections),
            None => self.firing_since(),
        }
    }

    fn firing_since(&self) -> Expr {
        let since = self.chosen_or_nowhere(self.model.scope().recorded(ALERTS_FOR_STATE));
        Expr::Time
            .binary(Operator::Subtract, Expr::from(since).aggregate(Aggregation::Max, &self.alert_labels()))
            .binary(Operator::And, self.firing())
    }

    /// Returns a value for some of the chosen jobs.
    pub(super) fn value_of(&self, value: Quantity, jobs: &[JobName]) -> Expr {
        let jobs = Expr::from(self.recorded(&CATALOGUED).one_of(JOB_NAME, jobs))
            .aggregate(Aggregation::Group, &[JOB_NAME]);
        Expr::from(value).binary(Operator::Multiply, jobs)
    }

    /// The same expression of the chosen namespaces and jobs.
    pub(super) fn narrowed(&self, expression: Expr) -> Expr {
        expression.map_selectors(&|selector| self.chosen(selector))
    }

    /// The same series of the chosen jobs, in the chosen places or in none: what is missing is
    /// nowhere, whatever place is chosen.
    fn chosen_or_nowhere(&self, selector: Selector) -> Selector {
        let placed = self.places().fold(selector, |selector, label| selector.variable_or_none(label, label));
        placed.variable(JOB_NAME, JOB_NAME)
    }

    /// The same series of the namespaces and jobs that are chosen at the top of the dashboard.
    pub(super) fn chosen(&self, selector: Selector) -> Selector {
        let series = self.model.schema().series(selector.series);
        // What is the same wherever a job runs has no namespace.
        let has = |known: &str| {
            series.is_none_or(|series| {
                series.is_scraped || series.labels.iter().any(|label| label.name == known)
            })
        };
        let labels = self.model.scope().group_by().iter().filter(|label| **label == JOB_NAME || has(label));
        labels.fold(selector, |selector, &label| selector.variable(label, label))
    }
}

//! A model, seen through the choices at the top of its dashboard: what panels are made of.

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::Metric;
use jobwatch_catalogue::{JobName, JobSpec};

use crate::definition::AlertName;
use crate::model::{Alert, JOB_STATE, Model};
use crate::promql::{Aggregation, Expr, Matching, Operator, Selector};
use crate::quantity::Quantity;
use crate::scope::{ALERTNAME, ALERTS, ALERTS_FOR_STATE, ALERTSTATE, SEVERITY};
use crate::series::{CATALOGUED, RecordedSeries};

/// How many jobs a panel draws. A catalogue with more has panels of those nearest to their
/// thresholds.
pub const MOST_DRAWN: u32 = 20;

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

    /// The labels of an alert that tell it from others.
    fn alert_labels(&self) -> Vec<&str> {
        [&[ALERTNAME, SEVERITY], self.model.scope().group_by()].concat()
    }

    /// Alerts that are firing.
    pub fn firing(&self) -> Expr {
        let firing = self.model.scope().recorded(ALERTS).equal(ALERTSTATE, "firing");
        Expr::from(self.chosen_or_nowhere(firing)).aggregate(Aggregation::Max, &self.alert_labels())
    }

    /// Returns how long each firing alert's condition has held.
    pub(super) fn firing_for(&self) -> Expr {
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
        let places = self.model.scope().group_by().iter().filter(|label| **label != JOB_NAME);
        let placed = places.fold(selector, |selector, &label| selector.variable_or_none(label, label));
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

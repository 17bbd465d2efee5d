//! Works the model out of a catalogue.

use std::collections::{BTreeSet, HashMap, HashSet};

use jobwatch_catalogue::{Catalogue, JobName};

use super::alert::Alert;
use super::error::{ModelError, ModelProblemKind, ModelProblems};
use super::escalation::{self, Escalation};
use super::job_labels::JobLabels;
use super::recording::{self, RecordingRule};
use super::schema::schema;
use super::settings::{self, SettingsByAlert};
use super::state;
use crate::alerts;
use crate::alerts::unresolved::UNRESOLVED;
use crate::anchor::AnchorStyle;
use crate::definition::{AlertDefinition, AlertName, OVER};
use crate::job_class::JobClass;
use crate::promql::Schema;
use crate::quantity::Quantity;
use crate::scope::{Scope, WatchedJob};
use crate::series::{self, RecordedSeries};
use crate::severity::Severity;
use crate::target::Target;

/// How many different values of `over` the jobs of an alert may have: each is read apart.
const MOST_WINDOWS: usize = 16;

/// Everything that follows from a catalogue.
#[derive(Debug, Clone)]
pub struct Model<'c> {
    scope: Scope<'c>,
    series: Vec<&'static RecordedSeries>,
    recorded: Vec<RecordingRule>,
    thresholds: Vec<RecordingRule>,
    state: Option<RecordingRule>,
    alerts: Vec<Alert>,
    escalations: Vec<Escalation>,
    /// Where the runbook has the sections of alerts, as far as it was read.
    anchors: HashMap<AlertName, String>,
    labels: JobLabels,
    targets: BTreeSet<Target>,
    schema: Schema,
}

/// A model on its way: which alerts and series there are beside the standard ones.
#[derive(Debug)]
pub struct ModelBuilder<'c> {
    catalogue: &'c Catalogue,
    series: Vec<&'static RecordedSeries>,
    definitions: Vec<&'static AlertDefinition>,
}

impl<'c> Model<'c> {
    /// The model of a catalogue with the standard alerts.
    ///
    /// # Errors
    ///
    /// [`ModelError`] holds everything that the catalogue says about alerts and that cannot be so.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_catalogue::{Catalogue, JobSpec};
    /// use jobwatch_observability::Model;
    ///
    /// let job = JobSpec::every("send_mails", Duration::from_secs(60));
    /// let catalogue = Catalogue::builder("shop").job(job).build()?;
    /// let model = Model::new(&catalogue)?;
    /// assert_eq!(model.alerts()[0].name().as_str(), "BackgroundJobFailing");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(catalogue: &'c Catalogue) -> Result<Self, ModelError> {
        Self::builder(catalogue).build()
    }

    /// Starts a model with the standard alerts, to which others can be added.
    pub fn builder(catalogue: &'c Catalogue) -> ModelBuilder<'c> {
        ModelBuilder { catalogue, series: series::STANDARD.to_vec(), definitions: alerts::STANDARD.to_vec() }
    }

    /// Returns the catalogue.
    pub const fn catalogue(&self) -> &'c Catalogue {
        self.scope.catalogue()
    }

    /// Returns the watched jobs, and selectors that read them.
    pub const fn scope(&self) -> &Scope<'c> {
        &self.scope
    }

    /// Returns the watched jobs: those that are enabled, in the catalogue's order.
    pub fn jobs(&self) -> &[WatchedJob<'c>] {
        self.scope.jobs()
    }

    /// Returns the rules that record series about jobs, in an order in which each reads only those
    /// before it. A catalogue whose jobs are all disabled has none, and one without queues has none
    /// about queues.
    pub fn recorded(&self) -> &[RecordingRule] {
        &self.recorded
    }

    /// Returns the rules that record the thresholds that differ by job.
    pub fn thresholds(&self) -> &[RecordingRule] {
        &self.thresholds
    }

    /// Returns the rule that records the state of each job. `None` without jobs.
    pub const fn state(&self) -> Option<&RecordingRule> {
        self.state.as_ref()
    }

    /// Returns every rule that records a series.
    pub fn recordings(&self) -> impl Iterator<Item = &RecordingRule> {
        self.recorded.iter().chain(&self.thresholds).chain(&self.state)
    }

    /// Returns every alert, in the order of their definitions. One that can watch no job of the
    /// catalogue is there too, without classes: a catalogue without queues has no queue to alert
    /// about, and says so to whoever asks.
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// Returns the alert of this name. `None` if there is none.
    pub fn alert(&self, name: AlertName) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.name() == name)
    }

    /// Returns the warnings that escalate, in the order of their definitions.
    pub fn escalations(&self) -> &[Escalation] {
        &self.escalations
    }

    /// Returns whether an alert escalates for a job.
    pub fn escalates(&self, alert: &Alert, job: &JobName) -> bool {
        escalation::escalates(&self.alerts, alert, job)
    }

    /// Lets the links of alerts lead to these headings of the runbook, as
    /// [`crate::runbook::anchors`] finds them.
    #[must_use]
    pub fn with_anchors(mut self, anchors: HashMap<AlertName, String>) -> Self {
        self.anchors = anchors;
        self
    }

    /// Returns the same model as it would be if the jobs of one alert had other parameters, as
    /// [`Alert::judging`] takes them.
    pub(crate) fn judging(
        &self,
        alert: &Alert,
        stated: Vec<Option<Quantity>>,
        classes: Vec<JobClass>,
        own: HashSet<JobName>,
    ) -> Self {
        self.with(alert.judging(&self.scope, stated, classes, own))
    }

    /// Returns the same model as it would be if the catalogue switched an alert off.
    pub(crate) fn without(&self, alert: &Alert) -> Self {
        self.with(alert.switched_off(&self.scope))
    }

    /// Returns the same model with another alert in place of the one of the same name.
    fn with(&self, alert: Alert) -> Self {
        let mut model = self.clone();
        if let Some(place) = model.alerts.iter().position(|known| known.name() == alert.name()) {
            model.alerts[place] = alert;
        }
        model.thresholds = recording::of_thresholds(&model.alerts, &model.scope);
        model.state = state::rule(&model.scope, &model.alerts);
        model.escalations = escalation::of_alerts(&model.alerts, &model.scope);
        let rules = model.recorded.iter().chain(&model.thresholds).chain(&model.state);
        model.schema = schema(&model.scope, &model.labels, rules);
        model
    }

    /// Returns the same model as it would be if each alert that is as urgent for all jobs were a
    /// warning, so that each escalates.
    pub(crate) fn all_warnings(&self) -> Self {
        let mut model = self.clone();
        for alert in &mut model.alerts {
            if alert.severities().is_empty() && alert.name() != UNRESOLVED.name {
                alert.severity = Severity::Warning;
            }
        }
        model.escalations = escalation::of_alerts(&model.alerts, &model.scope);
        model
    }

    /// Returns the model of another catalogue with the same alerts, recorded series and formats.
    ///
    /// Errors: as [`ModelBuilder::build`].
    pub(crate) fn of<'d>(&self, catalogue: &'d Catalogue) -> Result<Model<'d>, ModelError> {
        let definitions = self.alerts.iter().map(|alert| alert.definition).collect();
        let builder = ModelBuilder { catalogue, series: self.series.clone(), definitions };
        Ok(builder.build()?.with_anchors(self.anchors.clone()).with_targets(self.targets.clone()))
    }

    /// Returns the anchor that the link of an alert ends in: that of the heading which the alert
    /// has in the runbook, or of the heading that it has by default.
    pub fn anchor(&self, alert: &Alert) -> String {
        let style = AnchorStyle::of(self.catalogue().runbook_url());
        self.anchors.get(&alert.name()).cloned().unwrap_or_else(|| style.slug(alert.definition.heading))
    }

    /// Returns the labels that the catalogue and its jobs give to alerts.
    pub const fn labels(&self) -> &JobLabels {
        &self.labels
    }

    /// Lets other formats be generated than the catalogue chooses.
    #[must_use]
    pub fn with_targets(mut self, targets: BTreeSet<Target>) -> Self {
        self.targets = targets;
        self
    }

    /// Returns the formats that are generated.
    pub const fn targets(&self) -> &BTreeSet<Target> {
        &self.targets
    }

    /// Returns which series its expressions may read.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }
}

impl<'c> ModelBuilder<'c> {
    /// Adds an alert, with the same checks and files as the standard ones.
    #[must_use]
    pub fn alert(mut self, definition: &'static AlertDefinition) -> Self {
        self.definitions.push(definition);
        self
    }

    /// Adds a recorded series. It may read the standard ones, and those added before it.
    #[must_use]
    pub fn series(mut self, series: &'static RecordedSeries) -> Self {
        self.series.push(series);
        self
    }

    /// Works the model out.
    ///
    /// # Errors
    ///
    /// [`ModelError`] holds everything that the catalogue says about alerts and that cannot be so,
    /// and alerts and series that have the same name.
    pub fn build(self) -> Result<Model<'c>, ModelError> {
        let Self { catalogue, series, definitions } = self;
        let mut problems = ModelProblems::default();
        for (place, definition) in definitions.iter().enumerate() {
            if definitions[..place].iter().any(|other| other.name == definition.name) {
                problems.value("", ModelProblemKind::DuplicateAlert(definition.name));
            }
        }
        let of_catalogue =
            settings::read(catalogue.thresholds(), "alerts", &definitions, false, &mut problems);
        let mut of_jobs: Vec<SettingsByAlert> = Vec::new();
        for (index, job) in catalogue.jobs().iter().enumerate() {
            let path = format!("jobs[{index}].alerts");
            let set = settings::read(job.thresholds(), &path, &definitions, true, &mut problems);
            if job.enabled() {
                of_jobs.push(set);
            }
        }
        if let Some(hold) = of_catalogue.get(&UNRESOLVED.name).and_then(|set| set.hold)
            && hold < escalation::SHORTEST
        {
            let least = Quantity::Duration(escalation::SHORTEST);
            let hint = format!(
                "write `for: {least}` or more; an alert that has to page sooner is `severity: critical` itself"
            );
            let kind = ModelProblemKind::EscalatesTooSoon { alert: UNRESOLVED.name, least };
            problems.value_explained(&format!("alerts.{}.for", UNRESOLVED.name), || (kind, Some(hint)));
        }
        settings::check_suppressions(catalogue, &definitions, &mut problems);
        let targets = settings::targets(catalogue, &mut problems);
        problems.into_result()?;

        let scope = Scope::new(catalogue);
        let alerts: Vec<Alert> = definitions
            .into_iter()
            .map(|definition| Alert::new(definition, &scope, of_catalogue.get(&definition.name), &of_jobs))
            .collect();
        let labels = JobLabels::new(&scope);
        let mut recorded = recording::of_jobs(&series, &scope);
        recorded.extend(labels.rule(&scope));
        let thresholds = recording::of_thresholds(&alerts, &scope);
        refuse_many_windows(&alerts)?;
        let state = state::rule(&scope, &alerts);
        let recordings = || recorded.iter().chain(&thresholds).chain(&state);
        refuse_duplicate_series(recordings())?;
        let schema = schema(&scope, &labels, recordings());
        let escalations = escalation::of_alerts(&alerts, &scope);
        let anchors = HashMap::new();
        Ok(Model {
            scope,
            series,
            recorded,
            thresholds,
            state,
            alerts,
            escalations,
            anchors,
            labels,
            targets,
            schema,
        })
    }
}

/// Refuses more different values of `over` than expressions can look back by.
fn refuse_many_windows(alerts: &[Alert]) -> Result<(), ModelError> {
    let mut problems = ModelProblems::default();
    for alert in alerts {
        let place = alert.definition.parameters.iter().position(|parameter| parameter.key == OVER);
        if place.is_some_and(|place| alert.values(place).len() > MOST_WINDOWS) {
            let kind = ModelProblemKind::TooManyWindows { alert: alert.name(), most: MOST_WINDOWS };
            problems.value("", kind);
        }
    }
    problems.into_result()
}

fn refuse_duplicate_series<'r>(rules: impl Iterator<Item = &'r RecordingRule>) -> Result<(), ModelError> {
    let mut problems = ModelProblems::default();
    let mut known = BTreeSet::new();
    for rule in rules {
        if !known.insert(rule.series) {
            problems.value("", ModelProblemKind::DuplicateSeries(rule.series));
        }
    }
    problems.into_result()
}

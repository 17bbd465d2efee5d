//! What scenarios and tests have to know about a model.

use std::collections::BTreeMap;
use std::time::Duration;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::{JobSpec, duration};

use super::profile::{Profile, profiles};
use super::wording::Wording;
use crate::alerts::unresolved::UNRESOLVED;
use crate::model::{Alert, Model};
use crate::quantity::Quantity;
use crate::rules::{Said, expected_annotations, expected_escalated_labels, expected_labels};
use crate::scenario::{AlertSettings, Firing, Setting, Stage};
use crate::scope::{CATALOGUE, WINDOW, WatchedJob};
use crate::series::MEMORY;
use crate::severity::Severity;
use crate::text::LabelValue;

/// With more jobs than this, not every other job is simulated beside the one that is missing.
const MOST_OTHERS: usize = 50;

/// The rules that are tested.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tested<'a> {
    pub(crate) model: &'a Model<'a>,
}

impl<'a> Tested<'a> {
    /// Returns the profiles of the jobs that are watched, in the catalogue's order.
    pub(crate) fn profiles(&self) -> Vec<Profile<'a>> {
        let of = |job: &JobSpec| -> Vec<(bool, Severity, Option<Vec<Quantity>>)> {
            let of_alert = |alert: &Alert| {
                let name = job.name();
                (alert.is_own_threshold(name), alert.severity_of(name), parameters(alert, job))
            };
            self.model.alerts().iter().map(of_alert).collect()
        };
        profiles(self.model.jobs().iter().map(|&job| (job, of(job.spec))))
    }

    /// Returns all that holds for a job.
    pub(crate) fn setting(&self, job: WatchedJob<'a>) -> Setting<'a> {
        let (catalogue, jobs) = (self.model.catalogue(), self.model.jobs());
        let others = || jobs.iter().map(|other| other.spec.name()).filter(|name| *name != job.spec.name());
        Setting {
            catalogue: catalogue.name(),
            is_first: jobs.first().is_some_and(|first| first.spec.name() == job.spec.name()),
            job,
            selector: catalogue.selector(),
            namespace: self.model.scope().own_namespace(),
            grouping_labels: catalogue.grouping_labels_of(job.spec).collect(),
            alerts: self.model.alerts().iter().map(|alert| self.settings(alert, job.spec)).collect(),
            memory: MEMORY,
            other_jobs: others().take(MOST_OTHERS).map(|name| name.as_str()).collect(),
            has_all_others: others().nth(MOST_OTHERS).is_none(),
        }
    }

    fn settings(&self, alert: &Alert, job: &JobSpec) -> AlertSettings {
        let keys = alert.definition.parameters.iter().map(|parameter| parameter.key);
        AlertSettings {
            name: alert.name(),
            hold: alert.hold,
            about: alert.definition.value.about,
            escalates: self.model.escalates(alert, job.name()),
            is_own: alert.is_own_threshold(job.name()),
            thresholds: parameters(alert, job).map(|values| keys.zip(values).collect()),
        }
    }

    /// Returns what an alert has to say that fires like this. `None` if it has no rule.
    pub(crate) fn wording(&self, stage: &Stage<'_>, firing: &Firing) -> Option<Wording> {
        let alert = self.model.alert(firing.alert)?;
        let job = stage.job().name();
        let window = alert.definition.value.window;
        let window = window.map(|lookback| duration::format(Duration::from_secs(stage.lookback(lookback))));
        let mut labels = BTreeMap::from([
            (CATALOGUE.to_owned(), LabelValue::new(self.model.catalogue().name())),
            (JOB_NAME.to_owned(), LabelValue::new(job.as_str())),
        ]);
        labels.extend(window.iter().map(|window| (WINDOW.to_owned(), LabelValue::new(window))));
        if firing.has_namespace {
            let of_series = stage.labels(firing.scenario.namespace, 0);
            let of_copies = stage.grouping_labels();
            let tells_apart = |label: &str| label == NAMESPACE || of_copies.contains(&label);
            let of_series = of_series.into_iter().filter(|(label, _)| tells_apart(label));
            labels.extend(of_series.map(|(label, value)| (label, LabelValue::new(&value))));
        }
        let unresolved = self.model.alert(UNRESOLVED.name).filter(|_| firing.escalates);
        let (of_rule, said) = match unresolved {
            Some(unresolved) => (
                expected_escalated_labels(alert, unresolved, self.model, stage.job()),
                Said::about(alert, unresolved),
            ),
            None => (expected_labels(alert, self.model, stage.job()), Said::by(alert)),
        };
        labels.extend(of_rule);
        let window = window.unwrap_or_default();
        let annotations = expected_annotations(&said, alert, self.model, job, firing.value, &window, &labels);
        Some(Wording { labels, annotations: annotations.into_iter().collect() })
    }
}

/// Returns the parameters that hold for a job. `None` if the alert does not watch it.
fn parameters(alert: &Alert, job: &JobSpec) -> Option<Vec<Quantity>> {
    let keys = alert.definition.parameters.iter().map(|parameter| parameter.key);
    alert.watches(job.name()).then(|| keys.filter_map(|key| alert.of_job(job.name(), key)).collect())
}

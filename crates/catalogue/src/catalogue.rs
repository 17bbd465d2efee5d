//! The catalogue: which jobs there are, and what is said about all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::job::JobSpec;
use crate::kubernetes::Kubernetes;
use crate::suppression::Suppression;
use crate::threshold::Thresholds;

/// The name of a catalogue that nobody named.
pub const DEFAULT_NAME: &str = "background-jobs";

/// How long Prometheus keeps samples unless it is told otherwise: 15 days
/// (<https://prometheus.io/docs/prometheus/latest/storage/>).
pub const DEFAULT_RETENTION: Duration = Duration::from_secs(15 * 86_400);

/// The shortest time that a catalogue may say samples are kept for.
pub(crate) const MIN_RETENTION: Duration = Duration::from_secs(86_400);
/// The longest time that a catalogue may say samples are kept for: ten years.
pub(crate) const MAX_RETENTION: Duration = Duration::from_secs(3_650 * 86_400);

/// The label of alerts that says who is told.
pub const OWNER: &str = "owner";

/// Which jobs a service has, and how they are to be watched. Checked: a value of this type holds
/// every promise below.
///
/// - Job names are unique.
/// - No interval is zero, and no job may run for longer than the longer of a day and its interval.
/// - Texts are of one line and hold no control characters, and each has a largest length.
///
/// What is not checked: whether the alerts that `thresholds` and `suppress` name exist, and the
/// formats that `targets` names, because neither is defined here.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) service: String,
    pub(crate) namespace: Option<String>,
    pub(crate) selector: BTreeMap<String, String>,
    pub(crate) grouping_labels: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    /// The timeout of jobs that set none, if the catalogue says what it is.
    pub(crate) timeout: Option<Duration>,
    pub(crate) runbook: String,
    pub(crate) runbook_url: String,
    pub(crate) grafana_url: Option<String>,
    pub(crate) logs_url: Option<String>,
    pub(crate) dashboard_uid: String,
    pub(crate) retention: Duration,
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) kubernetes: Kubernetes,
    pub(crate) thresholds: Thresholds,
    pub(crate) suppressed: Vec<Suppression>,
    pub(crate) jobs: Vec<JobSpec>,
}

impl Catalogue {
    /// Returns its name: the stem of the generated files and the prefix of the rule groups.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the title of the dashboard.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the service that the jobs belong to.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Returns the Kubernetes namespace that the service runs in; `None` if the catalogue names
    /// none.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the labels that every series of the service has, as Prometheus adds them to the
    /// target.
    pub fn selector(&self) -> &BTreeMap<String, String> {
        &self.selector
    }

    /// Returns the labels of series that tell copies of a job apart, besides its namespace, as
    /// `cluster` does. Each copy is judged on its own.
    pub fn grouping_labels(&self) -> &[String] {
        &self.grouping_labels
    }

    /// Returns the labels that tell copies of a job apart, besides its namespace: those of all
    /// jobs, and the job's own.
    pub fn grouping_labels_of<'a>(&'a self, job: &'a JobSpec) -> impl Iterator<Item = &'a str> {
        self.grouping_labels.iter().chain(&job.grouping_labels).map(String::as_str)
    }

    /// Returns the labels that the alerts of each job get that does not set them to another value,
    /// the owner among them.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// Returns the labels that the alerts of a job get: the job's own, and the catalogue's.
    pub fn labels_of<'a>(&'a self, job: &'a JobSpec) -> BTreeMap<&'a str, &'a str> {
        let labels = self.labels.iter().chain(&job.labels);
        labels.map(|(label, value)| (label.as_str(), value.as_str())).collect()
    }

    /// Returns who is told when something is wrong with a job. `None` if the catalogue does not
    /// say.
    pub fn owner_of<'a>(&'a self, job: &'a JobSpec) -> Option<&'a str> {
        self.label_of(job, OWNER)
    }

    /// Returns the value of a label that the alerts of a job get. `None` if they do not get it.
    pub fn label_of<'a>(&'a self, job: &'a JobSpec, label: &str) -> Option<&'a str> {
        job.labels.get(label).or_else(|| self.labels.get(label)).map(String::as_str)
    }

    /// Returns the runbook's path, relative to the folder that the files are generated into.
    pub fn runbook(&self) -> &str {
        &self.runbook
    }

    /// Returns where people find the runbook.
    pub fn runbook_url(&self) -> &str {
        &self.runbook_url
    }

    /// Returns where people find Grafana, without a slash at the end; `None` if the catalogue does
    /// not say.
    pub fn grafana_url(&self) -> Option<&str> {
        self.grafana_url.as_deref()
    }

    /// Returns what leads to the logs of a job when its name is put behind it; `None` if the
    /// catalogue does not say.
    pub fn logs_url(&self) -> Option<&str> {
        self.logs_url.as_deref()
    }

    /// Returns where people find the dashboard: a path alone if the catalogue does not say where
    /// Grafana is.
    pub fn dashboard_url(&self) -> String {
        format!("{}/d/{}", self.grafana_url.as_deref().unwrap_or_default(), self.dashboard_uid)
    }

    /// Returns the identifier of the dashboard in links to it.
    pub fn dashboard_uid(&self) -> &str {
        &self.dashboard_uid
    }

    /// Returns how long Prometheus keeps samples: no rule looks back over more.
    pub fn retention(&self) -> Duration {
        self.retention
    }

    /// Returns the names of the formats that are generated. `None` if the catalogue leaves that to
    /// whoever generates.
    pub fn targets(&self) -> Option<&[String]> {
        self.targets.as_deref()
    }

    /// Returns what the Kubernetes objects say.
    pub fn kubernetes(&self) -> &Kubernetes {
        &self.kubernetes
    }

    /// Returns what holds about alerts for each job that says nothing else.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Returns the findings that are not reported.
    pub fn suppressed(&self) -> &[Suppression] {
        &self.suppressed
    }

    /// Returns the jobs, in the catalogue's order.
    pub fn jobs(&self) -> &[JobSpec] {
        &self.jobs
    }

    /// Returns the job of this name, or `None` if there is none.
    pub fn job(&self, name: &str) -> Option<&JobSpec> {
        self.jobs.iter().find(|job| job.name.as_str() == name)
    }
}

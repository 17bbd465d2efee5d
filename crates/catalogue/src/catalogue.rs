//! The catalogue: which jobs there are, and what is said about all of them.

use std::collections::BTreeMap;

use crate::alert::AlertName;
use crate::job::{JobDraft, JobSpec};
use crate::job_name::JobName;
use crate::threshold::{ThresholdOverride, Thresholds};
use crate::validate::{self, CatalogueError};

/// The name of a catalogue that nobody named.
pub const DEFAULT_NAME: &str = "background-jobs";

/// Which jobs a service has, and how they are to be watched. Checked: a value of this type holds every promise below.
///
/// - Job names are unique, and so are the environment variables that follow from them.
/// - No interval is zero, and no job may run for longer than the longer of a day and its interval.
/// - Every override of a threshold has the unit of its alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) service: String,
    pub(crate) namespace: Option<String>,
    pub(crate) selector: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) runbook: String,
    pub(crate) runbook_url: String,
    pub(crate) grafana_url: Option<String>,
    pub(crate) thresholds: Thresholds,
    pub(crate) accepted: Vec<Acceptance>,
    pub(crate) jobs: Vec<JobSpec>,
}

/// A finding that the team knows and lives with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The code of the finding.
    pub code: String,
    /// The alert it is about.
    pub alert: AlertName,
    /// The one job it is about, or nothing for all of them.
    pub job: Option<JobName>,
    /// Why it is accepted.
    pub reason: String,
}

impl Catalogue {
    /// Starts a catalogue of a service's jobs.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_catalogue::{Catalogue, JobSpec};
    ///
    /// let catalogue = Catalogue::builder("clipper")
    ///     .job(JobSpec::every("hot_score_refresh", Duration::from_secs(300)).items("clips"))
    ///     .job(JobSpec::cron("nightly_report", "0 3 * * *", "Europe/Berlin"))
    ///     .build()?;
    /// assert_eq!(catalogue.jobs().len(), 2);
    /// # Ok::<(), jobwatch_catalogue::CatalogueError>(())
    /// ```
    pub fn builder(service: impl Into<String>) -> CatalogueBuilder {
        CatalogueBuilder::new(service.into())
    }

    /// Its name: the stem of the generated files, the prefix of the rule groups and the uid of the dashboard.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title of the dashboard.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The service that the jobs belong to.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The Kubernetes namespace that the service runs in.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Labels that every series of the service has, as Prometheus adds them to the target.
    pub fn selector(&self) -> &BTreeMap<String, String> {
        &self.selector
    }

    /// Labels that every alert gets.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The runbook's path, relative to the folder that the files are generated into.
    pub fn runbook(&self) -> &str {
        &self.runbook
    }

    /// Where people find the runbook.
    pub fn runbook_url(&self) -> &str {
        &self.runbook_url
    }

    /// Where people find Grafana, without a slash at the end.
    pub fn grafana_url(&self) -> Option<&str> {
        self.grafana_url.as_deref()
    }

    /// Where people find the dashboard; a path alone where the catalogue does not say where Grafana is.
    pub fn dashboard_url(&self) -> String {
        format!("{}/d/{}", self.grafana_url.as_deref().unwrap_or_default(), self.name)
    }

    /// Figures that hold for all jobs in place of the alerts' defaults.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Findings that are accepted.
    pub fn accepted(&self) -> &[Acceptance] {
        &self.accepted
    }

    /// The jobs, in the catalogue's order.
    pub fn jobs(&self) -> &[JobSpec] {
        &self.jobs
    }

    /// The job of this name.
    pub fn job(&self, name: &str) -> Option<&JobSpec> {
        self.jobs.iter().find(|job| job.name.as_str() == name)
    }
}

/// A catalogue on its way; [`CatalogueBuilder::build`] checks it.
#[derive(Debug, Clone)]
pub struct CatalogueBuilder {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) service: String,
    pub(crate) namespace: Option<String>,
    pub(crate) selector: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) runbook: Option<String>,
    pub(crate) runbook_url: Option<String>,
    pub(crate) grafana_url: Option<String>,
    pub(crate) thresholds: Thresholds,
    pub(crate) accepted: Vec<Acceptance>,
    pub(crate) jobs: Vec<JobDraft>,
}

impl CatalogueBuilder {
    pub(crate) fn new(service: String) -> Self {
        Self {
            name: DEFAULT_NAME.to_owned(),
            title: None,
            service,
            namespace: None,
            selector: BTreeMap::new(),
            labels: BTreeMap::new(),
            runbook: None,
            runbook_url: None,
            grafana_url: None,
            thresholds: Thresholds::new(),
            accepted: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// Names the catalogue. Defaults to [`DEFAULT_NAME`].
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Titles the dashboard. Defaults to the name in capitals and "Monitoring": "Background Jobs Monitoring".
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says which Kubernetes namespace the service runs in. Defaults to none.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Adds a label that every series of the service has, so that rules read no other service's series.
    #[must_use]
    pub fn selector(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.selector.insert(label.into(), value.into());
        self
    }

    /// Adds a label to every alert.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(label.into(), value.into());
        self
    }

    /// Says where the runbook lies, relative to the folder that the files are generated into. Defaults to the
    /// catalogue's name in `docs/runbooks`.
    #[must_use]
    pub fn runbook(mut self, path: impl Into<String>) -> Self {
        self.runbook = Some(path.into());
        self
    }

    /// Says where people find the runbook. Defaults to its path.
    #[must_use]
    pub fn runbook_url(mut self, url: impl Into<String>) -> Self {
        self.runbook_url = Some(url.into());
        self
    }

    /// Says where people find Grafana. Defaults to nothing; links then have a path alone.
    #[must_use]
    pub fn grafana_url(mut self, url: impl Into<String>) -> Self {
        self.grafana_url = Some(url.into());
        self
    }

    /// Sets figures that hold for all jobs in place of an alert's defaults.
    #[must_use]
    pub fn threshold(mut self, alert: AlertName, figures: ThresholdOverride) -> Self {
        self.thresholds.insert(alert, figures);
        self
    }

    /// Accepts a finding.
    #[must_use]
    pub fn accept(mut self, acceptance: Acceptance) -> Self {
        self.accepted.push(acceptance);
        self
    }

    /// Adds a job.
    #[must_use]
    pub fn job(mut self, job: JobDraft) -> Self {
        self.jobs.push(job);
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] holds every problem, each with the path to the value, as in `jobs[2].timeout`.
    pub fn build(self) -> Result<Catalogue, CatalogueError> {
        validate::catalogue(self)
    }
}

//! A catalogue on its way, written in Rust or read from a text.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::catalogue::{Catalogue, DEFAULT_NAME, DEFAULT_RETENTION};
use crate::job::JobDraft;
use crate::kubernetes::Kubernetes;
use crate::suppression::Suppression;
use crate::threshold::{ThresholdOverride, Thresholds};

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
}

/// A catalogue on its way; [`CatalogueBuilder::build`] checks it.
#[derive(Debug, Clone)]
pub struct CatalogueBuilder {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) service: String,
    pub(crate) namespace: Option<String>,
    pub(crate) selector: BTreeMap<String, String>,
    pub(crate) grouping_labels: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) owner: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) runbook: Option<String>,
    pub(crate) runbook_url: Option<String>,
    pub(crate) logs_url: Option<String>,
    pub(crate) grafana_url: Option<String>,
    pub(crate) dashboard_uid: Option<String>,
    pub(crate) retention: Duration,
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) kubernetes: Kubernetes,
    pub(crate) thresholds: Thresholds,
    pub(crate) suppressed: Vec<Suppression>,
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
            grouping_labels: Vec::new(),
            labels: BTreeMap::new(),
            owner: None,
            timeout: None,
            runbook: None,
            runbook_url: None,
            logs_url: None,
            grafana_url: None,
            dashboard_uid: None,
            retention: DEFAULT_RETENTION,
            targets: None,
            kubernetes: Kubernetes::default(),
            thresholds: Thresholds::new(),
            suppressed: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// Names the catalogue. Defaults to [`DEFAULT_NAME`].
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Titles the dashboard. Defaults to the name in capitals and "Monitoring": "Background Jobs
    /// Monitoring".
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

    /// Adds a label that every series of the service has, so that rules read no other service's
    /// series.
    #[must_use]
    pub fn selector(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.selector.insert(label.into(), value.into());
        self
    }

    /// Says that copies of a job are told apart by a label of their series, besides the namespace,
    /// as by `cluster`: each is judged on its own. A series without the label is one more copy.
    #[must_use]
    pub fn grouping_label(mut self, label: impl Into<String>) -> Self {
        self.grouping_labels.push(label.into());
        self
    }

    /// Sets the labels that every series of the service has, in place of all others.
    #[must_use]
    pub fn selectors(mut self, labels: BTreeMap<String, String>) -> Self {
        self.selector = labels;
        self
    }

    /// Sets the labels that tell copies of a job apart, in place of all others of the catalogue.
    #[must_use]
    pub fn grouping_labels(mut self, labels: Vec<String>) -> Self {
        self.grouping_labels = labels;
        self
    }

    /// Says how long an execution may take of each job that does not say so. Defaults to what
    /// follows from the job's schedule: [`crate::job::default_timeout`].
    #[must_use]
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Says who is told when something is wrong with a job that names nobody: the label `owner` of
    /// its alerts. Defaults to nobody.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Adds a label to the alerts of each job that does not set it to another value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(label.into(), value.into());
        self
    }

    /// Says where the runbook lies, relative to the folder that the files are generated into.
    /// Defaults to the catalogue's name in `docs/runbooks`.
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

    /// Says where people find the logs of a job: its name is put behind this URL. Defaults to
    /// nothing; the dashboard then has no link to logs.
    #[must_use]
    pub fn logs_url(mut self, url: impl Into<String>) -> Self {
        self.logs_url = Some(url.into());
        self
    }

    /// Says where people find Grafana. Defaults to nothing; links then have a path alone.
    #[must_use]
    pub fn grafana_url(mut self, url: impl Into<String>) -> Self {
        self.grafana_url = Some(url.into());
        self
    }

    /// Sets the identifier of the dashboard in links to it. Defaults to the catalogue's name.
    #[must_use]
    pub fn dashboard_uid(mut self, uid: impl Into<String>) -> Self {
        self.dashboard_uid = Some(uid.into());
        self
    }

    /// Says how long Prometheus keeps samples, from a day to ten years: no rule looks back over
    /// more. Defaults to [`DEFAULT_RETENTION`].
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Adds a format that is generated. Defaults to what whoever generates takes.
    #[must_use]
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.targets.get_or_insert_default().push(name.into());
        self
    }

    /// Says what the Kubernetes objects say.
    #[must_use]
    pub fn kubernetes(mut self, kubernetes: Kubernetes) -> Self {
        self.kubernetes = kubernetes;
        self
    }

    /// Says what holds about an alert for each job that says nothing else.
    #[must_use]
    pub fn threshold(mut self, alert: impl Into<String>, set: ThresholdOverride) -> Self {
        self.thresholds.insert(alert.into(), set);
        self
    }

    /// Changes what is said about an alert, for the job of a name or for all that say nothing else.
    /// A job that is not there is left out.
    #[must_use]
    pub fn change_alert(
        mut self,
        job: Option<&str>,
        alert: &str,
        change: impl FnOnce(ThresholdOverride) -> ThresholdOverride,
    ) -> Self {
        let thresholds = match job {
            None => Some(&mut self.thresholds),
            Some(name) => self.jobs.iter_mut().find(|job| job.name == name).map(|job| &mut job.thresholds),
        };
        if let Some(thresholds) = thresholds {
            let changed = change(thresholds.remove(alert).unwrap_or_default());
            if changed != ThresholdOverride::default() {
                thresholds.insert(alert.to_owned(), changed);
            }
        }
        self
    }

    /// Keeps a finding from being reported.
    #[must_use]
    pub fn suppress(mut self, suppression: Suppression) -> Self {
        self.suppressed.push(suppression);
        self
    }

    /// Adds a job.
    #[must_use]
    pub fn job(mut self, job: JobDraft) -> Self {
        self.jobs.push(job);
        self
    }

    /// Whether it has jobs already: without any, it cannot be built.
    pub fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }
}

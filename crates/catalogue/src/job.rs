//! One job of a catalogue.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::job_name::JobName;
use crate::schedule::Schedule;
use crate::threshold::{ThresholdOverride, Thresholds};

/// The shortest timeout where nobody says otherwise. It is longer than the thresholds of the alerts
/// about slow executions, five and ten minutes: no execution that is stopped earlier could be told
/// to be slow.
pub const LEAST_DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// The longest timeout where nobody says otherwise. An execution that hangs is noticed by then,
/// however rarely the job is due.
pub const MOST_DEFAULT_TIMEOUT: Duration = Duration::from_secs(3_600);

/// Returns how long an execution may take where nobody says otherwise: half the shortest time
/// between two due times, at least [`LEAST_DEFAULT_TIMEOUT`], at most [`MOST_DEFAULT_TIMEOUT`]. So
/// an hourly job that takes all of it still succeeds within the two hours after which a job is
/// overdue.
pub fn default_timeout(schedule: &Schedule) -> Duration {
    let half = Duration::from_secs(schedule.shortest_gap().as_secs() / 2);
    half.clamp(LEAST_DEFAULT_TIMEOUT, MOST_DEFAULT_TIMEOUT)
}

/// One job of a catalogue, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSpec {
    pub(crate) name: JobName,
    pub(crate) summary: String,
    pub(crate) schedule: Schedule,
    pub(crate) interval_variable: String,
    pub(crate) timeout: Duration,
    pub(crate) has_default_timeout: bool,
    pub(crate) items: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) grouping_labels: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) thresholds: Thresholds,
}

impl JobSpec {
    /// Starts a job that is due again and again after `interval`.
    pub fn every(name: impl Into<String>, interval: Duration) -> JobDraft {
        JobDraft::new(name.into(), ScheduleDraft::Interval(interval))
    }

    /// Starts a job that is due when a cron expression says so, in a time zone of the IANA
    /// database.
    pub fn cron(
        name: impl Into<String>,
        expression: impl Into<String>,
        timezone: impl Into<String>,
    ) -> JobDraft {
        Self::crons(name, [expression], timezone)
    }

    /// Starts a job that is due when any of several cron expressions says so, at most
    /// [`crate::cron::MAX_OF_JOB`], in a time zone of the IANA database.
    pub fn crons(
        name: impl Into<String>,
        expressions: impl IntoIterator<Item = impl Into<String>>,
        timezone: impl Into<String>,
    ) -> JobDraft {
        let expressions = expressions.into_iter().map(Into::into).collect();
        let schedule = ScheduleDraft::Cron { expressions, timezone: timezone.into() };
        JobDraft::new(name.into(), schedule)
    }

    /// Returns its name, the value of the label `job_name`.
    pub fn name(&self) -> &JobName {
        &self.name
    }

    /// Returns what it does, in one sentence.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Returns when it is due.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Returns the environment variable that overrides its interval.
    pub fn interval_variable(&self) -> &str {
        &self.interval_variable
    }

    /// Returns how long one execution may take before it is stopped and counts as failed.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns whether the timeout is [`default_timeout`], because neither the job nor the
    /// catalogue says what it is.
    pub fn has_default_timeout(&self) -> bool {
        self.has_default_timeout
    }

    /// Returns what its items are; `None` if it handles no items.
    pub fn items(&self) -> Option<&str> {
        self.items.as_deref()
    }

    /// Returns what waits in its queue; `None` if it has no queue.
    pub fn queue(&self) -> Option<&str> {
        self.queue.as_deref()
    }

    /// Returns whether it runs at all. A disabled job is listed, but no rule watches it.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Returns the labels that tell its copies apart, besides those of all jobs
    /// ([`crate::Catalogue::grouping_labels`]): `host` for a job that runs on each host by
    /// intention.
    pub fn grouping_labels(&self) -> &[String] {
        &self.grouping_labels
    }

    /// Returns the labels that it sets itself, its owner among them.
    /// [`crate::Catalogue::labels_of`] has all that its alerts get.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// Returns what it says about alerts, where that differs from what the catalogue says.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }
}

/// A job on its way into a catalogue; [`crate::CatalogueBuilder::build`] checks it.
#[derive(Debug, Clone)]
pub struct JobDraft {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) schedule: ScheduleDraft,
    pub(crate) interval_variable: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) items: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) owner: Option<String>,
    pub(crate) grouping_labels: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) thresholds: Thresholds,
}

#[derive(Debug, Clone)]
pub(crate) enum ScheduleDraft {
    Interval(Duration),
    Cron { expressions: Vec<String>, timezone: String },
}

impl JobDraft {
    pub(crate) fn new(name: String, schedule: ScheduleDraft) -> Self {
        Self {
            name,
            summary: String::new(),
            schedule,
            interval_variable: None,
            timeout: None,
            items: None,
            queue: None,
            enabled: None,
            owner: None,
            grouping_labels: Vec::new(),
            labels: BTreeMap::new(),
            thresholds: Thresholds::new(),
        }
    }

    /// Returns its name as it was given; it need not be one that a catalogue takes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says what the job does, in one sentence. Defaults to nothing.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// Names the environment variable that overrides the interval. Defaults to the job's name in
    /// capitals and `_INTERVAL`.
    #[must_use]
    pub fn interval_variable(mut self, variable: impl Into<String>) -> Self {
        self.interval_variable = Some(variable.into());
        self
    }

    /// Says how long one execution may take. Defaults to the catalogue's default
    /// timeout, or else to [`default_timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Says that the job handles items, and what they are. Defaults to no items.
    #[must_use]
    pub fn items(mut self, items: impl Into<String>) -> Self {
        self.items = Some(items.into());
        self
    }

    /// Says that the job has a queue, and what waits there. Defaults to no queue.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// Says whether the job runs. Defaults to yes.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// Says who is told when something is wrong: the label `owner` of the job's alerts. Defaults to
    /// the catalogue's.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Says that the job's copies are told apart by one more label of their series: a job that runs
    /// on each host by intention is judged host by host. Defaults to the catalogue's labels alone,
    /// so that the processes of a namespace are replicas of one.
    #[must_use]
    pub fn grouping_label(mut self, label: impl Into<String>) -> Self {
        self.grouping_labels.push(label.into());
        self
    }

    /// Adds a label to the job's alerts, or sets one of the catalogue's to another value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(label.into(), value.into());
        self
    }

    /// Says what differs for the job about an alert. Defaults to what the catalogue says.
    #[must_use]
    pub fn threshold(mut self, alert: impl Into<String>, set: ThresholdOverride) -> Self {
        self.thresholds.insert(alert.into(), set);
        self
    }
}

//! How the runtime goes about its work, apart from what the catalogue says.

use std::time::Duration;

use crate::job::LONGEST;

/// How the runtime goes about its work. Every value has a default that suits a service with a
/// handful of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long after its start a process runs nothing, so that Prometheus sees every counter at
    /// zero first: 30 s, two scrapes at the usual interval. Each job waits up to half as long
    /// again, so that they do not all start together.
    pub start_delay: Duration,
    /// By how much runs are put off at most, each by an amount that follows from job and due time:
    /// nothing. Never more than half of a job's shortest gap.
    pub jitter: Duration,
    /// The age up to which a due time that has passed while nobody was there is still run: any. Of
    /// several, only the latest is run.
    pub catch_up: Duration,
    /// How long a lease lasts that is not renewed, and thus how soon another replica takes over
    /// from one that died: 30 s. A third of it lies between renewals.
    pub lease: Duration,
    /// How long the store may take to answer: 5 s. At most a third of the lease.
    pub store_timeout: Duration,
    /// How long a body that was told to stop may go on before it is dropped: 5 s.
    pub grace: Duration,
    /// How long runs may go on at a shutdown before they are told to stop: 20 s. With `grace` and
    /// `store_timeout` this is to stay below the time after which the process is killed, 30 s in
    /// Kubernetes.
    pub drain: Duration,
    /// How often queues are counted: every 30 s.
    pub queue_interval: Duration,
    /// How many runs go on in this process at the same time: any number. A due time for which there
    /// is no room waits, and another replica may take it.
    pub max_runs: Option<usize>,
    /// Whether nothing runs but what is asked for, as in a command that runs one job once: no. No
    /// due time is run then, and nothing is noted in the store about a job before it is asked for,
    /// such as whether it is enabled here.
    pub only_on_request: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start_delay: Duration::from_secs(30),
            jitter: Duration::ZERO,
            catch_up: Duration::MAX,
            lease: Duration::from_secs(30),
            store_timeout: Duration::from_secs(5),
            grace: Duration::from_secs(5),
            drain: Duration::from_secs(20),
            queue_interval: Duration::from_secs(30),
            max_runs: None,
            only_on_request: false,
        }
    }
}

/// A setting that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A lease has to outlive a call of the store that is slow.
    #[error(
        "a lease of {} s is too short for a store that may take {} s to answer: it has to be at least three times as long",
        .lease.as_secs_f64(),
        .store_timeout.as_secs_f64()
    )]
    Lease {
        /// How long a lease lasts.
        lease: Duration,
        /// How long the store may take.
        store_timeout: Duration,
    },
    /// Something that takes time needs some.
    #[error("{0} has to be more than nothing")]
    Zero(&'static str),
    /// Nothing here is waited for that long.
    #[error("{0} is too long: at most a year")]
    TooLong(&'static str),
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let positive = [
            ("the lease", self.lease),
            ("the timeout of the store", self.store_timeout),
            ("the interval at which queues are counted", self.queue_interval),
        ];
        if let Some((what, _)) = positive.into_iter().find(|(_, value)| value.is_zero()) {
            return Err(SettingsError::Zero(what));
        }
        let times = [
            ("the delay of the start", self.start_delay),
            ("the lease", self.lease),
            ("the timeout of the store", self.store_timeout),
            ("the grace period", self.grace),
            ("the time that runs have at a shutdown", self.drain),
            ("the interval at which queues are counted", self.queue_interval),
        ];
        if let Some((what, _)) = times.into_iter().find(|(_, value)| *value > LONGEST) {
            return Err(SettingsError::TooLong(what));
        }
        if self.max_runs == Some(0) {
            return Err(SettingsError::Zero("the number of runs at the same time"));
        }
        self.check_lease(self.lease)
    }

    /// Whether a lease of a length can be held.
    pub(crate) fn check_lease(&self, lease: Duration) -> Result<(), SettingsError> {
        let store_timeout = self.store_timeout;
        if lease < store_timeout * 3 {
            return Err(SettingsError::Lease { lease, store_timeout });
        }
        Ok(())
    }
}

//! A store that goes by a script: it never grants an execution after the last of the script, and
//! says that a job is expected to run from its first due time on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_observability::scenario::{Execution, Script};
use jobwatch_runtime::JobName;
use jobwatch_runtime::clock::Clock as _;
use jobwatch_runtime::store::{
    Answer, Claim, Claimed, Completion, JobState, Lease, MemoryStore, Renewed, RunRecord, Store,
};
use jobwatch_runtime::testing::VirtualClock;

use super::calendar::delta;

/// The store that all processes share, as one of them sees it.
#[derive(Debug, Clone)]
pub(crate) struct PatientStore {
    pub(crate) inner: Arc<MemoryStore>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) beginning: DateTime<Utc>,
    /// What each job does in this process.
    pub(crate) scripts: Arc<HashMap<JobName, Arc<Script>>>,
}

impl PatientStore {
    /// Waits for ever if the script has no further execution.
    async fn wait(&self, job: &JobName) {
        let Some(script) = self.scripts.get(job) else { return };
        let now = (self.clock.now() - self.beginning).num_milliseconds().unsigned_abs();
        // Half a second late is on time.
        let is_past = |execution: &Execution| execution.start * 1_000 + 500 <= now;
        if script.executions.last().is_none_or(is_past) {
            std::future::pending().await
        }
    }
}

impl PatientStore {
    /// A simulated process is scraped twice before its job is first due, however often that is
    /// afterwards.
    fn expected(&self, job: &JobName, mut state: JobState) -> JobState {
        if let Some(script) = self.scripts.get(job) {
            state.expected_since = state.expected_since.max(self.beginning + delta(script.first_due));
        }
        state
    }
}

impl Store for PatientStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.inner.now()
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(async move { Ok(self.expected(job, self.inner.state(job).await?)) })
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        Box::pin(async move { Ok(self.expected(job, self.inner.enable(job, enabled).await?)) })
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(async move {
            self.wait(claim.job).await;
            self.inner.claim(claim).await
        })
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.inner.renew(lease, length)
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(async move {
            let state = self.inner.complete(completion).await?;
            Ok(state.map(|state| self.expected(&completion.lease.job, state)))
        })
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.inner.pause(job, paused)
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        self.inner.cancel(job)
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        self.inner.history(job)
    }
}

//! A database in simulated time.

use std::fmt;
use std::future::ready;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::{
    Answer, Claim, Claimed, Completion, JobState, Lease, Renewed, RunRecord, Store, StoreError,
};
use jobwatch_runtime::testing::VirtualClock;
use tokio::runtime::Handle;

/// What shows a database the time that it goes by.
pub(crate) trait Shows: fmt::Debug + Send + Sync {
    fn show(&self, now: DateTime<Utc>) -> Answer<'_, ()>;
}

/// A store in a database, which is waited for where it is asked: no simulated time passes
/// meanwhile.
#[derive(Debug)]
pub(crate) struct AtOnce<S> {
    pub(crate) store: S,
    /// Where the database is spoken to.
    pub(crate) database: Handle,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) shows: Arc<dyn Shows>,
}

impl<S: Store> AtOnce<S> {
    fn ask<'a, T: Send + 'a>(&'a self, question: impl FnOnce() -> Answer<'a, T> + Send) -> Answer<'a, T> {
        let now = self.clock.now();
        let asks = async {
            self.shows.show(now).await?;
            question().await
        };
        Box::pin(ready(waited_for(&self.database, asks)))
    }
}

/// Waits for a database on a thread of its own: here, simulated time would pass.
pub(crate) fn waited_for<T: Send>(database: &Handle, asks: impl Future<Output = T> + Send) -> T {
    let answer = thread::scope(|scope| scope.spawn(|| database.block_on(asks)).join());
    answer.unwrap_or_else(|panic| resume_unwind(panic))
}

impl<S: Store> Store for AtOnce<S> {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.ask(|| self.store.now())
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        self.ask(move || self.store.enable(job, enabled))
    }

    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        self.ask(move || self.store.enable_many(jobs))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        self.ask(move || self.store.state(job))
    }

    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        self.ask(move || self.store.states(jobs))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        self.ask(move || self.store.claim(claim))
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        self.ask(move || self.store.claim_many(claims))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.ask(move || self.store.renew(lease, length))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        self.ask(move || self.store.complete(completion))
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        self.ask(move || self.store.complete_many(completions))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.ask(move || self.store.pause(job, paused))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        self.ask(move || self.store.cancel(job))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        self.ask(move || self.store.history(job))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        self.ask(move || self.store.last_runs(jobs))
    }
}

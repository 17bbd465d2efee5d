//! A store that has bad days, for tests of what a service does then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use crate::store::{
    Answer, Claim, Claimed, Completion, JobState, Lease, Renewed, RunRecord, Store, StoreError,
};

/// What a store does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does what it is asked for.
    None,
    /// It refuses every call.
    Error,
    /// It never answers.
    Hang,
    /// It does what it is asked for, and never answers.
    Unanswered,
    /// It does what it is asked for, but so much later.
    Slow(Duration),
    /// It panics: when it is called and when it is to answer, in turns.
    Panic,
    /// It does what it is asked for, and then says that it could not: so many calls of a hundred.
    /// Which ones follows from the seed.
    Unreliable {
        /// How many of a hundred.
        percent: u8,
        /// Which ones.
        seed: u64,
    },
}

/// A store in front of another, which it keeps from answering. Copies share the fault.
#[derive(Debug)]
pub struct FaultyStore<S> {
    store: Arc<S>,
    bad: Arc<Mutex<Bad>>,
}

/// What is wrong with a store.
#[derive(Debug)]
struct Bad {
    fault: Fault,
    /// The job that it is wrong about, if it is right about all others.
    job: Option<JobName>,
    calls: u64,
}

impl<S> Clone for FaultyStore<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), bad: self.bad.clone() }
    }
}

impl<S: Store> FaultyStore<S> {
    /// A store that has no fault yet.
    pub fn new(store: S) -> Self {
        let bad = Bad { fault: Fault::None, job: None, calls: 0 };
        Self { store: Arc::new(store), bad: Arc::new(Mutex::new(bad)) }
    }

    /// Lets the store have a fault from now on.
    pub fn set(&self, fault: Fault) {
        *self.bad() = Bad { fault, job: None, calls: 0 };
    }

    /// Lets the store have a fault from now on about one job alone.
    pub fn set_about(&self, job: JobName, fault: Fault) {
        *self.bad() = Bad { fault, job: Some(job), calls: 0 };
    }

    fn bad(&self) -> MutexGuard<'_, Bad> {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job that the store is wrong about, if it is among these.
    fn about<'a>(&self, mut jobs: impl Iterator<Item = &'a JobName>) -> Option<&'a JobName> {
        let bad = self.bad();
        jobs.find(|job| bad.job.as_ref() == Some(*job))
    }

    /// The fault that this call meets. Each call of an unreliable store draws a number of its own;
    /// a store that panics may do so here.
    fn meet(&self, job: Option<&JobName>) -> Fault {
        let mut bad = self.bad();
        if bad.job.is_some() && bad.job.as_ref() != job {
            return Fault::None;
        }
        bad.calls += 1;
        let (fault, calls) = (bad.fault, bad.calls);
        drop(bad);
        if fault == Fault::Panic && calls % 2 == 0 {
            std::panic::panic_any("the store panics");
        }
        let Fault::Unreliable { percent, seed } = fault else { return fault };
        // SplitMix64 (Steele, Lea and Flood, 2014), which spreads numbers that follow one another.
        let mut drawn = seed.wrapping_add(calls.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^= drawn >> 31;
        if drawn % 100 < u64::from(percent) { Fault::Unreliable { percent, seed } } else { Fault::None }
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        action: &'static str,
        job: impl Into<Option<&'a JobName>>,
        answer: Answer<'a, T>,
    ) -> Answer<'a, T> {
        let fault = self.meet(job.into());
        Box::pin(async move {
            match fault {
                Fault::None => answer.await,
                Fault::Error => Err(StoreError::new(action, "connection refused")),
                Fault::Hang => std::future::pending().await,
                Fault::Unanswered => {
                    answer.await?;
                    std::future::pending().await
                }
                Fault::Slow(by) => {
                    tokio::time::sleep(by).await;
                    answer.await
                }
                Fault::Panic => std::panic::panic_any("the store panics"),
                Fault::Unreliable { .. } => {
                    answer.await?;
                    Err(StoreError::new(action, "connection reset by peer"))
                }
            }
        })
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.answer("tell the time", None, Box::pin(async { self.store.now().await }))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        self.answer("tell the state", job, Box::pin(async { self.store.state(job).await }))
    }

    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        self.answer("tell the state", None, Box::pin(async move { self.store.states(jobs).await }))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        self.answer("tell the history", None, Box::pin(async move { self.store.last_runs(jobs).await }))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        let answer = Box::pin(async move { self.store.enable(job, enabled).await });
        self.answer("tell the state", job, answer)
    }

    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        let job = self.about(jobs.iter().map(|(job, _)| *job));
        self.answer("tell the state", job, Box::pin(async move { self.store.enable_many(jobs).await }))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        self.answer("grant a lease", claim.job, Box::pin(async move { self.store.claim(claim).await }))
    }

    fn at_once(&self) -> usize {
        self.store.at_once()
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        let job = self.about(claims.iter().map(|claim| claim.job));
        self.answer("grant a lease", job, Box::pin(async move { self.store.claim_many(claims).await }))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.answer(
            "renew a lease",
            &lease.job,
            Box::pin(async move { self.store.renew(lease, length).await }),
        )
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        self.answer(
            "record a run",
            &completion.lease.job,
            Box::pin(async move { self.store.complete(completion).await }),
        )
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        let job = self.about(completions.iter().map(|completion| &completion.lease.job));
        self.answer("record a run", job, Box::pin(async move { self.store.complete_many(completions).await }))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.answer("pause a job", job, Box::pin(async move { self.store.pause(job, paused).await }))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        self.answer("cancel a run", job, Box::pin(async { self.store.cancel(job).await }))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        self.answer("tell the history", job, Box::pin(async { self.store.history(job).await }))
    }
}

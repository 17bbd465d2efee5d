//! A store that has bad days, for tests of what a service does then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use super::{Answer, Claim, Claimed, Completion, JobState, Lease, Renewed, RunRecord, Store, StoreError};

/// What a store does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does what it is asked for.
    None,
    /// It refuses every call.
    Error,
    /// It never answers.
    Hang,
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
    fault: Arc<Mutex<(Fault, u64)>>,
}

impl<S> Clone for FaultyStore<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), fault: self.fault.clone() }
    }
}

impl<S: Store> FaultyStore<S> {
    /// A store that has no fault yet.
    pub fn new(store: S) -> Self {
        Self { store: Arc::new(store), fault: Arc::new(Mutex::new((Fault::None, 0))) }
    }

    /// Lets the store have a fault from now on.
    pub fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = (fault, 0);
    }

    /// The fault that this call meets. Each call of an unreliable store draws a number of its own;
    /// a store that panics may do so here.
    fn meet(&self) -> Fault {
        let mut state = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let (fault, calls) = &mut *state;
        *calls += 1;
        if *fault == Fault::Panic && *calls % 2 == 0 {
            drop(state);
            std::panic::panic_any("the store panics");
        }
        let Fault::Unreliable { percent, seed } = *fault else { return *fault };
        // SplitMix64 (Steele, Lea and Flood, 2014), which spreads numbers that follow one another.
        let mut drawn = seed.wrapping_add(calls.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^= drawn >> 31;
        if drawn % 100 < u64::from(percent) { Fault::Unreliable { percent, seed } } else { Fault::None }
    }

    fn answer<'a, T: Send + 'a>(&'a self, action: &'static str, answer: Answer<'a, T>) -> Answer<'a, T> {
        let fault = self.meet();
        Box::pin(async move {
            match fault {
                Fault::None => answer.await,
                Fault::Error => Err(StoreError { action, reason: "connection refused".to_owned() }),
                Fault::Hang => std::future::pending().await,
                Fault::Slow(by) => {
                    tokio::time::sleep(by).await;
                    answer.await
                }
                Fault::Panic => std::panic::panic_any("the store panics"),
                Fault::Unreliable { .. } => {
                    answer.await?;
                    Err(StoreError { action, reason: "connection reset by peer".to_owned() })
                }
            }
        })
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.answer("tell the time", Box::pin(async { self.store.now().await }))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        self.answer("tell the state", Box::pin(async { self.store.state(job).await }))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        let answer = Box::pin(async move { self.store.enable(job, enabled).await });
        self.answer("tell the state", answer)
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        self.answer("grant a lease", Box::pin(async move { self.store.claim(claim).await }))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.answer("renew a lease", Box::pin(async move { self.store.renew(lease, length).await }))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        self.answer("record a run", Box::pin(async move { self.store.complete(completion).await }))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.answer("pause a job", Box::pin(async move { self.store.pause(job, paused).await }))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        self.answer("cancel a run", Box::pin(async { self.store.cancel(job).await }))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        self.answer("tell the history", Box::pin(async { self.store.history(job).await }))
    }
}

//! A store, a clock and a log that go wrong at certain calls.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::{
    Answer, Claim, Claimed, Completion, JobState, Lease, Renewed, RunRecord, Store, StoreError,
};
use jobwatch_runtime::testing::VirtualClock;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context as LayerContext, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::life::MINUTE;

/// Whose call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Store,
    Clock,
    Log,
}

/// What goes wrong.
#[allow(dead_code, reason = "not every store is shown all of it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mischief {
    Panic,
    /// Its thread waits for five minutes.
    Block,
    /// It shows a time that makes no sense.
    Nonsense,
    /// A store panics in its answer, and not when it is asked.
    PanicLater,
    /// It panics when its answer is not waited for any longer.
    PanicOnDrop,
    /// It does nothing.
    Error,
    /// It does what it is asked for, and does not say so.
    LostAnswer,
    /// It never answers.
    Hang,
}

/// What goes wrong, and at which call of its part.
pub(crate) type Fault = (Part, Mischief, u64);

/// How a store answers claims and completions.
#[allow(dead_code, reason = "not every store is shown all of it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As soon as it is asked, one at a time.
    AtOnce,
    /// After a while, in which others gather.
    InAWhile,
}

/// What goes wrong, and when.
#[derive(Debug)]
pub(crate) struct Trap {
    pub(crate) faults: Vec<Fault>,
    pub(crate) pace: Pace,
    pub(crate) armed: AtomicBool,
    /// How many there were of the store, of the clock, and of the log.
    calls: [AtomicU64; 3],
    /// How many claims and completions were made with others.
    pub(crate) together: [AtomicU64; 2],
}

impl Trap {
    pub(crate) fn new(pace: Pace, faults: Vec<Fault>) -> Arc<Self> {
        let (armed, calls, together) = (true.into(), Default::default(), Default::default());
        Arc::new(Self { faults, pace, armed, calls, together })
    }

    pub(crate) fn calls(&self, part: Part) -> u64 {
        self.calls[part as usize].load(Ordering::Relaxed)
    }

    /// What goes wrong with this call.
    fn spring(&self, part: Part) -> Option<Mischief> {
        if !self.armed.load(Ordering::Relaxed) {
            return None;
        }
        let call = self.calls[part as usize].fetch_add(1, Ordering::Relaxed) + 1;
        let springs = |fault: &&Fault| fault.0 == part && (fault.2 == call || fault.2 == ALWAYS);
        self.faults.iter().find(springs).map(|fault| fault.1)
    }

    fn spring_at_once(&self, part: Part) {
        match self.spring(part) {
            Some(Mischief::Panic) => std::panic::panic_any("a trap"),
            Some(Mischief::Block) => block(),
            _ => {}
        }
    }
}

/// Has time pass as it does for a thread that waits: nothing else on it goes on meanwhile.
fn block() {
    let passes = pin!(tokio::time::advance(5 * MINUTE));
    let _ = passes.poll(&mut Context::from_waker(Waker::noop()));
}

#[derive(Debug)]
pub(crate) struct TrapClock(pub(crate) Arc<VirtualClock>, pub(crate) Arc<Trap>);

impl Clock for TrapClock {
    fn now(&self) -> DateTime<Utc> {
        match self.1.spring(Part::Clock) {
            Some(Mischief::Panic) => std::panic::panic_any("a trap"),
            Some(Mischief::Block) => block(),
            Some(Mischief::Nonsense) => return DateTime::<Utc>::MAX_UTC,
            _ => {}
        }
        self.0.now()
    }
}

pub(crate) struct TrapLayer(pub(crate) Arc<Trap>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TrapLayer {
    fn on_event(&self, _: &Event<'_>, _: LayerContext<'_, S>) {
        self.0.spring_at_once(Part::Log);
    }

    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: LayerContext<'_, S>) {
        self.0.spring_at_once(Part::Log);
    }

    fn on_enter(&self, _: &Id, _: LayerContext<'_, S>) {
        self.0.spring_at_once(Part::Log);
    }

    fn on_exit(&self, _: &Id, _: LayerContext<'_, S>) {
        self.0.spring_at_once(Part::Log);
    }

    fn on_close(&self, _: Id, _: LayerContext<'_, S>) {
        self.0.spring_at_once(Part::Log);
    }
}

#[derive(Debug)]
pub(crate) struct TrapStore<S>(pub(crate) S, pub(crate) Arc<Trap>);

/// Panics when it is dropped.
struct Grudge;

impl Drop for Grudge {
    fn drop(&mut self) {
        std::panic::panic_any("a trap");
    }
}

impl<S: Store> TrapStore<S> {
    /// As [`Self::answer`], at the store's pace.
    fn lease<'a, T: Send + 'a>(&'a self, answer: impl FnOnce() -> Answer<'a, T>) -> Answer<'a, T> {
        let answer = self.answer(answer);
        match self.1.pace {
            Pace::AtOnce => answer,
            Pace::InAWhile => Box::pin(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                answer.await
            }),
        }
    }

    fn answer<'a, T: Send + 'a>(&'a self, answer: impl FnOnce() -> Answer<'a, T>) -> Answer<'a, T> {
        let lost = || StoreError::new("answer", "a trap");
        match self.1.spring(Part::Store) {
            Some(Mischief::Panic) => std::panic::panic_any("a trap"),
            Some(Mischief::PanicLater) => Box::pin(async { std::panic::panic_any("a trap") }),
            Some(Mischief::Block) => {
                block();
                answer()
            }
            Some(Mischief::PanicOnDrop) => Box::pin(async {
                let _grudge = Grudge;
                std::future::pending().await
            }),
            Some(Mischief::Error) => Box::pin(async move { Err(lost()) }),
            Some(Mischief::LostAnswer) => {
                let answer = answer();
                Box::pin(async move {
                    answer.await?;
                    Err(lost())
                })
            }
            Some(Mischief::Hang) => Box::pin(std::future::pending()),
            Some(Mischief::Nonsense) | None => answer(),
        }
    }
}

impl<S: Store> Store for TrapStore<S> {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.answer(|| self.0.now())
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        self.answer(|| self.0.enable(job, enabled))
    }

    fn enable_many<'a>(&'a self, jobs: &'a [(&'a JobName, bool)]) -> Answer<'a, Vec<JobState>> {
        self.answer(|| self.0.enable_many(jobs))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        self.answer(|| self.0.state(job))
    }

    fn states<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<JobState>> {
        self.answer(|| self.0.states(jobs))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        self.answer(|| self.0.last_runs(jobs))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        self.lease(|| self.0.claim(claim))
    }

    fn at_once(&self) -> usize {
        match self.1.pace {
            Pace::AtOnce => 1,
            Pace::InAWhile => 8,
        }
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        self.1.together[0].fetch_add(claims.len() as u64, Ordering::Relaxed);
        self.lease(|| self.0.claim_many(claims))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.answer(|| self.0.renew(lease, length))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        self.lease(|| self.0.complete(completion))
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        self.1.together[1].fetch_add(completions.len() as u64, Ordering::Relaxed);
        self.lease(|| self.0.complete_many(completions))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.answer(|| self.0.pause(job, paused))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        self.answer(|| self.0.cancel(job))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        self.answer(|| self.0.history(job))
    }
}

/// At each call.
pub(crate) const ALWAYS: u64 = 0;

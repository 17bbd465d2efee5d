//! What is not the runtime's goes wrong: at every call of the store, of the clock and of the log in
//! turn, from the start on, and at several. Whatever that does, every job goes on, and every due time is
//! accounted for.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::{JobName, JobSpec};
use jobwatch_runtime::clock::{Clock, VirtualClock};
use jobwatch_runtime::store::{
    Answer, Claim, Claimed, Completion, JobState, Lease, MemoryStore, Renewed, RunRecord, Store, StoreError,
};
use jobwatch_runtime::{Job, JobError, Report, Retry, RunContext, Runtime, Settings};
use prometheus::Registry;
use proptest::prelude::*;
use tokio::time::{Instant, sleep};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::scene::{MINUTE, Scene};

/// Whose call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Store,
    Clock,
    Log,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mischief {
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
type Fault = (Part, Mischief, u64);

/// What goes wrong, and when.
#[derive(Debug)]
struct Trap {
    faults: Vec<Fault>,
    armed: AtomicBool,
    /// How many there were of the store, of the clock, and of the log.
    calls: [AtomicU64; 3],
}

impl Trap {
    fn new(faults: Vec<Fault>) -> Arc<Self> {
        Arc::new(Self { faults, armed: true.into(), calls: Default::default() })
    }

    fn calls(&self, part: Part) -> u64 {
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
struct TrapClock(Arc<VirtualClock>, Arc<Trap>);

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

struct TrapLayer(Arc<Trap>);

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
struct TrapStore(MemoryStore, Arc<Trap>);

/// Panics when it is dropped.
struct Grudge;

impl Drop for Grudge {
    fn drop(&mut self) {
        std::panic::panic_any("a trap");
    }
}

impl TrapStore {
    fn answer<'a, T: Send + 'a>(&'a self, answer: impl FnOnce() -> Answer<'a, T>) -> Answer<'a, T> {
        let lost = || StoreError { action: "answer", reason: "a trap".to_owned() };
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

impl Store for TrapStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        self.answer(|| self.0.now())
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        self.answer(|| self.0.enable(job, enabled))
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
        self.answer(|| self.0.claim(claim))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        self.answer(|| self.0.renew(lease, length))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        self.answer(|| self.0.complete(completion))
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
const ALWAYS: u64 = 0;

const JOBS: [&str; 4] = ["quick", "slow", "fails", "asked"];

/// A process with four jobs, each due once a minute. One of them takes long enough for its lease to
/// be renewed, one fails and tries again, and one is run by people as well. The clock is put
/// forward once.
async fn live(trap: &Arc<Trap>) {
    let Scene { clock, .. } = Scene::new();
    let started = clock.now();
    let store = MemoryStore::new(clock.clone());
    let jobs = JOBS.iter().fold(jobwatch_catalogue::Catalogue::builder("test"), |catalogue, name| {
        catalogue.job(JobSpec::every(*name, MINUTE))
    });
    let registry = Registry::new();
    let fails = async |_: RunContext| Err(JobError::Retryable("no".to_owned()));
    let runtime = Runtime::builder(jobs.build().unwrap())
        .job("quick", async |_| Ok(Report::default()))
        .job("slow", async |_| {
            sleep(Duration::from_secs(15)).await;
            Ok(Report::default())
        })
        .job("fails", fails.retrying(Retry::times(1)))
        .job("asked", async |_| {
            sleep(Duration::from_secs(1)).await;
            Ok(Report::default())
        })
        .registry(&registry)
        .clock(Arc::new(TrapClock(clock.clone(), trap.clone())))
        .store(TrapStore(store, trap.clone()))
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .build()
        .unwrap();
    let handle = runtime.handle();
    let task = tokio::spawn(runtime.run_until(std::future::pending()));
    sleep(MINUTE / 2).await;
    if trap.faults.is_empty() {
        let before = trap.calls(Part::Store);
        assert_eq!(handle.list().await.unwrap().len(), JOBS.len());
        assert_eq!(trap.calls(Part::Store) - before, 2);
    }
    let asks = handle.clone();
    // What goes wrong may be what is asked for; whoever asks is told so.
    let _ = tokio::spawn(async move { asks.trigger("asked").await }).await;
    sleep(MINUTE / 2).await;
    clock.step(TimeDelta::minutes(10));
    sleep(MINUTE).await;
    let asks = handle.clone();
    let _ = tokio::spawn(async move {
        let _ = asks.pause("asked").await;
        let _ = asks.resume("asked").await;
    })
    .await;
    let _ = handle.resume("asked").await;
    trap.armed.store(trap.faults.iter().any(|fault| fault.2 == ALWAYS), Ordering::Relaxed);
    let _ = handle.resume("asked").await;
    sleep(6 * MINUTE).await;
    // Half a minute past, nothing is going on.
    let since = || (clock.now() - started).num_milliseconds();
    sleep(Duration::from_millis(90_000 - u64::try_from(since() % 60_000).unwrap())).await;

    let told = format!("{trap:?}");
    let accounted = |job: &str| {
        let families = registry.gather();
        let counters = families
            .iter()
            .filter(|family| ["job_execution_total", "job_execution_skipped_total"].contains(&family.name()));
        let of_job = counters.flat_map(|family| family.get_metric()).filter(|metric| {
            metric.get_label().iter().any(|label| label.name() == "job_name" && label.value() == job)
        });
        of_job.map(|metric| metric.get_counter().get_value()).sum::<f64>()
    };
    let asked_for = async |job: &str| {
        let history = handle.detail(job, 0).await.unwrap().history;
        history.iter().filter(|run| run.slot.is_none() && run.outcome.is_final()).count() as f64
    };
    for job in JOBS {
        let first = handle.detail(job, 0).await.unwrap().status.state.first_scheduled;
        let due = (clock.now().timestamp() - first.timestamp()) / 60 + 1;
        let accounted = accounted(job) - asked_for(job).await;
        assert_eq!(accounted, due as f64, "{job} is not accounted for: {told}");
    }
    let readiness = handle.readiness();
    assert!(readiness.is_ready(), "{readiness:?}: {told}");
    for family in registry.gather() {
        if family.name() == "job_in_progress_since_timestamp_seconds" {
            let running = family.get_metric().iter().filter(|metric| metric.get_gauge().get_value() != 0.0);
            assert_eq!(running.count(), 0, "{told}");
        }
    }
    let before = JOBS.map(&accounted);
    let runs = async |job: &str| {
        let history = handle.detail(job, 0).await.unwrap().history;
        history.iter().filter(|run| run.outcome.is_final()).count()
    };
    let mut ran = Vec::new();
    for job in JOBS {
        ran.push(runs(job).await);
    }
    sleep(3 * MINUTE).await;
    for (place, job) in JOBS.into_iter().enumerate() {
        assert_eq!(runs(job).await - ran[place], 3, "{job} does not run: {told}");
        assert_eq!(accounted(job) - before[place], 3.0, "{job}: {told}");
    }
    let begun = Instant::now();
    handle.shutdown();
    assert!(task.await.unwrap().is_clean(), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{told}");
}

/// Lets things go wrong.
fn suffer(trap: &Arc<Trap>) {
    let subscriber = tracing_subscriber::registry().with(TrapLayer(trap.clone()));
    let _log = tracing::subscriber::set_default(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(live(trap));
}

/// Lets something go wrong at each call in turn.
fn check(part: Part, mischief: Mischief) {
    let happens = |number: &u64| {
        let trap = Trap::new(vec![(part, mischief, *number)]);
        suffer(&trap);
        trap.calls(part) >= *number
    };
    let calls = (1..).take_while(happens).count();
    assert!(calls > 30, "{calls} calls are too few to prove anything");
}

#[test]
fn where_nothing_goes_wrong_all_jobs_are_listed_by_two_questions_to_the_store() {
    suffer(&Trap::new(vec![]));
}

fn fault() -> impl Strategy<Value = Fault> {
    use Mischief::{Block, Error, Hang, LostAnswer, Nonsense, Panic, PanicLater, PanicOnDrop};
    let of_store = vec![Panic, PanicLater, PanicOnDrop, Error, LostAnswer, Hang, Block];
    let of_clock = vec![Panic, Nonsense, Block];
    prop_oneof![
        3 => (Just(Part::Store), prop::sample::select(of_store), 1_u64..60),
        2 => (Just(Part::Clock), prop::sample::select(of_clock), 1_u64..200),
        2 => (Just(Part::Log), prop::sample::select(vec![Panic, Block]), 1_u64..150),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_goes_wrong_together_stops_nothing(faults in prop::collection::vec(fault(), 2..8)) {
        suffer(&Trap::new(faults));
    }
}

#[test]
fn a_log_or_a_clock_that_always_panics_stops_nothing() {
    suffer(&Trap::new(vec![(Part::Log, Mischief::Panic, ALWAYS), (Part::Clock, Mischief::Panic, ALWAYS)]));
    suffer(&Trap::new(vec![(Part::Clock, Mischief::Nonsense, ALWAYS)]));
}

#[test]
fn a_store_that_panics_once_stops_nothing() {
    check(Part::Store, Mischief::Panic);
    check(Part::Store, Mischief::PanicLater);
    check(Part::Store, Mischief::PanicOnDrop);
}

#[test]
fn a_store_that_fails_once_stops_nothing() {
    check(Part::Store, Mischief::Error);
    check(Part::Store, Mischief::LostAnswer);
}

#[test]
fn a_store_that_hangs_once_stops_nothing() {
    check(Part::Store, Mischief::Hang);
    check(Part::Store, Mischief::Block);
}

#[test]
fn a_clock_that_panics_once_stops_nothing() {
    check(Part::Clock, Mischief::Panic);
}

#[test]
fn a_clock_that_hangs_once_stops_nothing() {
    check(Part::Clock, Mischief::Block);
}

#[test]
fn a_clock_that_makes_no_sense_once_stops_nothing() {
    check(Part::Clock, Mischief::Nonsense);
}

#[test]
fn a_log_that_panics_once_stops_nothing() {
    check(Part::Log, Mischief::Panic);
}

#[test]
fn a_log_that_hangs_once_stops_nothing() {
    check(Part::Log, Mischief::Block);
}

//! What is not the runtime's goes wrong: at every call of the store, of the clock and of the log in
//! turn, from the start on, and at several. Whatever that does, every job goes on, and every due
//! time is accounted for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::{Job, JobError, Report, Retry, RunContext, Runtime, Settings};
use prometheus::Registry;
use proptest::prelude::*;
use tokio::time::{Instant, sleep};
use tracing_subscriber::layer::SubscriberExt;

use crate::scene::{MINUTE, Scene};
use crate::trap::{ALWAYS, Fault, Mischief, Pace, Part, Trap, TrapClock, TrapLayer, TrapStore};

const JOBS: [&str; 6] = ["quick", "slow", "fails", "asked", "quick-too", "quick-as-well"];

/// Jobs of a process, each due once a minute. One of them takes long enough for its lease to be
/// renewed, one fails and tries again, and one is run by people as well. Where the store takes its
/// time, there are more, so that runs end together. The clock is put forward once.
async fn live(trap: &Arc<Trap>) {
    let number = if trap.pace == Pace::AtOnce { 4 } else { JOBS.len() };
    let names = &JOBS[..number];
    let Scene { clock, .. } = Scene::new();
    let started = clock.now();
    let store = MemoryStore::new(clock.clone());
    let jobs = names.iter().fold(jobwatch_catalogue::Catalogue::builder("test"), |catalogue, name| {
        catalogue.job(JobSpec::every(*name, MINUTE))
    });
    let registry = Registry::new();
    let fails = async |_: RunContext| Err::<(), _>(JobError::retryable("no"));
    let runtime = names
        .iter()
        .filter(|name| name.starts_with("quick"))
        .fold(Runtime::builder(jobs.build().unwrap()), |runtime, name| {
            runtime.job(*name, async |_| Report::default())
        })
        .job("slow", async |_| {
            sleep(Duration::from_secs(15)).await;
            Report::default()
        })
        .job("fails", Job::new(fails).retry(Retry::times(1)))
        .job("asked", async |_| {
            sleep(Duration::from_secs(1)).await;
            Report::default()
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
        assert_eq!(handle.list().await.unwrap().len(), names.len());
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
    for job in names {
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
    let before: Vec<f64> = names.iter().map(|job| accounted(job)).collect();
    let runs = async |job: &str| {
        let history = handle.detail(job, 0).await.unwrap().history;
        history.iter().filter(|run| run.outcome.is_final()).count()
    };
    let mut ran = Vec::new();
    for job in names {
        ran.push(runs(job).await);
    }
    sleep(3 * MINUTE).await;
    for (place, job) in names.iter().enumerate() {
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
    check_at(Pace::AtOnce, part, mischief);
}

fn check_at(pace: Pace, part: Part, mischief: Mischief) {
    let happens = |number: &u64| {
        let trap = Trap::new(pace, vec![(part, mischief, *number)]);
        suffer(&trap);
        trap.calls(part) >= *number
    };
    let calls = (1..).take_while(happens).count();
    // Jobs that are due together are claimed by one.
    assert!(calls > 20, "{calls} calls are too few to prove anything");
}

#[test]
fn where_nothing_goes_wrong_all_jobs_are_listed_by_two_questions_to_the_store() {
    suffer(&Trap::new(Pace::AtOnce, vec![]));
    let trap = Trap::new(Pace::InAWhile, vec![]);
    suffer(&trap);
    let together = trap.together.each_ref().map(|number| number.load(Ordering::Relaxed));
    assert!(together.iter().all(|number| *number > 10), "{together:?} are too few to prove anything");
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
    fn whatever_goes_wrong_together_stops_nothing(
        pace in prop::sample::select(vec![Pace::AtOnce, Pace::InAWhile]),
        faults in prop::collection::vec(fault(), 2..8),
    ) {
        suffer(&Trap::new(pace, faults));
    }
}

#[test]
fn a_log_or_a_clock_that_always_panics_stops_nothing() {
    suffer(&Trap::new(
        Pace::AtOnce,
        vec![(Part::Log, Mischief::Panic, ALWAYS), (Part::Clock, Mischief::Panic, ALWAYS)],
    ));
    suffer(&Trap::new(Pace::AtOnce, vec![(Part::Clock, Mischief::Nonsense, ALWAYS)]));
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
fn a_batch_that_panics_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Panic);
    check_at(Pace::InAWhile, Part::Store, Mischief::PanicLater);
    check_at(Pace::InAWhile, Part::Store, Mischief::PanicOnDrop);
}

#[test]
fn a_batch_that_fails_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Error);
    check_at(Pace::InAWhile, Part::Store, Mischief::LostAnswer);
}

#[test]
fn a_batch_that_hangs_once_stops_nothing() {
    check_at(Pace::InAWhile, Part::Store, Mischief::Hang);
    check_at(Pace::InAWhile, Part::Store, Mischief::Block);
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

//! What becomes of the jobs of a process in which something goes wrong.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::store::Store;
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{Catalogue, Job, JobError, JobSpec, Report, Retry, RunContext, Runtime, Settings};
use prometheus::Registry;
use tokio::time::{Instant, sleep};
use tracing_subscriber::layer::SubscriberExt;

use super::trap::{ALWAYS, Mischief, Pace, Part, Trap, TrapClock, TrapLayer, TrapStore};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

const JOBS: [&str; 6] = ["quick", "slow", "fails", "asked", "quick-too", "quick-as-well"];

/// Jobs of a process, each due once a minute. One of them takes long enough for its lease to be
/// renewed, one fails and tries again, and one is run by people as well. Where the store takes its
/// time, there are more, so that runs end together. The clock is put forward once.
async fn live<S: Store + 'static>(trap: &Arc<Trap>, store: impl FnOnce(Arc<VirtualClock>) -> S) {
    let number = if trap.pace == Pace::AtOnce { 4 } else { JOBS.len() };
    let names = &JOBS[..number];
    let started = "2026-03-01T00:00:00Z".parse().unwrap();
    let clock = Arc::new(VirtualClock::at(started));
    let store = store(clock.clone());
    let jobs = names
        .iter()
        .fold(Catalogue::builder("test"), |catalogue, name| catalogue.job(JobSpec::every(*name, MINUTE)));
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

/// Lets things go wrong, over a store.
pub(crate) fn suffer<S: Store + 'static>(trap: &Arc<Trap>, store: impl FnOnce(Arc<VirtualClock>) -> S) {
    let subscriber = tracing_subscriber::registry().with(TrapLayer(trap.clone()));
    let _log = tracing::subscriber::set_default(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(live(trap, store));
}

/// Lets something go wrong over a store that takes its time, which is new each time: at every so
/// many calls, from each of as many on, so that each call is among them. Of several mischiefs, each
/// has its turn.
#[allow(dead_code, reason = "there may be no such store")]
pub(crate) fn check<S: Store + 'static>(
    (part, every): (Part, u64),
    mischiefs: &[Mischief],
    store: impl Fn(Arc<VirtualClock>) -> S,
) {
    let mut calls = 0;
    for first in 1..=every {
        let turns = mischiefs.iter().cycle().skip(first as usize % mischiefs.len());
        // More than there are of any part.
        let numbers = (first..2_000).step_by(every as usize);
        let faults = numbers.zip(turns).map(|(number, mischief)| (part, *mischief, number));
        let trap = Trap::new(Pace::InAWhile, faults.collect());
        suffer(&trap, &store);
        calls = calls.max(trap.calls(part));
    }
    assert!((20..2_000).contains(&calls), "{calls} calls");
}

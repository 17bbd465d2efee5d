//! Stores that fail, and what must not happen then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use insta::assert_snapshot;
use jobwatch_catalogue::{JobName, JobSpec};
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{JobError, RunContext};
use proptest::prelude::*;

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_at_the_start_is_waited_for() {
    for fault in [Fault::Error, Fault::Hang, Fault::Panic] {
        let scene = Scene::new();
        scene.store.set(fault);
        let process = scene.minutely(async |_| ok());
        pass(10 * MINUTE).await;
        assert_eq!(process.counts(), "");
        let problems = process.handle.readiness().problems;
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].private.contains("the store cannot tell the time: "), "{problems:?}");
        assert!(problems[0].public.ends_with(": the store cannot tell the time"), "{problems:?}");
        assert_eq!(problems[1].public, "job is not scheduled yet");
        let refused = process.handle.trigger("job").await.unwrap_err().to_string();
        assert!(refused.starts_with("the store cannot tell the time"), "{refused}");
        scene.store.set(Fault::None);
        pass(2 * MINUTE).await;
        assert!(process.counts().starts_with("job success"), "{}", process.counts());
        assert!(process.handle.readiness().is_ready());
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_state_cannot_be_read_does_not_keep_those_after_it() {
    for fault in [Fault::Error, Fault::Hang, Fault::Panic] {
        let scene = Scene::new();
        let jobs = ["a", "b", "c"].map(|name| JobSpec::every(name, MINUTE));
        let bodies = ["a", "b", "c"].into_iter();
        let builder =
            bodies.fold(scene.builder(jobs), |builder, name| builder.job(name, async |_: RunContext| ok()));
        scene.store.set_about(JobName::new("b").unwrap(), fault);
        let process = start(builder);
        pass(3 * MINUTE + MINUTE / 2).await;
        assert_eq!(process.counts(), "a success 4\nc success 4\n", "{fault:?}");
        let problems = process.handle.readiness().problems;
        let what = "b is not scheduled yet: the store cannot tell the state";
        assert_eq!(problems[0].public, what);
        assert!(problems[0].private.starts_with(&format!("{what}: ")), "{problems:?}");
        assert_eq!(problems.len(), 1, "{problems:?}");
        scene.store.set(Fault::None);
        pass(MINUTE).await;
        assert!(process.counts().contains("b success"), "{}", process.counts());
        // What became of the others elsewhere is learned, too, when all are late.
        scene.store.set_about(JobName::new("b").unwrap(), fault);
        pass(10 * MINUTE).await;
        assert!(process.counts().contains("c success 15"), "{}", process.counts());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_away_costs_due_times_but_not_the_schedule() {
    for fault in [Fault::Error, Fault::Hang, Fault::Panic] {
        let scene = Scene::new();
        let process = scene.minutely(async |_| ok());
        pass(5 * MINUTE + MINUTE / 2).await;
        scene.store.set(fault);
        pass(10 * MINUTE).await;
        assert!(!process.handle.readiness().is_ready());
        scene.store.set(Fault::None);
        // One that was asked for in vain is asked for again within half a minute.
        pass(MINUTE / 2).await;
        assert!(process.handle.readiness().is_ready());
        assert_snapshot!("a_store_that_goes_away", process.counts());
    }
}

/// A job that writes down its runs, and when they were stopped, in the middle of a run that takes
/// twenty minutes.
async fn in_a_long_run(scene: &Scene, diary: &Diary) -> Process {
    struct OnDrop(Scene, Diary);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.1.note(format!("{} stopped", self.0.time()));
        }
    }
    let (clock, notes) = (scene.clone(), diary.clone());
    let process = start(scene.builder([JobSpec::every("job", 6 * HOUR).timeout(HOUR)]).job(
        "job",
        move |run: RunContext| {
            notes.note(format!("{} {}", clock.time(), run.id()));
            let guard = OnDrop(clock.clone(), notes.clone());
            async move {
                tokio::time::sleep(20 * MINUTE).await;
                drop(guard);
                ok()
            }
        },
    ));
    pass(5 * MINUTE).await;
    process
}

#[tokio::test(start_paused = true)]
async fn a_due_time_whose_lease_was_lost_runs_again_as_another_run() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = in_a_long_run(&scene, &diary).await;
    scene.store.set(Fault::Error);
    // The run is stopped when its lease may not be trusted any more; the store comes back before it
    // has run out.
    pass(Duration::from_millis(27_500)).await;
    scene.store.set(Fault::None);
    pass(30 * MINUTE).await;
    assert_snapshot!(diary.take().join("\n"), @"
    00:00:00 job:1
    00:05:27 stopped
    00:05:28 job:2
    00:25:28 stopped
    ");
    assert_snapshot!(process.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_lease_cannot_be_renewed_is_stopped_before_another_may_take_over() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = in_a_long_run(&scene, &diary).await;
    scene.store.set(Fault::Error);
    pass(10 * MINUTE).await;
    scene.store.set(Fault::None);
    pass(30 * MINUTE).await;
    assert_snapshot!(diary.take().join("\n"), @"
    00:00:00 job:1
    00:05:27 stopped
    00:15:28 job:2
    00:35:28 stopped
    ");
    assert_snapshot!(process.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_costs_no_run() {
    let scene = Scene::new();
    let process =
        start(scene.builder([JobSpec::every("job", 6 * HOUR).timeout(HOUR)]).job("job", async |_| {
            tokio::time::sleep(20 * MINUTE).await;
            ok()
        }));
    pass(5 * MINUTE).await;
    scene.store.set(Fault::Hang);
    pass(Duration::from_secs(15)).await;
    scene.store.set(Fault::None);
    pass(20 * MINUTE).await;
    assert_snapshot!(process.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn an_outcome_is_recorded_when_the_store_is_back() {
    let scene = Scene::new();
    let process =
        start(scene.builder([JobSpec::every("job", 6 * HOUR).timeout(HOUR)]).job("job", async |_| {
            tokio::time::sleep(MINUTE).await;
            Err::<(), _>(JobError::permanent("no"))
        }));
    pass(Duration::from_secs(50)).await;
    scene.store.set(Fault::Error);
    pass(Duration::from_secs(30)).await;
    assert_eq!(process.counts(), "");
    scene.store.set(Fault::None);
    pass(MINUTE).await;
    assert_snapshot!(process.counts(), @"
    job failed 1
    job failures in a row 1
    ");
    assert_eq!(process.handle.detail("job", 0).await.unwrap().history.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_the_machine_slept_a_body_does_nothing_before_its_lease_is_renewed() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let notes = diary.clone();
    let builder = scene.builder([JobSpec::every("job", 6 * HOUR).timeout(HOUR)]);
    let _process = start(builder.job("job", move |_| {
        let notes = notes.clone();
        async move {
            for _ in 0.. {
                tokio::time::sleep(Duration::from_secs(1)).await;
                notes.note("step");
            }
        }
    }));
    pass(5 * MINUTE).await;
    diary.take();
    // To a process whose machine slept, the wall clock has gone on and no time has passed.
    scene.store.set(Fault::Hang);
    scene.clock.step(chrono::TimeDelta::minutes(2));
    pass(Duration::from_secs(20)).await;
    assert_eq!(diary.len(), 0);
    scene.store.set(Fault::None);
    pass(Duration::from_secs(20)).await;
    assert!(diary.len() > 10, "{}", diary.len());
}

/// A plain way to run asynchronous code in simulated time within a property test.
fn simulated<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Calls are lost after they were done, the worst that a network does: runs and skips still add
    /// up to the due times, and the schedule goes on.
    #[test]
    fn on_an_unreliable_network_every_due_time_is_accounted_for(seed in any::<u64>(), percent in 1_u8..60) {
        simulated(async {
            let scene = Scene::new();
            let process = scene.minutely(async |_| {
                tokio::time::sleep(Duration::from_secs(3)).await;
                ok()
            });
            pass(MINUTE / 2).await;
            scene.store.set(Fault::Unreliable { percent, seed });
            pass(6 * HOUR).await;
            scene.store.set(Fault::None);
            pass(3 * MINUTE).await;
            let families = process.registry.gather();
            let accounted: f64 = families
                .iter()
                .filter(|family| ["job_execution_total", "job_execution_skipped_total"].contains(&family.name()))
                .flat_map(|family| family.get_metric())
                .map(|metric| metric.get_counter().get_value())
                .sum();
            // 00:00 to 06:03.
            prop_assert_eq!(accounted, 364.0, "{}", process.counts());
            prop_assert!(process.handle.readiness().is_ready());
            Ok(())
        })?;
    }
}

/// A clock that panics every few times that it is asked, as long as it is told to.
#[derive(Debug)]
struct PanickyClock {
    clock: Arc<VirtualClock>,
    /// Never, if this is zero.
    every: AtomicU64,
    calls: AtomicU64,
}

impl Clock for PanickyClock {
    fn now(&self) -> DateTime<Utc> {
        let every = self.every.load(Ordering::Relaxed);
        if every > 0 && self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(every) {
            std::panic::panic_any("no time");
        }
        self.clock.now()
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_panics_is_not_the_end_of_any_schedule() {
    let counted = |process: &Process| {
        let counts = process.counts();
        let successes = counts.lines().find_map(|line| line.strip_prefix("job success "));
        successes.map_or(0.0, |number| number.parse::<f64>().unwrap())
    };
    // Wherever it happens: in the driver, before a claim, in a body, when a run is recorded.
    for every in 1..40 {
        let scene = Scene::new();
        let clock = PanickyClock { clock: scene.clock.clone(), every: 0.into(), calls: 0.into() };
        let clock = Arc::new(clock);
        let builder =
            scene.builder([JobSpec::every("job", MINUTE)]).clock(clock.clone()).job("job", async |_| {
                tokio::time::sleep(Duration::from_secs(3)).await;
                ok()
            });
        let process = start(builder);
        pass(5 * MINUTE + MINUTE / 2).await;
        clock.every.store(every, Ordering::Relaxed);
        for _ in 0..40 {
            pass(MINUTE / 2).await;
            let _ = process.handle.trigger("job").await;
        }
        clock.every.store(0, Ordering::Relaxed);
        pass(2 * MINUTE).await;
        let before = counted(&process);
        pass(10 * MINUTE).await;
        assert_eq!(counted(&process) - before, 10.0, "every {every} calls: {}", process.counts());
        assert!(process.handle.readiness().is_ready(), "{:?}", process.handle.readiness());
        assert!(process.shut_down().await.is_clean());
    }
}

//! How a process ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::{Job, JobError, RequestError, RunContext, Settings};
use prometheus::Registry;
use tokio::time::Instant;

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

/// A process in the middle of a run that takes so long, and stops when it is told to or does not.
async fn running(scene: &Scene, takes: Duration, stops: bool) -> Process {
    let process = start(scene.builder([JobSpec::every("job", HOUR).timeout(HOUR)]).job(
        "job",
        move |run: RunContext| async move {
            tokio::select! {
                () = tokio::time::sleep(takes) => ok(),
                () = run.cancelled(), if stops => Err(JobError::Cancelled),
            }
        },
    ));
    pass(Duration::from_secs(1)).await;
    process
}

async fn shut_down(process: Process) -> (String, u64) {
    let begun = Instant::now();
    let report = process.shut_down().await;
    let ids = |runs: Vec<jobwatch_runtime::RunId>| {
        runs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let text = format!("interrupted: {}; abandoned: {}", ids(report.interrupted), ids(report.abandoned));
    (text, begun.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_with_nothing_to_do_is_over_at_once() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(MINUTE / 2).await;
    assert_eq!(shut_down(process).await, ("interrupted: ; abandoned: ".to_owned(), 0));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_a_run_that_ends_in_time() {
    let scene = Scene::new();
    let process = running(&scene, Duration::from_secs(15), true).await;
    assert_eq!(shut_down(process).await, ("interrupted: ; abandoned: ".to_owned(), 13));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_end_in_time_is_stopped_and_left_to_the_next_start() {
    let scene = Scene::new();
    let process = running(&scene, 30 * MINUTE, true).await;
    assert_eq!(shut_down(process).await, ("interrupted: job:1; abandoned: ".to_owned(), 20));
    let process = running(&scene, MINUTE, true).await;
    pass(2 * MINUTE).await;
    let history = process.handle.detail("job", 0).await.unwrap().history;
    let outcomes: Vec<String> =
        history.iter().map(|run| format!("{} {}", run.slot.unwrap().format("%H:%M"), run.outcome)).collect();
    assert_eq!(
        outcomes,
        ["00:00 succeeded: 1 succeeded, 0 failed, 0 skipped", "00:00 interrupted: shutdown"]
    );
    assert_snapshot!(process.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_stop_is_dropped_and_its_lease_is_given_back() {
    let scene = Scene::new();
    let process = running(&scene, 30 * MINUTE, false).await;
    assert_eq!(shut_down(process).await, ("interrupted: job:1; abandoned: ".to_owned(), 25));
    let process = running(&scene, MINUTE, false).await;
    assert!(process.handle.detail("job", 0).await.unwrap().status.state.running.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_even_if_the_store_does_not_answer() {
    let scene = Scene::new();
    let process = running(&scene, 30 * MINUTE, true).await;
    scene.store.set(Fault::Hang);
    let (report, seconds) = shut_down(process).await;
    assert_eq!((report.as_str(), seconds), ("interrupted: ; abandoned: job:1", 30));
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_leaves_at_once() {
    let scene = Scene::new();
    let process = running(&scene, 30 * MINUTE, true).await;
    process.handle.shutdown();
    pass(Duration::from_secs(2)).await;
    let begun = Instant::now();
    let report = process.abort().await;
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_asked_for_while_a_shutdown_begins_gives_its_lease_back() {
    for drain in [0, 20] {
        let scene = Scene::new();
        let settings = Settings { drain: Duration::from_secs(drain), ..Settings::default() };
        let job = scene.builder([JobSpec::every("job", HOUR)]).settings(settings);
        let diary = Diary::default();
        let notes = diary.clone();
        let process = start(job.job("job", move |_| {
            notes.note("run");
            async { ok() }
        }));
        pass(2 * MINUTE).await;
        assert_eq!(diary.take(), ["run"]);
        scene.store.set(Fault::Slow(Duration::from_secs(2)));
        let handle = process.handle.clone();
        let asked = tokio::spawn(async move { handle.trigger("job").await });
        pass(Duration::from_secs(1)).await;
        let (report, seconds) = shut_down(process).await;
        assert_eq!((report.as_str(), seconds), ("interrupted: job:2; abandoned: ", 2), "{drain}");
        assert_eq!(asked.await.unwrap(), Err(RequestError::ShuttingDown));
        assert_eq!(diary.take(), [""; 0]);
        scene.store.set(Fault::None);
        let other = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", async |_| ok()));
        pass(Duration::from_millis(1)).await;
        other.handle.trigger("job").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_due_time_that_is_claimed_while_a_shutdown_begins_is_left_to_the_next_start() {
    for drain in [0, 20] {
        let scene = Scene::new();
        let settings = Settings {
            drain: Duration::from_secs(drain),
            start_delay: Duration::ZERO,
            ..Settings::default()
        };
        let endless = async |_: RunContext| std::future::pending::<()>().await;
        let job = scene.builder([JobSpec::every("job", HOUR)]).settings(settings).job("job", endless);
        scene.store.set(Fault::Slow(Duration::from_secs(2)));
        let process = start(job);
        // It asks for the time, for what is known, and for the lease.
        pass(Duration::from_secs(5)).await;
        let (report, seconds) = shut_down(process).await;
        assert_eq!((report.as_str(), seconds), ("interrupted: job:1; abandoned: ", 2), "{drain}");
        scene.store.set(Fault::None);
        let next = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", async |_| ok()));
        pass(Duration::from_secs(1)).await;
        assert_eq!(next.counts(), "job success 1\n");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_can_be_asked_for_once_the_runtime_was_dropped() {
    let scene = Scene::new();
    let builder = scene.builder([JobSpec::every("job", HOUR)]).registry(&Registry::new());
    let runtime = builder.job("job", async |_| ok()).build().unwrap();
    let handle = runtime.handle();
    let dropped = tokio::time::timeout(MINUTE, runtime.run_until(std::future::pending())).await;
    assert!(dropped.is_err());
    assert_eq!(handle.trigger("job").await, Err(RequestError::ShuttingDown));
    assert!(!handle.readiness().is_ready());
}

#[tokio::test(start_paused = true)]
async fn what_tells_of_the_shutdown_and_panics_ends_no_schedule() {
    let scene = Scene::new();
    let builder = scene.builder([JobSpec::every("job", MINUTE)]).registry(&Registry::new());
    let runtime = builder.job("job", async |_| ok()).build().unwrap();
    let handle = runtime.handle();
    let task = tokio::spawn(runtime.run_until(async {
        tokio::time::sleep(MINUTE).await;
        std::panic::panic_any("no signals");
    }));
    pass(10 * MINUTE).await;
    assert_eq!(handle.detail("job", 0).await.unwrap().history.len(), 11);
    handle.shutdown();
    assert!(task.await.unwrap().is_clean());
}

/// In real time, with real threads: a count that never gives its thread back, and a body that does
/// not either.
#[test]
fn a_shutdown_is_over_in_time_even_if_threads_are_blocked() {
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build().unwrap();
    let (free, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = Arc::new(Mutex::new(blocked));
    let second = Duration::from_secs(1);
    let report = threads.block_on(async {
        let scene = Scene::new();
        let settings = Settings {
            start_delay: Duration::ZERO,
            drain: second / 10,
            grace: second / 10,
            store_timeout: second / 10,
            ..Settings::default()
        };
        let jobs = [JobSpec::every("blocks", HOUR), JobSpec::every("counts", HOUR).queue("things")];
        let waits = blocked.clone();
        let counts = Job::new(async |_| ok()).queue(move || {
            let _ = waits.lock().unwrap().recv();
            async { 1 }
        });
        let process =
            start(scene.builder(jobs).settings(settings).job("counts", counts).job("blocks", async |_| {
                std::thread::sleep(Duration::from_secs(5));
                ok()
            }));
        tokio::time::sleep(second / 2).await;
        tokio::time::timeout(3 * second, process.shut_down()).await
    });
    let report = report.expect("the shutdown is over in time");
    assert_eq!(report.abandoned.iter().map(|run| run.to_string()).collect::<Vec<_>>(), ["blocks:1"]);
    drop(free);
    threads.shutdown_background();
}

/// In real time, with real threads: a body that blocks its thread for longer than all that a run
/// may take.
#[test]
fn a_run_that_does_not_end_is_a_problem() {
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let (free, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let tenth = Duration::from_millis(100);
    let settings = Settings {
        start_delay: Duration::ZERO,
        lease: 3 * tenth,
        grace: tenth,
        store_timeout: tenth,
        ..Settings::default()
    };
    let (soon, late) = threads.block_on(async {
        let builder = Scene::new().builder([JobSpec::every("job", HOUR).timeout(Duration::from_secs(1))]);
        let process = start(builder.settings(settings).job("job", move |_| {
            let _ = blocked.lock().unwrap().recv();
            async { ok() }
        }));
        tokio::time::sleep(5 * tenth).await;
        let soon = process.handle.readiness();
        tokio::time::sleep(20 * tenth).await;
        (soon, process.handle.readiness())
    });
    assert!(soon.is_ready(), "{soon:?}");
    let [problem] = late.problems.as_slice() else { panic!("{late:?}") };
    assert_eq!(problem.public, "job:1 does not end: its body blocks a thread");
    drop(free);
    threads.shutdown_background();
}

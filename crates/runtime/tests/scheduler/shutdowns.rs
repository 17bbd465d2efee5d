//! How a process ends.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::{JobError, RunContext};
use tokio::time::Instant;

use crate::scene::{HOUR, MINUTE, Process, Scene, ok, pass, start};

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
    scene.store.set(jobwatch_runtime::store::Fault::Hang);
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

//! Leases that the store grants without an answer, and a shutdown that follows: none is left
//! behind.

use std::time::Duration;

use jobwatch_catalogue::{JobName, JobSpec};
use jobwatch_runtime::store::{Claim, Claimed, Store};
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::{Request, RequestError};
use tokio::time::Instant;

use crate::scene::{HOUR, MINUTE, Process, Scene, ok, pass, start};

const SECOND: Duration = Duration::from_secs(1);

fn job() -> JobName {
    JobName::new("job").unwrap()
}

async fn is_held(scene: &Scene) -> bool {
    scene.store.state(&job()).await.unwrap().running.is_some()
}

/// The runs of the job, the latest first.
async fn history(scene: &Scene) -> Vec<String> {
    let runs = scene.store.history(&job()).await.unwrap();
    runs.iter().map(|run| format!("{} {}", run.id, run.outcome)).collect()
}

/// Shuts down, and answers how many seconds that took.
async fn shut_down(process: Process) -> u64 {
    let begun = Instant::now();
    assert!(process.shut_down().await.is_clean());
    begun.elapsed().as_secs()
}

const SUCCEEDED: &str = "job:1 succeeded: 1 succeeded, 0 failed, 0 skipped";
const GIVEN_BACK: &str = "job:2 interrupted: shutdown";

#[tokio::test(start_paused = true)]
async fn a_due_time_is_given_back_whose_claim_was_given_up() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(MINUTE / 2).await;
    scene.store.set(Fault::Unanswered);
    // Before the store is asked again.
    pass(MINUTE / 2 + 5 * SECOND + SECOND / 2).await;
    scene.store.set(Fault::None);
    assert!(is_held(&scene).await);
    assert_eq!(shut_down(process).await, 0);
    assert!(!is_held(&scene).await);
    assert_eq!(history(&scene).await, [GIVEN_BACK, SUCCEEDED]);
}

#[tokio::test(start_paused = true)]
async fn a_due_time_is_given_back_that_is_claimed_while_the_shutdown_begins() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(MINUTE / 2).await;
    scene.store.set(Fault::Unanswered);
    pass(MINUTE / 2 + 2 * SECOND).await;
    scene.store.set(Fault::None);
    assert_eq!(shut_down(process).await, 2);
    assert_eq!(history(&scene).await, [GIVEN_BACK, SUCCEEDED]);
    assert!(!is_held(&scene).await);
}

/// A process that has run its job, and has asked in vain for it to be run again.
async fn asked_in_vain(scene: &Scene, fault: Fault) -> Process {
    let process = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", async |_| ok()));
    pass(MINUTE).await;
    scene.store.set(fault);
    assert!(matches!(process.handle.trigger("job").await, Err(RequestError::Store(_))));
    process
}

#[tokio::test(start_paused = true)]
async fn a_run_is_given_back_that_somebody_has_asked_for_in_vain() {
    let scene = Scene::new();
    let process = asked_in_vain(&scene, Fault::Unanswered).await;
    scene.store.set(Fault::None);
    assert_eq!(shut_down(process).await, 0);
    assert_eq!(history(&scene).await, [GIVEN_BACK, SUCCEEDED]);
    assert!(!is_held(&scene).await);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_that_is_granted_only_during_the_shutdown() {
    let scene = Scene::new();
    let process = asked_in_vain(&scene, Fault::Hang).await;
    scene.store.set(Fault::None);
    let holder = scene.store.history(&job()).await.unwrap()[0].holder.clone();
    let shutdown = tokio::spawn(shut_down(process));
    pass(2 * SECOND).await;
    // What the store has done by then of what was asked for long ago.
    let (job, request) = (&job(), &Request::default());
    let claim = Claim { job, slot: None, holder: &holder, length: MINUTE, request };
    assert!(matches!(scene.store.claim(claim).await, Ok(Claimed::Granted(_))));
    assert_eq!(shutdown.await.unwrap(), 2);
    assert_eq!(history(&scene).await, [GIVEN_BACK, SUCCEEDED]);
    assert!(!is_held(&scene).await);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_once_the_store_answers_again() {
    let scene = Scene::new();
    let process = asked_in_vain(&scene, Fault::Unanswered).await;
    scene.store.set(Fault::Error);
    let shutdown = tokio::spawn(shut_down(process));
    pass(15 * SECOND).await;
    scene.store.set(Fault::None);
    assert_eq!(shutdown.await.unwrap(), 15);
    assert!(!is_held(&scene).await);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_again_does_not_keep_the_shutdown_from_its_end() {
    for fault in [Fault::Hang, Fault::Error, Fault::Panic] {
        let scene = Scene::new();
        let process = asked_in_vain(&scene, Fault::Unanswered).await;
        scene.store.set(fault);
        assert!((20..=30).contains(&shut_down(process).await), "{fault:?}");
    }
}

//! What is exposed about the due times that a run and a success are awaited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::DateTime;
use jobwatch_catalogue::{JobDraft, JobSpec};
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::{JobError, RunContext};

use crate::scene::{HOUR, MINUTE, Process, Scene, ok, pass, start};

/// Whether the jobs of a test succeed.
#[derive(Clone, Default)]
struct Broken(Arc<AtomicBool>);

impl Broken {
    fn set(&self, broken: bool) {
        self.0.store(broken, Ordering::Relaxed);
    }
}

fn nightly() -> JobDraft {
    JobSpec::cron("job", "0 2 * * *", "UTC").timeout(HOUR)
}

/// A replica that runs a job for ten minutes each time.
fn replica(scene: &Scene, job: JobDraft, broken: &Broken) -> Process {
    let broken = broken.clone();
    start(scene.builder([job]).job("job", move |_: RunContext| {
        let broken = broken.clone();
        async move {
            tokio::time::sleep(10 * MINUTE).await;
            if broken.0.load(Ordering::Relaxed) {
                return Err(JobError::permanent("broken"));
            }
            ok()
        }
    }))
}

#[track_caller]
fn check(process: &Process, expected: &str) {
    let moment = |name: &str| match process.gauge(name) as i64 {
        0 => "none".to_owned(),
        seconds => DateTime::from_timestamp(seconds, 0).unwrap().format("%d %H:%M").to_string(),
    };
    let next = moment("job_next_due_timestamp_seconds");
    let success = moment("job_success_due_timestamp_seconds");
    assert_eq!(format!("next {next}, success {success}"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_success_is_awaited_for_the_first_due_time_since_the_last_one() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let process = replica(&scene, nightly(), &broken);
    pass(HOUR).await;
    check(&process, "next 01 02:00, success 01 02:00");
    assert_eq!(process.gauge("job_timeout_seconds"), 3_600.0);
    pass(HOUR + 5 * MINUTE).await;
    check(&process, "next 02 02:00, success 01 02:00");
    pass(10 * MINUTE).await;
    check(&process, "next 02 02:00, success 02 02:00");
    broken.set(true);
    pass(48 * HOUR).await;
    check(&process, "next 04 02:00, success 02 02:00");
}

#[tokio::test(start_paused = true)]
async fn an_interval_is_due_from_when_the_job_was_first_scheduled() {
    let (scene, broken) = (Scene::new(), Broken::default());
    broken.set(true);
    let process = replica(&scene, JobSpec::every("job", HOUR).timeout(HOUR), &broken);
    pass(90 * MINUTE).await;
    check(&process, "next 01 02:00, success 01 00:00");
    broken.set(false);
    pass(HOUR).await;
    check(&process, "next 01 03:00, success 01 03:00");
}

#[tokio::test(start_paused = true)]
async fn a_due_time_that_nobody_can_claim_stays_in_the_past() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let process = replica(&scene, nightly(), &broken);
    pass(HOUR).await;
    scene.store.set(Fault::Error);
    pass(3 * HOUR).await;
    check(&process, "next 01 02:00, success 01 02:00");
    scene.store.set(Fault::None);
    pass(HOUR).await;
    check(&process, "next 02 02:00, success 02 02:00");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_paused_is_due_for_nothing_and_when_it_is_resumed_for_what_comes_then() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let one = replica(&scene, nightly(), &broken);
    let two = replica(&scene, nightly(), &broken);
    broken.set(true);
    pass(4 * HOUR).await;
    check(&two, "next 02 02:00, success 01 02:00");
    one.handle.pause("job").await.unwrap();
    check(&one, "next none, success none");
    // The other replica asks about jobs that are late.
    pass(2 * MINUTE).await;
    check(&two, "next none, success none");
    pass(30 * 24 * HOUR).await;
    check(&two, "next none, success none");
    one.handle.resume("job").await.unwrap();
    check(&one, "next 01 02:00, success 01 02:00");
    // The other need not hear of that before something is due.
    pass(22 * HOUR + 5 * MINUTE).await;
    broken.set(false);
    pass(10 * MINUTE).await;
    for replica in [&one, &two] {
        check(replica, "next 02 02:00, success 02 02:00");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_enabled_again_is_due_for_what_comes_then() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let process = replica(&scene, nightly(), &broken);
    pass(4 * HOUR).await;
    process.shut_down().await;
    let process = replica(&scene, nightly().enabled(false), &broken);
    pass(30 * 24 * HOUR).await;
    check(&process, "next none, success none");
    process.shut_down().await;
    let process = replica(&scene, nightly(), &broken);
    // The last due time that was missed is run now, and no success is awaited for it.
    pass(MINUTE).await;
    check(&process, "next 01 02:00, success 01 02:00");
}

#[tokio::test(start_paused = true)]
async fn a_due_time_that_passed_while_nobody_was_there_is_late() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let process = replica(&scene, nightly(), &broken);
    pass(4 * HOUR).await;
    process.die().await;
    pass(23 * HOUR).await;
    let process = replica(&scene, nightly(), &broken);
    pass(5 * MINUTE).await;
    check(&process, "next 03 02:00, success 02 02:00");
    pass(10 * MINUTE).await;
    check(&process, "next 03 02:00, success 03 02:00");
}

#[tokio::test(start_paused = true)]
async fn both_replicas_know_of_a_success_whoever_had_it_and_for_whatever_reason() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let one = replica(&scene, nightly(), &broken);
    let two = replica(&scene, nightly(), &broken);
    broken.set(true);
    pass(4 * HOUR).await;
    broken.set(false);
    one.handle.trigger("job").await.unwrap();
    pass(12 * MINUTE).await;
    for replica in [&one, &two] {
        check(replica, "next 02 02:00, success 02 02:00");
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_cannot_be_recorded_is_one_here() {
    let (scene, broken) = (Scene::new(), Broken::default());
    let process = replica(&scene, nightly(), &broken);
    pass(2 * HOUR + 10 * MINUTE - Duration::from_secs(5)).await;
    scene.store.set(Fault::Error);
    pass(5 * MINUTE).await;
    check(&process, "next 02 02:00, success 02 02:00");
}

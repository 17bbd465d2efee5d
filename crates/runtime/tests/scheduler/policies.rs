//! What each job may ask for: another run at the same time, a window, a lease, and room.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_runtime::{Job, JobSpec, Overlap, Request, RequestError, RunContext, Settings};

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, pass, start};

/// A job that is due each minute, takes two and a half, and writes down when it begins and ends.
fn slow(scene: &Scene, overlap: Overlap) -> (Process, Diary) {
    let diary = Diary::default();
    let (notes, at) = (diary.clone(), scene.clone());
    let body = move |run: RunContext| {
        let (notes, at) = (notes.clone(), at.clone());
        async move {
            let due = run.due().unwrap().format("%H:%M").to_string();
            notes.note(format!("{} begins {due}", at.time()));
            tokio::select! {
                () = tokio::time::sleep(5 * MINUTE / 2) => notes.note(format!("{} ends {due}", at.time())),
                () = run.cancelled() => notes.note(format!("{} gives up {due}", at.time())),
            }
        }
    };
    let job = Job::new(body).overlap(overlap);
    (start(scene.builder([JobSpec::every("job", MINUTE).timeout(10 * MINUTE)]).job("job", job)), diary)
}

#[tokio::test(start_paused = true)]
async fn a_due_time_during_a_run_is_skipped_follows_it_or_takes_its_place() {
    let check = async |overlap| {
        let scene = Scene::new();
        let (process, diary) = slow(&scene, overlap);
        pass(19 * MINUTE / 4).await;
        format!("{}\n{}", diary.take().join("\n"), process.counts())
    };
    assert_snapshot!(check(Overlap::Skip).await, @"
    00:00:00 begins 00:00
    00:02:30 ends 00:00
    00:03:00 begins 00:03
    job overlap 3
    job success 1
    ");
    assert_snapshot!(check(Overlap::QueueOne).await, @"
    00:00:00 begins 00:00
    00:02:30 ends 00:00
    00:02:30 begins 00:02
    job overlap 1
    job success 1
    ");
    assert_snapshot!(check(Overlap::CancelOther).await, @"
    00:00:00 begins 00:00
    00:01:00 gives up 00:00
    00:01:00 begins 00:01
    00:02:00 gives up 00:01
    00:02:00 begins 00:02
    00:03:00 gives up 00:02
    00:03:00 begins 00:03
    00:04:00 gives up 00:03
    00:04:00 begins 00:04
    job success 4
    ");
}

#[tokio::test(start_paused = true)]
async fn a_job_has_a_window_of_its_own_for_what_it_missed() {
    let scene = Scene::new();
    let jobs = || ["patient", "strict"].map(|name| JobSpec::every(name, HOUR));
    let builder = || {
        let strict = Job::new(async |_: RunContext| {}).catch_up(10 * MINUTE);
        scene.builder(jobs()).job("patient", async |_: RunContext| {}).job("strict", strict)
    };
    let first = start(builder());
    pass(MINUTE).await;
    first.shut_down().await;
    // Nobody is there at one o'clock.
    pass(HOUR + 20 * MINUTE).await;
    let second = start(builder());
    pass(MINUTE).await;
    assert_snapshot!(second.counts(), @"
    patient success 1
    strict missed 1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_as_long_as_the_job_wants_it() {
    let scene = Scene::new();
    let body = async |_: RunContext| tokio::time::sleep(5 * MINUTE).await;
    let job = || Job::new(body).lease(2 * MINUTE);
    let process = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", job()));
    pass(MINUTE).await;
    let running = process.handle.list().await.unwrap()[0].state.running.clone().unwrap();
    assert_eq!((running.until - running.since).num_seconds(), 120 + 40, "renewed once, after a third of it");
    // Who dies is followed when its lease has run out.
    process.die().await;
    let other = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", job()));
    pass(MINUTE).await;
    assert_eq!(other.handle.list().await.unwrap()[0].state.running.as_ref().unwrap().run().token, 1);
    pass(MINUTE).await;
    assert_eq!(other.handle.list().await.unwrap()[0].state.running.as_ref().unwrap().run().token, 2);
}

#[tokio::test(start_paused = true)]
async fn no_more_runs_go_on_than_there_is_room_for() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let names = ["a", "b", "c", "d", "e"];
    let settings = Settings { start_delay: Duration::ZERO, max_runs: Some(2), ..Settings::default() };
    let builder = scene.builder(names.map(|name| JobSpec::every(name, HOUR))).settings(settings);
    let process = start(names.iter().fold(builder, |builder, name| {
        let (notes, at) = (diary.clone(), scene.clone());
        builder.job(name, move |run: RunContext| {
            let (notes, at) = (notes.clone(), at.clone());
            async move {
                notes.note(format!("{} {}", at.time(), run.job()));
                tokio::time::sleep(MINUTE).await;
            }
        })
    }));
    pass(MINUTE / 2).await;
    assert!(process.handle.readiness().is_ready(), "to wait for room is no trouble");
    assert_snapshot!(process.handle.trigger("e").await.unwrap_err(), @"e is being started at this moment");
    pass(4 * MINUTE).await;
    let begun: Vec<String> = diary.take().iter().map(|line| line[..8].to_owned()).collect();
    assert_eq!(begun, ["00:00:00", "00:00:00", "00:01:00", "00:01:00", "00:02:00"]);
    assert!(process.handle.trigger("e").await.is_ok(), "there is room now");
}

#[tokio::test(start_paused = true)]
async fn who_asks_once_more_for_a_run_is_told_which_it_was_although_there_is_no_room_for_another() {
    let scene = Scene::new();
    let settings = Settings { start_delay: Duration::ZERO, max_runs: Some(1), ..Settings::default() };
    let jobs = scene.builder(["quick", "slow"].map(|name| JobSpec::every(name, HOUR))).settings(settings);
    let slow = async |_: RunContext| tokio::time::sleep(20 * MINUTE).await;
    let process = start(jobs.job("quick", async |_: RunContext| {}).job("slow", slow));
    let other = start(scene.builder([JobSpec::every("quick", HOUR)]).job("quick", slow));
    pass(30 * MINUTE).await;
    let ask = async |process: &Process, key: &str| {
        let request = Request { idempotency_key: Some(key.to_owned()), ..Request::default() };
        process.handle.trigger_with("quick", request).await
    };
    let ended = ask(&process, "one").await.unwrap();
    pass(MINUTE).await;
    let runs = ask(&other, "two").await.unwrap();
    process.handle.trigger("slow").await.unwrap();
    assert_eq!(ask(&process, "one").await.unwrap(), ended);
    assert_eq!(ask(&process, "two").await.unwrap(), runs, "also where it goes on elsewhere");
    let refused = ask(&process, "three").await.unwrap_err();
    assert!(matches!(refused, RequestError::NoRoom { most: 1, .. }), "{refused}");
}

//! Several processes over one store.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::{JobError, RunContext};

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

/// A replica of a minutely job that takes 20 s, and writes down by whom which due time was run.
fn replica(scene: &Scene, diary: &Diary, name: &'static str) -> Process {
    let notes = diary.clone();
    scene.minutely(move |run: RunContext| {
        notes.note(format!("{name} {}", run.due().unwrap().format("%H:%M")));
        async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            ok()
        }
    })
}

#[tokio::test(start_paused = true)]
async fn of_two_replicas_one_runs_each_due_time() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let one = replica(&scene, &diary, "one");
    let two = replica(&scene, &diary, "two");
    pass(10 * MINUTE + MINUTE / 2).await;
    let runs = diary.take();
    let mut slots: Vec<&str> = runs.iter().map(|run| &run[4..]).collect();
    slots.dedup();
    assert_eq!((runs.len(), slots.len()), (11, 11), "{runs:?}");
    assert_snapshot!(format!("one:\n{}two:\n{}", one.counts(), two.counts()), @"
    one:
    job lease_held 5
    job success 6
    two:
    job lease_held 6
    job success 5
    ");
    // Both tell the same about the job, whoever ran it.
    let success = "job_last_success_timestamp_seconds";
    assert_eq!(one.gauge(success), two.gauge(success));
}

#[tokio::test(start_paused = true)]
async fn when_a_replica_dies_another_takes_its_run_over() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let builder = |name: &'static str| {
        let (clock, notes) = (scene.clone(), diary.clone());
        scene.builder([JobSpec::every("job", 6 * HOUR).timeout(HOUR)]).job("job", move |run: RunContext| {
            notes.note(format!("{} {name} runs {}", clock.time(), run.due().unwrap().format("%H:%M")));
            async {
                tokio::time::sleep(10 * MINUTE).await;
                ok()
            }
        })
    };
    let dying = start(builder("one"));
    pass(Duration::from_millis(10)).await;
    let heir = start(builder("two"));
    pass(5 * MINUTE).await;
    scene.store.set(jobwatch_runtime::testing::Fault::None);
    dying.die().await;
    pass(HOUR).await;
    assert_snapshot!(diary.take().join("\n"), @"
    00:00:00 one runs 00:00
    00:05:30 two runs 00:00
    ");
    assert_snapshot!(heir.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_another_replica_has_is_refused_and_can_be_cancelled_from_here() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let notes = diary.clone();
    let builder = |scene: &Scene| scene.builder([JobSpec::every("job", HOUR).timeout(HOUR)]);
    let holder = start(builder(&scene).job("job", move |run: RunContext| {
        let notes = notes.clone();
        async move {
            run.cancelled().await;
            notes.note("told to stop");
            Err::<(), _>(JobError::Cancelled)
        }
    }));
    pass(Duration::from_secs(1)).await;
    let other = start(builder(&scene).job("job", async |_| ok()));
    pass(Duration::from_secs(1)).await;
    let refused = other.handle.trigger("job").await.unwrap_err().to_string();
    assert!(refused.starts_with("job runs already, since 2026-03-01T00:00:00Z at "), "{refused}");
    other.handle.cancel("job").await.unwrap();
    // The holder hears of it when it renews its lease.
    pass(Duration::from_secs(10)).await;
    assert_eq!(diary.take(), ["told to stop"]);
    pass(MINUTE).await;
    assert_snapshot!(format!("holder:\n{}other:\n{}", holder.counts(), other.counts()), @"
    holder:
    other:
    job lease_held 1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_long_run_keeps_its_lease() {
    let scene = Scene::new();
    let body = async |_: RunContext| {
        tokio::time::sleep(50 * MINUTE).await;
        ok()
    };
    let build = || scene.builder([JobSpec::every("job", HOUR).timeout(HOUR)]).job("job", body);
    let (one, two) = (start(build()), start(build()));
    pass(59 * MINUTE).await;
    assert_snapshot!(format!("one:\n{}two:\n{}", one.counts(), two.counts()), @"
    one:
    job success 1
    two:
    job lease_held 1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_asked_for_and_whose_replica_died_is_shown_as_interrupted_also_while_paused() {
    let scene = Scene::new();
    let long = async |_: RunContext| {
        tokio::time::sleep(HOUR).await;
        ok()
    };
    let [one, two] = [0, 1]
        .map(|_| start(scene.builder([JobSpec::every("job", 6 * HOUR).timeout(2 * HOUR)]).job("job", long)));
    pass(2 * HOUR).await;
    one.handle.pause("job").await.unwrap();
    let run = one.handle.trigger("job").await.unwrap();
    one.die().await;
    let shown = async || {
        let status = two.handle.list().await.unwrap().remove(0);
        let history = two.handle.detail("job", 0).await.unwrap().history;
        assert_eq!(status.last_run.as_ref(), history.first());
        let last = status.last_run.map(|run| format!("{} {}", run.id, run.outcome));
        (status.state.running.is_some(), last.unwrap_or_default())
    };
    pass(MINUTE / 4).await;
    assert!(shown().await.0);
    pass(MINUTE / 2).await;
    assert_eq!(shown().await, (false, format!("{run} interrupted: lease lost")));
}

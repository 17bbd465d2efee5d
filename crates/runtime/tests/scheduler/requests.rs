//! What people ask for: trigger, pause, resume, cancel, status.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::{Job, JobError, Report, Request, RequestError, RunContext, Settings};

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

/// A process with an hourly job that takes ten minutes, some time after its first run.
async fn hourly(scene: &Scene, diary: &Diary) -> Process {
    let (clock, notes) = (scene.clone(), diary.clone());
    let builder = scene.builder([JobSpec::every("job", HOUR).timeout(HOUR)]);
    let process = start(builder.job("job", move |run: RunContext| {
        let due = run.due().map_or("asked for".to_owned(), |due| due.format("due %H:%M").to_string());
        notes.note(format!("{} {due} {}", clock.time(), run.id()));
        async move {
            tokio::select! {
                () = tokio::time::sleep(10 * MINUTE) => ok(),
                () = run.cancelled() => Err(JobError::Cancelled),
            }
        }
    }));
    pass(20 * MINUTE).await;
    diary.take();
    process
}

#[tokio::test(start_paused = true)]
async fn a_process_that_runs_only_what_is_asked_for_changes_nothing_about_other_jobs() {
    let scene = Scene::new();
    let service = || {
        let jobs = ["job", "other"].map(|name| JobSpec::every(name, 6 * HOUR));
        scene.builder(jobs).job("job", async |_| ok())
    };
    let state = async |process: &Process| process.handle.detail("other", 0).await.unwrap().status.state;
    let before = start(service().job("other", async |_| ok()));
    pass(MINUTE).await;
    let expected_since = state(&before).await.expected_since;
    before.die().await;

    let settings = Settings { only_on_request: true, ..Settings::default() };
    let once = start(service().settings(settings).job("other", Job::disabled("it has no variables here")));
    pass(24 * HOUR).await;
    assert_eq!(once.counts(), "", "no due time is run");
    let run = once.handle.trigger_and_wait("job", Request::default()).await.unwrap();
    assert_eq!(run.outcome.as_str(), "succeeded");
    assert!(once.handle.trigger("other").await.is_err());
    assert!(once.shut_down().await.is_clean());

    let after = start(service().job("other", async |_| ok()));
    pass(MINUTE).await;
    assert_eq!(state(&after).await.expected_since, expected_since, "it is overdue since then");
}

#[tokio::test(start_paused = true)]
async fn a_job_is_run_when_somebody_asks_for_it_and_then_on_schedule() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    assert_eq!(process.handle.trigger("job").await.unwrap().to_string(), "job:2");
    pass(HOUR).await;
    assert_eq!(diary.take(), ["00:20:00 asked for job:2", "01:00:00 due 01:00 job:3"]);
}

#[tokio::test(start_paused = true)]
async fn of_ten_thousand_triggers_at_once_one_runs() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    let triggers: Vec<_> = (0..10_000)
        .map(|_| {
            let handle = process.handle.clone();
            tokio::spawn(async move { handle.trigger("job").await })
        })
        .collect();
    let mut refused = 0;
    for trigger in triggers {
        if let Err(error) = trigger.await.unwrap() {
            let expected = matches!(error, RequestError::AlreadyRunning(_) | RequestError::Starting(_));
            assert!(expected, "{error}");
            refused += 1;
        }
    }
    assert_eq!((refused, diary.len()), (9_999, 1));
}

#[tokio::test(start_paused = true)]
async fn what_a_run_has_done_so_far_is_told_while_it_runs() {
    let scene = Scene::new();
    let process = scene.minutely(|run: RunContext| async move {
        for succeeded in 1..=3 {
            run.progress(Report { succeeded, ..Report::default() });
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        ok()
    });
    let so_far = async || process.handle.list().await.unwrap()[0].progress.map(|report| report.succeeded);
    pass(MINUTE + Duration::from_secs(5)).await;
    assert_eq!(so_far().await, Some(1));
    pass(Duration::from_secs(20)).await;
    assert_eq!(so_far().await, Some(3));
    pass(Duration::from_secs(20)).await;
    assert_eq!(so_far().await, None);
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_with_the_same_key_is_told_the_same_run_also_by_another_replica_and_after_its_end() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let one = hourly(&scene, &diary).await;
    let two = hourly(&scene, &diary).await;
    let ask = async |process: &Process, key: &str| {
        let (reason, idempotency_key) = (Some("a test".to_owned()), Some(key.to_owned()));
        let request = Request { reason, idempotency_key };
        process.handle.trigger_with("job", request).await.map(|run| run.to_string())
    };
    let first = ask(&one, "a").await;
    assert_eq!(first.as_deref(), Ok("job:2"));
    assert_eq!(ask(&one, "a").await, first);
    assert_eq!(ask(&two, "a").await, first);
    assert!(matches!(ask(&one, "b").await, Err(RequestError::AlreadyRunning(_))));
    pass(11 * MINUTE).await;
    assert_eq!((ask(&one, "a").await, ask(&two, "a").await), (first.clone(), first));
    assert_eq!(diary.take().len(), 1);
    assert_eq!(ask(&two, "b").await.as_deref(), Ok("job:3"));
    let last = one.handle.detail("job", 0).await.unwrap().status.last_run.unwrap();
    assert_eq!(last.request.reason.as_deref(), Some("a test"));
    let long = ask(&one, &"x".repeat(201)).await.unwrap_err();
    assert_snapshot!(long, @"the idempotency key is too long: at most 200 characters");
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_answer_was_lost_is_met_when_it_is_made_again() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    let ask = async || {
        let request = Request { idempotency_key: Some("key".to_owned()), ..Request::default() };
        process.handle.trigger_with("job", request).await
    };
    scene.store.set(Fault::Unreliable { percent: 100, seed: 0 });
    assert!(matches!(ask().await, Err(RequestError::Store(_))));
    scene.store.set(Fault::None);
    let run = ask().await.unwrap();
    pass(Duration::from_millis(1)).await;
    assert_eq!(diary.take(), [format!("00:20:00 asked for {run}")]);
    assert_eq!(ask().await, Ok(run));
}

#[tokio::test(start_paused = true)]
async fn requests_that_cannot_be_met_say_why() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    let handle = &process.handle;
    assert_snapshot!(handle.trigger("jbo").await.unwrap_err(), @"there is no job `jbo`; the jobs are job");
    assert_snapshot!(handle.trigger("no name").await.unwrap_err(), @"there is no job `no name`; the jobs are job");
    assert_snapshot!(handle.cancel("job").await.unwrap_err(), @"job does not run");
    handle.trigger("job").await.unwrap();
    let running = handle.trigger("job").await.unwrap_err().to_string();
    assert!(running.starts_with("job runs already, since 2026-03-01T00:20:00Z at "), "{running}");
    handle.shutdown();
    assert_snapshot!(handle.trigger("job").await.unwrap_err(), @"the service is shutting down");
    let disabled = start(scene.builder([JobSpec::every("job", HOUR).enabled(false)]));
    pass(MINUTE).await;
    assert_snapshot!(disabled.handle.trigger("job").await.unwrap_err(), @"job is disabled: the catalogue says so; mend that and restart");
    assert!(disabled.handle.readiness().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_is_neither_a_success_nor_a_failure_and_is_not_run_again() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    pass(45 * MINUTE).await;
    process.handle.cancel("job").await.unwrap();
    pass(MINUTE).await;
    let detail = process.handle.detail("job", 0).await.unwrap();
    assert_eq!(detail.history[0].outcome.to_string(), "interrupted: cancelled");
    assert_eq!(process.gauge("job_in_progress_since_timestamp_seconds"), 0.0);
    pass(40 * MINUTE).await;
    assert_snapshot!(process.counts(), @"job success 1");
    assert_eq!(diary.take(), ["01:00:00 due 01:00 job:2"]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_survives_a_restart() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(MINUTE / 2).await;
    process.handle.pause("job").await.unwrap();
    pass(2 * MINUTE).await;
    process.shut_down().await;
    let process = scene.minutely(async |_| ok());
    pass(3 * MINUTE).await;
    assert_snapshot!(process.counts(), @"job paused 3");
    let status = process.handle.list().await.unwrap().remove(0);
    assert_eq!((status.state.paused, status.next_run), (true, None));
    process.handle.resume("job").await.unwrap();
    pass(2 * MINUTE).await;
    assert_snapshot!(process.counts(), @"
    job paused 3
    job success 2
    ");
}

#[tokio::test(start_paused = true)]
async fn the_status_tells_the_past_the_present_and_the_future() {
    let (scene, diary) = (Scene::new(), Diary::default());
    let process = hourly(&scene, &diary).await;
    pass(45 * MINUTE).await;
    let detail = process.handle.detail("job", 3).await.unwrap();
    let time = |moment: chrono::DateTime<chrono::Utc>| moment.format("%H:%M").to_string();
    let status = detail.status;
    assert_eq!(status.schedule, "every 1h");
    assert_eq!(status.next_run.map(time).as_deref(), Some("02:00"));
    assert_eq!(detail.upcoming.into_iter().map(time).collect::<Vec<_>>(), ["02:00", "03:00", "04:00"]);
    assert_eq!(
        status.state.running.map(|lease| (time(lease.since), lease.token)),
        Some(("01:00".to_owned(), 2))
    );
    let last = status.last_run.unwrap();
    assert_eq!((time(last.ended), last.id.token), ("00:10".to_owned(), 1));
    assert_eq!(status.state.last_success.map(time).as_deref(), Some("00:10"));
}

#[tokio::test(start_paused = true)]
async fn an_override_changes_what_is_run_and_what_is_exposed() {
    let scene = Scene::new();
    let schedule = jobwatch_catalogue::Schedule::every(10 * MINUTE).unwrap();
    let job = Job::new(async |_| ok()).schedule(schedule).timeout(Duration::from_secs(5));
    let process = start(scene.builder([JobSpec::every("job", HOUR)]).job("job", job));
    assert_eq!(process.gauge("job_schedule_interval_seconds"), 600.0);
    pass(HOUR).await;
    assert_snapshot!(process.counts(), @"job success 7");
    let off =
        start(scene.builder([JobSpec::every("job", HOUR)]).job("job", Job::disabled("SECRET is not set")));
    pass(HOUR).await;
    assert_snapshot!(off.handle.trigger("job").await.unwrap_err(), @"job is disabled: SECRET is not set; mend that and restart");
    assert_eq!((off.counts().as_str(), off.gauge("job_schedule_interval_seconds")), ("", 0.0));
}

/// In real time, with real threads: a trigger and the schedule, or two triggers, ask the store in
/// the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn triggers_from_many_threads_never_run_a_job_twice_at_once() {
    static RUNNING: AtomicU32 = AtomicU32::new(0);
    static OVERLAPS: AtomicU32 = AtomicU32::new(0);
    static GRANTED: AtomicU32 = AtomicU32::new(0);
    let scene = Scene::new();
    let builder = scene.builder([JobSpec::every("job", Duration::from_secs(1))]);
    let process = start(builder.job("job", async |_| {
        OVERLAPS.fetch_add(RUNNING.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(3)).await;
        RUNNING.fetch_sub(1, Ordering::SeqCst);
        ok()
    }));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let handle = process.handle.clone();
            tokio::spawn(async move {
                let mut granted = Vec::new();
                while GRANTED.load(Ordering::Relaxed) < 300 {
                    if let Ok(run) = handle.trigger("job").await {
                        GRANTED.fetch_add(1, Ordering::Relaxed);
                        granted.push(run);
                    }
                    tokio::task::yield_now().await;
                }
                granted
            })
        })
        .collect();
    let mut granted = Vec::new();
    for caller in callers {
        granted.extend(caller.await.unwrap());
    }
    let number = granted.len();
    granted.sort_by_key(|run| run.token);
    granted.dedup();
    assert_eq!(granted.len(), number, "a run was given to two callers");
    assert_eq!(OVERLAPS.load(Ordering::SeqCst), 0);
    process.abort().await;
}

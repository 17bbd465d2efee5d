//! When jobs run, and what becomes of due times that are not run.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::clock::Clock;
use jobwatch_runtime::testing::Fault;
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{JobError, RunContext, Settings};

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

#[tokio::test(start_paused = true)]
async fn a_month_of_six_jobs_runs_every_due_time() {
    let scene = Scene::new();
    let jobs = [
        JobSpec::every("hot_score_refresh", 5 * MINUTE),
        JobSpec::every("trending_score_refresh", HOUR),
        JobSpec::every("clip_sync", 15 * MINUTE),
        JobSpec::every("reputation_tasks", 6 * HOUR),
        JobSpec::every("webhook_retry", MINUTE),
        JobSpec::cron("nightly_report", "0 3 * * *", "Europe/Berlin"),
    ];
    let names = [
        "hot_score_refresh",
        "trending_score_refresh",
        "clip_sync",
        "reputation_tasks",
        "webhook_retry",
        "nightly_report",
    ];
    let builder = names.iter().fold(scene.builder(jobs), |builder, name| {
        builder.job(name, async |_| {
            tokio::time::sleep(Duration::from_secs(2)).await;
            ok()
        })
    });
    let process = start(builder);
    pass(30 * 24 * HOUR - MINUTE).await;
    assert_snapshot!(process.counts(), @"
    clip_sync success 2880
    hot_score_refresh success 8640
    nightly_report success 30
    reputation_tasks success 120
    trending_score_refresh success 720
    webhook_retry success 43199
    ");
}

#[tokio::test(start_paused = true)]
async fn runs_do_not_drift() {
    let scene = Scene::new();
    let diary = Diary::default();
    let (clock, notes) = (scene.clone(), diary.clone());
    scene.minutely(move |_| {
        notes.note(clock.time());
        async {
            tokio::time::sleep(Duration::from_millis(7_300)).await;
            ok()
        }
    });
    pass(3 * MINUTE).await;
    assert_eq!(diary.take(), ["00:00:00", "00:01:00", "00:02:00", "00:03:00"]);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_process_is_scraped_before_it_runs_anything() {
    let scene = Scene::new();
    let diary = Diary::default();
    let (clock, notes) = (scene.clone(), diary.clone());
    let builder = scene.builder([JobSpec::every("job", HOUR)]).settings(Settings::default());
    start(builder.job("job", move |_| {
        notes.note(clock.time());
        async { ok() }
    }));
    pass(29 * Duration::from_secs(1)).await;
    assert_eq!(diary.len(), 0);
    pass(16 * Duration::from_secs(1)).await;
    assert_eq!(diary.len(), 1);
    pass(HOUR).await;
    assert_eq!(diary.take()[1..], ["01:00:00"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_job_neither_starves_under_deploys_nor_runs_at_each_of_them() {
    let scene = Scene::new();
    let diary = Diary::default();
    // Every three hours and a half a new process takes over, which runs for longer than the job's
    // interval once.
    for number in 0..8 {
        let (clock, notes) = (scene.clone(), diary.clone());
        let builder = scene.builder([JobSpec::every("job", 6 * HOUR)]).settings(Settings::default());
        let process = start(builder.job("job", move |_| {
            notes.note(clock.time()[..5].to_owned());
            async { ok() }
        }));
        pass(if number == 5 { 8 * HOUR } else { 7 * HOUR / 2 }).await;
        assert!(process.shut_down().await.is_clean());
    }
    assert_eq!(diary.take(), ["00:00", "06:00", "12:00", "18:00", "00:00", "06:00"]);
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_one_run_makes_up_for_all_that_were_missed() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(MINUTE / 2).await;
    process.shut_down().await;
    pass(HOUR).await;
    let process = scene.minutely(async |_| ok());
    pass(Duration::from_secs(1)).await;
    assert_snapshot!(process.counts(), @"
    job missed 59
    job success 1
    ");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_to_catch_up_with_is_missed() {
    let scene = Scene::new();
    let catch_up = |catch_up| Settings { start_delay: Duration::ZERO, catch_up, ..Settings::default() };
    let nightly =
        || scene.builder([JobSpec::cron("nightly", "0 3 * * *", "UTC")]).job("nightly", async |_| ok());
    let process = start(nightly());
    pass(4 * HOUR).await;
    process.shut_down().await;
    pass(26 * HOUR).await;
    // It is six o'clock of the next day.
    let process = start(nightly().settings(catch_up(HOUR)));
    pass(MINUTE).await;
    assert_snapshot!(process.counts(), @"nightly missed 1");
    process.shut_down().await;
}

#[tokio::test(start_paused = true)]
async fn jitter_puts_runs_off_but_loses_none() {
    let scene = Scene::new();
    let settings =
        Settings { start_delay: Duration::ZERO, jitter: Duration::from_secs(20), ..Settings::default() };
    let diary = Diary::default();
    let (clock, notes) = (scene.clone(), diary.clone());
    let process =
        start(scene.builder([JobSpec::every("job", MINUTE)]).settings(settings).job("job", move |_| {
            notes.note(clock.time());
            async { ok() }
        }));
    pass(HOUR).await;
    let seconds: Vec<u32> = diary.take().iter().map(|time| time[6..].parse().unwrap()).collect();
    assert!(seconds.iter().all(|second| *second <= 20), "{seconds:?}");
    assert!(seconds.iter().any(|second| *second > 10), "{seconds:?}");
    assert!((60..=61).contains(&seconds.len()), "{}", process.counts());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_forward_runs_what_was_skipped_over_once() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(10 * MINUTE).await;
    scene.clock.step(TimeDelta::hours(1));
    pass(10 * MINUTE).await;
    // 21 due times of the time that passed, of which at most one was overtaken by the step, and one
    // for the hour.
    assert_snapshot!(process.counts(), @"
    job missed 59
    job success 22
    ");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_runs_nothing_twice_and_goes_on_when_it_has_caught_up() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| ok());
    pass(10 * MINUTE).await;
    scene.clock.step(TimeDelta::hours(-1));
    pass(59 * MINUTE).await;
    assert_snapshot!(process.counts(), @"job success 11");
    assert!(process.handle.readiness().is_ready());
    pass(10 * MINUTE).await;
    assert_snapshot!(process.counts(), @"job success 20");
}

/// A process whose clock is its own and goes wrong in the middle of a run, while the store's, which
/// is the server's, is right.
async fn check_own_clock(step: TimeDelta, back_after: Duration) {
    let scene = Scene::new();
    let clock = Arc::new(VirtualClock::at(scene.clock.now()));
    let builder = scene.builder([JobSpec::every("job", MINUTE)]).clock(clock.clone());
    let process = start(builder.job("job", async |_| {
        tokio::time::sleep(Duration::from_secs(20)).await;
        ok()
    }));
    pass(10 * MINUTE + Duration::from_secs(12)).await;
    clock.step(step);
    pass(back_after).await;
    clock.step(-step);
    pass(2 * HOUR - 10 * MINUTE - back_after).await;
    assert_eq!(process.counts(), "job success 120\n");
    assert!(process.handle.readiness().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_process_whose_own_clock_is_stepped_goes_by_the_clock_of_the_store() {
    for hours in [-1, 1] {
        for back_after in [Duration::from_secs(3), 5 * MINUTE, 90 * MINUTE] {
            check_own_clock(TimeDelta::hours(hours), back_after).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_exposed_survives_a_restart_before_anything_has_run() {
    let scene = Scene::new();
    let job = || scene.builder([JobSpec::every("job", HOUR)]);
    let body = async |run: RunContext| {
        if run.token() == 1 { ok() } else { Err(JobError::permanent("no")) }
    };
    let first = start(job().job("job", body));
    pass(2 * HOUR + MINUTE).await;
    let exposed = |process: &Process| {
        [
            "job_first_scheduled_timestamp_seconds",
            "job_last_success_timestamp_seconds",
            "job_consecutive_failures",
        ]
        .map(|name| process.gauge(name))
    };
    let before = exposed(&first);
    let midnight = 1_772_323_200.0;
    assert_eq!(before, [midnight, midnight, 2.0]);
    first.shut_down().await;
    pass(10 * MINUTE).await;
    let second = start(job().job("job", body));
    pass(Duration::from_millis(1)).await;
    assert_eq!(exposed(&second), before);
    // The counters begin anew, and no run was due.
    assert_eq!(second.counts(), "job failures in a row 2\n");
}

/// When a minutely job ran, by the clock of the store, which is read anew with each lease.
async fn check_clock_of_store(first_answer: Duration, drift: TimeDelta) {
    let (scene, diary) = (Scene::new(), Diary::default());
    let own = Arc::new(VirtualClock::at(scene.clock.now() - TimeDelta::seconds(3)));
    let (clock, notes) = (scene.clone(), diary.clone());
    scene.store.set(Fault::Slow(first_answer));
    let process = start(scene.builder([JobSpec::cron("job", "* * * * *", "UTC")]).clock(own).job(
        "job",
        move |_: RunContext| {
            notes.note(clock.time());
            async { ok() }
        },
    ));
    pass(3 * first_answer).await;
    scene.store.set(Fault::None);
    for _ in 0..30 {
        pass(MINUTE).await;
        scene.clock.step(drift);
    }
    diary.take();
    pass(5 * MINUTE).await;
    let seconds = |time: &String| time[6..].parse::<u32>().unwrap();
    let runs = diary.take();
    assert_eq!(runs.len(), 5, "{runs:?}");
    assert!(runs.iter().all(|time| seconds(time) <= 2), "{runs:?}");
    assert!(process.handle.readiness().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_answer_of_the_store_is_made_up_for_by_the_first_lease() {
    check_clock_of_store(Duration::from_secs(4), TimeDelta::zero()).await;
}

#[tokio::test(start_paused = true)]
async fn clocks_that_drift_apart_are_followed() {
    check_clock_of_store(Duration::ZERO, TimeDelta::milliseconds(1_200)).await;
    check_clock_of_store(Duration::ZERO, TimeDelta::milliseconds(-1_200)).await;
    check_clock_of_store(Duration::ZERO, TimeDelta::milliseconds(300)).await;
}

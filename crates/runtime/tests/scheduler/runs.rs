//! How runs end.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::middleware::{Around, Middleware, Next};
use jobwatch_runtime::{Job, JobError, Retry, RunContext};

use crate::scene::{Diary, HOUR, MINUTE, Process, Scene, ok, pass, start};

/// The outcomes in the history, newest first.
async fn history(process: &Process) -> String {
    let detail = process.handle.detail("job", 0).await.unwrap();
    detail.history.iter().map(|run| format!("{}\n", run.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_the_failure_of_one_run() {
    let scene = Scene::new();
    let process = scene.minutely(async |run: RunContext| {
        assert_ne!(run.token(), 2, "the second run fails");
        ok()
    });
    pass(3 * MINUTE).await;
    assert_snapshot!(process.counts(), @"
    job failed 1
    job success 3
    ");
    assert_snapshot!(history(&process).await, @"
    succeeded: 1 succeeded, 0 failed, 0 skipped
    succeeded: 1 succeeded, 0 failed, 0 skipped
    failed: panic: assertion `left != right` failed: the second run fails
      left: 2
     right: 2
    succeeded: 1 succeeded, 0 failed, 0 skipped
    ");
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_are_counted_until_the_next_success() {
    let scene = Scene::new();
    let process =
        scene.minutely(
            async |run: RunContext| {
                if run.token() < 4 { Err(JobError::permanent("no such table: clips")) } else { ok() }
            },
        );
    pass(2 * MINUTE).await;
    assert_eq!(process.gauge("job_consecutive_failures"), 3.0);
    pass(MINUTE).await;
    assert_eq!(process.gauge("job_consecutive_failures"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_takes_too_long_is_told_to_stop() {
    let scene = Scene::new();
    let diary = Diary::default();
    let (clock, notes) = (scene.clone(), diary.clone());
    let builder = scene.builder([JobSpec::every("job", HOUR).timeout(5 * MINUTE)]);
    let process = start(builder.job("job", move |run: RunContext| {
        let (clock, notes) = (clock.clone(), notes.clone());
        async move {
            run.cancelled().await;
            notes.note(clock.time());
            Err::<(), _>(JobError::Cancelled)
        }
    }));
    pass(6 * MINUTE).await;
    assert_eq!(diary.take(), ["00:05:00"]);
    assert_snapshot!(history(&process).await, @"failed: stopped after 5m");
    assert_snapshot!(process.counts(), @"
    job failed 1
    job failures in a row 1
    ");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ignores_cancellation_is_dropped_after_the_grace_period() {
    let scene = Scene::new();
    let diary = Diary::default();
    struct OnDrop(Scene, Diary);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.1.note(self.0.time());
        }
    }
    let (clock, notes) = (scene.clone(), diary.clone());
    let builder = scene.builder([JobSpec::every("job", HOUR).timeout(5 * MINUTE)]);
    let process = start(builder.job("job", move |_| {
        let dropped = OnDrop(clock.clone(), notes.clone());
        async move {
            std::future::pending::<()>().await;
            drop(dropped);
            ok()
        }
    }));
    pass(6 * MINUTE).await;
    assert_eq!(diary.take(), ["00:05:05"]);
    assert_snapshot!(process.counts(), @"
    job failed 1
    job failures in a row 1
    ");
    assert_eq!(process.gauge("job_in_progress_since_timestamp_seconds"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_outlasts_its_interval_skips_due_times_and_is_one_run() {
    let scene = Scene::new();
    let process = scene.minutely(async |_| {
        tokio::time::sleep(MINUTE * 5 / 2).await;
        ok()
    });
    pass(9 * MINUTE).await;
    assert_snapshot!(process.counts(), @"
    job overlap 6
    job success 3
    ");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_panics_when_it_is_dropped_harms_nobody() {
    struct PanicOnDrop;
    impl Drop for PanicOnDrop {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                std::panic::panic_any("in drop".to_owned());
            }
        }
    }
    let scene = Scene::new();
    let process = scene.minutely(async |_| {
        let _guard = PanicOnDrop;
        std::future::pending::<()>().await;
        ok()
    });
    pass(11 * MINUTE).await;
    assert_snapshot!(history(&process).await, @"failed: panic: in drop");
}

#[tokio::test(start_paused = true)]
async fn a_run_tries_again_where_the_job_asks_for_it() {
    let scene = Scene::new();
    let diary = Diary::default();
    let (clock, notes) = (scene.clone(), diary.clone());
    let body = move |run: RunContext| {
        notes.note(format!("{} attempt {} of {}", clock.time(), run.attempt(), run.id()));
        async move {
            match run.attempt() {
                1 => Err(JobError::retryable("timeout")),
                2 => Err(JobError::retry_after("429", Duration::from_secs(30))),
                3 => Err(JobError::retryable("timeout")),
                _ => ok(),
            }
        }
    };
    let builder = scene.builder([JobSpec::every("job", HOUR).timeout(5 * MINUTE)]);
    let process = start(builder.job("job", Job::new(body).retry(Retry::times(3))));
    pass(10 * MINUTE).await;
    assert_eq!(
        diary.take(),
        [
            "00:00:00 attempt 1 of job:1",
            "00:00:01 attempt 2 of job:1",
            "00:00:31 attempt 3 of job:1",
            "00:00:35 attempt 4 of job:1",
        ]
    );
    assert_snapshot!(process.counts(), @"job success 1");
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_wait_for_an_attempt_that_it_has_no_time_for() {
    // A server may ask for anything.
    for after in [HOUR, Duration::MAX] {
        let scene = Scene::new();
        let body = move |_: RunContext| async move { Err::<(), _>(JobError::retry_after("429", after)) };
        let builder = scene.builder([JobSpec::every("job", HOUR).timeout(5 * MINUTE)]);
        let process = start(builder.job("job", Job::new(body).retry(Retry::times(3))));
        pass(MINUTE).await;
        let expected = format!("failed: 429 (to be tried again after {} s)\n", after.as_secs());
        assert_eq!(history(&process).await, expected);
        assert_eq!(process.counts(), "job failed 1\njob failures in a row 1\n");
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_is_not_tried_again() {
    let scene = Scene::new();
    let diary = Diary::default();
    let notes = diary.clone();
    let body = move |_: RunContext| {
        notes.note("run");
        async { Err::<(), _>(JobError::permanent("no key")) }
    };
    let builder = scene.builder([JobSpec::every("job", HOUR)]);
    let _process = start(builder.job("job", Job::new(body).retry(Retry::times(3))));
    pass(10 * MINUTE).await;
    assert_eq!(diary.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn middleware_stands_around_every_attempt_the_first_outermost() {
    struct Note(&'static str, Diary);
    impl Middleware for Note {
        fn around<'a>(&'a self, run: RunContext, next: Next<'a>) -> Around<'a> {
            Box::pin(async move {
                self.1.note(format!("{} in", self.0));
                let result = next.run(run).await;
                self.1.note(format!("{} out", self.0));
                result
            })
        }
    }
    let scene = Scene::new();
    let diary = Diary::default();
    let notes = diary.clone();
    let builder = scene.builder([JobSpec::every("job", HOUR)]);
    let builder = builder.middleware(Note("outer", diary.clone())).middleware(Note("inner", diary.clone()));
    let _process = start(builder.job("job", move |_| {
        notes.note("body");
        async { ok() }
    }));
    pass(MINUTE).await;
    assert_eq!(diary.take(), ["outer in", "inner in", "body", "inner out", "outer out"]);
}

#[tokio::test(start_paused = true)]
async fn queues_are_counted_on_their_own_schedule_and_keep_their_last_size() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let scene = Scene::new();
    let job = Job::new(async |_| ok()).queue(|| {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        if call == 2 {
            std::panic::panic_any("at once");
        }
        async move {
            match call {
                0 => Ok(12),
                1 => Err(JobError::retryable("no connection")),
                3 => std::panic::panic_any("later"),
                4 => std::future::pending().await,
                _ => Ok(34),
            }
        }
    });
    let process = start(scene.builder([JobSpec::every("job", HOUR).queue("things")]).job("job", job));
    let mut sizes = Vec::new();
    for _ in 0..7 {
        pass(Duration::from_secs(29)).await;
        sizes.push(process.gauge("job_queue_size"));
        pass(Duration::from_secs(1)).await;
    }
    assert_eq!(sizes, [12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 34.0]);
}

/// In real time, with real threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_blocks_its_thread_does_not_hold_up_the_others() {
    let scene = Scene::new();
    let second = Duration::from_secs(1);
    let jobs = [JobSpec::every("blocks", second).timeout(second), JobSpec::every("job", second)];
    let builder = scene.builder(jobs).job("job", async |_| ok()).job("blocks", async |_| {
        std::thread::sleep(Duration::from_millis(2_500));
        ok()
    });
    let process = start(builder);
    tokio::time::sleep(Duration::from_millis(2_900)).await;
    let detail = process.handle.detail("blocks", 0).await.unwrap();
    assert_eq!(detail.history[0].outcome.to_string(), "failed: stopped after 1s");
    let others = process.handle.detail("job", 0).await.unwrap().history.len();
    assert!(others >= 3, "{others}");
    process.abort().await;
}

/// What was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_body_logs_and_how_it_ends_carries_job_and_run() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .with_target(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let scene = Scene::new();
    let _process = scene.minutely(async |_| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        tracing::info!("from the body");
        std::panic::panic_any("out of luck")
    });
    pass(MINUTE / 2).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let run = text.lines().map(str::trim).filter(|line| line.contains("run{")).collect::<Vec<_>>().join("\n");
    assert_snapshot!(run, @r#"
    INFO run{job_name="job" run_id=job:1 trigger="schedule"}: run started due=2026-03-01 00:00:00 UTC
    INFO run{job_name="job" run_id=job:1 trigger="schedule"}:attempt{job_name="job" run_id=job:1 attempt=1}: from the body
    ERROR run{job_name="job" run_id=job:1 trigger="schedule" outcome="failed"}: run failed: panic: out of luck seconds=5.0
    "#);
}

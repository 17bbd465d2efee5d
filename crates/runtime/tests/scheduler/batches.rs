//! Many jobs that are due together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jobwatch_catalogue::JobSpec;
use jobwatch_runtime::store::MemoryStore;
use jobwatch_runtime::{Report, RunContext, Runtime, RuntimeBuilder, Settings};

use crate::scene::{MINUTE, Scene, pass, start};

const JOBS: usize = 3_000;

fn names() -> impl Iterator<Item = String> {
    (0..JOBS).map(|number| format!("job-{number}"))
}

#[tokio::test(start_paused = true)]
async fn each_runs_at_each_due_time_whether_it_has_to_wait_or_not() {
    let scene = Scene::new();
    let builder = scene.builder(names().map(|name| JobSpec::every(name, MINUTE)));
    let builder = names().enumerate().fold(builder, |builder, (number, name)| {
        builder.job(&name, move |_: RunContext| async move {
            match number % 3 {
                0 => {}
                1 => tokio::task::yield_now().await,
                _ => tokio::time::sleep(Duration::from_secs(3)).await,
            }
            Report::default()
        })
    });
    let process = start(builder);
    pass(9 * MINUTE + MINUTE / 2).await;
    let counts = process.counts();
    let expected: String = {
        let mut lines: Vec<String> = names().map(|name| format!("{name} success 10\n")).collect();
        lines.sort();
        lines.concat()
    };
    assert!(counts == expected, "{}", counts.lines().filter(|line| !line.ends_with(" 10")).count());
    assert!(process.shut_down().await.is_clean());
}

/// Bodies of which a few block their thread until all others have run, for as long as that takes,
/// and not for ever. First runs, which begin as soon as the store has answered for each job, do not
/// count: those after them are due together.
fn blocking(
    runtime: RuntimeBuilder,
    blockers: usize,
    block: fn(&dyn Fn()),
) -> (RuntimeBuilder, Arc<AtomicUsize>) {
    let (done, unblocked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let runtime = names().enumerate().fold(runtime, |runtime, (number, name)| {
        let (done, unblocked) = (done.clone(), unblocked.clone());
        runtime.job(&name, move |run: RunContext| {
            let (done, unblocked) = (done.clone(), unblocked.clone());
            async move {
                if run.token() != 2 {
                    return Report::default();
                }
                if number < blockers {
                    block(&|| {
                        for _ in 0..3_000 {
                            if done.load(Ordering::Acquire) == JOBS - blockers {
                                unblocked.fetch_add(1, Ordering::AcqRel);
                                return;
                            }
                            thread::sleep(Duration::from_millis(10));
                        }
                    });
                } else {
                    done.fetch_add(1, Ordering::AcqRel);
                }
                Report::default()
            }
        })
    });
    (runtime, unblocked)
}

async fn check(blockers: usize, block: fn(&dyn Fn())) {
    let catalogue = names().fold(jobwatch_catalogue::Catalogue::builder("test"), |catalogue, name| {
        catalogue.job(JobSpec::every(name, Duration::from_secs(2)))
    });
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let builder =
        Runtime::builder(catalogue.build().unwrap()).store(MemoryStore::default()).settings(settings);
    let (builder, unblocked) = blocking(builder, blockers, block);
    let runtime = builder.build().unwrap();
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    for _ in 0..4_000 {
        if unblocked.load(Ordering::Acquire) == blockers {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(unblocked.load(Ordering::Acquire), blockers, "some were never started");
    handle.shutdown();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_body_that_blocks_its_thread_does_not_hold_up_those_that_are_due_with_it() {
    check(2, |wait| wait()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_do_more_bodies_than_there_are_threads_if_they_say_that_they_block() {
    check(40, |wait| tokio::task::block_in_place(wait)).await;
}

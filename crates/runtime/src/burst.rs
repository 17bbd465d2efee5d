//! Many runs that are due together.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::core::{Core, Place};
use crate::run;

/// How many runs have to be due together for it to pay off.
const MANY: usize = 32;

/// How many runs a burst has at most: the first are to start before the last are found to be due.
pub(crate) const MOST: usize = 1_024;

/// How often it is looked whether a burst gets on.
const CHECK: Duration = Duration::from_millis(10);

/// How many tasks work at a burst at most.
const MOST_TASKS: usize = 256;

/// After how many runs a task lets others have its thread.
const TURN: usize = 16;

/// Many runs that are due together, and a few tasks that start them one after the other. A run that
/// comes to its end without waiting for anything needs no task of its own, and uses the memory that
/// the one before has just left; one that has to wait is given a task.
#[derive(Debug)]
struct Burst {
    due: Vec<(Place, DateTime<Utc>)>,
    /// The first that nobody has started.
    next: AtomicUsize,
}

/// The bursts under way. A body that blocks its thread holds up the task that started it: those
/// that do not get on are given more tasks.
#[derive(Debug, Default)]
pub(crate) struct Bursts {
    under_way: Vec<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    burst: Arc<Burst>,
    seen: usize,
    tasks: usize,
    check_at: Instant,
}

impl Bursts {
    /// Starts runs of due times, each of which the core has been told of.
    pub(crate) fn start(
        &mut self,
        core: &Arc<Core>,
        spawner: &Handle,
        due: Vec<(Place, DateTime<Utc>)>,
        now: Instant,
    ) {
        if due.len() < MANY {
            for (place, slot) in due {
                spawner.spawn(run::due(core.clone(), place, slot));
            }
            return;
        }
        let tasks = spawner.metrics().num_workers().min(due.len()).min(MOST_TASKS);
        let burst = Arc::new(Burst { due, next: AtomicUsize::new(0) });
        for _ in 0..tasks {
            spawner.spawn(burst.clone().work(core.clone()));
        }
        self.under_way.push(UnderWay { burst, seen: 0, tasks, check_at: now + CHECK });
    }

    /// When to look at the bursts next.
    pub(crate) fn next_check(&self) -> Option<Instant> {
        self.under_way.iter().map(|one| one.check_at).min()
    }

    /// Gives those that have not got on since the last look twice as many tasks.
    pub(crate) fn check(&mut self, core: &Arc<Core>, spawner: &Handle, now: Instant) {
        self.under_way.retain_mut(|one| {
            if now < one.check_at {
                return true;
            }
            one.check_at = now + CHECK;
            let next = one.burst.next.load(Ordering::Relaxed);
            if next == one.seen {
                let more = one.tasks.min(MOST_TASKS - one.tasks);
                one.tasks += more;
                for _ in 0..more {
                    spawner.spawn(one.burst.clone().work(core.clone()));
                }
            }
            one.seen = next;
            next < one.burst.due.len()
        });
    }
}

impl Burst {
    /// Starts one run after the other until all are started.
    async fn work(self: Arc<Self>, core: Arc<Core>) {
        for started in 1.. {
            let Some((place, slot)) = self.due.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return };
            let mut run = Box::pin(run::due(core.clone(), *place, *slot));
            if poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await.is_pending() {
                tokio::spawn(run);
            }
            if started % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}

//! Many runs that are due together.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::engine::core::Busy;
use crate::engine::run;

/// How many runs have to be due together for it to pay off.
const MANY: usize = 32;

/// How many runs a batch has at most: the first are to start before the last are found to be due.
pub(crate) const MOST: usize = 1_024;

/// How often it is looked whether a batch gets on.
const CHECK: Duration = Duration::from_millis(10);

/// How many tasks work at a batch at most.
const MOST_TASKS: usize = 256;

/// After how many runs a task lets others have its thread.
const TURN: usize = 16;

/// A due time to run. Where it is dropped instead, the driver takes it back.
pub(crate) struct Due {
    pub(crate) busy: Busy,
    pub(crate) slot: DateTime<Utc>,
}

/// Many runs that are due together, and a few tasks that start them one after the other. A run that
/// comes to its end without waiting for anything needs no task of its own, and uses the memory that
/// the one before has just left; one that has to wait keeps the task, and another one goes on.
struct Batch {
    /// Those that nobody has started.
    due: Mutex<std::vec::IntoIter<Due>>,
}

/// The batches under way. A body that blocks its thread holds up the task that started it: those
/// that do not get on are given more tasks.
#[derive(Default)]
pub(crate) struct Batches {
    under_way: Vec<UnderWay>,
}

struct UnderWay {
    batch: Arc<Batch>,
    /// How many were left when it was last looked at.
    left: usize,
    tasks: usize,
    check_at: Instant,
}

impl Batches {
    /// Starts runs of due times.
    pub(crate) fn start(&mut self, spawner: &Handle, due: Vec<Due>, now: Instant) {
        if due.len() < MANY {
            for Due { busy, slot } in due {
                spawner.spawn(run::due(busy, slot));
            }
            return;
        }
        let tasks = spawner.metrics().num_workers().min(due.len()).min(MOST_TASKS);
        let left = due.len();
        let batch = Arc::new(Batch { due: Mutex::new(due.into_iter()) });
        for _ in 0..tasks {
            spawner.spawn(batch.clone().work());
        }
        self.under_way.push(UnderWay { batch, left, tasks, check_at: now + CHECK });
    }

    /// When to look at the batches next.
    pub(crate) fn next_check(&self) -> Option<Instant> {
        self.under_way.iter().map(|one| one.check_at).min()
    }

    /// Gives those that have not got on since the last look twice as many tasks.
    pub(crate) fn check(&mut self, spawner: &Handle, now: Instant) {
        self.under_way.retain_mut(|one| {
            if now < one.check_at {
                return true;
            }
            one.check_at = now + CHECK;
            let left = one.batch.due().len();
            if left == one.left {
                let more = one.tasks.min(MOST_TASKS - one.tasks);
                one.tasks += more;
                for _ in 0..more {
                    spawner.spawn(one.batch.clone().work());
                }
            }
            one.left = left;
            left > 0
        });
    }
}

impl Batch {
    /// Has another task start those that are left.
    fn hand_over(self: Arc<Self>) {
        if self.due().len() > 0 {
            tokio::spawn(self.work());
        }
    }

    fn due(&self) -> MutexGuard<'_, std::vec::IntoIter<Due>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts one run after the other until all are started, or one has to wait.
    async fn work(self: Arc<Self>) {
        for started in 1.. {
            let next = self.due().next();
            let Some(Due { busy, slot }) = next else { return };
            let mut run = pin!(run::due(busy, slot));
            if poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await.is_pending() {
                self.hand_over();
                return run.await;
            }
            if started % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}

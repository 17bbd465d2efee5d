//! Many runs that are due together.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::engine::answer::Answer;
use crate::engine::claim::claim_many;
use crate::engine::core::{Busy, Core};
use crate::engine::run;
use crate::engine::supervise::supervised;

/// How many runs a batch has at most: the first are to start before the last are found to be due.
pub(crate) const MOST: usize = 1_024;

/// How many due times are claimed together of a store that decides about each by itself.
const TOGETHER: usize = 16;

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

/// Many runs that are due together, and a few tasks that claim some of them at once and start them
/// one after the other. A run that comes to its end without waiting for anything needs no task of
/// its own, and uses the memory that the one before has just left; one that has to wait keeps the
/// task, and another one goes on.
struct Batch {
    core: Arc<Core>,
    left: Mutex<Left>,
    /// How many of its tasks no thread has taken up yet.
    untouched: AtomicUsize,
}

/// What nobody sees to yet.
struct Left {
    due: std::vec::IntoIter<Due>,
    /// Those that were claimed, each with the store's answer if there was one.
    claimed: VecDeque<(Due, Option<Answer>)>,
}

/// What a task does next.
enum Work {
    Claim(Vec<Due>),
    Run(Due, Option<Answer>),
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
    pub(crate) fn start(&mut self, core: &Arc<Core>, spawner: &Handle, mut due: Vec<Due>, now: Instant) {
        if due.len() < 2 {
            if let Some(Due { busy, slot }) = due.pop() {
                spawner.spawn(run::due(busy, slot, None));
            }
            return;
        }
        let tasks = spawner.metrics().num_workers().min(due.len()).min(MOST_TASKS);
        let left = Left { due: due.into_iter(), claimed: VecDeque::new() };
        let number = left.number();
        let untouched = AtomicUsize::new(0);
        let batch = Arc::new(Batch { core: core.clone(), left: Mutex::new(left), untouched });
        for _ in 0..tasks {
            batch.work_on(spawner);
        }
        self.under_way.push(UnderWay { batch, left: number, tasks, check_at: now + CHECK });
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
            let left = one.batch.left().number();
            // More tasks are of no use while all threads are busy with others.
            if left == one.left && one.batch.untouched.load(Ordering::Acquire) == 0 {
                let more = one.tasks.min(MOST_TASKS - one.tasks);
                one.tasks += more;
                for _ in 0..more {
                    one.batch.work_on(spawner);
                }
            }
            one.left = left;
            left > 0
        });
    }
}

impl Left {
    fn number(&self) -> usize {
        self.due.len() + self.claimed.len()
    }
}

impl Batch {
    /// Has another task see to those that are left.
    fn hand_over(self: &Arc<Self>) {
        if self.left().number() > 0 {
            self.work_on(&Handle::current());
        }
    }

    /// Starts a task.
    fn work_on(self: &Arc<Self>, spawner: &Handle) {
        self.untouched.fetch_add(1, Ordering::AcqRel);
        let batch = self.clone();
        spawner.spawn(async move {
            batch.untouched.fetch_sub(1, Ordering::AcqRel);
            batch.work().await;
        });
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Work> {
        let mut left = self.left();
        if let Some((due, answer)) = left.claimed.pop_front() {
            return Some(Work::Run(due, answer));
        }
        let due: Vec<Due> = left.due.by_ref().take(TOGETHER).collect();
        (!due.is_empty()).then_some(Work::Claim(due))
    }

    /// Sees to one after the other until nothing is left, or a run has to wait.
    async fn work(self: Arc<Self>) {
        let mut started = 0;
        while let Some(work) = self.next() {
            match work {
                Work::Claim(due) => {
                    let mut claim = pin!(supervised("the claims of a batch", self.claim(due)));
                    if poll_fn(|cx| Poll::Ready(claim.as_mut().poll(cx))).await.is_pending() {
                        self.hand_over();
                        let _ = claim.await;
                    }
                }
                Work::Run(due, answer) => {
                    let mut run = pin!(run::due(due.busy, due.slot, answer));
                    if poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await.is_pending() {
                        self.hand_over();
                        return run.await;
                    }
                    started += 1;
                    if started % TURN == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            }
        }
    }

    /// Claims due times together. What the store cannot decide about among others is left to be
    /// asked about alone.
    async fn claim(&self, due: Vec<Due>) {
        let core = &self.core;
        // Who waits for room among the runs of the process claims nothing before there is. Where
        // claims gather, each does so by itself: leases that begin together would end together.
        let answers = if core.claims.gathers() || core.room.is_some() || core.stop.is_raised() {
            Vec::new()
        } else {
            let slots = due.iter().map(|due| (due.busy.index, due.slot)).collect();
            claim_many(core.clone(), slots).await.unwrap_or_default()
        };
        let answers = answers.into_iter().map(Result::ok).chain(std::iter::repeat_with(|| None));
        self.left().claimed.extend(due.into_iter().zip(answers));
    }
}

//! How many connections the jobs may have of a server that gives fewer than are asked for: the
//! runtime's own statements come first.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::time::{sleep, timeout};

use super::reach::reach;
use super::trouble::{Trouble, is_refusal};

/// How often is looked whether the runtime has what it needs.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long the runtime may take to get a connection: longer than its pool rests between two
/// attempts.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often is looked, meanwhile, whether one of its own has become idle.
const IDLE_EVERY: Duration = Duration::from_millis(20);

/// In this time, jobs that wait for a connection learn that they may not ask for one.
const LEARNED: Duration = Duration::from_millis(100);

/// How long it may take to close a connection.
const CLOSING: Duration = Duration::from_secs(1);

/// What the jobs may have, and who comes first.
#[derive(Debug)]
pub(super) struct Share {
    jobs: PgPool,
    runtime: OnceLock<PgPool>,
    most: AtomicU32,
    /// Held by whoever borrows.
    borrowing: Mutex<()>,
    trouble: Trouble,
}

impl Share {
    /// As many as the pool of the jobs has at most.
    pub(super) fn new(jobs: PgPool, trouble: Trouble) -> Self {
        let most = AtomicU32::new(jobs.options().get_max_connections());
        Self { jobs, runtime: OnceLock::new(), most, borrowing: Mutex::new(()), trouble }
    }

    /// How many connections the jobs may have now. None while the runtime waits for its own.
    pub(super) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    /// Whether the jobs may have as many as they are set to.
    pub(super) fn is_whole(&self) -> bool {
        self.most() == self.jobs.options().get_max_connections()
    }

    /// Has the pool of the first runtime over the same database come first.
    pub(super) fn put_first(&self, runtime: &PgPool) {
        let _ = self.runtime.set(runtime.clone());
    }

    /// A connection of the runtime's that is idle, if it has another that is idle as well. The jobs
    /// have it until they give it back: to close it for them would not do, since the runtime could
    /// be the one who gets its place at the server.
    pub(super) fn borrow(&self) -> Option<PoolConnection<Postgres>> {
        let runtime = self.runtime.get()?;
        // Two at once would both see two.
        let _borrowing = self.borrowing.lock().unwrap_or_else(PoisonError::into_inner);
        if runtime.num_idle() > 1 { runtime.try_acquire() } else { None }
    }

    /// The jobs keep the connections that they have, one at least, and get no more until the server
    /// gives more.
    pub(super) fn settle(&self) {
        self.most.store(self.jobs.size().max(1), Ordering::Relaxed);
    }

    /// Looks from time to time whether the runtime has a connection, for ever. While the server
    /// refuses it one, the jobs give theirs back as they become idle.
    pub(super) async fn keep(&self) {
        loop {
            sleep(LOOK_EVERY).await;
            let Some(runtime) = self.runtime.get() else { continue };
            if has_connection(runtime).await {
                if !self.is_whole() && reach(&self.jobs.connect_options()).await.is_ok() {
                    self.most.store(self.jobs.options().get_max_connections(), Ordering::Relaxed);
                }
            } else if self.is_refused().await {
                self.give_back(runtime).await;
            }
        }
    }

    /// Closes connections of the jobs until the runtime has one, or they have none left.
    async fn give_back(&self, runtime: &PgPool) {
        tracing::warn!(
            "the database refuses the runtime a connection; the jobs give back what they do not use"
        );
        self.most.store(0, Ordering::Relaxed);
        loop {
            sleep(LEARNED).await;
            if has_connection(runtime).await || self.jobs.size() == 0 || !self.is_refused().await {
                break;
            }
            self.close_idle().await;
        }
        self.settle();
    }

    /// Closes a connection of the jobs that is idle, if there is one.
    async fn close_idle(&self) {
        if let Some(idle) = self.jobs.try_acquire() {
            // It is gone from the pool in any case.
            let _ = timeout(CLOSING, idle.close()).await;
        }
    }

    /// Whether the server refuses any more connections.
    async fn is_refused(&self) -> bool {
        let Err(error) = reach(&self.jobs.connect_options()).await else { return false };
        self.trouble.note(Some(&error));
        is_refusal(&error)
    }
}

/// Whether a pool has a connection to give in a moment. Asked for one, it waits for a new one while
/// others become idle.
async fn has_connection(pool: &PgPool) -> bool {
    let become_idle = async {
        while pool.num_idle() == 0 {
            sleep(IDLE_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        acquired = timeout(PATIENCE, pool.acquire()) => acquired.is_ok_and(|acquired| acquired.is_ok()),
        () = become_idle => true,
    }
}

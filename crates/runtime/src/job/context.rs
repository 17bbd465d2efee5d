//! What a body knows about its run.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use crate::job::LONGEST;
use crate::job::current::Current;
use crate::job::fence::{Fence, LeaseKeeper};
use crate::job::guard_error::GuardError;
use crate::job::lease::Lease;
use crate::job::outcome::Report;
use crate::job::request::Request;
use crate::job::run_guard::Limits;
use crate::job::run_id::RunId;

/// What a body knows about its run.
#[derive(Clone)]
pub struct RunContext {
    pub(crate) current: Arc<Current>,
    pub(crate) attempt: u32,
    /// Nothing for a run that no runtime knows of.
    pub(crate) keeper: Option<Arc<dyn LeaseKeeper>>,
}

impl RunContext {
    /// A run that no runtime knows of, to call a body with in a test: the first one of its job,
    /// asked for by somebody, and never told to stop.
    pub fn detached(job: JobName) -> Self {
        let limits = Limits { timeout: LONGEST, lease: LONGEST, grace: LONGEST };
        let now = Utc::now();
        let lease =
            Lease { job, slot: None, holder: "nobody".into(), token: 1, since: now, until: now + LONGEST };
        let current = Current::new(lease, Request::default(), limits, tokio::time::Instant::now());
        Self { current: Arc::new(current), attempt: 1, keeper: None }
    }

    /// The job's name.
    pub fn job(&self) -> &JobName {
        &self.current.id.job
    }

    /// The run's name: the same in the log, in the history, and for whoever triggered it. No two
    /// runs of a store share one, so it serves as an idempotency key; attempts of one run have the
    /// same.
    pub fn id(&self) -> &RunId {
        &self.current.id
    }

    /// The fencing token: of two runs of a job, the later has the higher one. Where a write carries
    /// it and the place remembers the highest it has seen, a run that was overtaken can do no harm.
    pub fn token(&self) -> u64 {
        self.current.id.token
    }

    /// The due time that the run is for, or nothing if somebody asked for it.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.current.lease.slot
    }

    /// Which attempt of the run this is, beginning with 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Tells whoever looks what the run has done so far. Nothing is counted for it: what counts is
    /// the report at the end.
    pub fn progress(&self, so_far: Report) {
        self.current.guard.note_progress(so_far);
    }

    /// Whether the run has to stop: it takes too long, the runtime shuts down, somebody cancelled
    /// it, or its lease is lost.
    pub fn is_cancelled(&self) -> bool {
        self.current.guard.stopped().is_some()
    }

    /// Waits until the run has to stop.
    pub async fn cancelled(&self) {
        self.current.guard.token().cancelled().await;
    }

    /// Lets a transaction be committed only if no later run of the job has taken over: call it
    /// first thing in every transaction that must not come late.
    ///
    /// The database remembers the run and keeps other runs of the job waiting until the transaction
    /// ends; then the store is asked whether the lease still holds, which holds it for longer, too.
    /// So a run that was frozen between two writes, and was taken for dead, writes nothing after
    /// the one that followed it has begun to. Where the store uses the same pool of connections,
    /// that takes a second one.
    ///
    /// ```
    /// # #[cfg(feature = "postgres")]
    /// # mod example {
    /// use jobwatch_runtime::{JobError, RunContext};
    /// use sqlx::PgPool;
    ///
    /// async fn pay_out(pool: PgPool, run: RunContext) -> Result<(), JobError> {
    ///     let mut transaction = pool.begin().await?;
    ///     run.guard(&mut transaction).await?;
    ///     sqlx::query("UPDATE payout SET paid = true").execute(&mut *transaction).await?;
    ///     transaction.commit().await?;
    ///     Ok(())
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`GuardError`] if the lease is lost, or nobody can tell.
    pub async fn guard(&self, transaction: &mut impl Fence) -> Result<(), GuardError> {
        if !transaction.pass(self.id()).await.map_err(GuardError::Database)? {
            return Err(GuardError::LeaseLost);
        }
        match &self.keeper {
            Some(keeper) => keeper.confirm(&self.current).await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for RunContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RunContext");
        shown.field("run", self.id()).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

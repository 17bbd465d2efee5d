//! What the runtime knows about one job.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::Schedule;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::engine::request_error::RequestError;
use crate::job::body::Body;
use crate::job::current::Current;
use crate::job::policy::Policy;
use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::metrics::JobMetrics;
use crate::schedule::plan::Plan;
use crate::store::{JobState, StoreError};

/// What the runtime knows about one job beside the catalogue.
pub(crate) struct Entry {
    pub(crate) body: Option<Body<()>>,
    /// That of most jobs is the same.
    pub(crate) policy: Arc<Policy>,
    pub(crate) schedule: Schedule,
    pub(crate) timeout: Duration,
    /// Why the job does not run at all, if it does not.
    pub(crate) disabled: Option<Box<str>>,
    pub(crate) metrics: JobMetrics,
    /// What saw to the job has ended before its time, and the driver has not taken note of it yet.
    pub(crate) is_abandoned: AtomicBool,
    live: Mutex<Live>,
}

/// What changes about a job from run to run.
#[derive(Default)]
pub(crate) struct Live {
    /// Nothing before the store has answered for the first time.
    pub(crate) plan: Option<Plan>,
    pub(crate) current: Option<Arc<Current>>,
    /// What somebody has asked for and is to be answered.
    pub(crate) trigger: Option<Box<Trigger>>,
    /// What the store has said instead of telling what is known about the job, or of letting it run
    /// or end, if it was asked in vain.
    pub(crate) held_up: Option<Box<StoreError>>,
    /// Since when the store is being asked for a lease, if it is.
    pub(crate) claiming_since: Option<Instant>,
    /// Whether the store may have granted a lease of the job to this process, or kept one, without
    /// an answer.
    pub(crate) in_doubt: bool,
    /// The token of the latest run here.
    pub(crate) used: u64,
    /// When the driver will look at the job next.
    pub(crate) scheduled: Option<DateTime<Utc>>,
    /// When the driver will look at the job's run next.
    pub(crate) watched: Option<Instant>,
    /// Whether the job is paused, as far as is known here.
    pub(crate) paused: bool,
    /// The due time that a success is awaited for. Nothing before the store has answered.
    pub(crate) success_due: Option<DateTime<Utc>>,
    /// The due time that is exposed as the next one.
    exposed: Option<DateTime<Utc>>,
    /// Who waits for the end of a run here, if anybody does.
    ended: Option<Arc<Notify>>,
}

const _: () = assert!(size_of::<Entry>() <= 352, "a job takes more memory than it did");

/// A run that somebody has asked for, and the answer that is still to come.
pub(crate) struct Trigger {
    pub(crate) request: Request,
    pub(crate) answer: watch::Receiver<Option<Result<RunId, RequestError>>>,
}

impl Live {
    fn next_unclaimed(&self) -> Option<DateTime<Utc>> {
        self.plan.as_ref().filter(|_| !self.paused).map(Plan::next_unclaimed)
    }

    /// Whether nobody sees to the job, and nothing runs here.
    pub(crate) fn rests(&self) -> bool {
        self.current.is_none() && !self.plan.as_ref().is_some_and(Plan::is_busy)
    }

    /// What is told when a run ends here.
    pub(crate) fn end(&mut self) -> Arc<Notify> {
        self.ended.get_or_insert_default().clone()
    }

    /// No run goes on here any more. Answers the one that did.
    pub(crate) fn take_current(&mut self) -> Option<Arc<Current>> {
        if let Some(ended) = self.ended.take() {
            ended.notify_waiters();
        }
        self.current.take()
    }
}

impl Entry {
    pub(crate) fn new(
        body: Option<Body<()>>,
        policy: Arc<Policy>,
        schedule: Schedule,
        timeout: Duration,
        disabled: Option<Box<str>>,
        metrics: JobMetrics,
    ) -> Self {
        metrics.interval(disabled.is_none().then(|| schedule.longest_gap()));
        metrics.timeout(timeout);
        Self {
            body,
            policy,
            schedule,
            timeout,
            disabled,
            metrics,
            is_abandoned: AtomicBool::new(false),
            live: Mutex::default(),
        }
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        // The lock is held for plain assignments and for the plan, which is computed before it is
        // changed.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the store knows about the job.
    pub(crate) fn refresh(&self, state: &JobState) {
        self.metrics.restore(state.first_scheduled, state.last_success, state.consecutive_failures);
        self.expect(&mut self.live(), state);
    }

    /// Takes note of the due time that a success is awaited for.
    pub(crate) fn expect(&self, live: &mut Live, state: &JobState) {
        live.paused = state.paused;
        let due = |plan: &Plan| plan.success_due(state.expected_since, state.last_success);
        live.success_due = live.plan.as_ref().map(due);
        self.expose_due(live);
    }

    /// Exposes what the job is due for. A job without a plan has not been scheduled yet, or is
    /// disabled.
    pub(crate) fn expose_due(&self, live: &mut Live) {
        live.exposed = live.next_unclaimed();
        let is_scheduled = live.exposed.is_some();
        self.metrics.due(live.exposed, live.success_due.filter(|_| is_scheduled));
    }

    /// The same, where nothing but the plan may have changed. Mostly it has not.
    pub(crate) fn expose_plan(&self, live: &mut Live) {
        if live.next_unclaimed() != live.exposed {
            self.expose_due(live);
        }
    }
}

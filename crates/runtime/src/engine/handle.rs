//! What the rest of a service, and whoever is on call, asks of the runtime.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::{JobName, JobSpec};
use tokio::time::Instant;

use crate::engine::catch_up::catch_up_with_others;
use crate::engine::core::{Core, JobIndex};
use crate::engine::readiness::{Readiness, readiness};
use crate::engine::request_error::RequestError;
use crate::engine::trigger::trigger;
use crate::job::outcome::{Interruption, Report, Stop};
use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::log::log;
use crate::schedule::time::ASK_AGAIN;
use crate::store::{JobState, RunRecord, StoreError};

/// Speaks to a runtime. Copies speak to the same one.
#[derive(Clone)]
pub struct Handle {
    core: Arc<Core>,
}

/// What is known about a job.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobStatus {
    /// The job as the catalogue has it.
    pub spec: JobSpec,
    /// The schedule in force, as in `every 5m`.
    pub schedule: String,
    /// Why it does not run at all, if it does not.
    pub disabled: Option<String>,
    /// What the store knows.
    pub state: JobState,
    /// What the run in progress has done so far, if it runs here and tells.
    pub progress: Option<Report>,
    /// When it will next be run or asked for here. Nothing while the job is disabled, paused, or
    /// not scheduled yet.
    pub next_run: Option<DateTime<Utc>>,
    /// The run that ended last, if one has.
    pub last_run: Option<RunRecord>,
    /// How much waits in its queue, when it was last counted here. Nothing for a job without a
    /// queue.
    pub queue_size: Option<u64>,
}

/// A job with its past and its future.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobDetail {
    /// What is known about it.
    pub status: JobStatus,
    /// The latest runs that ended, newest first.
    pub history: Vec<RunRecord>,
    /// The next due times.
    pub upcoming: Vec<DateTime<Utc>>,
}

impl Handle {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Every job, in the catalogue's order.
    ///
    /// # Errors
    ///
    /// [`RequestError::Store`] if the store does not answer.
    pub async fn list(&self) -> Result<Vec<JobStatus>, RequestError> {
        let core = &self.core;
        let names: Vec<&JobName> = core.catalogue.jobs().iter().map(JobSpec::name).collect();
        let states = core.ask("tell the state", |store| store.states(&names)).await?;
        let last_runs = core.ask("tell the history", |store| store.last_runs(&names)).await?;
        let known = states.into_iter().zip(last_runs).enumerate();
        Ok(known.map(|(index, (state, last_run))| self.status(index, state, last_run)).collect())
    }

    /// One job, with its history and so many of its next due times.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownJob`], or [`RequestError::Store`] if the store does not answer.
    pub async fn detail(&self, job: &str, upcoming: usize) -> Result<JobDetail, RequestError> {
        self.detail_at(self.index(job)?, upcoming).await
    }

    /// Runs a job now, beside its schedule: under the same lease as any run, and even if it is
    /// paused.
    ///
    /// # Errors
    ///
    /// [`RequestError`] says why the job is not run.
    pub async fn trigger(&self, job: &str) -> Result<RunId, RequestError> {
        self.trigger_with(job, Request::default()).await
    }

    /// As [`Handle::trigger`], and says why, or which run is meant, should the answer be lost: see
    /// [`Request`].
    ///
    /// # Errors
    ///
    /// [`RequestError`] says why the job is not run.
    pub async fn trigger_with(&self, job: &str, request: Request) -> Result<RunId, RequestError> {
        let request = request.checked()?;
        let index = self.index(job)?;
        let name = self.core.spec(index).name();
        let entry = &self.core.entries[index];
        if self.core.stop.is_raised() {
            return Err(RequestError::ShuttingDown);
        }
        if let Some(why) = &entry.disabled {
            return Err(RequestError::Disabled { job: name.clone(), why: why.to_string() });
        }
        trigger(&self.core, index, request).await
    }

    /// As [`Handle::trigger_with`], and waits for the end of the run.
    ///
    /// ```
    /// use jobwatch_runtime::{Handle, Outcome, Request, RequestError};
    ///
    /// # async fn example(handle: Handle) -> Result<(), RequestError> {
    /// let run = handle.trigger_and_wait("send_mails", Request::default()).await?;
    /// if let Outcome::Succeeded(report) = run.outcome {
    ///     println!("{} sent {} mails", run.id, report.succeeded);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RequestError`] says why the job is not run, or why nobody knows how it ended.
    pub async fn trigger_and_wait(&self, job: &str, request: Request) -> Result<RunRecord, RequestError> {
        let run = self.trigger_with(job, request).await?;
        self.wait(&run).await
    }

    /// Waits for the end of a run, on whichever replica it goes on.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownRun`] if nothing is known of it any more, [`RequestError::Store`] if
    /// the store does not answer; the run may go on then.
    pub async fn wait(&self, run: &RunId) -> Result<RunRecord, RequestError> {
        let entry = &self.core.entries[self.index(run.job.as_str())?];
        let mut was_missing = false;
        loop {
            let end = entry.live().end();
            let ended = end.notified();
            if let Some(record) = self.history(&run.job).await?.into_iter().find(|record| record.id == *run) {
                return Ok(record);
            }
            let is_here = entry.live().current.as_ref().is_some_and(|current| current.id == *run);
            if !is_here {
                let state = self.core.ask("tell the state", |store| store.state(&run.job)).await?;
                let is_missing = state.running.is_none_or(|lease| lease.run() != *run);
                if is_missing && was_missing {
                    return Err(RequestError::UnknownRun(run.clone()));
                }
                was_missing = is_missing;
            }
            tokio::select! {
                () = ended => {}
                () = tokio::time::sleep(ASK_AGAIN), if !is_here => {}
                () = self.core.abort.raised() => return Err(RequestError::ShuttingDown),
            }
        }
    }

    /// The run of a job that ended last, on whichever replica: what became of it and of its items,
    /// when, and who asked for it. `None` if none has ended.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownJob`], or [`RequestError::Store`] if the store does not answer.
    pub async fn last_run(&self, job: &str) -> Result<Option<RunRecord>, RequestError> {
        let name = self.core.spec(self.index(job)?).name();
        Ok(self.history(name).await?.into_iter().next())
    }

    /// Pauses a job on all replicas, until it is resumed: its due times are skipped. A run in
    /// progress goes on.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownJob`], or [`RequestError::Store`] if the store does not answer.
    pub async fn pause(&self, job: &str) -> Result<(), RequestError> {
        self.set_paused(job, true).await
    }

    /// Resumes a job that was paused.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownJob`], or [`RequestError::Store`] if the store does not answer.
    pub async fn resume(&self, job: &str) -> Result<(), RequestError> {
        self.set_paused(job, false).await
    }

    /// Stops the run of a job: at once if it runs here, and when it next renews its lease if
    /// another replica runs it. Its due time is not run again.
    ///
    /// # Errors
    ///
    /// [`RequestError::NotRunning`], [`RequestError::UnknownJob`], or [`RequestError::Store`] if
    /// the store does not answer.
    pub async fn cancel(&self, job: &str) -> Result<(), RequestError> {
        let index = self.index(job)?;
        let name = self.core.spec(index).name();
        {
            let mut live = self.core.entries[index].live();
            if let Some(current) = live.current.clone() {
                let now = Instant::now();
                current.guard.stop(Stop::Interrupted(Interruption::Cancelled), now);
                self.core.watch(index, &mut live, now + self.core.settings.grace);
                return Ok(());
            }
        }
        let asked = self.core.ask("cancel a run", |store| store.cancel(name)).await?;
        if asked { Ok(()) } else { Err(RequestError::NotRunning(name.clone())) }
    }

    /// Begins a graceful shutdown.
    pub fn shutdown(&self) {
        self.core.stop.raise();
    }

    /// Leaves at once, with everything where it is. Leases run out by themselves.
    pub fn abort(&self) {
        self.core.stop.raise();
        self.core.abort.raise();
    }

    /// Whether every job has a next run or a reason why not, and the store answers.
    pub fn readiness(&self) -> Readiness {
        readiness(&self.core)
    }

    fn index(&self, job: &str) -> Result<JobIndex, RequestError> {
        let index = JobName::new(job).ok().and_then(|name| self.core.index(&name));
        index.ok_or_else(|| self.unknown_job(job))
    }

    /// Whose jobs they are.
    #[cfg(feature = "http")]
    pub(crate) fn service(&self) -> &str {
        self.core.catalogue.service()
    }

    /// There is no job of a name.
    pub(crate) fn unknown_job(&self, name: &str) -> RequestError {
        let known = self.core.catalogue.jobs().iter().map(|job| job.name().to_string()).collect();
        RequestError::UnknownJob { job: name.to_owned(), known }
    }

    async fn history(&self, job: &JobName) -> Result<Vec<RunRecord>, StoreError> {
        self.core.ask("tell the history", |store| store.history(job)).await
    }

    async fn detail_at(&self, index: JobIndex, upcoming: usize) -> Result<JobDetail, RequestError> {
        let core = &self.core;
        let name = core.spec(index).name();
        let state = core.ask("tell the state", |store| store.state(name)).await?;
        let history = self.history(name).await?;
        let status = self.status(index, state, history.first().cloned());
        let now = core.now();
        let upcoming = match &core.entries[index].live().plan {
            Some(plan) if !status.state.paused => plan.upcoming(now, upcoming),
            _ => Vec::new(),
        };
        Ok(JobDetail { status, history, upcoming })
    }

    /// What the store knows about a job, with what is known here.
    fn status(&self, index: JobIndex, state: JobState, last_run: Option<RunRecord>) -> JobStatus {
        let (entry, spec) = (&self.core.entries[index], self.core.spec(index));
        let now = self.core.now();
        let live = entry.live();
        JobStatus {
            spec: spec.clone(),
            schedule: entry.schedule.to_string(),
            disabled: entry.disabled.as_deref().map(str::to_owned),
            next_run: live.plan.as_ref().filter(|_| !state.paused).map(|plan| plan.next_due(now)),
            state,
            progress: live.current.as_ref().and_then(|current| current.guard.progress()),
            last_run,
            queue_size: entry.metrics.last_queue_size(),
        }
    }

    async fn set_paused(&self, job: &str, paused: bool) -> Result<(), RequestError> {
        let index = self.index(job)?;
        let name = self.core.spec(index).name();
        self.core.ask("pause a job", |store| store.pause(name, paused)).await?;
        catch_up_with_others(&self.core, index).await;
        log!(info, job_name = name.as_str(), paused, "job is {}", if paused { "paused" } else { "resumed" });
        Ok(())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("holder", &self.core.holder).finish_non_exhaustive()
    }
}

//! What the rest of a service, and whoever is on call, asks of the runtime.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::{JobName, JobSpec};
use tokio::time::Instant;

use crate::catch::catch;
use crate::core::{Core, Place};
use crate::outcome::{Interruption, Report, Stop};
use crate::request::{Request, TooLong};
use crate::run;
use crate::run_id::RunId;
use crate::store::{Claimed, JobState, Lease, RunRecord, StoreError};

/// Speaks to a runtime. Copies speak to the same one.
#[derive(Clone)]
pub struct Handle {
    core: Arc<Core>,
}

/// What is known about a job.
#[derive(Debug, Clone, PartialEq)]
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
pub struct JobDetail {
    /// What is known about it.
    pub status: JobStatus,
    /// The latest runs that ended, newest first.
    pub history: Vec<RunRecord>,
    /// The next due times.
    pub upcoming: Vec<DateTime<Utc>>,
}

/// A request that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// There is no such job.
    #[error("there is no job `{job}`; the jobs are {}", .known.join(", "))]
    UnknownJob {
        /// The name that was asked for.
        job: String,
        /// The names of all jobs.
        known: Vec<String>,
    },
    /// The job runs already.
    #[error("{} runs already, since {} at {}", .0.job, .0.since.format("%FT%TZ"), .0.holder)]
    AlreadyRunning(Lease),
    /// The job is being started at this moment, by its schedule or by somebody else.
    #[error("{0} is being started at this moment")]
    Starting(JobName),
    /// The job does not run, so that nothing can be cancelled.
    #[error("{0} does not run")]
    NotRunning(JobName),
    /// The job is disabled in the catalogue or by its settings.
    #[error("{job} is disabled: {why}; mend that and restart")]
    Disabled {
        /// The job.
        job: JobName,
        /// Why it is.
        why: String,
    },
    /// What is said about the run is too long.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The runtime shuts down.
    #[error("the service is shutting down")]
    ShuttingDown,
    /// The store has not answered yet, or does not any more.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the runtime does what it is there for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readiness {
    /// What is wrong. Nothing if all is well.
    pub problems: Vec<String>,
}

impl Readiness {
    /// Whether all is well.
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty()
    }
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
        let mut all = Vec::with_capacity(self.core.entries.len());
        for place in 0..self.core.entries.len() {
            all.push(self.detail_at(place, 0).await?.status);
        }
        Ok(all)
    }

    /// One job, with its history and so many of its next due times.
    ///
    /// # Errors
    ///
    /// [`RequestError::UnknownJob`], or [`RequestError::Store`] if the store does not answer.
    pub async fn detail(&self, job: &str, upcoming: usize) -> Result<JobDetail, RequestError> {
        self.detail_at(self.place(job)?, upcoming).await
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
        let place = self.place(job)?;
        let name = self.core.spec(place).name();
        let entry = &self.core.entries[place];
        if self.core.stop.is_raised() {
            return Err(RequestError::ShuttingDown);
        }
        if let Some(why) = &entry.disabled {
            return Err(RequestError::Disabled { job: name.clone(), why: why.clone() });
        }
        {
            let mut live = entry.live();
            if let Some(current) = &live.current {
                if request.is_same(&current.request) {
                    return Ok(current.lease.run());
                }
                return Err(RequestError::AlreadyRunning(current.lease.clone()));
            }
            let Some(plan) = &mut live.plan else { return Err(self.not_started().into()) };
            if !plan.trigger() {
                return Err(RequestError::Starting(name.clone()));
            }
        }
        // What follows goes on when the caller does not: a lease that was granted has to be used.
        let core = self.core.clone();
        let asked = tokio::spawn(async move {
            let answered = catch(Box::pin(claim_and_run(core.clone(), place, request))).await;
            answered.unwrap_or_else(|panic| {
                run::rescue(&core, place, &panic);
                Err(StoreError { action: "grant a lease", reason: format!("it panicked: {panic}") }.into())
            })
        });
        asked.await.unwrap_or(Err(RequestError::ShuttingDown))
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
        let place = self.place(job)?;
        let name = self.core.spec(place).name();
        {
            let mut live = self.core.entries[place].live();
            if let Some(current) = live.current.clone() {
                let now = Instant::now();
                current.control.stop(Stop::Interrupted(Interruption::Cancelled), now);
                self.core.watch(place, &mut live, now + self.core.settings.grace);
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
        let mut problems = Vec::new();
        if self.core.stop.is_raised() {
            problems.push(RequestError::ShuttingDown.to_string());
        }
        if let Some((since, error)) = self.core.store_trouble() {
            problems.push(format!("since {}: {error}", since.format("%FT%TZ")));
        }
        let now = self.core.now();
        for (entry, spec) in self.core.entries.iter().zip(self.core.catalogue.jobs()) {
            let live = entry.live();
            let late = |next: DateTime<Utc>| now - next > chrono::TimeDelta::seconds(90);
            match (&live.plan, live.scheduled) {
                _ if entry.disabled.is_some() => {}
                (None, _) => problems.push(format!("{} is not scheduled yet", spec.name())),
                (Some(plan), None) if !plan.is_busy() => {
                    problems.push(format!("{} has no next run", spec.name()));
                }
                (Some(_), Some(next)) if late(next) => {
                    problems.push(format!(
                        "{} was due at {} and was not looked at",
                        spec.name(),
                        next.format("%FT%TZ")
                    ));
                }
                _ => {}
            }
        }
        Readiness { problems }
    }

    fn place(&self, job: &str) -> Result<Place, RequestError> {
        let place = JobName::new(job).ok().and_then(|name| self.core.places.get(&name).copied());
        place.ok_or_else(|| RequestError::UnknownJob {
            job: job.to_owned(),
            known: self.core.catalogue.jobs().iter().map(|job| job.name().to_string()).collect(),
        })
    }

    async fn detail_at(&self, place: Place, upcoming: usize) -> Result<JobDetail, RequestError> {
        let core = &self.core;
        let (entry, spec) = (&core.entries[place], core.spec(place));
        let state = core.ask("tell the state", |store| store.state(spec.name())).await?;
        let history = core.ask("tell the history", |store| store.history(spec.name())).await?;
        let now = core.now();
        let (next_run, upcoming) = match &entry.live().plan {
            Some(plan) if !state.paused => (Some(plan.next_due(now)), plan.upcoming(now, upcoming)),
            _ => (None, Vec::new()),
        };
        let status = JobStatus {
            spec: spec.clone(),
            schedule: entry.schedule.to_string(),
            disabled: entry.disabled.clone(),
            state,
            progress: entry.live().current.as_ref().and_then(|current| current.control.progress()),
            next_run,
            last_run: history.first().cloned(),
            queue_size: entry.metrics.last_queue_size(),
        };
        Ok(JobDetail { status, history, upcoming })
    }

    async fn set_paused(&self, job: &str, paused: bool) -> Result<(), RequestError> {
        let place = self.place(job)?;
        let name = self.core.spec(place).name();
        self.core.ask("pause a job", |store| store.pause(name, paused)).await?;
        run::catch_up_with_others(&self.core, place).await;
        tracing::info!(
            job_name = name.as_str(),
            paused,
            "job is {}",
            if paused { "paused" } else { "resumed" }
        );
        Ok(())
    }

    /// The store has not answered since the start.
    fn not_started(&self) -> StoreError {
        self.core.store_trouble().map_or_else(
            || StoreError { action: "grant a lease", reason: "the runtime is only just starting".to_owned() },
            |(_, error)| error,
        )
    }
}

/// The rest of a trigger, once the plan knows of it.
async fn claim_and_run(core: Arc<Core>, place: Place, request: Request) -> Result<RunId, RequestError> {
    let asked = Instant::now();
    // A shutdown that begins from here on waits for the answer, so that a lease that is granted is
    // not left behind.
    core.enter();
    let answer =
        if core.stop.is_raised() { None } else { Some(run::ask(&core, place, None, &request).await) };
    let mut live = core.entries[place].live();
    let granted = matches!(answer, Some(Ok(Claimed::Granted(_))));
    let now = core.now();
    let step = live.plan.as_mut().map(|plan| plan.triggered(granted, now)).unwrap_or_default();
    let due = core.apply(place, &mut live, step);
    let Some(Ok(Claimed::Granted(lease))) = answer else {
        drop(live);
        match due {
            // A due time that had to wait for this answer.
            Some(slot) => drop(tokio::spawn(run::due(core.clone(), place, slot))),
            None => core.leave(),
        }
        return match answer.transpose()? {
            None => Err(RequestError::ShuttingDown),
            Some(Claimed::Repeated(run)) => Ok(run),
            Some(Claimed::Held { lease, .. }) => Err(RequestError::AlreadyRunning(lease)),
            Some(_) => Err(RequestError::NotRunning(core.spec(place).name().clone())),
        };
    };
    let id = lease.run();
    let reason = request.reason.clone();
    let current = run::start(&core, place, &mut live, lease, request, asked);
    drop(live);
    // Such a run gives its lease back and does nothing.
    let refused = core.stop.is_raised();
    if !refused {
        tracing::info!(job_name = id.job.as_str(), run_id = %id, reason, "run was asked for");
    }
    tokio::spawn(run::triggered(core, place, current));
    if refused { Err(RequestError::ShuttingDown) } else { Ok(id) }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("holder", &self.core.holder).finish_non_exhaustive()
    }
}

//! What the rest of a service, and whoever is on call, asks of the runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::{JobName, JobSpec};
use tokio::time::Instant;

use crate::catch_up::catch_up_with_others;
use crate::claim;
use crate::core::{Busy, Core, Live, Place};
use crate::log::log;
use crate::outcome::{Interruption, Report, Stop};
use crate::request::{Request, TooLong};
use crate::run;
use crate::run_id::RunId;
use crate::store::{Claimed, JobState, Lease, RunRecord, StoreError};
use crate::supervise::supervised;

/// By how much a look at a job may be late.
const LOOKED_AT: TimeDelta = TimeDelta::seconds(90);

/// How many questions to the store a claim takes at most, one after the other.
const QUESTIONS: u32 = 6;

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
        let busy = {
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
            live.claiming_since = Some(Instant::now());
            Busy::new(&self.core, place)
        };
        // What follows goes on when the caller does not: a lease that was granted has to be used.
        let asked = tokio::spawn(supervised("a trigger", claim_and_run(busy, request)));
        let panicked = |reason| StoreError { action: "grant a lease", reason };
        match asked.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(panicked(format!("it panicked: {panic}")).into()),
            Err(_) => Err(RequestError::ShuttingDown),
        }
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
        let now = self.core.time.now_at();
        for place in 0..self.core.entries.len() {
            problems.extend(self.problem(place, now));
        }
        Readiness { problems }
    }

    /// What is wrong with a job, if anything is: what should have happened to it did not, for so
    /// long that it will not.
    fn problem(&self, place: Place, (now, at): (DateTime<Utc>, Instant)) -> Option<String> {
        let core = &self.core;
        let (entry, name) = (&core.entries[place], core.spec(place).name());
        let settings = &core.settings;
        let live = entry.live();
        if entry.disabled.is_some() {
            return None;
        }
        let Live { plan: Some(plan), current, scheduled, claiming_since, .. } = &*live else {
            let why = live.unknown.as_ref().map_or_else(String::new, |error| format!(": {error}"));
            return Some(format!("{name} is not scheduled yet{why}"));
        };
        if let Some(next) = scheduled.filter(|next| now - next > LOOKED_AT) {
            return Some(format!("{name} was due at {} and was not looked at", next.format("%FT%TZ")));
        }
        if let Some(current) = current {
            // It is told to stop, dropped where it waits, and recorded for as long as that may take.
            let recorded = settings.grace * 2 + settings.lease * 2 + settings.store_timeout * 2;
            let over = at.saturating_duration_since(current.control.deadline() + recorded);
            let run_id = current.lease.run();
            return (!over.is_zero()).then(|| format!("{run_id} does not end: its body blocks a thread"));
        }
        if plan.is_busy() {
            let since = claiming_since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
            let allowed = settings.store_timeout * QUESTIONS;
            let seconds = since.as_secs();
            return (since > allowed).then(|| format!("{name} has been asking for a lease for {seconds} s"));
        }
        scheduled.is_none().then(|| format!("{name} has no next run"))
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
        catch_up_with_others(&self.core, place).await;
        log!(info, job_name = name.as_str(), paused, "job is {}", if paused { "paused" } else { "resumed" });
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
///
/// A shutdown that begins while the job is busy waits for the answer, so that a lease that is granted is
/// not left behind.
async fn claim_and_run(busy: Busy, request: Request) -> Result<RunId, RequestError> {
    let (core, place) = (busy.core.clone(), busy.place);
    let asked = Instant::now();
    let answer =
        if core.stop.is_raised() { None } else { Some(claim::ask(&core, place, None, &request).await) };
    let granted = matches!(answer, Some(Ok(Claimed::Granted(_))));
    let now = core.now();
    let mut live = core.entries[place].live();
    let step = live.plan.as_mut().map(|plan| plan.triggered(granted, now)).unwrap_or_default();
    let due = core.apply(place, &mut live, step);
    let Some(Ok(Claimed::Granted(lease))) = answer else {
        drop(live);
        match due {
            // A due time that had to wait for this answer.
            Some(slot) => drop(tokio::spawn(run::due(busy, slot))),
            None => busy.over(),
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
    tokio::spawn(run::triggered(busy, current));
    if !refused {
        log!(info, job_name = id.job.as_str(), run_id = %id, reason, "run was asked for");
    }
    if refused { Err(RequestError::ShuttingDown) } else { Ok(id) }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("holder", &self.core.holder).finish_non_exhaustive()
    }
}

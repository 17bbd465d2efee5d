//! What goes over the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::token::{self, Caller};
use crate::engine::handle::{JobDetail, JobStatus};
use crate::job::outcome::{Outcome, Report};
use crate::store::{Lease, RunRecord};

/// All jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Jobs {
    /// Whose jobs they are, as the catalogue has it.
    #[schema(example = "clipper")]
    service: String,
    /// The token that the request carried.
    token: Token,
    jobs: Vec<Job>,
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// Its name, as in the log of what is done with it.
    #[schema(example = "alice")]
    name: String,
    /// What it opens.
    permission: Permission,
}

/// What a token opens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Permission {
    /// Looking at jobs.
    Read,
    /// And triggering, pausing, resuming and cancelling them.
    Operate,
}

/// A job and what is known about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Job {
    /// Its name, as in the label `job_name`.
    name: String,
    /// What it does.
    summary: String,
    /// Its schedule in force.
    #[schema(example = "every 5m")]
    schedule: String,
    /// Whether it runs at all.
    enabled: bool,
    /// Why it does not, if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "TWITCH_CLIENT_SECRET is not set")]
    disabled: Option<String>,
    /// Whether its due times are skipped until somebody resumes it.
    paused: bool,
    /// When it will next run. Nothing while it is disabled or paused.
    next_run: Option<DateTime<Utc>>,
    /// The run in progress.
    running: Option<Running>,
    /// The run that ended last.
    last_run: Option<Run>,
    /// When it last succeeded.
    last_success: Option<DateTime<Utc>>,
    /// How often it has failed since.
    consecutive_failures: u32,
    /// What waits in its queue, for a job that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Queue>,
}

/// What waits in a job's queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Queue {
    /// What it is that waits.
    of: String,
    /// How much, when it was last counted.
    size: u64,
}

/// A run in progress.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Running {
    /// Names it, in the log as well.
    #[schema(example = "hot_score_refresh:42")]
    run_id: String,
    /// When it started.
    since: DateTime<Utc>,
    /// The process that runs it.
    holder: String,
    /// The due time that it is for, or nothing if somebody asked for it.
    due: Option<DateTime<Utc>>,
    /// What it has done so far, if it runs here and tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    so_far: Option<Items>,
}

/// What became of the items of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Items {
    /// Those that were handled.
    succeeded: u64,
    /// Those that were attempted in vain.
    failed: u64,
    /// Those that needed nothing done.
    skipped: u64,
}

impl From<Report> for Items {
    fn from(Report { succeeded, failed, skipped }: Report) -> Self {
        Self { succeeded, failed, skipped }
    }
}

/// A run that ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Run {
    /// Names it, in the log as well.
    #[schema(example = "hot_score_refresh:42")]
    run_id: String,
    /// The due time that it was for, or nothing if somebody had asked for it.
    due: Option<DateTime<Utc>>,
    /// When it started.
    since: DateTime<Utc>,
    /// When it ended.
    ended: DateTime<Utc>,
    /// The process that ran it.
    holder: String,
    /// How it ended.
    outcome: OutcomeKind,
    /// The same in words, with the error.
    #[schema(example = "failed: stopped after 15m")]
    message: String,
    /// Why somebody had asked for it, if they said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How a run ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeKind {
    /// It did its work.
    Succeeded,
    /// It did not.
    Failed,
    /// It was stopped for a reason that is not its own.
    Interrupted,
}

/// A job with its past and its future.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Detail {
    #[serde(flatten)]
    job: Job,
    /// The latest runs that ended, newest first.
    history: Vec<Run>,
    /// The next due times.
    upcoming: Vec<DateTime<Utc>>,
}

/// A job to run now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trigger {
    /// Its name.
    #[schema(example = "hot_score_refresh")]
    pub(super) job_name: String,
    /// Why, for the log and the history: at most 1,000 characters.
    #[serde(default)]
    #[schema(example = "the mails of last night are missing")]
    pub(super) reason: Option<String>,
}

/// A run that was asked for and has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Triggered {
    /// Names it, in the log and in the history.
    #[schema(example = "hot_score_refresh:42")]
    pub(super) run_id: String,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    /// The job.
    pub(super) job_name: String,
    /// What became of it.
    #[schema(example = "paused")]
    pub(super) status: &'static str,
}

/// Whether the runtime does what it is there for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ready {
    /// Whether it does.
    pub(super) ready: bool,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    /// What is wrong with that which the jobs can do without for a while.
    pub(super) degraded: Vec<String>,
}

impl Jobs {
    pub(super) fn new(service: &str, caller: &Caller, all: Vec<JobStatus>) -> Self {
        let permission = match caller.permission {
            token::Permission::Read => Permission::Read,
            token::Permission::Operate => Permission::Operate,
        };
        Self {
            service: service.to_owned(),
            token: Token { name: caller.name.to_string(), permission },
            jobs: all.into_iter().map(Job::from).collect(),
        }
    }
}

impl From<JobStatus> for Job {
    fn from(status: JobStatus) -> Self {
        let JobStatus { spec, schedule, disabled, state, progress, next_run, last_run, queue_size } = status;
        Self {
            name: spec.name().to_string(),
            summary: spec.summary().to_owned(),
            schedule,
            enabled: disabled.is_none(),
            disabled,
            paused: state.paused,
            next_run,
            running: state.running.as_ref().map(|lease| Running::new(lease, progress)),
            last_run: last_run.as_ref().map(Run::from),
            last_success: state.last_success,
            consecutive_failures: state.consecutive_failures,
            queue: spec.queue().map(|of| Queue { of: of.to_owned(), size: queue_size.unwrap_or(0) }),
        }
    }
}

impl From<JobDetail> for Detail {
    fn from(detail: JobDetail) -> Self {
        Self {
            history: detail.history.iter().map(Run::from).collect(),
            upcoming: detail.upcoming,
            job: detail.status.into(),
        }
    }
}

impl Running {
    fn new(lease: &Lease, progress: Option<Report>) -> Self {
        Self {
            so_far: progress.map(Items::from),
            run_id: lease.run().to_string(),
            since: lease.since,
            holder: lease.holder.to_string(),
            due: lease.slot,
        }
    }
}

impl From<&RunRecord> for Run {
    fn from(run: &RunRecord) -> Self {
        Self {
            run_id: run.id.to_string(),
            due: run.slot,
            since: run.since,
            ended: run.ended,
            holder: run.holder.to_string(),
            outcome: match run.outcome {
                Outcome::Succeeded(_) => OutcomeKind::Succeeded,
                Outcome::Failed(_) => OutcomeKind::Failed,
                Outcome::Interrupted(_) => OutcomeKind::Interrupted,
            },
            message: run.outcome.to_string(),
            reason: run.request.reason.clone(),
        }
    }
}

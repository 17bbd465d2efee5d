//! One due time, or one trigger, from the claim to the record of how it ended.

use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::engine::catch_up::catch_up_with_others;
use crate::engine::claim::ask;
use crate::engine::core::{Busy, Core, JobIndex, Live, Message};
use crate::engine::record::record;
use crate::engine::supervise::supervised;
use crate::job::body::{AnyJob, Retry, RunContext};
use crate::job::current::Current;
use crate::job::middleware::{Around, Next};
use crate::job::outcome::{Interruption, JobError, Outcome, Report, Stop};
use crate::job::request::Request;
use crate::job::run_guard::{GuardedBody, RunGuard};
use crate::log::{in_span, log, span};
use crate::schedule::plan::Answered;
use crate::store::{Claimed, Lease};

/// Claims a due time and runs it, if it is granted. Goes on as long as the plan names another.
pub(crate) async fn due(busy: Busy, slot: DateTime<Utc>) {
    // Whoever is told of a panic is the driver, as the job is dropped.
    let _ = supervised("a run", async move {
        due_times(&busy, Some(slot)).await;
        busy.over();
    })
    .await;
}

/// Runs a job for somebody who asked for it and was granted a lease, and goes on as [`due`] does.
pub(crate) async fn triggered(busy: Busy, current: Arc<Current>) {
    let _ = supervised("a run", async move {
        let claim = run(&busy.core, busy.index, current, Instant::now()).await;
        due_times(&busy, claim).await;
        busy.over();
    })
    .await;
}

async fn due_times(busy: &Busy, mut claim: Option<DateTime<Utc>>) {
    let (core, index) = (&busy.core, busy.index);
    while let Some(slot) = claim.take().filter(|_| !core.stop.is_raised()) {
        let asked = Instant::now();
        let answer = ask(core, index, Some(slot), &Request::default()).await;
        if matches!(answer, Ok(Claimed::Early(_))) {
            // Our clock is ahead of the store's, or was when it was last compared. The plan is to
            // count from the right moment.
            let _ = core.set_clock().await;
        }
        let answered = match &answer {
            Ok(Claimed::Granted(_)) => Answered::Granted,
            Ok(Claimed::Held { remaining, .. }) => Answered::Held(*remaining),
            Ok(Claimed::Done | Claimed::Repeated(_)) => Answered::Done,
            Ok(Claimed::Paused) => Answered::Paused,
            Ok(Claimed::Early(by)) => Answered::Early(*by),
            Err(_) => Answered::Nothing,
        };
        if answered == Answered::Granted && core.entries[index].live().paused {
            // Somebody has resumed it elsewhere, and it is expected to run since then.
            catch_up_with_others(core, index).await;
        }
        let (now, answered_at) = core.time.now_at();
        let current = {
            let mut live = core.entries[index].live();
            live.paused |= answered == Answered::Paused;
            let Some(plan) = &mut live.plan else { break };
            let step = plan.answered(answered, now);
            claim = core.apply(index, &mut live, step);
            if let Ok(Claimed::Granted(lease)) = answer {
                Some(start(core, index, &mut live, lease, Request::default(), asked))
            } else {
                None
            }
        };
        if let Some(current) = current {
            claim = run(core, index, current, answered_at).await;
        } else if answered == Answered::Done {
            catch_up_with_others(core, index).await;
        }
        if claim.is_some() {
            // A job that is always due again must not keep its thread for itself.
            tokio::task::yield_now().await;
        }
    }
}

/// Notes that a run begins.
pub(crate) fn start(
    core: &Core,
    index: JobIndex,
    live: &mut Live,
    lease: Lease,
    request: Request,
    asked: Instant,
) -> Arc<Current> {
    let limits = core.limits(index);
    let current = Arc::new(Current::new(lease, request, limits, asked));
    live.used = current.lease.token;
    live.current = Some(current.clone());
    core.watch(index, live, RunGuard::first_watch(limits, asked));
    current
}

async fn missing(_: RunContext) -> Result<Report, JobError> {
    Err(JobError::Permanent("the job has no body".to_owned()))
}

/// Runs the body and records how it ended. Answers the due time to claim next, if there is one
/// already.
async fn run(core: &Core, index: JobIndex, current: Arc<Current>, started: Instant) -> Option<DateTime<Utc>> {
    let Current { id, guard, lease, .. } = current.as_ref();
    let entry = &core.entries[index];
    // The builder refuses a job that may run and has no body.
    let body = entry.body.as_deref().unwrap_or(&missing);
    let span = span(|| tracing::info_span!("run", job_name = lease.job.as_str(), run_id = %id));
    let run = async {
        entry.metrics.started(lease.since);
        log!(info, due = lease.slot.map(tracing::field::display), "run started");
        if core.stop.is_raised() {
            // The lease was granted while the shutdown began, and is given back unused.
            guard.stop_at_once(Stop::Interrupted(Interruption::Shutdown), started);
        }
        let ended = {
            let slept = |at| core.time.is_stepped(at) && core.messages.send(Message::Wake).is_ok();
            let body = pin!(Some(attempts(core, body, &current)));
            GuardedBody { guard, slept: &slept, body }.await
        };
        // What passes until the store has answered is seen at the next look, which is due then.
        let (now, ended_at) = core.time.now_at();
        let took = ended_at - started;
        let outcome = record(core, index, lease, Outcome::of(ended, guard.stopped()), (now, took)).await;
        let seconds = took.as_secs_f64();
        match &outcome {
            Outcome::Succeeded(_) => log!(info, seconds, "run {outcome}"),
            Outcome::Failed(_) => log!(error, seconds, "run {outcome}"),
            Outcome::Interrupted(_) => log!(warn, seconds, "run {outcome}"),
        }
        core.note(lease, &outcome);
        let mut live = entry.live();
        live.current = None;
        let step = live.plan.as_mut()?.ended(outcome.is_final(), now);
        core.apply(index, &mut live, step)
    };
    in_span(span, pin!(run)).await
}

/// Tries until the job succeeds, fails for good, or has no time left.
async fn attempts(core: &Core, body: &dyn AnyJob, current: &Arc<Current>) -> Result<Report, JobError> {
    let attempt = |attempt| {
        let context = RunContext { current: current.clone(), attempt };
        Next { rest: &core.middlewares, body }.run(context)
    };
    match attempt(1).await {
        // Boxed: a run that needs no further attempt is smaller without.
        Err(error) => Box::pin(further_attempts(attempt, body.retry(), &current.guard, error)).await,
        done => done,
    }
}

/// Tries again after an error, as long as the job asks for it and there is time.
async fn further_attempts<'a>(
    next: impl Fn(u32) -> Around<'a>,
    retry: Retry,
    guard: &RunGuard,
    mut error: JobError,
) -> Result<Report, JobError> {
    let mut waits = retry.waits();
    for attempt in 1.. {
        let wait = match &error {
            JobError::Retryable(_) => waits.next(),
            JobError::RetryAfter { after, .. } => waits.next().map(|wait| wait.max(*after)),
            JobError::Permanent(_) | JobError::Cancelled => None,
        };
        let left = guard.deadline().saturating_duration_since(Instant::now());
        let Some(wait) = wait.filter(|wait| *wait < left) else { break };
        log!(warn, attempt, %error, wait_seconds = wait.as_secs_f64(), "attempt failed; the run tries again");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = guard.token().cancelled() => break,
        }
        match next(attempt + 1).await {
            Err(again) => error = again,
            done => return done,
        }
    }
    Err(error)
}

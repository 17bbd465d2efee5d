//! One due time, or one trigger, from the claim to the record of how it ended.

use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::engine::catch_up::catch_up_with_others;
use crate::engine::claim::ask;
use crate::engine::core::{Busy, Core, JobIndex, Message};
use crate::engine::entry::{Entry, Live};
use crate::engine::record::record;
use crate::engine::renewal::renew;
use crate::engine::supervise::supervised;
use crate::job::body::Running;
use crate::job::context::RunContext;
use crate::job::current::Current;
use crate::job::error::JobError;
use crate::job::fence::{FenceAnswer, LeaseKeeper};
use crate::job::guard_error::GuardError;
use crate::job::guarded_body::GuardedBody;
use crate::job::lease::Lease;
use crate::job::middleware::Next;
use crate::job::outcome::{Interruption, Outcome, Report, Stop};
use crate::job::request::Request;
use crate::job::retry::Retry;
use crate::job::run_guard::RunGuard;
use crate::log::{heard, in_span, log, span};
use crate::schedule::plan::Answered;
use crate::store::{Claimed, Renewed};

/// Claims a due time and runs it, if it is granted. Goes on as long as the plan names another.
pub(crate) async fn due(mut busy: Busy, slot: DateTime<Utc>) {
    // Whoever is told of a panic is the driver, as the job is dropped.
    let _ = supervised("a run", async move {
        due_times(&mut busy, Some(slot)).await;
        busy.over();
    })
    .await;
}

/// Runs a job for somebody who asked for it and was granted a lease, and goes on as [`due`] does.
pub(crate) async fn triggered(mut busy: Busy, current: Arc<Current>) {
    let _ = supervised("a run", async move {
        let claim = run(&busy.core, busy.index, current).await;
        due_times(&mut busy, claim).await;
        busy.over();
    })
    .await;
}

async fn due_times(busy: &mut Busy, mut claim: Option<DateTime<Utc>>) {
    while let Some(slot) = claim.take().filter(|_| !busy.core.stop.is_raised()) {
        if busy.core.room.is_some() {
            // Boxed: without a bound, a run is smaller without.
            Box::pin(busy.take_room()).await;
            if busy.core.stop.is_raised() {
                break;
            }
        }
        // Not a copy, which all runs would count in the same place.
        let (core, index) = (&busy.core, busy.index);
        let (answer, asked) = ask(core, index, Some(slot), &Request::default()).await;
        core.note_answer(index, &answer);
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
        let now = core.now();
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
            claim = run(core, index, current).await;
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
    live.held_up = None;
    live.in_doubt = false;
    live.current = Some(current.clone());
    core.watch(index, live, RunGuard::first_watch(limits, asked));
    current
}

/// The builder refuses a job that may run and has no body.
fn missing(_: RunContext) -> Running {
    Box::pin(async { Err(JobError::permanent("the job has no body")) })
}

/// Runs the body and records how it ended. Answers the due time to claim next, if there is one
/// already.
async fn run(core: &Arc<Core>, index: JobIndex, current: Arc<Current>) -> Option<DateTime<Utc>> {
    let Current { id, guard, lease, .. } = current.as_ref();
    let entry = &core.entries[index];
    let trigger = if lease.slot.is_some() { "schedule" } else { "request" };
    let span = span(|| {
        let job_name = lease.job.as_str();
        tracing::info_span!("run", job_name, run_id = %id, trigger, outcome = tracing::field::Empty)
    });
    let of_run = span.clone();
    let run = async {
        entry.metrics.started(lease.since);
        log!(info, due = lease.slot.map(tracing::field::display), "run started");
        if core.stop.is_raised() {
            // The lease was granted while the shutdown began, and is given back unused.
            guard.stop_at_once(Stop::Interrupted(Interruption::Shutdown), Instant::now());
        }
        // Nothing that may take its time is between this look and the body's first step.
        let look = core.time.look();
        let started = look.at;
        let ended = {
            let slept = |at| core.time.is_stepped(at) && core.messages.send(Message::Wake).is_ok();
            let body = pin!(Some(attempts(core, entry, &current)));
            let seen = (!core.time.was_stepped(look)).then_some(started);
            GuardedBody { guard, slept: &slept, seen, body }.await
        };
        if let Some(ends) = current.left_behind() {
            ends.await;
        }
        // What passes until the store has answered is seen at the next look, which is due then.
        let ended_at = Instant::now();
        let (now, took) = (core.time.at_moment(look, ended_at), ended_at - started);
        let outcome = Outcome::of(ended, guard.stopped());
        let outcome = record(core, index, &current, outcome, (now, took)).await;
        heard(|| {
            of_run.record("outcome", outcome.as_str());
        });
        let seconds = took.as_secs_f64();
        match &outcome {
            Outcome::Succeeded(_) => log!(info, seconds, "run {outcome}"),
            Outcome::Failed(_) => log!(error, seconds, "run {outcome}"),
            Outcome::Interrupted(_) => log!(warn, seconds, "run {outcome}"),
        }
        core.note(lease, &outcome);
        let mut live = entry.live();
        live.take_current();
        let step = live.plan.as_mut()?.ended(outcome.is_final(), now);
        core.apply(index, &mut live, step)
    };
    in_span(span, pin!(run)).await
}

/// Tries until the job succeeds, fails for good, or has no time left.
async fn attempts(core: &Arc<Core>, entry: &Entry, current: &Arc<Current>) -> Result<Report, JobError> {
    let attempt = |attempt| {
        let keeper: Arc<dyn LeaseKeeper> = core.clone();
        let run = RunContext { current: current.clone(), attempt, keeper: Some(keeper) };
        let body = match &entry.body {
            Some(body) => Next { rest: &core.middlewares, body: body.as_ref() },
            None => Next { rest: &[], body: &|_: &(), run| missing(run) },
        };
        let span = span(|| {
            // A log that shows the innermost span alone names the run all the same.
            let job_name = current.lease.job.as_str();
            tracing::info_span!("attempt", job_name, run_id = %current.id, attempt)
        });
        async move {
            let mut work = body.run(run);
            in_span(span, pin!(&mut work)).await
        }
    };
    match attempt(1).await {
        // Boxed: a run that needs no further attempt is smaller without.
        Err(error) => Box::pin(further_attempts(attempt, entry.policy.retry, current, error)).await,
        done => done,
    }
}

/// Tries again after an error, as long as the job asks for it and there is time.
async fn further_attempts<A: Future<Output = Result<Report, JobError>>>(
    next: impl Fn(u32) -> A,
    retry: Retry,
    current: &Current,
    mut error: JobError,
) -> Result<Report, JobError> {
    let guard = &current.guard;
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
        if let Some(ends) = current.left_behind() {
            // Something around the body has given an attempt up whose thread goes on.
            ends.await;
        }
        match next(attempt + 1).await {
            Err(again) => error = again,
            done => return done,
        }
    }
    Err(error)
}

impl LeaseKeeper for Core {
    fn confirm<'a>(&'a self, current: &'a Current) -> FenceAnswer<'a, Result<(), GuardError>> {
        Box::pin(async move {
            let Some(index) = self.index(&current.id.job) else { return Ok(()) };
            let answer = renew(self, index, current).await;
            // It may have been told to stop.
            self.watch(index, &mut self.entries[index].live(), Instant::now() + self.settings.grace);
            match answer {
                Ok(Renewed::Lost) => Err(GuardError::LeaseLost),
                Ok(Renewed::Extended | Renewed::CancelRequested) => Ok(()),
                Err(error) => Err(GuardError::Unknown(error.into())),
            }
        })
    }
}

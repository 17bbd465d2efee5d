//! One due time, or one trigger, from the claim to the record of how it ended.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tracing::Instrument;

use crate::control::{Control, Guarded};
use crate::core::{Core, Current, Live, Message, Place};
use crate::job::{AnyJob, RunContext, RunId};
use crate::middleware::Next;
use crate::outcome::{Interruption, JobError, Outcome, Report, Stop};
use crate::plan::{Answered, Plan};
use crate::request::Request;
use crate::store::{Claim, Claimed, Completion, JobState, Lease, Renewed, StoreError};

/// Claims a due time and runs it, if it is granted. Goes on as long as the plan names another.
pub(crate) async fn due(core: Arc<Core>, place: Place, slot: DateTime<Utc>) {
    let mut claim = Some(slot);
    while let Some(slot) = claim.take().filter(|_| !core.stop.is_cancelled()) {
        let asked = Instant::now();
        let answer = ask(&core, place, Some(slot), Request::default()).await;
        if matches!(answer, Ok(Claimed::Early(_))) {
            // Our clock is ahead of the store's, or was when it was last compared. The plan is to count from the right moment.
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
        let current = {
            let mut live = core.entries[place].live();
            let now = core.now();
            let Some(plan) = &mut live.plan else { break };
            let step = plan.answered(answered, now);
            claim = core.apply(place, &mut live, step);
            if let Ok(Claimed::Granted(lease)) = answer {
                Some(start(&core, place, &mut live, lease, Request::default(), asked))
            } else {
                None
            }
        };
        if let Some((body, current)) = current {
            claim = run(&core, place, body.as_ref(), current).await;
        } else if answered == Answered::Done {
            catch_up_with_others(&core, place).await;
        }
        if claim.is_some() {
            // A job that is always due again must not keep its thread for itself.
            tokio::task::yield_now().await;
        }
    }
    core.leave();
}

/// Runs a job for somebody who asked for it and was granted a lease.
pub(crate) async fn triggered(core: Arc<Core>, place: Place, body: Arc<dyn AnyJob>, current: Current) {
    let claim = run(&core, place, body.as_ref(), current).await;
    match claim {
        Some(slot) => due(core, place, slot).await,
        None => core.leave(),
    }
}

/// Asks for a lease.
pub(crate) async fn ask(
    core: &Core,
    place: Place,
    slot: Option<DateTime<Utc>>,
    request: Request,
) -> Result<Claimed, StoreError> {
    let job = core.spec(place).name().clone();
    let claim = Claim { job, slot, holder: core.holder.clone(), length: core.settings.lease, request };
    let claimed = core.ask("grant a lease", |store| store.claim(&claim)).await?;
    let Claimed::Held { lease, remaining } = claimed else { return Ok(claimed) };
    if lease.holder != core.holder {
        return Ok(Claimed::Held { lease, remaining });
    }
    match settle(core, place, &claim, lease, remaining).await? {
        // Whoever asked for a run does not ask again.
        Claimed::Held { .. } if slot.is_none() => {
            core.ask("grant a lease", |store| store.claim(&claim)).await
        }
        settled => Ok(settled),
    }
}

/// Settles what becomes of a lease that this process holds without running the job: the answer to a claim or to a completion was
/// lost. One that was granted for the same due time, and was never used, is as good as one that is granted now; one that somebody
/// asked for may have been for another reason. Any other is given
/// back, so that the next claim need not wait until it runs out.
async fn settle(
    core: &Core,
    place: Place,
    claim: &Claim,
    lease: Lease,
    remaining: Duration,
) -> Result<Claimed, StoreError> {
    let unused = lease.token > core.entries[place].live().used;
    if unused && lease.slot == claim.slot && claim.request == Request::default() {
        let renewed = core.ask("renew a lease", |store| store.renew(&lease, core.settings.lease)).await?;
        return Ok(match renewed {
            Renewed::Lost => Claimed::Held { lease, remaining },
            Renewed::Extended | Renewed::CancelRequested => Claimed::Granted(lease),
        });
    }
    let outcome = Outcome::Interrupted(Interruption::LeaseLost);
    let completion = Completion { lease: lease.clone(), outcome, done: None };
    core.ask("record a run", |store| store.complete(&completion)).await?;
    Ok(Claimed::Held { lease, remaining: Duration::ZERO })
}

/// Notes that a run begins.
pub(crate) fn start(
    core: &Core,
    place: Place,
    live: &mut Live,
    lease: Lease,
    request: Request,
    asked: Instant,
) -> (Arc<dyn AnyJob>, Current) {
    let limits = core.limits(place);
    let current = Current { control: Arc::new(Control::new(limits, asked)), lease, request };
    live.used = current.lease.token;
    live.current = Some(current.clone());
    core.watch(place, live, Control::first_watch(limits, asked));
    let body = core.entries[place].body.clone();
    // The builder refuses a job that may run and has no body.
    (body.unwrap_or_else(|| Arc::new(missing)), current)
}

async fn missing(_: RunContext) -> Result<Report, JobError> {
    Err(JobError::Permanent("the job has no body".to_owned()))
}

/// Another replica ran the job: what it knows is what is exposed here, too, should it die.
async fn catch_up_with_others(core: &Core, place: Place) {
    if let Ok(state) = core.ask("tell the state", |store| store.state(core.spec(place).name())).await {
        core.entries[place].refresh(&state);
    }
}

/// Runs the body and records how it ended. Answers the due time to claim next, if there is one already.
async fn run(core: &Core, place: Place, body: &dyn AnyJob, current: Current) -> Option<DateTime<Utc>> {
    let Current { control, lease, .. } = current;
    let entry = &core.entries[place];
    let id = lease.run();
    let span = tracing::info_span!("run", job_name = lease.job.as_str(), run_id = %id);
    async {
        let started = Instant::now();
        entry.metrics.started(lease.since);
        tracing::info!(due = lease.slot.map(tracing::field::display), "run started");
        let attempts = attempts(core, body, &control, &id, lease.slot);
        if core.stop.is_cancelled() {
            // The lease was granted while the shutdown began, and is given back unused.
            control.stop_at_once(Stop::Interrupted(Interruption::Shutdown), started);
        }
        let slept = || core.time.is_stepped() && core.messages.send(Message::Wake).is_ok();
        let ended = Guarded { control: &control, slept: &slept, body: Some(Box::pin(attempts)) }.await;
        let took = started.elapsed();
        let outcome = Outcome::of(ended, control.stopped());
        let (outcome, state) = record(core, place, &lease, outcome).await;
        let now = core.now();
        entry.metrics.ended(&outcome, took, now);
        if let Some(state) = &state {
            entry.refresh(state);
        }
        let seconds = took.as_secs_f64();
        match &outcome {
            Outcome::Succeeded(_) => tracing::info!(seconds, "run {outcome}"),
            Outcome::Failed(_) => tracing::error!(seconds, "run {outcome}"),
            Outcome::Interrupted(_) => tracing::warn!(seconds, "run {outcome}"),
        }
        core.note(&lease, &outcome);
        let mut live = entry.live();
        live.current = None;
        let step = live.plan.as_mut()?.ended(outcome.is_final(), now);
        core.apply(place, &mut live, step)
    }
    .instrument(span)
    .await
}

/// Tries until the job succeeds, fails for good, or has no time left.
async fn attempts(
    core: &Core,
    body: &dyn AnyJob,
    control: &Arc<Control>,
    id: &RunId,
    due: Option<DateTime<Utc>>,
) -> Result<Report, JobError> {
    let mut waits = body.retry().waits();
    let mut attempt = 1;
    loop {
        let context = RunContext { id: id.clone(), due, attempt, control: control.clone() };
        let result = Next { rest: &core.middlewares, body }.run(context).await;
        let Err(error) = &result else { return result };
        let wait = match error {
            JobError::Retryable(_) => waits.next(),
            JobError::RetryAfter { after, .. } => waits.next().map(|wait| wait.max(*after)),
            JobError::Permanent(_) | JobError::Cancelled => None,
        };
        let left = control.deadline().saturating_duration_since(Instant::now());
        let Some(wait) = wait.filter(|wait| *wait < left) else {
            return result;
        };
        tracing::warn!(attempt, %error, wait_seconds = wait.as_secs_f64(), "attempt failed; the run tries again");
        tokio::select! {
            () = tokio::time::sleep(wait) => attempt += 1,
            () = control.token().cancelled() => return result,
        }
    }
}

/// Records how a run ended. A store that does not answer is asked again for twice the length of a lease; after that, the run counts
/// here, and another replica may run its due time once more.
async fn record(core: &Core, place: Place, lease: &Lease, outcome: Outcome) -> (Outcome, Option<JobState>) {
    let lost = Outcome::Interrupted(Interruption::LeaseLost);
    let give_up = Instant::now() + core.settings.lease * 2;
    let mut wait = core.settings.lease / 30;
    let done = skipped_over(core, place).filter(|_| outcome.is_final());
    let completion = Completion { lease: lease.clone(), outcome: outcome.clone(), done };
    loop {
        match core.ask("record a run", |store| store.complete(&completion)).await {
            Ok(Some(state)) => return (outcome, Some(state)),
            Ok(None) => {
                if outcome != lost {
                    tracing::warn!(%outcome, "another replica has taken over; the outcome is refused");
                }
                return (lost, None);
            }
            // Whoever asks the store next will find the lease run out.
            Err(_) if outcome == lost => return (outcome, None),
            Err(error) if Instant::now() + wait >= give_up => {
                tracing::error!(%error, %outcome, "the outcome is not recorded; another replica may run this again");
                return (outcome, None);
            }
            Err(_) => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(core.settings.lease / 3);
            }
        }
    }
}

/// The latest due time that passed while the job ran, which nobody has to run any more.
fn skipped_over(core: &Core, place: Place) -> Option<DateTime<Utc>> {
    let mut live = core.entries[place].live();
    let now = core.now();
    let step = live.plan.as_mut()?.wake(now);
    core.apply(place, &mut live, step);
    live.plan.as_ref().map(Plan::done)
}

/// Renews the lease of a run.
pub(crate) async fn renew(core: Arc<Core>, current: Current) {
    let asked = Instant::now();
    let answer = core.ask("renew a lease", |store| store.renew(&current.lease, core.settings.lease)).await;
    let now = Instant::now();
    let control = &current.control;
    match answer {
        Ok(Renewed::Extended) => control.renewed(true, asked, now),
        Ok(Renewed::CancelRequested) => {
            control.renewed(true, asked, now);
            control.stop(Stop::Interrupted(Interruption::Cancelled), now);
        }
        Ok(Renewed::Lost) => control.stop(Stop::Interrupted(Interruption::LeaseLost), now),
        Err(_) => control.renewed(false, asked, now),
    }
    if let Some(place) = core.places.get(&current.lease.job) {
        core.watch(*place, &mut core.entries[*place].live(), now);
    }
}

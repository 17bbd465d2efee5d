//! One due time, or one trigger, from the claim to the record of how it ended.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::RunStatus;
use tokio::time::Instant;
use tracing::Instrument;

use crate::catch::poll_caught;
use crate::control::{Control, Guarded};
use crate::core::{Core, Live, Message, Place};
use crate::current::Current;
use crate::job::{AnyJob, Retry, RunContext};
use crate::middleware::{Around, Next};
use crate::outcome::{Interruption, JobError, Outcome, Report, Stop};
use crate::plan::{Answered, Plan};
use crate::request::Request;
use crate::store::{Claim, Claimed, Completion, JobState, Lease, Renewed, StoreError};
use crate::time::ASK_AGAIN;

/// Claims a due time and runs it, if it is granted. Goes on as long as the plan names another.
pub(crate) async fn due(core: Arc<Core>, place: Place, slot: DateTime<Utc>) {
    see_through(&core, place, due_times(&core, place, Some(slot))).await;
}

/// Runs a job for somebody who asked for it and was granted a lease, and goes on as [`due`] does.
pub(crate) async fn triggered(core: Arc<Core>, place: Place, current: Arc<Current>) {
    let run = async {
        let claim = run(&core, place, current, Instant::now()).await;
        due_times(&core, place, claim).await;
    };
    see_through(&core, place, run).await;
}

/// Sees a run to its end, also if that is a panic: not of the body, which is an outcome, but of
/// something else that is the user's, such as a clock or a layer of `tracing`. The job's due time
/// is then open, and its schedule goes on.
async fn see_through(core: &Arc<Core>, place: Place, run: impl Future<Output = ()>) {
    let mut run = pin!(run);
    let caught = poll_fn(|cx| poll_caught(run.as_mut(), cx)).await;
    match caught {
        Ok(()) => core.leave(),
        Err(panic) => {
            tokio::time::sleep(ASK_AGAIN).await;
            rescue(core, place, &panic);
        }
    }
}

/// Has the schedule of a job go on after a panic, whatever it was about. A due time that was being
/// seen to is open.
pub(crate) fn rescue(core: &Core, place: Place, panic: &str) {
    let mut live = core.entries[place].live();
    live.current = None;
    if let Some(plan) = &mut live.plan {
        plan.abandon();
        let at = plan.done();
        core.entries[place].expose_due(&live);
        live.scheduled = Some(at);
        let _ = core.messages.send(Message::Look(place, at));
    }
    drop(live);
    core.leave();
    // At the very end: it may be the log that panics.
    let job_name = core.spec(place).name().as_str();
    tracing::error!(job_name, panic, "the scheduler panicked; the job's schedule goes on");
}

async fn due_times(core: &Core, place: Place, mut claim: Option<DateTime<Utc>>) {
    while let Some(slot) = claim.take().filter(|_| !core.stop.is_raised()) {
        let asked = Instant::now();
        let answer = ask(core, place, Some(slot), &Request::default()).await;
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
        if answered == Answered::Granted && core.entries[place].live().paused {
            // Somebody has resumed it elsewhere, and it is expected to run since then.
            catch_up_with_others(core, place).await;
        }
        let (now, answered_at) = core.time.now_at();
        let current = {
            let mut live = core.entries[place].live();
            live.paused |= answered == Answered::Paused;
            let Some(plan) = &mut live.plan else { break };
            let step = plan.answered(answered, now);
            claim = core.apply(place, &mut live, step);
            if let Ok(Claimed::Granted(lease)) = answer {
                Some(start(core, place, &mut live, lease, Request::default(), asked))
            } else {
                None
            }
        };
        if let Some(current) = current {
            claim = run(core, place, current, answered_at).await;
        } else if answered == Answered::Done {
            catch_up_with_others(core, place).await;
        }
        if claim.is_some() {
            // A job that is always due again must not keep its thread for itself.
            tokio::task::yield_now().await;
        }
    }
}

/// Asks for a lease.
pub(crate) async fn ask(
    core: &Core,
    place: Place,
    slot: Option<DateTime<Utc>>,
    request: &Request,
) -> Result<Claimed, StoreError> {
    let job = core.spec(place).name();
    let claim = Claim { job, slot, holder: &core.holder, length: core.settings.lease, request };
    let settled = match core.ask("grant a lease", |store| store.claim(claim)).await? {
        // Boxed: a run whose lease is granted at once is smaller without.
        Claimed::Held { lease, remaining } if lease.holder == core.holder => {
            Box::pin(settle(core, place, claim, lease, remaining))
        }
        claimed => return Ok(claimed),
    };
    settled.await
}

/// Settles what becomes of a lease that this process holds without running the job: the answer to a
/// claim or to a completion was lost. One that was granted for the same due time, and was never
/// used, is as good as one that is granted now; one that somebody asked for may have been for
/// another reason. Any other is given back, so that the next claim need not wait until it runs out.
async fn settle(
    core: &Core,
    place: Place,
    claim: Claim<'_>,
    lease: Lease,
    mut remaining: Duration,
) -> Result<Claimed, StoreError> {
    let unused = lease.token > core.entries[place].live().used;
    if unused && lease.slot == claim.slot && *claim.request == Request::default() {
        let renewed = core.ask("renew a lease", |store| store.renew(&lease, core.settings.lease)).await?;
        if renewed != Renewed::Lost {
            return Ok(Claimed::Granted(lease));
        }
    } else {
        let outcome = Outcome::Interrupted(Interruption::LeaseLost);
        let completion = Completion { lease: &lease, outcome: &outcome, done: None };
        core.ask("record a run", |store| store.complete(completion)).await?;
        remaining = Duration::ZERO;
    }
    if claim.slot.is_none() {
        // Whoever asked for a run does not ask again.
        return core.ask("grant a lease", |store| store.claim(claim)).await;
    }
    Ok(Claimed::Held { lease, remaining })
}

/// Notes that a run begins.
pub(crate) fn start(
    core: &Core,
    place: Place,
    live: &mut Live,
    lease: Lease,
    request: Request,
    asked: Instant,
) -> Arc<Current> {
    let limits = core.limits(place);
    let current = Arc::new(Current::new(lease, request, limits, asked));
    live.used = current.lease.token;
    live.current = Some(current.clone());
    core.watch(place, live, Control::first_watch(limits, asked));
    current
}

async fn missing(_: RunContext) -> Result<Report, JobError> {
    Err(JobError::Permanent("the job has no body".to_owned()))
}

/// Another replica ran the job, or may have: what it knows is what is exposed here, too, should it
/// die. False if the store does not answer.
pub(crate) async fn catch_up_with_others(core: &Core, place: Place) -> bool {
    let answer = core.ask("tell the state", |store| store.state(core.spec(place).name())).await;
    answer.is_ok_and(|state| {
        core.entries[place].refresh(&state);
        true
    })
}

/// Asks about several jobs, one after the other, what became of them elsewhere.
pub(crate) async fn catch_up_about(core: Arc<Core>, places: Vec<Place>) {
    for place in places {
        if !catch_up_with_others(&core, place).await {
            break;
        }
    }
    core.asking_about_late.store(false, Ordering::Release);
}

/// Runs the body and records how it ended. Answers the due time to claim next, if there is one
/// already.
async fn run(core: &Core, place: Place, current: Arc<Current>, started: Instant) -> Option<DateTime<Utc>> {
    let Current { id, control, lease, .. } = current.as_ref();
    let entry = &core.entries[place];
    // The builder refuses a job that may run and has no body.
    let body = entry.body.as_deref().unwrap_or(&missing);
    let span = tracing::info_span!("run", job_name = lease.job.as_str(), run_id = %id);
    async {
        entry.metrics.started(lease.since);
        tracing::info!(due = lease.slot.map(tracing::field::display), "run started");
        if core.stop.is_raised() {
            // The lease was granted while the shutdown began, and is given back unused.
            control.stop_at_once(Stop::Interrupted(Interruption::Shutdown), started);
        }
        let ended = {
            let slept = |at| core.time.is_stepped(at) && core.messages.send(Message::Wake).is_ok();
            let body = pin!(Some(attempts(core, body, &current)));
            Guarded { control, slept: &slept, body }.await
        };
        // What passes until the store has answered is seen at the next look, which is due then.
        let (now, ended_at) = core.time.now_at();
        let took = ended_at - started;
        let outcome = record(core, place, lease, Outcome::of(ended, control.stopped()), (now, took)).await;
        let seconds = took.as_secs_f64();
        match &outcome {
            Outcome::Succeeded(_) => tracing::info!(seconds, "run {outcome}"),
            Outcome::Failed(_) => tracing::error!(seconds, "run {outcome}"),
            Outcome::Interrupted(_) => tracing::warn!(seconds, "run {outcome}"),
        }
        core.note(lease, &outcome);
        let mut live = entry.live();
        live.current = None;
        let step = live.plan.as_mut()?.ended(outcome.is_final(), now);
        core.apply(place, &mut live, step)
    }
    .instrument(span)
    .await
}

/// Tries until the job succeeds, fails for good, or has no time left.
async fn attempts(core: &Core, body: &dyn AnyJob, current: &Arc<Current>) -> Result<Report, JobError> {
    let attempt = |attempt| {
        let context = RunContext { current: current.clone(), attempt };
        Next { rest: &core.middlewares, body }.run(context)
    };
    match attempt(1).await {
        // Boxed: a run that needs no further attempt is smaller without.
        Err(error) => Box::pin(further_attempts(attempt, body.retry(), &current.control, error)).await,
        done => done,
    }
}

/// Tries again after an error, as long as the job asks for it and there is time.
async fn further_attempts<'a>(
    next: impl Fn(u32) -> Around<'a>,
    retry: Retry,
    control: &Control,
    mut error: JobError,
) -> Result<Report, JobError> {
    let mut waits = retry.waits();
    for attempt in 1.. {
        let wait = match &error {
            JobError::Retryable(_) => waits.next(),
            JobError::RetryAfter { after, .. } => waits.next().map(|wait| wait.max(*after)),
            JobError::Permanent(_) | JobError::Cancelled => None,
        };
        let left = control.deadline().saturating_duration_since(Instant::now());
        let Some(wait) = wait.filter(|wait| *wait < left) else { break };
        tracing::warn!(attempt, %error, wait_seconds = wait.as_secs_f64(), "attempt failed; the run tries again");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = control.token().cancelled() => break,
        }
        match next(attempt + 1).await {
            Err(again) => error = again,
            done => return done,
        }
    }
    Err(error)
}

/// Records how a run ended, and counts it. A store that does not answer is asked again for twice
/// the length of a lease; after that, the run counts here, and another replica may run its due time
/// once more.
async fn record(
    core: &Core,
    place: Place,
    lease: &Lease,
    outcome: Outcome,
    (now, took): (DateTime<Utc>, Duration),
) -> Outcome {
    let done = skipped_over(core, place, now).filter(|_| outcome.is_final());
    let completion = Completion { lease, outcome: &outcome, done };
    let later = match core.ask("record a run", |store| store.complete(completion)).await {
        // Boxed: a run that is recorded at once is smaller without. Whoever asks next will find a
        // lease that was lost run out.
        Err(_) if outcome != LOST => Box::pin(record_later(core, completion)),
        answer => return count(core, place, answer, outcome, (now, took)),
    };
    let answer = later.await;
    count(core, place, answer, outcome, (now, took))
}

const LOST: Outcome = Outcome::Interrupted(Interruption::LeaseLost);

/// Counts a run as the store has taken it.
fn count(
    core: &Core,
    place: Place,
    answer: Result<Option<JobState>, StoreError>,
    outcome: Outcome,
    (now, took): (DateTime<Utc>, Duration),
) -> Outcome {
    let entry = &core.entries[place];
    let metrics = &entry.metrics;
    match answer {
        Ok(Some(state)) => {
            metrics.ended(&outcome, took, state.last_success.unwrap_or(now));
            entry.refresh(&state);
            return outcome;
        }
        Ok(None) if outcome != LOST => {
            tracing::warn!(%outcome, "another replica has taken over; the outcome is refused");
        }
        Err(error) if outcome != LOST => {
            tracing::error!(%error, %outcome, "the outcome is not recorded; another replica may run this again");
            metrics.ended(&outcome, took, now);
            if outcome.status() == Some(RunStatus::Success) {
                let mut live = entry.live();
                live.success_due = live.plan.as_ref().map(|plan| plan.success_due(now, Some(now)));
                entry.expose_due(&live);
            }
            return outcome;
        }
        Ok(None) | Err(_) => {}
    }
    metrics.ended(&LOST, took, now);
    LOST
}

/// Asks the store again and again to record a run.
async fn record_later(core: &Core, completion: Completion<'_>) -> Result<Option<JobState>, StoreError> {
    let give_up = Instant::now() + core.settings.lease * 2;
    let mut wait = core.settings.lease / 30;
    tracing::warn!(outcome = %completion.outcome, "the outcome cannot be recorded yet; the store is asked again");
    loop {
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(core.settings.lease / 3);
        match core.ask("record a run", |store| store.complete(completion)).await {
            Err(_) if Instant::now() + wait < give_up => {}
            answer => return answer,
        }
    }
}

/// The latest due time that passed while the job ran, which nobody has to run any more.
fn skipped_over(core: &Core, place: Place, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut live = core.entries[place].live();
    let step = live.plan.as_mut()?.wake(now);
    core.apply(place, &mut live, step);
    live.plan.as_ref().map(Plan::done)
}

/// Renews the lease of a run.
pub(crate) async fn renew(core: Arc<Core>, current: Arc<Current>) {
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

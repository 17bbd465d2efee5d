//! A run that somebody asks for.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::engine::claim;
use crate::engine::core::{Busy, Core, JobIndex};
use crate::engine::entry::Trigger;
use crate::engine::request_error::RequestError;
use crate::engine::run;
use crate::engine::supervise::supervised;
use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::log::log;
use crate::store::{Claim, Claimed, StoreError};

/// In how long a due time is that nobody is granted.
const NEVER: TimeDelta = TimeDelta::days(366);

/// Runs a job that is not disabled. Who asks for the same run as somebody before, whose answer is
/// still to come, gets the same answer.
pub(crate) async fn trigger(
    core: &Arc<Core>,
    index: JobIndex,
    request: Request,
) -> Result<RunId, RequestError> {
    let begun = {
        let mut live = core.entries[index].live();
        if let Some(current) = &live.current {
            if request.is_same(&current.request) {
                return Ok(current.lease.run());
            }
            return Err(RequestError::AlreadyRunning(current.lease.clone()));
        }
        let Some(plan) = &mut live.plan else { return Err(not_started(core).into()) };
        if plan.is_busy() {
            match &live.trigger {
                Some(other) if request.is_same(&other.request) => Ok((None, other.answer.clone())),
                _ => return Err(RequestError::Starting(core.spec(index).name().clone())),
            }
        } else {
            let mut busy = Busy::new(core, index);
            if let Err(most) = busy.take_room_now() {
                busy.over();
                Err(most)
            } else {
                plan.trigger();
                let (tell, answer) = watch::channel(None);
                live.trigger = Some(Box::new(Trigger { request: request.clone(), answer: answer.clone() }));
                live.claiming_since = Some(Instant::now());
                Ok((Some((busy, tell)), answer))
            }
        }
    };
    let (asked, mut answer) = match begun {
        Ok(begun) => begun,
        Err(most) => return without_room(core, index, &request, most).await,
    };
    if let Some((busy, tell)) = asked {
        // It goes on when the caller does not: a lease that was granted has to be used.
        tokio::spawn(async move {
            let answer = supervised("a trigger", claim_and_run(busy, request)).await;
            let panicked = |panic| StoreError::new("grant a lease", format!("it panicked: {panic}"));
            tell.send_replace(Some(answer.unwrap_or_else(|panic| Err(panicked(panic).into()))));
        });
    }
    let answer = answer.wait_for(Option::is_some).await;
    answer.ok().and_then(|answer| answer.clone()).unwrap_or(Err(RequestError::ShuttingDown))
}

/// The answer where there is no room for another run: the one that somebody has asked for before,
/// if there was one.
async fn without_room(
    core: &Core,
    index: JobIndex,
    request: &Request,
    most: usize,
) -> Result<RunId, RequestError> {
    let job = core.spec(index).name();
    if request.idempotency_key.is_some() {
        // Whatever the store answers, it grants no due time before its time.
        let slot = Some(core.now() + NEVER);
        let claim = Claim { job, slot, holder: &core.holder, length: core.lease(index), request };
        if let Claimed::Repeated(run) = core.ask("grant a lease", |store| store.claim(claim)).await? {
            return Ok(run);
        }
    }
    Err(RequestError::NoRoom { job: job.clone(), most })
}

/// The store has not answered since the start.
fn not_started(core: &Core) -> StoreError {
    core.store_trouble().map_or_else(
        || StoreError::new("grant a lease", "the runtime is only just starting"),
        |(_, error)| error,
    )
}

/// The rest of a trigger, once the plan knows of it.
///
/// A shutdown that begins while the job is busy waits for the answer, so that a lease that is
/// granted is not left behind.
async fn claim_and_run(busy: Busy, request: Request) -> Result<RunId, RequestError> {
    let (core, index) = (busy.core.clone(), busy.index);
    let (answer, asked) = if core.stop.is_raised() {
        (None, Instant::now())
    } else {
        let (answer, asked) = claim::ask(&core, index, None, &request).await;
        (Some(answer), asked)
    };
    let granted = matches!(answer, Some(Ok(Claimed::Granted(_))));
    let now = core.now();
    let mut live = core.entries[index].live();
    let step = live.plan.as_mut().map(|plan| plan.triggered(granted, now)).unwrap_or_default();
    live.trigger = None;
    live.in_doubt &= !matches!(answer, Some(Ok(Claimed::Held { .. })));
    let due = core.apply(index, &mut live, step);
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
            Some(_) => Err(RequestError::NotRunning(core.spec(index).name().clone())),
        };
    };
    let id = lease.run();
    let reason = request.reason.clone();
    let current = run::start(&core, index, &mut live, lease, request, asked);
    drop(live);
    // Such a run gives its lease back and does nothing.
    let refused = core.stop.is_raised();
    tokio::spawn(run::triggered(busy, current));
    if !refused {
        log!(info, job_name = id.job.as_str(), run_id = %id, reason, "run was asked for");
    }
    if refused { Err(RequestError::ShuttingDown) } else { Ok(id) }
}

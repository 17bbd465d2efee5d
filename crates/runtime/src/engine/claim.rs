//! A lease, asked for.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::engine::core::{Core, DueTime, JobIndex};
use crate::engine::gather::Turn;
use crate::engine::give_back::{doubt, give_up};
use crate::job::outcome::Interruption;
use crate::job::request::Request;
use crate::store::{Claim, Claimed, Lease, Renewed, StoreError};

/// Asks for a lease, and says when it did: what is granted has begun no sooner. A due time is
/// claimed with those that gather meanwhile.
pub(crate) async fn ask(
    core: &Arc<Core>,
    index: JobIndex,
    slot: Option<DateTime<Utc>>,
    request: &Request,
) -> (Result<Claimed, StoreError>, Instant) {
    let job = core.spec(index).name();
    let claim = Claim { job, slot, holder: &core.holder, length: core.lease(index), request };
    let turn = match slot {
        // Boxed, as below: a run whose lease is granted at once is smaller without.
        Some(slot) if core.claims.gathers() => Box::pin(turn(core, (index, slot))).await,
        _ => Turn::Alone(None),
    };
    let (answer, asked) = match turn {
        Turn::Answered((claimed, asked)) => (Ok(claimed), asked),
        Turn::Alone(_alone) => {
            let look = core.time.look();
            let asked = look.at;
            let answer = core.ask("grant a lease", |store| store.claim(claim)).await;
            if let Ok(Claimed::Granted(lease)) = &answer {
                core.told(look, lease.since);
            }
            (answer, asked)
        }
    };
    let answer = match answer {
        Ok(Claimed::Held { lease, remaining }) if lease.holder == core.holder => {
            Box::pin(settle(core, index, claim, lease, remaining)).await
        }
        answer => answer,
    };
    if answer.as_ref().is_err_and(|error| !error.is_busy()) {
        Box::pin(doubt(core, index)).await;
    }
    (answer, asked)
}

async fn turn(core: &Arc<Core>, due: DueTime) -> Turn<(Claimed, Instant)> {
    let asker = core.clone();
    core.claims.turn(|| due, move |due| claim_many(asker.clone(), due)).await
}

/// Claims several due times at once.
async fn claim_many(
    core: Arc<Core>,
    due: Vec<DueTime>,
) -> Result<Vec<Result<(Claimed, Instant), StoreError>>, StoreError> {
    let request = &Request::default();
    let claim = |(index, slot): &DueTime| Claim {
        job: core.spec(*index).name(),
        slot: Some(*slot),
        holder: &core.holder,
        length: core.lease(*index),
        request,
    };
    let claims: Vec<_> = due.iter().map(claim).collect();
    let look = core.time.look();
    let asked = look.at;
    let answers = core.ask("grant a lease", |store| store.claim_many(&claims)).await?;
    let since = answers.iter().find_map(|answer| match answer {
        Ok(Claimed::Granted(lease)) => Some(lease.since),
        _ => None,
    });
    if let Some(since) = since {
        core.told(look, since);
    }
    Ok(answers.into_iter().map(|claimed| claimed.map(|claimed| (claimed, asked))).collect())
}

/// Settles what becomes of a lease that this process holds without running the job: the answer to a
/// claim or to a completion was lost. One that was granted for the same due time, and was never
/// used, is as good as one that is granted now; one that somebody asked for may have been for
/// another reason. Any other is given back, so that the next claim need not wait until it runs out.
async fn settle(
    core: &Core,
    index: JobIndex,
    claim: Claim<'_>,
    lease: Lease,
    mut remaining: Duration,
) -> Result<Claimed, StoreError> {
    let unused = lease.token > core.entries[index].live().used;
    if unused && lease.slot == claim.slot && *claim.request == Request::default() {
        let renewed = core.ask("renew a lease", |store| store.renew(&lease, core.lease(index))).await?;
        if renewed != Renewed::Lost {
            return Ok(Claimed::Granted(lease));
        }
    } else {
        give_up(core, &lease, Interruption::LeaseLost).await?;
        remaining = Duration::ZERO;
    }
    if claim.slot.is_none() {
        // Whoever asked for a run does not ask again.
        return core.ask("grant a lease", |store| store.claim(claim)).await;
    }
    Ok(Claimed::Held { lease, remaining })
}

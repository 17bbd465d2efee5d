//! A lease, asked for.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::engine::core::{Core, JobIndex};
use crate::job::outcome::{Interruption, Outcome};
use crate::job::request::Request;
use crate::store::{Claim, Claimed, Completion, Lease, Renewed, StoreError};

/// Asks for a lease.
pub(crate) async fn ask(
    core: &Core,
    index: JobIndex,
    slot: Option<DateTime<Utc>>,
    request: &Request,
) -> Result<Claimed, StoreError> {
    let job = core.spec(index).name();
    let claim = Claim { job, slot, holder: &core.holder, length: core.lease(index), request };
    let asked = core.time.look();
    let settled = match core.ask("grant a lease", |store| store.claim(claim)).await? {
        // Boxed: a run whose lease is granted at once is smaller without.
        Claimed::Held { lease, remaining } if lease.holder == core.holder => {
            Box::pin(settle(core, index, claim, lease, remaining))
        }
        claimed => {
            if let Claimed::Granted(lease) = &claimed {
                core.told(asked, lease.since);
            }
            return Ok(claimed);
        }
    };
    settled.await
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

//! What a store keeps about one job, and how that changes: for stores that lock it while they
//! decide.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::RunStatus;

use super::{Claim, Claimed, Completion, JobState, Lease, Renewed, RunRecord, TOLERANCE};
use crate::job::outcome::{Interruption, Outcome};
use crate::job::request::Request;
use crate::job::run_id::RunId;

/// How a run ends whose holder does not come back.
const LOST: Outcome = Outcome::Interrupted(Interruption::LeaseLost);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) first_scheduled: DateTime<Utc>,
    pub(super) expected_since: DateTime<Utc>,
    pub(super) done: Option<DateTime<Utc>>,
    pub(super) last_success: Option<DateTime<Utc>>,
    pub(super) consecutive_failures: u32,
    pub(super) paused: bool,
    pub(super) disabled: bool,
    pub(super) token: u64,
    pub(super) lease: Option<Lease>,
    /// Whether somebody has asked the holder of the lease to stop.
    pub(super) cancel: bool,
    /// What whoever asked for the run under the lease says about it. Most are asked for by nobody.
    pub(super) request: Option<Box<Request>>,
}

impl Row {
    /// A job that nobody has seen before.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            first_scheduled: now,
            expected_since: now,
            done: None,
            last_success: None,
            consecutive_failures: 0,
            paused: false,
            disabled: false,
            token: 0,
            lease: None,
            cancel: false,
            request: None,
        }
    }

    pub(super) fn state(&self, now: DateTime<Utc>) -> JobState {
        JobState {
            first_scheduled: self.first_scheduled,
            expected_since: self.expected_since,
            done: self.done,
            last_success: self.last_success,
            consecutive_failures: self.consecutive_failures,
            paused: self.paused,
            running: self.lease.clone().filter(|lease| lease.until > now),
        }
    }

    /// Takes note of whether the job is enabled.
    pub(super) fn enable(&mut self, enabled: bool, now: DateTime<Utc>) -> JobState {
        if enabled && self.disabled {
            self.expected_since = now;
        }
        self.disabled = !enabled;
        self.state(now)
    }

    /// Pauses the job, or resumes it.
    pub(super) fn pause(&mut self, paused: bool, now: DateTime<Utc>) {
        if self.paused && !paused {
            self.expected_since = now;
        }
        self.paused = paused;
    }

    /// Decides about a claim. A run whose lease had run out, and that this one takes over, is to be
    /// recorded as lost.
    pub(super) fn claim(&mut self, claim: Claim<'_>, now: DateTime<Utc>) -> (Claimed, Option<RunRecord>) {
        if let Some(lease) = self.lease.as_ref().filter(|lease| lease.until > now) {
            let is_same = self.request.as_ref().is_some_and(|request| request.is_same(claim.request));
            if is_same && lease.holder != *claim.holder {
                return (Claimed::Repeated(lease.run()), None);
            }
            let remaining = (lease.until - now).to_std().unwrap_or_default();
            return (Claimed::Held { lease: lease.clone(), remaining }, None);
        }
        if let Some(slot) = claim.slot {
            if slot > now + TOLERANCE {
                return (Claimed::Early((slot - now).to_std().unwrap_or_default()), None);
            }
            if self.paused {
                self.done = self.done.max(claim.slot);
                return (Claimed::Paused, None);
            }
            if claim.slot <= self.done {
                return (Claimed::Done, None);
            }
        }
        let request = std::mem::replace(&mut self.request, boxed(claim.request));
        let dead = self.lease.take().map(|dead| record(dead, LOST, request, now));
        self.token += 1;
        let lease = Lease {
            job: claim.job.clone(),
            slot: claim.slot,
            holder: claim.holder.clone(),
            token: self.token,
            since: now,
            until: now + claim.length,
        };
        self.lease = Some(lease.clone());
        self.cancel = false;
        (Claimed::Granted(lease), dead)
    }

    /// The lease as it stands, if it is still the one that was given. One that has run out may be
    /// used until somebody else has taken over: nothing has happened in between.
    fn held(&mut self, token: u64, holder: &Arc<str>) -> Option<&mut Lease> {
        self.lease.as_mut().filter(|held| held.token == token && held.holder == *holder)
    }

    pub(super) fn renew(&mut self, lease: &Lease, until: DateTime<Utc>) -> Renewed {
        let renewed = if self.cancel { Renewed::CancelRequested } else { Renewed::Extended };
        match self.held(lease.token, &lease.holder) {
            None => Renewed::Lost,
            Some(held) => {
                held.until = until;
                renewed
            }
        }
    }

    /// Takes note of the end of a run, which is to be recorded. Nothing if its lease is lost.
    pub(super) fn complete(&mut self, completion: Completion<'_>, now: DateTime<Utc>) -> Option<RunRecord> {
        let Completion { lease, outcome, done } = completion;
        self.held(lease.token, &lease.holder)?;
        let held = self.lease.take()?;
        match outcome.status() {
            Some(RunStatus::Success) => {
                self.last_success = Some(now);
                self.consecutive_failures = 0;
            }
            Some(RunStatus::Failed) => self.consecutive_failures += 1,
            None => {}
        }
        self.done = self.done.max(done);
        Some(record(held, outcome.clone(), self.request.take(), now))
    }

    /// The run whose lease has run out while nobody has taken over.
    pub(super) fn dead(&self, now: DateTime<Utc>) -> Option<RunRecord> {
        let dead = self.lease.clone().filter(|lease| lease.until <= now)?;
        let until = dead.until;
        Some(record(dead, LOST, self.request.clone(), until))
    }

    /// Asks the holder of the lease to stop. False if there is none.
    pub(super) fn cancel(&mut self, now: DateTime<Utc>) -> bool {
        self.cancel = self.lease.as_ref().is_some_and(|lease| lease.until > now);
        self.cancel
    }
}

/// What somebody said about a run, if anybody did.
pub(super) fn boxed(request: &Request) -> Option<Box<Request>> {
    let Request { reason, idempotency_key } = request;
    (reason.is_some() || idempotency_key.is_some()).then(|| Box::new(request.clone()))
}

/// The run that a claim asks for once more, among those that ended. One that was interrupted and is
/// left to others does not count.
pub(super) fn repeated(history: impl IntoIterator<Item = RunRecord>, claim: Claim<'_>) -> Option<RunId> {
    // Nobody looks through the history of a job that is just due.
    claim.request.idempotency_key.as_ref()?;
    let mut runs = history.into_iter();
    let same = |run: &RunRecord| run.request.is_same(claim.request) && run.outcome.is_final();
    runs.find(same).map(|run| run.id)
}

fn record(lease: Lease, outcome: Outcome, request: Option<Box<Request>>, ended: DateTime<Utc>) -> RunRecord {
    let Lease { job, slot, holder, token, since, .. } = lease;
    let request = request.map(|request| *request).unwrap_or_default();
    RunRecord { id: RunId { job, token }, slot, holder, since, ended, outcome, request }
}

//! A store on trial, and what its promises are told by.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::JobName;

use crate::job::error::JobError;
use crate::job::outcome::{Failure, Outcome, Report};
use crate::job::request::Request;
use crate::store::{Claim, Claimed, Completion, Lease, Store, StoreError};

/// What a store did wrong.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// It could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It did something else than it should.
    #[error("{0}")]
    Broken(&'static str),
    /// A name of the suite cannot be one.
    #[error(transparent)]
    Name(#[from] jobwatch_catalogue::job_name::JobNameError),
}

/// How long leases are.
pub(super) const LENGTH: Duration = Duration::from_secs(30);

/// A store on trial. `pass` lets time pass by its clock, which showed `started` at the start.
pub(super) struct Suite<'s, P> {
    pub(super) store: &'s dyn Store,
    pub(super) pass: P,
    pub(super) started: DateTime<Utc>,
}

pub(super) fn broken(holds: bool, promise: &'static str) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::Broken(promise)) }
}

pub(super) fn failed() -> Outcome {
    Outcome::Failed(Failure::Error(JobError::permanent("no")))
}

pub(super) fn succeeded() -> Outcome {
    Outcome::Succeeded(Report { succeeded: 5, failed: 1, skipped: 2 })
}

impl<P: AsyncFn(Duration)> Suite<'_, P> {
    /// A due time, in whole seconds as those of schedules are. The first ones have long passed.
    pub(super) fn slot(&self, number: i64) -> DateTime<Utc> {
        let second = DateTime::from_timestamp(self.started.timestamp(), 0).unwrap_or(self.started);
        second - TimeDelta::days(1) + TimeDelta::minutes(number)
    }

    pub(super) async fn claim(
        &self,
        job: &JobName,
        slot: Option<i64>,
        holder: &str,
    ) -> Result<Claimed, Violation> {
        let slot = slot.map(|number| self.slot(number));
        let (holder, request) = (&holder.into(), &Request::default());
        Ok(self.store.claim(Claim { job, slot, holder, length: LENGTH, request }).await?)
    }

    /// Asks for a run, and says which.
    pub(super) async fn request(&self, job: &JobName, key: &str, holder: &str) -> Result<Claimed, Violation> {
        let request = &Request { reason: Some(format!("for {key}")), idempotency_key: Some(key.to_owned()) };
        let holder = &holder.into();
        Ok(self.store.claim(Claim { job, slot: None, holder, length: LENGTH, request }).await?)
    }

    pub(super) async fn granted(&self, job: &JobName, number: i64, holder: &str) -> Result<Lease, Violation> {
        match self.claim(job, Some(number), holder).await? {
            Claimed::Granted(lease) => Ok(lease),
            _ => Err(Violation::Broken("a slot that nobody has done or holds is granted")),
        }
    }

    /// Completes a run, and with it the slot unless it is left to others.
    pub(super) async fn complete(&self, lease: &Lease, outcome: Outcome) -> Result<bool, Violation> {
        let done = if outcome.is_final() { lease.slot } else { None };
        let completion = Completion { lease, outcome: &outcome, done };
        let Some(state) = self.store.complete(completion).await? else { return Ok(false) };
        broken(state == self.store.state(&lease.job).await?, "who completes learns what is then known")?;
        Ok(true)
    }
}

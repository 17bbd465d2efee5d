//! What every store has to do, as one suite that a store of your own can be run through.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::JobName;

use super::{Claim, Claimed, Lease, Store, StoreError};
use crate::outcome::{Ended, JobError, Outcome, Report};

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

const LENGTH: Duration = Duration::from_secs(30);

/// Runs a store that is empty through the suite. `pass` has to let so much time pass by the store's clock.
///
/// # Errors
///
/// [`Violation`] names the first promise that the store does not keep.
pub async fn exercise(store: &dyn Store, pass: impl Fn(Duration)) -> Result<(), Violation> {
    let suite = Suite { store, pass: &pass };
    suite.a_slot_is_run_once().await?;
    suite.a_dead_holder_is_followed_and_refused_when_it_comes_back().await?;
    suite.a_lease_that_is_renewed_does_not_run_out().await?;
    suite.an_interrupted_run_leaves_its_slot_to_others().await?;
    suite.outcomes_are_remembered().await?;
    suite.a_paused_job_runs_when_somebody_asks_for_it().await
}

struct Suite<'s> {
    store: &'s dyn Store,
    pass: &'s dyn Fn(Duration),
}

fn broken(holds: bool, promise: &'static str) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::Broken(promise)) }
}

fn slot(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(number)
}

fn failed() -> Outcome {
    Outcome::of(Ended::Returned(Err(JobError::Permanent("no".to_owned()))))
}

fn succeeded() -> Outcome {
    Outcome::of(Ended::Returned(Ok(Report::items(1))))
}

impl Suite<'_> {
    async fn claim(
        &self,
        job: &JobName,
        slot: Option<DateTime<Utc>>,
        holder: &str,
    ) -> Result<Claimed, Violation> {
        let claim = Claim { job: job.clone(), slot, holder: holder.to_owned(), length: LENGTH };
        Ok(self.store.claim(&claim).await?)
    }

    async fn granted(&self, job: &JobName, number: i64, holder: &str) -> Result<Lease, Violation> {
        match self.claim(job, Some(slot(number)), holder).await? {
            Claimed::Granted(lease) => Ok(lease),
            _ => Err(Violation::Broken("a slot that nobody has done or holds is granted")),
        }
    }

    async fn a_slot_is_run_once(&self) -> Result<(), Violation> {
        let job = JobName::new("once")?;
        let first = self.granted(&job, 1, "a").await?;
        let other = self.claim(&job, Some(slot(1)), "b").await?;
        broken(other == Claimed::Held(first.clone()), "a slot that is held is not granted to another")?;
        let again = self.claim(&job, Some(slot(1)), "a").await?;
        broken(again == Claimed::Held(first.clone()), "nor to its holder a second time")?;
        broken(self.store.complete(&first, &succeeded()).await?, "a holder may complete")?;
        broken(!self.store.complete(&first, &succeeded()).await?, "but only once")?;
        for number in [0, 1] {
            let late = self.claim(&job, Some(slot(number)), "b").await?;
            broken(late == Claimed::Done, "a slot that is done, and those before it, are not granted again")?;
        }
        let next = self.granted(&job, 2, "b").await?;
        broken(next.token > first.token, "tokens grow")
    }

    async fn a_dead_holder_is_followed_and_refused_when_it_comes_back(&self) -> Result<(), Violation> {
        let job = JobName::new("dead")?;
        let dead = self.granted(&job, 1, "a").await?;
        (self.pass)(LENGTH + Duration::from_secs(1));
        broken(self.store.register(&job).await?.running.is_none(), "a lease that has run out is no run")?;
        let heir = self.granted(&job, 1, "b").await?;
        broken(heir.token > dead.token, "who takes over has a higher token")?;
        broken(!self.store.renew(&dead, LENGTH).await?, "a lease that was taken over is not renewed")?;
        broken(!self.store.complete(&dead, &succeeded()).await?, "nor does it complete anything")?;
        let state = self.store.register(&job).await?;
        broken(state.last_success.is_none(), "and it leaves no trace")?;
        broken(self.store.complete(&heir, &succeeded()).await?, "who took over completes")
    }

    async fn a_lease_that_is_renewed_does_not_run_out(&self) -> Result<(), Violation> {
        let job = JobName::new("long")?;
        let lease = self.granted(&job, 1, "a").await?;
        for _ in 0..5 {
            (self.pass)(LENGTH / 2);
            broken(self.store.renew(&lease, LENGTH).await?, "a lease that is held is renewed")?;
        }
        let other = self.claim(&job, Some(slot(1)), "b").await?;
        broken(matches!(other, Claimed::Held(_)), "a lease that is renewed is held")
    }

    async fn an_interrupted_run_leaves_its_slot_to_others(&self) -> Result<(), Violation> {
        let job = JobName::new("interrupted")?;
        let lease = self.granted(&job, 1, "a").await?;
        let interrupted = Outcome::of(Ended::Stopped);
        broken(self.store.complete(&lease, &interrupted).await?, "an interrupted run gives its lease back")?;
        let state = self.store.register(&job).await?;
        broken(state.done.is_none() && state.consecutive_failures == 0, "it is neither done nor failed")?;
        self.granted(&job, 1, "b").await.map(drop)
    }

    async fn outcomes_are_remembered(&self) -> Result<(), Violation> {
        let job = JobName::new("outcomes")?;
        let first = self.store.register(&job).await?;
        (self.pass)(Duration::from_secs(5));
        let again = self.store.register(&job).await?;
        broken(first.first_scheduled == again.first_scheduled, "a job is first scheduled once")?;
        for (number, outcome) in [(1, failed()), (2, failed()), (3, succeeded()), (4, failed())] {
            let lease = self.granted(&job, number, "a").await?;
            self.store.complete(&lease, &outcome).await?;
        }
        let state = self.store.register(&job).await?;
        broken(state.consecutive_failures == 1, "failures are counted from the last success on")?;
        broken(state.last_success.is_some() && state.done == Some(slot(4)), "a success is remembered")?;
        let history = self.store.history(&job).await?;
        let slots: Vec<_> = history.iter().map(|run| run.lease.slot).collect();
        broken(slots == [4, 3, 2, 1].map(|number| Some(slot(number))), "the history has the newest first")?;
        broken(history[1].outcome == succeeded(), "and each run's outcome")
    }

    async fn a_paused_job_runs_when_somebody_asks_for_it(&self) -> Result<(), Violation> {
        let job = JobName::new("paused")?;
        self.store.pause(&job, true).await?;
        broken(self.store.register(&job).await?.paused, "a pause is remembered")?;
        let scheduled = self.claim(&job, Some(slot(1)), "a").await?;
        broken(scheduled == Claimed::Paused, "a paused job is not run by its schedule")?;
        let Claimed::Granted(lease) = self.claim(&job, None, "a").await? else {
            return Err(Violation::Broken("a paused job is run when somebody asks for it"));
        };
        self.store.complete(&lease, &succeeded()).await?;
        let state = self.store.register(&job).await?;
        broken(state.done.is_none(), "a run that somebody asked for does no slot")?;
        self.store.pause(&job, false).await?;
        self.granted(&job, 1, "a").await.map(drop)
    }
}

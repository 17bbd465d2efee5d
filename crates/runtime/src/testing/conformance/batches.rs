//! What a store promises about many jobs at once: each is decided as if it were alone.

use std::sync::Arc;
use std::time::Duration;

use jobwatch_catalogue::JobName;

use super::suite::{LENGTH, Suite, Violation, broken, failed, succeeded};
use crate::job::outcome::{Interruption, Outcome};
use crate::job::request::Request;
use crate::store::{Claim, Claimed, Completion, JobState, Lease};

/// The first promise that is not kept, if there is one.
pub(super) async fn hold<P: AsyncFn(Duration)>(suite: &Suite<'_, P>) -> Result<(), Violation> {
    suite.nothing_together_is_nothing().await?;
    suite.jobs_that_are_enabled_together_are_as_if_each_were_alone().await?;
    suite.each_claim_of_a_batch_is_decided_by_itself().await?;
    suite.a_job_that_is_claimed_twice_in_a_batch_is_granted_once().await?;
    suite.a_batch_whose_answer_was_lost_is_held_by_who_asked().await?;
    suite.each_completion_of_a_batch_is_decided_by_itself().await?;
    suite.a_run_that_is_completed_twice_in_a_batch_is_recorded_once().await
}

/// A wish to run a job: its number among the slots, or nothing for a run that somebody asks for.
type Wish<'a> = (&'a JobName, Option<i64>, &'a Request);

impl<P: AsyncFn(Duration)> Suite<'_, P> {
    /// Claims several jobs at once, and alone what the store cannot decide about among others.
    async fn claim_together<'w>(&self, holder: &str, wishes: &[Wish<'w>]) -> Result<Vec<Claimed>, Violation> {
        let holder: Arc<str> = holder.into();
        let claim = |(job, slot, request): &Wish<'w>| {
            let slot = slot.map(|number| self.slot(number));
            Claim { job, slot, holder: &holder, length: LENGTH, request }
        };
        let claims: Vec<_> = wishes.iter().map(claim).collect();
        let answers = self.store.claim_many(&claims).await?;
        broken(answers.len() == claims.len(), "each claim of a batch has an answer")?;
        let mut claimed = Vec::new();
        for (claim, answer) in claims.iter().zip(answers) {
            claimed.push(match answer {
                Ok(answer) => answer,
                Err(_) => self.store.claim(*claim).await?,
            });
        }
        Ok(claimed)
    }

    /// Claims the first slot of several jobs, each of which is granted.
    async fn granted_together(&self, holder: &str, jobs: &[JobName]) -> Result<Vec<Lease>, Violation> {
        let nobody = Request::default();
        let wishes: Vec<_> = jobs.iter().map(|job| (job, Some(1), &nobody)).collect();
        let mut leases = Vec::new();
        for (job, claimed) in jobs.iter().zip(self.claim_together(holder, &wishes).await?) {
            match claimed {
                Claimed::Granted(lease) if lease.job == *job => leases.push(lease),
                _ => return Err(Violation::Broken("whatever is free is granted together, in its place")),
            }
        }
        Ok(leases)
    }

    /// Completes several runs at once, and alone what the store cannot decide about among others.
    async fn complete_together<'r>(
        &self,
        runs: &[(&'r Lease, &'r Outcome)],
    ) -> Result<Vec<Option<JobState>>, Violation> {
        let completion = |(lease, outcome): &(&'r Lease, &'r Outcome)| {
            let done = if outcome.is_final() { lease.slot } else { None };
            Completion { lease, outcome, done }
        };
        let completions: Vec<_> = runs.iter().map(completion).collect();
        let answers = self.store.complete_many(&completions).await?;
        broken(answers.len() == completions.len(), "each completion of a batch has an answer")?;
        let mut completed = Vec::new();
        for (completion, answer) in completions.iter().zip(answers) {
            completed.push(match answer {
                Ok(answer) => answer,
                Err(_) => self.store.complete(*completion).await?,
            });
        }
        Ok(completed)
    }

    async fn nothing_together_is_nothing(&self) -> Result<(), Violation> {
        broken(self.claim_together("a", &[]).await?.is_empty(), "no claims have no answers")?;
        broken(self.complete_together(&[]).await?.is_empty(), "no completions have no answers")
    }

    async fn jobs_that_are_enabled_together_are_as_if_each_were_alone(&self) -> Result<(), Violation> {
        let name = |what: &str| JobName::new(format!("enabled-{what}"));
        let [new, known, back, gone] = [name("new")?, name("known")?, name("back")?, name("gone")?];
        let store = self.store;
        for (job, enabled) in [(&known, true), (&back, false), (&gone, true)] {
            store.enable(job, enabled).await?;
        }
        let [before, left] = [store.state(&known).await?, store.state(&gone).await?];
        (self.pass)(Duration::from_secs(5)).await;
        let asked = [(&new, true), (&known, true), (&gone, false), (&back, true)];
        let states = store.enable_many(&asked).await?;
        broken(states.len() == asked.len(), "each job of several has an answer")?;
        for ((job, _), state) in asked.iter().zip(&states) {
            broken(store.state(job).await? == *state, "each answer is in its place, and stays")?;
        }
        broken(states[0].expected_since == states[0].first_scheduled, "a new one comes into being")?;
        broken(states[1] == before, "one that was enabled is as before")?;
        broken(states[2] == left, "one that is disabled waits")?;
        broken(
            states[3].expected_since > states[3].first_scheduled,
            "one that is back is expected from then on",
        )?;
        broken(store.enable_many(&[]).await?.is_empty(), "no jobs have no answers")?;
        (self.pass)(Duration::from_secs(5)).await;
        let again = store.enable_many(&[(&gone, true), (&back, true)]).await?;
        broken(again[0].expected_since > states[2].expected_since, "and so is the other")?;
        broken(again[1] == states[3], "once")
    }

    async fn each_claim_of_a_batch_is_decided_by_itself(&self) -> Result<(), Violation> {
        let name = |what: &str| JobName::new(format!("together-{what}"));
        let [dead, held, done] = [name("dead")?, name("held")?, name("done")?];
        let [paused, early, asked, new] = [name("paused")?, name("early")?, name("asked")?, name("new")?];
        let first = self.granted(&dead, 1, "b").await?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        let other = self.granted(&held, 1, "b").await?;
        let ended = self.granted(&done, 1, "b").await?;
        self.complete(&ended, succeeded()).await?;
        self.store.pause(&paused, true).await?;
        let Claimed::Granted(repeated) = self.request(&asked, "key", "b").await? else {
            return Err(Violation::Broken("a key that nobody has used is a run of its own"));
        };
        self.complete(&repeated, failed()).await?;

        let nobody = Request::default();
        let key = Request { reason: None, idempotency_key: Some("key".to_owned()) };
        let (slot, in_two_days) = (Some(1), Some(3 * 24 * 60));
        let wishes = [
            (&new, slot, &nobody),
            (&paused, slot, &nobody),
            (&done, slot, &nobody),
            (&early, in_two_days, &nobody),
            (&asked, None, &key),
            (&held, slot, &nobody),
            (&dead, slot, &nobody),
        ];
        let claimed = self.claim_together("a", &wishes).await?;
        let [of_new, of_paused, of_done, of_early, of_asked, of_held, of_dead] = claimed.as_slice() else {
            return Err(Violation::Broken("each claim of a batch has an answer"));
        };
        let granted = |claimed: &Claimed, job: &JobName| match claimed {
            Claimed::Granted(lease) => {
                (lease.job == *job && lease.holder.as_ref() == "a").then_some(lease.token)
            }
            _ => None,
        };
        broken(granted(of_new, &new).is_some(), "a job that nobody has seen is granted among others")?;
        let heir = granted(of_dead, &dead);
        broken(heir.is_some_and(|token| token > first.token), "so is one whose holder is dead")?;
        let lost: Vec<_> = self.store.history(&dead).await?.into_iter().map(|run| run.outcome).collect();
        broken(lost == [Outcome::Interrupted(Interruption::LeaseLost)], "whose run is then lost")?;
        broken(*of_paused == Claimed::Paused && *of_done == Claimed::Done, "others are refused")?;
        broken(matches!(of_early, Claimed::Early(_)), "each for its own reason")?;
        broken(*of_asked == Claimed::Repeated(repeated.run()), "a run that was asked for before is told")?;
        let holds = matches!(of_held, Claimed::Held { lease, .. } if *lease == other);
        broken(holds, "and so is a lease that stands")?;
        self.store.pause(&paused, false).await?;
        let skipped = self.claim(&paused, slot, "a").await?;
        broken(skipped == Claimed::Done, "a slot that was claimed while the job was paused is done with")
    }

    async fn a_job_that_is_claimed_twice_in_a_batch_is_granted_once(&self) -> Result<(), Violation> {
        let jobs = [JobName::new("twice")?, JobName::new("beside-twice")?];
        let nobody = Request::default();
        let wishes = [0, 1, 0, 0].map(|job: usize| (&jobs[job], Some(1), &nobody));
        let claimed = self.claim_together("a", &wishes).await?;
        let granted = |job: &JobName| {
            let of_job = claimed
                .iter()
                .filter(|claimed| matches!(claimed, Claimed::Granted(lease) if lease.job == *job));
            of_job.count()
        };
        broken(granted(&jobs[0]) == 1 && granted(&jobs[1]) == 1, "a job is granted once in a batch")?;
        let held = claimed.iter().filter(|claimed| matches!(claimed, Claimed::Held { .. })).count();
        broken(held == 2, "and then is held")
    }

    async fn a_batch_whose_answer_was_lost_is_held_by_who_asked(&self) -> Result<(), Violation> {
        let jobs = [JobName::new("unheard-b")?, JobName::new("unheard-a")?];
        let leases = self.granted_together("a", &jobs).await?;
        let nobody = Request::default();
        let wishes: Vec<_> = jobs.iter().map(|job| (job, Some(1), &nobody)).collect();
        for (claimed, granted) in self.claim_together("a", &wishes).await?.into_iter().zip(&leases) {
            let holds = matches!(claimed, Claimed::Held { lease, .. } if lease == *granted);
            broken(holds, "who did not hear the answer to a batch is told what it holds")?;
        }
        let succeeded = succeeded();
        let runs: Vec<_> = leases.iter().map(|lease| (lease, &succeeded)).collect();
        let first = self.complete_together(&runs).await?;
        broken(first.iter().all(Option::is_some), "holders may complete together")?;
        broken(self.complete_together(&runs).await? == first, "and once more, if the answer was lost")?;
        for job in &jobs {
            broken(self.store.history(job).await?.len() == 1, "which is recorded once")?;
        }
        Ok(())
    }

    async fn each_completion_of_a_batch_is_decided_by_itself(&self) -> Result<(), Violation> {
        let name = |what: &str| JobName::new(format!("ends-{what}"));
        let jobs = [name("overtaken")?, name("well")?, name("badly")?, name("unfinished")?];
        let leases = self.granted_together("a", &jobs).await?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        let heir = self.granted(&jobs[0], 1, "b").await?;
        let unknown = Lease { job: name("unknown")?, ..heir.clone() };
        let [overtaken, well, badly, unfinished] = leases.as_slice() else {
            return Err(Violation::Broken("each claim of a batch has an answer"));
        };
        let interrupted = Outcome::Interrupted(Interruption::Shutdown);
        let (succeeded, failed) = (succeeded(), failed());
        let runs = [
            (unfinished, &interrupted),
            (overtaken, &succeeded),
            (well, &succeeded),
            (&unknown, &succeeded),
            (badly, &failed),
        ];
        let completed = self.complete_together(&runs).await?;
        for ((lease, outcome), state) in runs.iter().zip(&completed) {
            let accepted = [well, badly, unfinished].contains(lease);
            broken(state.is_some() == accepted, "what was overtaken or never was is refused, nothing else")?;
            let Some(state) = state else { continue };
            broken(*state == self.store.state(&lease.job).await?, "who completes learns what is then known")?;
            let history = self.store.history(&lease.job).await?;
            broken(history.len() == 1 && history[0].outcome == **outcome, "each has its own outcome")?;
            let (is_final, slot) = (outcome.is_final(), Some(self.slot(1)));
            broken(
                state.done == slot.filter(|_| is_final),
                "and its slot is done, unless it is left to others",
            )?;
            let failures = u32::from(*outcome == &failed);
            broken(state.consecutive_failures == failures, "failures are counted for each")?;
            let success = *outcome == &succeeded;
            broken(state.last_success.is_some() == success, "and successes")?;
        }
        broken(self.complete(&heir, succeeded.clone()).await?, "who has taken over is not harmed")
    }

    async fn a_run_that_is_completed_twice_in_a_batch_is_recorded_once(&self) -> Result<(), Violation> {
        let jobs = [JobName::new("ends-twice")?, JobName::new("ends-beside")?];
        let leases = self.granted_together("a", &jobs).await?;
        let failed = failed();
        let runs = [0, 1, 0].map(|run: usize| (&leases[run], &failed));
        let completed = self.complete_together(&runs).await?;
        broken(completed.iter().all(Option::is_some), "who completes twice is answered twice")?;
        for job in &jobs {
            broken(self.store.state(job).await?.consecutive_failures == 1, "and counted once")?;
            broken(self.store.history(job).await?.len() == 1, "and recorded once")?;
        }
        Ok(())
    }
}

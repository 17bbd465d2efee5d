//! What a store promises about one job at a time.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::try_join_all;
use jobwatch_catalogue::JobName;

use super::suite::{LENGTH, Suite, Violation, broken, failed, succeeded};
use crate::job::outcome::{Interruption, Outcome};
use crate::job::request::Request;
use crate::store::{Claim, Claimed, Completion, HISTORY, Renewed};

/// The first promise that is not kept, if there is one.
pub(super) async fn hold<P: AsyncFn(Duration)>(suite: &Suite<'_, P>) -> Result<(), Violation> {
    suite.a_slot_is_run_once().await?;
    suite.a_slot_is_not_run_before_its_time().await?;
    suite.a_dead_holder_is_followed_and_refused_when_it_comes_back().await?;
    suite.a_holder_that_follows_itself_is_refused_what_its_past_self_says().await?;
    suite.a_lease_that_is_renewed_does_not_run_out().await?;
    suite.an_interrupted_run_leaves_its_slot_to_others().await?;
    suite.slots_that_were_skipped_over_are_done().await?;
    suite.outcomes_are_remembered().await?;
    suite.a_paused_job_runs_when_somebody_asks_for_it().await?;
    suite.a_job_that_is_back_is_expected_from_then_on().await?;
    suite.a_run_whose_holder_died_is_told_as_interrupted().await?;
    suite.several_jobs_are_told_as_each_of_them().await?;
    suite.who_asks_for_the_same_run_again_is_told_which_it_is().await?;
    suite.of_those_who_ask_for_the_same_run_at_once_one_starts_it().await?;
    suite.a_run_that_was_lost_is_run_again_for_the_same_key().await?;
    suite.the_history_of_a_job_that_always_dies_is_bounded().await?;
    suite.a_request_to_cancel_reaches_the_holder().await
}

impl<P: AsyncFn(Duration)> Suite<'_, P> {
    async fn a_slot_is_run_once(&self) -> Result<(), Violation> {
        let job = JobName::new("once")?;
        let first = self.granted(&job, 1, "a").await?;
        broken(
            first.holder.as_ref() == "a" && first.slot == Some(self.slot(1)),
            "a lease says whose and what it is",
        )?;
        for (holder, promise) in
            [("b", "a slot that is held is not granted to another"), ("a", "nor to its holder a second time")]
        {
            match self.claim(&job, Some(1), holder).await? {
                Claimed::Held { lease, remaining } => {
                    broken(lease == first, "who is refused learns who holds the lease")?;
                    broken(remaining <= LENGTH && remaining > LENGTH / 2, "and for how long")?;
                }
                _ => return Err(Violation::Broken(promise)),
            }
        }
        broken(self.complete(&first, succeeded()).await?, "a holder may complete")?;
        broken(self.complete(&first, succeeded()).await?, "and once more, if the answer was lost")?;
        broken(self.store.history(&job).await?.len() == 1, "which is recorded once")?;
        broken(!self.complete(&first, failed()).await?, "but not in another way")?;
        for number in [0, 1] {
            let late = self.claim(&job, Some(number), "b").await?;
            broken(late == Claimed::Done, "a slot that is done, and those before it, are not granted again")?;
        }
        let next = self.granted(&job, 2, "b").await?;
        broken(next.token > first.token, "tokens grow")
    }

    async fn a_slot_is_not_run_before_its_time(&self) -> Result<(), Violation> {
        let job = JobName::new("early")?;
        let in_an_hour = 25 * 60;
        let Claimed::Early(by) = self.claim(&job, Some(in_an_hour), "a").await? else {
            return Err(Violation::Broken("a slot is not granted before its time"));
        };
        let hour = Duration::from_secs(3_600);
        broken(by <= hour && by > hour - LENGTH, "who comes early learns by how much")?;
        (self.pass)(by).await;
        self.granted(&job, in_an_hour, "a").await.map(drop)
    }

    async fn a_dead_holder_is_followed_and_refused_when_it_comes_back(&self) -> Result<(), Violation> {
        let job = JobName::new("dead")?;
        let dead = self.granted(&job, 1, "a").await?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        broken(self.store.state(&job).await?.running.is_none(), "a lease that has run out is no run")?;
        let heir = self.granted(&job, 1, "b").await?;
        broken(heir.token > dead.token, "who takes over has a higher token")?;
        let renewed = self.store.renew(&dead, LENGTH).await?;
        broken(renewed == Renewed::Lost, "a lease that was taken over is not renewed")?;
        broken(!self.complete(&dead, succeeded()).await?, "nor does it complete anything")?;
        let state = self.store.state(&job).await?;
        broken(state.last_success.is_none() && state.running.is_some(), "and it leaves no trace")?;
        broken(self.complete(&heir, succeeded()).await?, "who took over completes")?;
        let history = self.store.history(&job).await?;
        let outcomes: Vec<_> = history.iter().map(|run| (run.id.token, &run.outcome)).collect();
        let lost = Outcome::Interrupted(Interruption::LeaseLost);
        let both = [(heir.token, &succeeded()), (dead.token, &lost)];
        broken(outcomes == both, "the history has the run that was taken over as one whose lease was lost")
    }

    async fn a_holder_that_follows_itself_is_refused_what_its_past_self_says(&self) -> Result<(), Violation> {
        let job = JobName::new("itself")?;
        let past = self.granted(&job, 1, "a").await?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        let present = self.granted(&job, 1, "a").await?;
        let renewed = self.store.renew(&past, LENGTH).await?;
        broken(
            renewed == Renewed::Lost,
            "the token counts, not the holder's name alone, when a lease is renewed",
        )?;
        broken(!self.complete(&past, succeeded()).await?, "nor when a run is completed")?;
        broken(self.complete(&present, succeeded()).await?, "the newest lease counts")
    }

    async fn a_lease_that_is_renewed_does_not_run_out(&self) -> Result<(), Violation> {
        let job = JobName::new("long")?;
        let lease = self.granted(&job, 1, "a").await?;
        for _ in 0..5 {
            (self.pass)(LENGTH / 2).await;
            let renewed = self.store.renew(&lease, LENGTH).await?;
            broken(renewed == Renewed::Extended, "a lease that is held is renewed")?;
        }
        let other = self.claim(&job, Some(1), "b").await?;
        broken(matches!(other, Claimed::Held { .. }), "a lease that is renewed is held")?;
        (self.pass)(LENGTH * 2).await;
        let late = self.store.renew(&lease, LENGTH).await?;
        broken(late == Renewed::Extended, "one that has run out is renewed while nobody has taken over")
    }

    async fn an_interrupted_run_leaves_its_slot_to_others(&self) -> Result<(), Violation> {
        let job = JobName::new("interrupted")?;
        let lease = self.granted(&job, 1, "a").await?;
        let interrupted = Outcome::Interrupted(Interruption::Shutdown);
        broken(self.complete(&lease, interrupted).await?, "an interrupted run gives its lease back")?;
        let state = self.store.state(&job).await?;
        broken(state.done.is_none() && state.consecutive_failures == 0, "it is neither done nor failed")?;
        self.granted(&job, 1, "b").await.map(drop)
    }

    async fn slots_that_were_skipped_over_are_done(&self) -> Result<(), Violation> {
        let job = JobName::new("overlap")?;
        let lease = self.granted(&job, 1, "a").await?;
        let completion = Completion { lease: &lease, outcome: &succeeded(), done: Some(self.slot(3)) };
        broken(self.store.complete(completion).await?.is_some(), "a run may complete late")?;
        let skipped = self.claim(&job, Some(3), "b").await?;
        broken(skipped == Claimed::Done, "the slots that a run took the time of are done with it")?;
        self.granted(&job, 4, "b").await.map(drop)
    }

    async fn outcomes_are_remembered(&self) -> Result<(), Violation> {
        let job = JobName::new("outcomes")?;
        let asked = self.store.state(&job).await?;
        (self.pass)(Duration::from_secs(5)).await;
        let first = self.store.enable(&job, true).await?;
        broken(first.first_scheduled > asked.first_scheduled, "who asks about a job does not schedule it")?;
        (self.pass)(Duration::from_secs(5)).await;
        let again = self.store.state(&job).await?;
        broken(first.first_scheduled == again.first_scheduled, "a job is first scheduled once")?;
        let outcomes = [failed(), failed(), succeeded(), failed()];
        for (number, outcome) in (1..).zip(&outcomes) {
            let lease = self.granted(&job, number, "a").await?;
            self.complete(&lease, outcome.clone()).await?;
        }
        let state = self.store.state(&job).await?;
        broken(state.consecutive_failures == 1, "failures are counted from the last success on")?;
        broken(state.last_success.is_some() && state.done == Some(self.slot(4)), "a success is remembered")?;
        let history = self.store.history(&job).await?;
        let slots: Vec<_> = history.iter().map(|run| run.slot).collect();
        broken(
            slots == [4, 3, 2, 1].map(|number| Some(self.slot(number))),
            "the history has the newest first",
        )?;
        broken(history.iter().rev().map(|run| &run.outcome).eq(&outcomes), "and each run's outcome")
    }

    async fn a_paused_job_runs_when_somebody_asks_for_it(&self) -> Result<(), Violation> {
        let job = JobName::new("paused")?;
        self.store.pause(&job, true).await?;
        broken(self.store.state(&job).await?.paused, "a pause is remembered")?;
        let scheduled = self.claim(&job, Some(1), "a").await?;
        broken(scheduled == Claimed::Paused, "a paused job is not run by its schedule")?;
        let Claimed::Granted(lease) = self.claim(&job, None, "a").await? else {
            return Err(Violation::Broken("a paused job is run when somebody asks for it"));
        };
        self.complete(&lease, succeeded()).await?;
        let state = self.store.state(&job).await?;
        broken(state.done == Some(self.slot(1)), "a run that somebody asked for does no slot")?;
        self.store.pause(&job, false).await?;
        let skipped = self.claim(&job, Some(1), "a").await?;
        broken(skipped == Claimed::Done, "a slot that was claimed while the job was paused is done with")?;
        self.granted(&job, 2, "a").await.map(drop)
    }

    async fn a_job_that_is_back_is_expected_from_then_on(&self) -> Result<(), Violation> {
        let job = JobName::new("back")?;
        let (store, minute) = (self.store, Duration::from_secs(60));
        let new = store.enable(&job, true).await?;
        broken(new.expected_since == new.first_scheduled, "a new job is expected at once")?;
        (self.pass)(minute).await;
        store.pause(&job, false).await?;
        broken(store.enable(&job, true).await? == new, "one that was never away is expected as before")?;
        store.pause(&job, true).await?;
        store.pause(&job, true).await?;
        (self.pass)(minute).await;
        store.pause(&job, false).await?;
        let resumed = store.state(&job).await?;
        let while_away = resumed.expected_since - new.expected_since;
        broken(while_away >= TimeDelta::minutes(2), "one that is resumed is expected from then on")?;
        broken(resumed.first_scheduled == new.first_scheduled, "and was first scheduled when it was")?;
        (self.pass)(minute).await;
        let disabled = store.enable(&job, false).await?;
        broken(disabled == resumed, "one that is disabled waits")?;
        (self.pass)(minute).await;
        let back = store.enable(&job, true).await?;
        let while_away = back.expected_since - resumed.expected_since;
        broken(while_away >= TimeDelta::minutes(2), "until it is enabled again")?;
        broken(store.enable(&job, true).await? == back, "once")
    }

    async fn a_run_whose_holder_died_is_told_as_interrupted(&self) -> Result<(), Violation> {
        let job = JobName::new("silent")?;
        self.store.pause(&job, true).await?;
        let Claimed::Granted(dead) = self.request(&job, "key", "a").await? else {
            return Err(Violation::Broken("a run that somebody asks for is granted"));
        };
        broken(self.store.history(&job).await?.is_empty(), "a run in progress has not ended")?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        let history = self.store.history(&job).await?;
        let [run] = history.as_slice() else {
            return Err(Violation::Broken("a run whose lease has run out is in the history"));
        };
        broken(run.outcome == Outcome::Interrupted(Interruption::LeaseLost), "as interrupted")?;
        broken(run.id == dead.run() && run.ended == dead.until, "from the end of its lease on")?;
        broken(run.request.reason.is_some(), "with what was said about it")?;
        broken(self.store.last_runs(&[&job]).await? == [Some(run.clone())], "and is the last that ended")?;
        broken(self.complete(&dead, succeeded()).await?, "its holder may yet come back")?;
        let outcomes: Vec<_> = self.store.history(&job).await?.into_iter().map(|run| run.outcome).collect();
        broken(outcomes == [succeeded()], "which is then what became of it")
    }

    async fn several_jobs_are_told_as_each_of_them(&self) -> Result<(), Violation> {
        let jobs = [JobName::new("first")?, JobName::new("unknown")?, JobName::new("third")?];
        for (number, job) in [(1, &jobs[0]), (2, &jobs[2]), (3, &jobs[2])] {
            let lease = self.granted(job, number, "a").await?;
            self.complete(&lease, succeeded()).await?;
        }
        self.granted(&jobs[2], 4, "a").await?;
        let names: Vec<&JobName> = jobs.iter().collect();
        let (states, runs) = (self.store.states(&names).await?, self.store.last_runs(&names).await?);
        broken(states.len() == 3 && runs.len() == 3, "there is an answer for each job")?;
        for ((job, state), run) in jobs.iter().zip(states).zip(runs) {
            broken(run == self.store.history(job).await?.into_iter().next(), "its last run is told")?;
            let alone = self.store.state(job).await?;
            let is_known = state.done.is_some();
            broken(state == alone || !is_known, "its state is what it is when asked for alone")?;
            broken(is_known == (job.as_str() != "unknown"), "and one that is unknown is not mistaken")?;
        }
        Ok(())
    }

    async fn who_asks_for_the_same_run_again_is_told_which_it_is(&self) -> Result<(), Violation> {
        let job = JobName::new("again")?;
        let Claimed::Granted(lease) = self.request(&job, "one", "a").await? else {
            return Err(Violation::Broken("a key that nobody has used is a run of its own"));
        };
        let same = Claimed::Repeated(lease.run());
        broken(self.request(&job, "one", "b").await? == same, "another replica is told the run in progress")?;
        let held = self.request(&job, "one", "a").await?;
        broken(
            matches!(held, Claimed::Held { .. }),
            "its holder, who ought to know of it, is told its lease",
        )?;
        let look = async || {
            let request = &Request { reason: None, idempotency_key: Some("one".to_owned()) };
            let slot = Some(self.slot(3 * 24 * 60));
            let claim = Claim { job: &job, slot, holder: &"b".into(), length: LENGTH, request };
            Ok::<_, Violation>(self.store.claim(claim).await?)
        };
        broken(look().await? == same, "also if the slot is not due")?;
        let other = self.request(&job, "two", "b").await?;
        broken(matches!(other, Claimed::Held { .. }), "another key is another run, which has to wait")?;
        self.complete(&lease, failed()).await?;
        for holder in ["a", "b"] {
            broken(self.request(&job, "one", holder).await? == same, "a run that ended is told, too")?;
        }
        broken(look().await? == same, "whatever slot is claimed")?;
        let Claimed::Granted(next) = self.request(&job, "two", "b").await? else {
            return Err(Violation::Broken("another key is another run"));
        };
        self.complete(&next, succeeded()).await?;
        let third = self.granted(&job, 1, "a").await?;
        self.complete(&third, succeeded()).await?;
        let reasons: Vec<_> =
            self.store.history(&job).await?.into_iter().map(|run| run.request.reason).collect();
        let expected = [None, Some("for two".to_owned()), Some("for one".to_owned())];
        broken(reasons == expected, "the history has the reasons")
    }

    async fn of_those_who_ask_for_the_same_run_at_once_one_starts_it(&self) -> Result<(), Violation> {
        let job = &JobName::new("at-once")?;
        for round in 0..20 {
            let key = &format!("key {round}");
            let ask = async |holder| {
                let Claimed::Granted(lease) = self.request(job, key, holder).await? else { return Ok(0) };
                let completion = Completion { lease: &lease, outcome: &succeeded(), done: None };
                self.store.complete(completion).await?;
                Ok::<_, Violation>(1)
            };
            let started = try_join_all(["a", "b", "c", "d", "e", "f"].map(ask)).await?;
            broken(
                started.iter().sum::<usize>() == 1,
                "of those who ask for the same run at once, one starts it",
            )?;
        }
        Ok(())
    }

    async fn a_run_that_was_lost_is_run_again_for_the_same_key(&self) -> Result<(), Violation> {
        let job = JobName::new("lost")?;
        self.request(&job, "key", "a").await?;
        (self.pass)(LENGTH + Duration::from_secs(1)).await;
        for _ in 0..2 {
            let Claimed::Granted(heir) = self.request(&job, "key", "b").await? else {
                return Err(Violation::Broken("a run that was interrupted is not what was asked for"));
            };
            self.complete(&heir, Outcome::Interrupted(Interruption::Shutdown)).await?;
        }
        Ok(())
    }

    async fn the_history_of_a_job_that_always_dies_is_bounded(&self) -> Result<(), Violation> {
        let job = JobName::new("always")?;
        for _ in 0..HISTORY + 5 {
            self.granted(&job, 1, "a").await?;
            (self.pass)(LENGTH + Duration::from_secs(1)).await;
        }
        broken(self.store.history(&job).await?.len() <= HISTORY, "the history is bounded")
    }

    async fn a_request_to_cancel_reaches_the_holder(&self) -> Result<(), Violation> {
        let job = JobName::new("cancel")?;
        broken(!self.store.cancel(&job).await?, "a job that does not run cannot be cancelled")?;
        let lease = self.granted(&job, 1, "a").await?;
        broken(self.store.cancel(&job).await?, "one that runs can")?;
        let renewed = self.store.renew(&lease, LENGTH).await?;
        broken(renewed == Renewed::CancelRequested, "its holder hears of it")?;
        self.complete(&lease, Outcome::Interrupted(Interruption::Cancelled)).await?;
        let next = self.granted(&job, 2, "a").await?;
        let renewed = self.store.renew(&next, LENGTH).await?;
        broken(renewed == Renewed::Extended, "and the next run does not")
    }
}

//! What can be wrong with a job, and for how long it is.

use jobwatch_catalogue::label::RunStatus;
use jobwatch_catalogue::metric::DURATION_BUCKETS_SECONDS;

use super::best;
use super::case::{Best, Case, Trouble};
use super::course::{Course, Recovery};
use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
use crate::alerts::high_duration::HIGH_DURATION;
use crate::alerts::queue_growing::QUEUE_GROWING;
use crate::lookback::Lookback;
use crate::parameter::{ABOVE, OVER};
use crate::scenario::{Scenario, Stage};

const MINUTE: u64 = 60;

/// How executions go on afterwards, and how long what was wrong is remembered.
#[derive(Clone, Copy)]
struct Over {
    recovery: Recovery,
    /// In seconds, of a job that is due rarely.
    clears_within: u64,
}

impl Over {
    /// The last execution counts alone.
    const AT_ONCE: Self = Self { recovery: Recovery::ByHand, clears_within: 0 };
}

/// How executions go with which something is wrong.
#[derive(Clone, Copy)]
struct Bad {
    duration: u64,
    status: RunStatus,
    failed_items: u64,
}

impl Course<'_> {
    /// Returns the scenarios in which nothing is remembered of what was wrong once an execution
    /// is well.
    pub(super) fn soon_over(&self) -> Vec<Case> {
        let mut all = vec![self.every_run_fails(), self.no_run_starts(), self.process_is_gone()];
        all.extend(self.queue_grows());
        all.extend(self.queue_is_long());
        all
    }

    /// Returns the scenarios in which rates remember what was wrong.
    pub(super) fn remembered(&self) -> Vec<Case> {
        let mut all = vec![self.every_run_times_out(), self.run_hangs()];
        all.extend(self.runs_are_slow());
        all.extend(self.runs_are_very_slow());
        all.extend(self.items_fail());
        all
    }

    /// Returns the scenario that takes days: nothing succeeds until the critical alert is due.
    pub(super) fn stale(&self) -> Option<Case> {
        let stage = &self.stage;
        let duration = stage.usual_duration();
        let before = stage.runs().then(1, duration, RunStatus::Success);
        let since = stage.first_run() + duration;
        let best = Some(best::critically_stale(stage, since, stage.longest_gap())?);
        let back = self.lasts_until(since, best);
        let number = (back - before.next_due().min(back)) / stage.cycle(duration);
        let runs = before.then(number, duration, RunStatus::Failed);
        let says = "One execution succeeds, and then each fails for so long that it is critical.";
        let (runs, over) = self.well_again(runs, back, Recovery::ByHand);
        let scenario = Scenario::new("stale", says).process(stage.process(runs));
        Some(
            self.trouble(
                scenario,
                Trouble { since, over, best, clears_within: self.clearing(), is_late: true },
            ),
        )
    }

    /// Rates remember what was wrong. Of a job that is due so rarely that there are none, the last
    /// executions of half an hour count alone.
    fn remembered_for(&self, clears_within: u64) -> Over {
        match self.stage.holds_two_executions() {
            true => Over { recovery: Recovery::OnSchedule, clears_within },
            false => Over { clears_within: self.stage.lookback(Lookback::Last), ..Over::AT_ONCE },
        }
    }

    /// Something is wrong with every execution from one on, until the cause is gone.
    fn executions(
        &self,
        name: &'static str,
        says: &str,
        bad: Bad,
        over: Over,
        best: impl Fn(&Stage<'_>, u64) -> Option<Best>,
    ) -> Case {
        let stage = &self.stage;
        let before = self.before();
        let since = before.next_due();
        let best = best(stage, since);
        let back = self.lasts_until(since, best);
        let number = match self.is_due_often() {
            true => (back - since).div_ceil(stage.cycle(bad.duration)),
            false => 1,
        };
        let runs = before.then(number, bad.duration, bad.status).failing_items(bad.failed_items);
        let ends = since + (number - 1) * stage.cycle(bad.duration) + bad.duration;
        let Over { recovery, clears_within } = over;
        let (runs, over) = self.well_again(runs, back.max(ends), recovery);
        let clears_within = clears_within.max(self.clearing());
        let scenario = Scenario::new(name, says).process(stage.process(runs));
        self.trouble(scenario, Trouble { since, over, best, clears_within, is_late: false })
    }

    fn every_run_fails(&self) -> Case {
        let duration = self.stage.usual_duration();
        let bad = Bad { duration, status: RunStatus::Failed, failed_items: 0 };
        self.executions("every-run-fails", "Every execution fails.", bad, Over::AT_ONCE, |stage, since| {
            let failures = best::failures(stage, since + duration, stage.cycle(duration));
            best::first([failures, best::overdue(stage, since)])
        })
    }

    fn every_run_times_out(&self) -> Case {
        let duration = self.stage.timeout();
        let bad = Bad { duration, status: RunStatus::Failed, failed_items: 0 };
        let says = "Every execution takes all the time it may, and is stopped.";
        self.executions("every-run-times-out", says, bad, self.remembered_for(duration), |stage, since| {
            let failures = best::failures(stage, since + duration, stage.cycle(duration));
            best::first([failures, best::overdue(stage, since)])
        })
    }

    /// An execution that cannot even be stopped.
    fn run_hangs(&self) -> Case {
        let stage = &self.stage;
        let before = self.before();
        let since = before.next_due();
        let best = best::first([best::stuck(stage, since), best::overdue(stage, since)]);
        let back = self.lasts_until(since, best);
        let runs = before.then(1, back - since, RunStatus::Failed);
        let Over { recovery, clears_within } = self.remembered_for(back - since);
        let (runs, over) = self.well_again(runs, back, recovery);
        let says = "An execution does not end, nor can it be stopped.";
        let scenario = Scenario::new("run-hangs", says).process(stage.process(runs));
        let clears_within = self.clearing().max(clears_within);
        self.trouble(scenario, Trouble { since, over, best, clears_within, is_late: false })
    }

    fn no_run_starts(&self) -> Case {
        let stage = &self.stage;
        let before = self.before();
        let since = before.next_due();
        let best = best::overdue(stage, since);
        let back = self.lasts_until(since, best);
        let (runs, over) = self.well_again(before, back, Recovery::ByHand);
        let scenario =
            Scenario::new("no-run-starts", "No execution starts any more.").process(stage.process(runs));
        self.trouble(scenario, Trouble { since, over, best, clears_within: self.clearing(), is_late: false })
    }

    fn process_is_gone(&self) -> Case {
        let stage = &self.stage;
        let before = self.before();
        // Between two executions, so that none is cut off.
        let since = stage.step_after(before.next_due().saturating_sub(stage.interval().min(stage.step())));
        let best = best::absent(stage, since);
        let back = self.lasts_until(since, best);
        let (runs, over) = self.well_again(before, back, Recovery::ByHand);
        let process = stage.process(runs).restarted(since..back);
        let says = "The process is gone, with all that it exposes, and comes back.";
        let scenario = Scenario::new("process-is-gone", says).process(process);
        self.trouble(scenario, Trouble { since, over, best, clears_within: self.clearing(), is_late: false })
    }

    /// Executions that take somewhat longer than the alert's threshold, where a bucket tells them
    /// from shorter ones.
    fn runs_are_slow(&self) -> Option<Case> {
        let threshold = self.stage.seconds(HIGH_DURATION.name, ABOVE)?;
        let duration = threshold + (threshold / 10).max(1);
        let says = "Every execution takes somewhat longer than the threshold, and succeeds.";
        (duration < self.stage.timeout()).then(|| self.slow("runs-are-slow", says, duration))?
    }

    fn runs_are_very_slow(&self) -> Option<Case> {
        let says = "Every execution takes nearly all the time it may, and succeeds.";
        self.slow("runs-are-very-slow", says, self.stage.nearly_timeout())
    }

    fn slow(&self, name: &'static str, says: &str, duration: u64) -> Option<Case> {
        // A bucket tells no more than that a duration is above its lower bound.
        let place = DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound < duration as f64);
        let told = *DURATION_BUCKETS_SECONDS.get(place.checked_sub(1)?)? as u64;
        DURATION_BUCKETS_SECONDS.get(place)?;
        if !self.stage.holds_two_executions() {
            return None;
        }
        best::slow(&self.stage, told, 0)?;
        let bad = Bad { duration, status: RunStatus::Success, failed_items: 0 };
        Some(self.executions(name, says, bad, self.remembered_for(duration), |stage, since| {
            best::slow(stage, told, since + duration)
        }))
    }

    fn items_fail(&self) -> Option<Case> {
        let stage = &self.stage;
        stage.job().items()?;
        if !stage.holds_two_executions() {
            return None;
        }
        let duration = stage.usual_duration();
        let bad = Bad { duration, status: RunStatus::Success, failed_items: 5 };
        let says = "Every execution succeeds, and half of its items fail.";
        // Until so many executions are well that the share of what failed is small again.
        let over = self.remembered_for(2 * stage.interval());
        Some(self.executions("items-fail", says, bad, over, |stage, since| {
            best::half_of_the_items_fail(stage, self.number_before(), since + duration)
        }))
    }

    fn queue_grows(&self) -> Option<Case> {
        let stage = &self.stage;
        let above = stage.count(QUEUE_GROWING.name, ABOVE)?;
        let over = stage.seconds(QUEUE_GROWING.name, OVER)?;
        let usual = above / 2;
        let since = stage.step_from(self.before().next_due().max(over));
        let growing =
            |minutes: u64| (since + minutes * MINUTE, usual + above * minutes * MINUTE / over.max(1));
        let grows = [(0, usual)].into_iter().chain((1..=60).map(growing));
        let best = best::queue(stage, &grows.clone().collect::<Vec<_>>());
        let back = self.lasts_until(since, best);
        let lengths = grows.take_while(|&(from, _)| from < back).chain([(back, usual)]);
        let says = "The queue grows, and is as short as before in the end.";
        Some(self.queue(
            "queue-grows",
            says,
            lengths.collect(),
            Trouble { since, over: back, best, clears_within: 0, is_late: false },
        ))
    }

    fn queue_is_long(&self) -> Option<Case> {
        let stage = &self.stage;
        let above = stage.count(CRITICAL_QUEUE_SIZE.name, ABOVE)?;
        let since = stage.start();
        let best = best::queue(stage, &[(since, above.saturating_add(1))]);
        let back = self.lasts_until(since, best);
        let lengths = vec![(0, above.saturating_add(1)), (back, 0)];
        let says = "The queue is just too long from the beginning, and empty in the end.";
        Some(self.queue(
            "queue-is-long",
            says,
            lengths,
            Trouble { since, over: back, best, clears_within: 0, is_late: false },
        ))
    }

    fn queue(&self, name: &'static str, says: &str, lengths: Vec<(u64, u64)>, trouble: Trouble) -> Case {
        let stage = &self.stage;
        let process = stage.steady(stage.usual_duration(), RunStatus::Success).queue(lengths);
        self.trouble(Scenario::new(name, says).process(process), trouble)
    }
}

//! How a scenario runs its course: executions before, something, and executions after.
//!
//! Of a job that is due often, some executions are well before. One that is due rarely is shown
//! when it is due for the first time: it would take very many steps to wait.

use jobwatch_catalogue::label::RunStatus;

use super::case::{Best, Case, Trouble};
use crate::lookback::{Lookback, is_uneven};
use crate::scenario::{Runs, Scenario, Stage};

const MINUTE: u64 = 60;

/// A job that is due more rarely is shown when it is due for the first time.
const OFTEN: u64 = 15 * MINUTE;

/// For how many steps something goes on after an alert could have been seen.
const STEPS_AFTER: u64 = 6;

/// How scenarios of a job run their course.
#[derive(Clone, Copy)]
pub(super) struct Course<'a> {
    pub(super) stage: Stage<'a>,
    /// For how many seconds something is wrong at least.
    pub(super) at_least: u64,
}

/// How executions go on when the cause of the trouble is gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recovery {
    /// Somebody triggers one at once where the job is due rarely.
    ByHand,
    /// On schedule.
    OnSchedule,
}

impl Course<'_> {
    pub(super) fn is_due_often(&self) -> bool {
        self.stage.interval() <= OFTEN
    }

    /// Returns how many executions are well before.
    pub(super) fn number_before(&self) -> u64 {
        match self.is_due_often() {
            true => (10 * MINUTE / self.stage.interval()).max(2),
            false => 0,
        }
    }

    /// Returns the executions that are well before.
    pub(super) fn before(&self) -> Runs {
        self.stage.runs().then(self.number_before(), self.stage.usual_duration(), RunStatus::Success)
    }

    /// Returns until when something is wrong that an alert can tell at best at a moment.
    pub(super) fn lasts_until(&self, since: u64, best: Option<Best>) -> u64 {
        let seen = best.map_or(since, |best| best.at).max(since + self.at_least);
        self.stage.step_from(seen) + STEPS_AFTER * self.stage.step()
    }

    /// Returns the executions with those from a moment on which are well again, and when the first
    /// of them ends.
    pub(super) fn well_again(&self, runs: Runs, back: u64, recovery: Recovery) -> (Runs, u64) {
        let duration = self.stage.usual_duration();
        let (runs, over) = match self.is_due_often() || recovery == Recovery::OnSchedule {
            true => {
                let runs = runs.resumed(back);
                let over = runs.next_due() + duration;
                (runs, over)
            }
            false => {
                let over = back + duration;
                (runs.triggered(back, duration, RunStatus::Success).resumed(over), over)
            }
        };
        (runs.then_always(duration, RunStatus::Success), over)
    }

    /// Returns within how many seconds alerts clear about what rates remember of executions: the
    /// evidence of a job that is due rarely is its last one. That of a job that rests at times is
    /// told by its last two, however long its long window is.
    pub(super) fn clearing(&self) -> u64 {
        let (stage, job) = (&self.stage, self.stage.job());
        let tells_soon = [Lookback::Recent, Lookback::Last].into_iter().all(|lookback| lookback.suits(job));
        let remembered = if is_uneven(job) && tells_soon { Lookback::Short } else { Lookback::Long };
        match self.is_due_often() {
            true => stage.lookback(remembered).max(2 * stage.interval()),
            false => 0,
        }
    }

    pub(super) fn trouble(&self, scenario: Scenario, trouble: Trouble) -> Case {
        let until = trouble.over + trouble.clears_within + STEPS_AFTER * self.stage.step();
        Case { trouble: Some(trouble), ..self.well(scenario.until(self.stage.step_from(until))) }
    }

    pub(super) fn well(&self, scenario: Scenario) -> Case {
        let stage = &self.stage;
        Case { job: stage.job().name().clone(), scenario, step: stage.step(), trouble: None }
    }
}

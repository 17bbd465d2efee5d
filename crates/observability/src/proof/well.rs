//! What happens to a job that is well, of which nobody is to be told.

use jobwatch_catalogue::label::RunStatus;

use super::case::Case;
use super::course::{Course, Recovery};
use super::steps::steps;
use crate::scenario::{Process, Scenario, Setting, Stage, job_life};

/// The scenarios of the rule tests that show it through several executions.
const THROUGH_SEVERAL: [&str; 3] = ["healthy", "healthy-contract-only", "disabled-for-long"];

/// Returns the scenarios through several executions, each at the shortest step at which it takes
/// no more than so many.
pub(super) fn through_several_executions(setting: &Setting<'_>, most_steps: u64) -> Vec<Case> {
    let mut all: Vec<Case> = Vec::new();
    for step in steps() {
        let stage = Stage::new(setting, step);
        for scenario in job_life(&stage) {
            let fits = scenario.longest_step >= step && scenario.end() / step <= most_steps;
            let is_new = all.iter().all(|known| known.name() != scenario.name);
            if fits && is_new && scenario.except.is_empty() && THROUGH_SEVERAL.contains(&scenario.name) {
                all.push(Course { stage, at_least: 0 }.well(scenario));
            }
        }
    }
    all
}

impl Course<'_> {
    /// Returns the scenarios in which something happens that is no incident.
    pub(super) fn all_well(&self) -> Vec<Case> {
        let mut all = vec![self.restarted(), self.deployed(), self.paused()];
        all.extend(self.one_run_fails());
        all
    }

    /// Executions that are well all the time, and when the first of them has ended for two steps.
    fn always_well(&self) -> (Process, u64) {
        let stage = &self.stage;
        let process = stage.steady(stage.usual_duration(), RunStatus::Success);
        let ended = self
            .before()
            .next_due()
            .max(stage.first_run() + stage.interval())
            .saturating_sub(stage.interval());
        (process, stage.step_after(ended + stage.usual_duration()) + stage.step())
    }

    fn restarted(&self) -> Case {
        let stage = &self.stage;
        let (process, down) = self.always_well();
        let says = "The process restarts, within two steps.";
        let scenario = Scenario::new("restarted", says)
            .process(process.restarted(down..down + 2 * stage.step()))
            .until(self.afterwards(down));
        self.well(scenario)
    }

    /// The new process is there before the old one, which runs nothing any more, goes.
    fn deployed(&self) -> Case {
        let (process, up) = self.always_well();
        let down = up + 2 * self.stage.step();
        let says = "Another process takes over from the one that has run the job so far.";
        let scenario = Scenario::new("deployed", says)
            .process(process.clone().stopped(up).gone(down))
            .process(process.started(up))
            .until(self.afterwards(down));
        self.well(scenario)
    }

    fn paused(&self) -> Case {
        let (process, from) = self.always_well();
        let stage = &self.stage;
        let long = (2 * stage.interval()).min(stage.timeout()).min(stage.shortest_staleness() / 2);
        let back = stage.step_from(from + long);
        let says = "The job is paused for a while.";
        let process = process.paused(from..back.max(from + stage.step()));
        self.well(Scenario::new("paused", says).process(process).until(self.afterwards(back)))
    }

    /// One of several executions fails; of a job that is due rarely, that is an incident.
    fn one_run_fails(&self) -> Option<Case> {
        let stage = &self.stage;
        let duration = stage.usual_duration();
        if !self.is_due_often() || stage.timeout() < stage.interval() + duration {
            return None;
        }
        let runs = self.before().then(1, duration, RunStatus::Failed);
        let back = runs.next_due();
        let (runs, over) = self.well_again(runs, back, Recovery::OnSchedule);
        let scenario = Scenario::new("one-run-fails", "One execution fails, and the next one succeeds.")
            .process(stage.process(runs))
            .until(self.afterwards(over));
        Some(self.well(scenario))
    }

    fn afterwards(&self, moment: u64) -> u64 {
        let stage = &self.stage;
        stage.step_from(moment + (3 * stage.interval()).min(stage.timeout())) + 2 * stage.step()
    }
}

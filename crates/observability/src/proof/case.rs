//! What happens to a job, when something is wrong with it, and when it is over.

use jobwatch_catalogue::JobName;

use crate::alert_name::AlertName;
use crate::scenario::Scenario;

/// What happens to one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The job.
    pub job: JobName,
    /// What happens. Its checks are of no meaning here.
    pub scenario: Scenario,
    /// The seconds between two scrapes, and between two evaluations of the rules.
    pub step: u64,
    /// What is wrong. `None` if the job is well all the time.
    pub trouble: Option<Trouble>,
}

/// Something that is wrong with a job for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Since when, in seconds from the beginning of the scenario.
    pub since: u64,
    /// When it is seen that it is over: a run has ended well, say.
    pub over: u64,
    /// What the runbook's sentences say at best. `None` if none of them is about this.
    pub best: Option<Best>,
    /// Within how many seconds after it is over nothing fires any more.
    pub clears_within: u64,
    /// Whether the alert is not the first that fires, but the one that the scenario is about.
    pub is_late: bool,
}

/// When the first alert can fire, if it is evaluated at each moment and sees everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Best {
    /// The alert.
    pub alert: AlertName,
    /// When, in seconds from the beginning of the scenario.
    pub at: u64,
}

impl Case {
    /// Returns its name: `every-run-fails`.
    pub fn name(&self) -> &'static str {
        self.scenario.name
    }
}

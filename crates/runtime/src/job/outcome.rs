//! How a run ended, decided in one place: the record of a run and its metrics come from the same
//! value.

use std::fmt;
use std::time::Duration;

use jobwatch_catalogue::label::RunStatus;

use crate::job::error::JobError;

/// What a job reports about a run that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// Items that were handled.
    pub succeeded: u64,
    /// Items that were attempted in vain.
    pub failed: u64,
    /// Items that needed nothing done: no attempts.
    pub skipped: u64,
}

/// How the body of a run came to its end, as the runtime sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It returned.
    Returned(Result<Report, JobError>),
    /// It panicked, with this message.
    Panicked(String),
    /// It was told to stop, did not, and was dropped where it waited.
    Dropped,
}

/// What a run was told to stop for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It took longer than it may.
    TimedOut(Duration),
    /// For a reason that is not its own.
    Interrupted(Interruption),
}

/// The outcome of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It did its work; some items may have failed.
    Succeeded(Report),
    /// It did not.
    Failed(Failure),
    /// It was stopped for a reason that is not its own. Neither a success nor a failure: it is not
    /// counted as an execution.
    Interrupted(Interruption),
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The job gave up.
    Error(JobError),
    /// The job panicked, with this message.
    Panic(String),
    /// The job took longer than it may.
    Timeout(Duration),
    /// More than half of the attempted items failed.
    Items(Report),
}

/// Why a run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interruption {
    /// Somebody cancelled it. Its due time is done.
    Cancelled,
    /// The runtime shut down. Its due time is left to another replica, or to the next start.
    Shutdown,
    /// The lease could not be held. Its due time is left to whoever takes over.
    LeaseLost,
}

impl Report {
    /// A report of so many handled items.
    pub fn items(succeeded: u64) -> Self {
        Self { succeeded, ..Self::default() }
    }

    /// Whether more than half of the attempted items failed.
    fn mostly_failed(self) -> bool {
        self.failed > self.succeeded
    }
}

/// Nothing is reported: the job has no items.
impl From<()> for Report {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl Outcome {
    /// Decides how a run ended, given what it was told to stop for, if it was.
    ///
    /// An error, a panic and a timeout are failures, and so is a run more than half of whose
    /// attempted items failed. A run that was told to stop and still did its work has succeeded,
    /// unless it took too long or its lease was lost: then others may have done the work, too. Any
    /// other end of a run that was told to stop is an interruption, whatever error it is that it
    /// returned: that is likely to come from the stopping.
    pub(crate) fn of(ended: Ended, stop: Option<Stop>) -> Self {
        match (stop, ended) {
            (Some(Stop::Interrupted(Interruption::LeaseLost)), _) => {
                Self::Interrupted(Interruption::LeaseLost)
            }
            (_, Ended::Panicked(message)) => Self::Failed(Failure::Panic(message)),
            (Some(Stop::TimedOut(after)), _) => Self::Failed(Failure::Timeout(after)),
            (_, Ended::Returned(Ok(report))) if report.mostly_failed() => {
                Self::Failed(Failure::Items(report))
            }
            (_, Ended::Returned(Ok(report))) => Self::Succeeded(report),
            (Some(Stop::Interrupted(why)), _) => Self::Interrupted(why),
            (None, Ended::Returned(Err(JobError::Cancelled)) | Ended::Dropped) => {
                Self::Interrupted(Interruption::Cancelled)
            }
            (None, Ended::Returned(Err(error))) => Self::Failed(Failure::Error(error)),
        }
    }

    /// Whether the due time is done: it is, unless the run was stopped and left it to others.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Interrupted(Interruption::Shutdown | Interruption::LeaseLost))
    }

    /// How it ended in a word: `succeeded`, `failed` or `interrupted`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "succeeded",
            Self::Failed(_) => "failed",
            Self::Interrupted(_) => "interrupted",
        }
    }

    /// The status under which the run is counted, or nothing if it is not.
    pub fn status(&self) -> Option<RunStatus> {
        match self {
            Self::Succeeded(_) => Some(RunStatus::Success),
            Self::Failed(_) => Some(RunStatus::Failed),
            Self::Interrupted(_) => None,
        }
    }

    /// What became of the items, as far as the job reported it.
    pub fn report(&self) -> Option<Report> {
        match self {
            Self::Succeeded(report) | Self::Failed(Failure::Items(report)) => Some(*report),
            Self::Failed(_) | Self::Interrupted(_) => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(report) => write!(f, "succeeded: {report}"),
            Self::Failed(Failure::Error(error)) => write!(f, "failed: {error}"),
            Self::Failed(Failure::Panic(message)) => write!(f, "failed: panic: {message}"),
            Self::Failed(Failure::Timeout(after)) => {
                write!(f, "failed: stopped after {}", jobwatch_catalogue::duration::format(*after))
            }
            Self::Failed(Failure::Items(report)) => {
                write!(f, "failed: more than half of the items: {report}")
            }
            Self::Interrupted(why) => write!(f, "interrupted: {why}"),
        }
    }
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cancelled => "cancelled",
            Self::Shutdown => "shutdown",
            Self::LeaseLost => "lease lost",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} succeeded, {} failed, {} skipped", self.succeeded, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ended: Ended, stop: Option<Stop>, expected: &str, counted: Option<RunStatus>) {
        let outcome = Outcome::of(ended, stop);
        assert_eq!((outcome.to_string().as_str(), outcome.status()), (expected, counted));
    }

    const SUCCESS: Option<RunStatus> = Some(RunStatus::Success);
    const FAILED: Option<RunStatus> = Some(RunStatus::Failed);

    fn returned(succeeded: u64, failed: u64) -> Ended {
        Ended::Returned(Ok(Report { succeeded, failed, skipped: 9 }))
    }

    fn error(message: &str) -> Ended {
        Ended::Returned(Err(JobError::permanent(message)))
    }

    fn panic() -> Ended {
        Ended::Panicked("index out of bounds".to_owned())
    }

    #[test]
    fn the_outcome_follows_from_how_a_run_ended() {
        check(returned(0, 0), None, "succeeded: 0 succeeded, 0 failed, 9 skipped", SUCCESS);
        check(returned(5, 5), None, "succeeded: 5 succeeded, 5 failed, 9 skipped", SUCCESS);
        let items = "failed: more than half of the items: 5 succeeded, 6 failed, 9 skipped";
        check(returned(5, 6), None, items, FAILED);
        check(error("no key"), None, "failed: no key", FAILED);
        check(panic(), None, "failed: panic: index out of bounds", FAILED);
        check(Ended::Returned(Err(JobError::Cancelled)), None, "interrupted: cancelled", None);
    }

    #[test]
    fn what_a_run_was_told_to_stop_for_decides_unless_it_did_its_work() {
        let late = Some(Stop::TimedOut(Duration::from_secs(900)));
        for ended in [Ended::Dropped, error("aborted"), returned(1, 0)] {
            check(ended, late, "failed: stopped after 15m", FAILED);
        }
        check(panic(), late, "failed: panic: index out of bounds", FAILED);
        for (why, expected) in [
            (Interruption::Cancelled, "interrupted: cancelled"),
            (Interruption::Shutdown, "interrupted: shutdown"),
        ] {
            let stop = Some(Stop::Interrupted(why));
            check(Ended::Dropped, stop, expected, None);
            check(error("connection closed"), stop, expected, None);
            check(returned(1, 0), stop, "succeeded: 1 succeeded, 0 failed, 9 skipped", SUCCESS);
            check(panic(), stop, "failed: panic: index out of bounds", FAILED);
        }
        let lost = Some(Stop::Interrupted(Interruption::LeaseLost));
        for ended in [Ended::Dropped, error("aborted"), returned(1, 0), panic()] {
            check(ended, lost, "interrupted: lease lost", None);
        }
    }
}

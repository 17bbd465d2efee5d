//! How a run ended, decided in one place: the record of a run and its metrics come from the same value.

use std::fmt;
use std::time::Duration;

use jobwatch_catalogue::label::RunStatus;

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

/// Why a job gave up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Trying again may help.
    #[error("{0}")]
    Retryable(String),
    /// Trying again will not help before somebody changes something.
    #[error("{0}")]
    Permanent(String),
    /// Whoever was asked wants to be left alone for a while.
    #[error("{message} (to be tried again after {} s)", .after.as_secs())]
    RetryAfter {
        /// What happened.
        message: String,
        /// For how long.
        after: Duration,
    },
    /// The job noticed that it was to stop, and did.
    #[error("cancelled")]
    Cancelled,
}

/// How the body of a run came to its end, as the runtime sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It returned.
    Returned(Result<Report, JobError>),
    /// It panicked, with this message.
    Panicked(String),
    /// It was stopped after its allowed run time.
    TimedOut(Duration),
    /// It was stopped because the runtime shuts down or somebody asked for it.
    Stopped,
    /// It was stopped because another replica may have taken over.
    LeaseLost,
}

/// The outcome of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work; some items may have failed.
    Succeeded(Report),
    /// It did not.
    Failed(Failure),
    /// It was stopped for a reason that is not its own. Neither a success nor a failure: it is not counted as an execution.
    Interrupted(Interruption),
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub enum Interruption {
    /// The runtime shut down, or somebody cancelled the run.
    Cancelled,
    /// Another replica may have taken over.
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

impl Outcome {
    /// Decides how a run ended.
    ///
    /// An error, a panic and a timeout are failures, and so is a run more than half of whose attempted items failed. A job that
    /// returns because it was told to stop has been interrupted, whatever it was told to stop for.
    pub fn of(ended: Ended) -> Self {
        match ended {
            Ended::Returned(Ok(report)) if report.mostly_failed() => Self::Failed(Failure::Items(report)),
            Ended::Returned(Ok(report)) => Self::Succeeded(report),
            Ended::Returned(Err(JobError::Cancelled)) | Ended::Stopped => {
                Self::Interrupted(Interruption::Cancelled)
            }
            Ended::Returned(Err(error)) => Self::Failed(Failure::Error(error)),
            Ended::Panicked(message) => Self::Failed(Failure::Panic(message)),
            Ended::TimedOut(after) => Self::Failed(Failure::Timeout(after)),
            Ended::LeaseLost => Self::Interrupted(Interruption::LeaseLost),
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
            Self::Interrupted(Interruption::Cancelled) => f.write_str("interrupted: cancelled"),
            Self::Interrupted(Interruption::LeaseLost) => f.write_str("interrupted: lease lost"),
        }
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
    fn check(ended: Ended, expected: &str, counted: Option<RunStatus>) {
        let outcome = Outcome::of(ended);
        assert_eq!((outcome.to_string().as_str(), outcome.status()), (expected, counted));
    }

    #[test]
    fn the_outcome_follows_from_how_a_run_ended() {
        let (success, failed) = (Some(RunStatus::Success), Some(RunStatus::Failed));
        let report = |succeeded, failed| Ended::Returned(Ok(Report { succeeded, failed, skipped: 9 }));
        check(report(0, 0), "succeeded: 0 succeeded, 0 failed, 9 skipped", success);
        check(report(5, 5), "succeeded: 5 succeeded, 5 failed, 9 skipped", success);
        check(report(5, 6), "failed: more than half of the items: 5 succeeded, 6 failed, 9 skipped", failed);
        check(Ended::Returned(Err(JobError::Permanent("no key".to_owned()))), "failed: no key", failed);
        check(
            Ended::Panicked("index out of bounds".to_owned()),
            "failed: panic: index out of bounds",
            failed,
        );
        check(Ended::TimedOut(Duration::from_secs(900)), "failed: stopped after 15m", failed);
        check(Ended::Returned(Err(JobError::Cancelled)), "interrupted: cancelled", None);
        check(Ended::Stopped, "interrupted: cancelled", None);
        check(Ended::LeaseLost, "interrupted: lease lost", None);
    }
}

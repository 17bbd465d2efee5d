//! Jobs that are made to fail, without their knowing: what their metrics then show is what broken
//! jobs show.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jobwatch_runtime::middleware::{Around, Middleware, Next};
use jobwatch_runtime::{JobError, Report, RunContext};

use clipper_jobs::service;

/// How much longer a slow run takes.
const SLOW: Duration = Duration::from_secs(6);

/// How a job fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It returns an error.
    Error,
    /// It panics.
    Panic,
    /// It never ends by itself.
    Hang,
    /// It does its work, and takes long.
    Slow,
    /// It does its work, and a third of its items fail.
    Items,
}

impl Mode {
    const ALL: [Self; 5] = [Self::Error, Self::Panic, Self::Hang, Self::Slow, Self::Items];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Hang => "hang",
            Self::Slow => "slow",
            Self::Items => "items",
        }
    }
}

/// A job, and how it fails: `JOB=MODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The job.
    pub job: String,
    /// How it fails.
    pub mode: Mode,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.job, self.mode.as_str())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let modes = || Mode::ALL.map(Mode::as_str).join(", ");
        let Some((job, mode)) = text.split_once('=') else {
            return Err(format!("write JOB=MODE; the modes are {}", modes()));
        };
        let catalogue = service::catalogue().map_err(|error| error.to_string())?;
        let jobs: Vec<&str> = catalogue.jobs().iter().map(|job| job.name().as_str()).collect();
        if !jobs.contains(&job) {
            return Err(format!("there is no job `{job}`; the jobs are {}", jobs.join(", ")));
        }
        let known = Mode::ALL.into_iter().find(|known| known.as_str() == mode);
        let mode = known.ok_or_else(|| format!("there is no mode `{mode}`; the modes are {}", modes()))?;
        Ok(Self { job: job.to_owned(), mode })
    }
}

/// Stands around every attempt of every job, and has some fail.
pub(super) struct Faults(BTreeMap<String, Mode>);

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self(faults.iter().map(|fault| (fault.job.clone(), fault.mode)).collect())
    }
}

impl Middleware for Faults {
    fn around<'a>(&'a self, run: RunContext, next: Next<'a>) -> Around<'a> {
        let Some(mode) = self.0.get(run.job().as_str()).copied() else { return next.run(run) };
        Box::pin(async move {
            match mode {
                Mode::Error => Err(JobError::permanent(format!("{} is made to fail by --fail", run.job()))),
                #[expect(clippy::panic, reason = "somebody asked for it")]
                Mode::Panic => panic!("{} is made to panic by --fail", run.job()),
                Mode::Hang => std::future::pending().await,
                Mode::Slow => {
                    let report = next.run(run.clone()).await;
                    tokio::select! {
                        () = tokio::time::sleep(SLOW) => report,
                        () = run.cancelled() => Err(JobError::Cancelled),
                    }
                }
                Mode::Items => next.run(run).await.map(with_failed_items),
            }
        })
    }
}

/// Has a third of the attempted items fail, if there are enough of them to be neither few nor most.
fn with_failed_items(report: Report) -> Report {
    let attempted = report.succeeded + report.failed;
    let failed = report.failed.max((attempted + 1) / 3);
    if attempted < 3 { report } else { Report { succeeded: attempted - failed, failed, ..report } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = text.parse::<Fault>().map_or_else(|error| error, |fault| format!("{:?}", fault.mode));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_fault_names_a_job_and_a_mode_or_learns_which_there_are() {
        check("webhook_retry=error", "Error");
        check("webhook_retry=panic", "Panic");
        check("webhook_retry=hang", "Hang");
        check("webhook_retry=slow", "Slow");
        check("webhook_retry=items", "Items");
        let modes = "the modes are error, panic, hang, slow, items";
        check("webhook_retry", &format!("write JOB=MODE; {modes}"));
        check("webhook_retry=explode", &format!("there is no mode `explode`; {modes}"));
        check("webhook_retry=", &format!("there is no mode ``; {modes}"));
        check(
            "webhooks=error",
            "there is no job `webhooks`; the jobs are hot_score_refresh, trending_score_refresh, clip_sync, reputation_tasks, \
             webhook_retry, embedding_generation",
        );
    }

    #[test]
    fn failed_items_are_more_than_a_fifth_and_less_than_half() {
        for succeeded in 3..1_000 {
            let Report { succeeded: left, failed, skipped } =
                with_failed_items(Report { succeeded, failed: 0, skipped: 7 });
            assert_eq!((left + failed, skipped), (succeeded, 7));
            assert!(failed * 5 > succeeded && failed * 2 < succeeded, "{failed} of {succeeded}");
        }
        for few in 0..3 {
            let report = Report::items(few);
            assert_eq!(with_failed_items(report), report);
        }
        let worse = Report { succeeded: 5, failed: 4, skipped: 0 };
        assert_eq!(with_failed_items(worse), worse, "what failed by itself has failed");
    }
}

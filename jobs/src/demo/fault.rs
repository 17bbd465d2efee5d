//! `--fail JOB=MODE`: a job that is broken on purpose, to see what its metrics make of it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use jobwatch_runtime::middleware::{Around, Middleware, Next};
use jobwatch_runtime::{JobError, Report, RunContext};

/// How long a job takes longer that is slow.
const SLOW: Duration = Duration::from_secs(4);

/// Of ten items, so many fail.
const FAILING_OF_TEN: u64 = 3;

/// A job, and in which way it is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The job's name.
    pub job: String,
    /// What is wrong with it.
    pub mode: Mode,
}

/// In which way a job is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// It gives up at once.
    Error,
    /// It panics.
    Panic,
    /// It never ends, until it is stopped.
    Hang,
    /// It does its work, and takes seconds longer.
    Slow,
    /// It does its work, and three of ten items fail.
    Items,
}

/// A fault that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The text has another form.
    #[error("write JOB=MODE, as in `clip_sync=error`")]
    Form,
    /// There is no such job.
    #[error("there is no job `{0}`; the jobs are {1}")]
    Job(String, String),
    /// There is no such mode.
    #[error("there is no mode `{0}`; the modes are error, panic, hang, slow, items")]
    Mode(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (job, mode) = text.split_once('=').ok_or(FaultError::Form)?;
        let mode = Mode::from_str(mode, false).map_err(|_| FaultError::Mode(mode.to_owned()))?;
        let catalogue = crate::service::catalogue().ok();
        let jobs = catalogue.iter().flat_map(|catalogue| catalogue.jobs());
        let names: Vec<String> = jobs.map(|job| job.name().to_string()).collect();
        if !names.iter().any(|name| name == job) {
            return Err(FaultError::Job(job.to_owned(), names.join(", ")));
        }
        Ok(Self { job: job.to_owned(), mode })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.mode {
            Mode::Error => "fails",
            Mode::Panic => "panics",
            Mode::Hang => "hangs",
            Mode::Slow => "is slow",
            Mode::Items => "has items that fail",
        };
        write!(f, "{} {what}", self.job)
    }
}

/// Breaks jobs, which know nothing of it.
#[derive(Debug)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Middleware for Faults {
    fn around<'a>(&'a self, run: RunContext, next: Next<'a>) -> Around<'a> {
        let fault = self.0.iter().find(|fault| fault.job == run.job().as_str());
        let Some(Fault { mode, .. }) = fault else { return next.run(run) };
        Box::pin(async move {
            match mode {
                Mode::Error => Err(JobError::Permanent("it fails, as --fail asked for".to_owned())),
                #[expect(clippy::panic, reason = "somebody asked for it")]
                Mode::Panic => panic!("it panics, as --fail asked for"),
                Mode::Hang => std::future::pending().await,
                Mode::Slow => {
                    tokio::time::sleep(SLOW).await;
                    next.run(run).await
                }
                Mode::Items => next.run(run).await.map(fail_items),
            }
        })
    }
}

/// Three of ten items that were handled count as failed.
fn fail_items(report: Report) -> Report {
    let failing = (report.succeeded * FAILING_OF_TEN).div_ceil(10);
    Report { succeeded: report.succeeded - failing, failed: report.failed + failing, ..report }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn what_is_no_fault_is_told_what_would_be_one() {
        let error = |text: &str| text.parse::<Fault>().unwrap_err();
        assert_snapshot!(error("clip_sync"), @"write JOB=MODE, as in `clip_sync=error`");
        assert_snapshot!(error("clip_sync=burn"), @"there is no mode `burn`; the modes are error, panic, hang, slow, items");
        assert_snapshot!(error("clips=error"), @"there is no job `clips`; the jobs are hot_score_refresh, trending_score_refresh, clip_sync, reputation_tasks, webhook_retry, embedding_generation");
        assert_snapshot!("clip_sync=hang".parse::<Fault>().unwrap(), @"clip_sync hangs");
    }

    #[test]
    fn items_fail_often_enough_for_an_alert_and_seldom_enough_for_a_success() {
        for succeeded in 2..1_000 {
            let report = fail_items(Report { succeeded, failed: 0, skipped: 5 });
            assert_eq!((report.succeeded + report.failed, report.skipped), (succeeded, 5));
            assert!(report.failed * 10 > succeeded * 2 && report.failed * 2 <= succeeded, "{report:?}");
        }
    }
}

//! What a demo is to be like, as somebody types it.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tempfile::TempDir;

use super::error::DemoError;
use super::fault::Fault;
use super::site::Size;

/// What a demo is to be like.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Options {
    /// How large the site is
    #[arg(long, value_enum, default_value_t = NamedSize::Small)]
    size: NamedSize,
    /// So many clips instead, with half as many users
    #[arg(long, value_name = "NUMBER", conflicts_with = "size", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    clips: Option<u64>,
    /// Fills the site with other clips and users: the same ones for the same number
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// Has a job fail: JOB=MODE, where MODE is error, panic, hang, slow or items. May be given for
    /// several jobs
    #[arg(long, value_name = "JOB=MODE")]
    pub(super) fail: Vec<Fault>,
    /// Ends after this time, as 30s or 5m, instead of with Ctrl-C
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(super) time: Option<Duration>,
    /// Listens on this port of 127.0.0.1, 0 for any that is free [default: PORT, or 8080]
    #[arg(long)]
    pub(super) port: Option<u16>,
    /// Has Prometheus and Alertmanager watch the jobs with the generated rules, sixty times as
    /// fast, and shows who is told of what. Both have to be installed
    #[arg(long)]
    pub(super) prometheus: bool,
    /// Keeps the folder with the database and the log at the end
    #[arg(long)]
    pub(super) keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NamedSize {
    /// 1,000 clips and 500 users
    Small,
    /// 20,000 clips and 10,000 users
    Medium,
    /// 200,000 clips and 100,000 users, which takes a minute to fill
    Large,
}

impl Options {
    /// Makes the folder for the database and the log, which is deleted with its value unless it is
    /// to be kept.
    ///
    /// # Errors
    ///
    /// [`DemoError::Folder`].
    pub fn folder(&self) -> Result<TempDir, DemoError> {
        let made = tempfile::Builder::new().prefix("clipper-demo-").disable_cleanup(self.keep).tempdir();
        made.map_err(|source| DemoError::Folder { folder: std::env::temp_dir(), source })
    }

    /// Makes sure that no two options contradict each other.
    pub(super) fn check(&self) -> Result<(), DemoError> {
        for (place, fault) in self.fail.iter().enumerate() {
            if self.fail[..place].iter().any(|other| other.job == fault.job) {
                return Err(DemoError::Twice(fault.job.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn size(&self) -> Size {
        let named = match self.size {
            NamedSize::Small => 1_000,
            NamedSize::Medium => 20_000,
            NamedSize::Large => 200_000,
        };
        Size::of(self.clips.unwrap_or(named))
    }
}

fn time(text: &str) -> Result<Duration, String> {
    jobwatch_catalogue::duration::parse(text).map_err(|_| "write a duration, as `30s` or `5m`".to_owned())
}

//! One run of a job, or of the bare statement, and what it took.

use std::fmt;
use std::fs;
use std::time::Instant;

use chrono::{DateTime, Utc};
use clipper_jobs::database::Database;
use clipper_jobs::{hot_score, reputation, trending_score};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::RunContext;

use crate::bare;

/// How many rows a job handles at a time, unless it is told otherwise.
const PAGE: u32 = 10_000;

/// A job that goes through a whole table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    HotScore,
    TrendingScore,
    Reputation,
}

impl Job {
    pub(crate) const ALL: [Self; 3] = [Self::HotScore, Self::TrendingScore, Self::Reputation];

    pub(crate) fn named(name: &str) -> Self {
        let job = Self::ALL.into_iter().find(|job| job.name() == name);
        job.unwrap_or_else(|| panic!("{name} is none of {:?}", Self::ALL.map(Self::name)))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HotScore => "hot_score_refresh",
            Self::TrendingScore => "trending_score_refresh",
            Self::Reputation => "reputation_tasks",
        }
    }
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The job, page by page.
    Job,
    /// The statement that does the same to the whole table at once.
    Bare,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Bare => "bare",
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) written: u64,
    pub(crate) seconds: f64,
    pub(crate) memory_kilobytes: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "figures {} {} {}", self.written, self.seconds, self.memory_kilobytes)
    }
}

impl Figures {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("figures "))?;
        let mut numbers = line.split(' ');
        Some(Self {
            written: numbers.next()?.parse().ok()?,
            seconds: numbers.next()?.parse().ok()?,
            memory_kilobytes: numbers.next()?.parse().ok()?,
        })
    }
}

/// Does what is asked for: a job, who does it, the time, and the database, separated by spaces.
pub(crate) async fn run(task: &str) -> Figures {
    let mut words = task.splitn(4, ' ');
    let mut next = || words.next().unwrap();
    let (job, way) = (next(), next());
    let now = DateTime::<Utc>::from_timestamp(next().parse().unwrap(), 0).unwrap();
    let database = Database::connect(&next().parse().unwrap()).await.unwrap();
    let job = Job::ALL.into_iter().find(|known| known.name() == job).unwrap();
    let begun = Instant::now();
    let written = if way == Way::Bare.name() {
        bare::run(&database, job, now).await
    } else {
        let run = RunContext::detached(JobName::new(job.name()).unwrap());
        let report = match job {
            Job::HotScore => hot_score::refresh(&database, PAGE, &run).await,
            Job::TrendingScore => trending_score::refresh(&database, PAGE, now, &run).await,
            Job::Reputation => reputation::refresh(&database, PAGE, now, &run).await,
        };
        report.unwrap().succeeded
    };
    let seconds = begun.elapsed().as_secs_f64();
    Figures { written, seconds, memory_kilobytes: memory_kilobytes() }
}

/// The largest resident memory that this process has had.
fn memory_kilobytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

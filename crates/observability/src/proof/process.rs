//! A simulated process that runs a job: what it did, and what that looks like to Prometheus.

use std::collections::BTreeSet;
use std::iter::once;
use std::ops::Range;

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS, JOB_EXECUTION_TOTAL,
    JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
    JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, JOB_QUEUE_SIZE,
    JOB_SCHEDULE_INTERVAL_SECONDS,
};

use super::series::{Sample, Series};

/// How many items an execution handles.
const ITEMS: u64 = 10;

/// An execution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) status: RunStatus,
}

/// A simulated process that runs a job.
#[derive(Debug, Clone)]
pub(super) struct Process<'a> {
    job: &'a JobSpec,
    up: Vec<Range<u64>>,
    runs: Vec<Run>,
    first_scheduled: u64,
    interval: u64,
    contract_only: bool,
}

impl<'a> Process<'a> {
    /// A process that starts at a moment, first schedules the job then, and is scraped ever after.
    pub(super) fn new(job: &'a JobSpec, start: u64, runs: Vec<Run>) -> Self {
        Self {
            job,
            up: once(start..u64::MAX).collect(),
            runs,
            first_scheduled: start,
            interval: job.schedule().longest_gap().as_secs(),
            contract_only: false,
        }
    }

    /// The same, with another interval in force: 0 while the job is disabled.
    pub(super) fn interval(mut self, interval: u64) -> Self {
        self.interval = interval;
        self
    }

    /// The same, down for a while.
    pub(super) fn restarted(mut self, down: Range<u64>) -> Self {
        if let Some(last) = self.up.last_mut() {
            let up_again = down.end..last.end;
            last.end = down.start;
            self.up.push(up_again);
        }
        self.runs.retain(|run| run.end < down.start || run.start >= down.end);
        self
    }

    /// The same process as somebody else's library would instrument it: only the metrics of the contract, failures only
    /// from the first on, and nothing kept across restarts.
    pub(super) fn contract_only(mut self) -> Self {
        self.contract_only = true;
        self
    }

    /// What it exposes from the beginning until a moment, sampled at every step.
    pub(super) fn series(&self, step: u64, until: u64) -> Vec<Series> {
        let mut all = self.executions(step, until);
        let mut add = |name: &str, labels: &[(&str, &str)], value: &dyn Fn(u64, u64) -> Sample| {
            all.push(self.sampled(name, labels, step, until, value));
        };
        add(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, &[], &|now, since| self.last_success(now, since));
        if self.job.items().is_some() {
            let status = ItemStatus::Success.as_str();
            add(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status)], &|now, since| {
                Sample::Value(ITEMS * self.ended(now, since, |run| run.status == RunStatus::Success))
            });
        }
        if self.job.queue().is_some() {
            add(JOB_QUEUE_SIZE.name, &[], &|_, _| Sample::Value(0));
        }
        if !self.contract_only {
            add(JOB_SCHEDULE_INTERVAL_SECONDS.name, &[], &|_, _| Sample::Value(self.interval));
            add(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], &|_, _| Sample::Value(self.first_scheduled));
            add(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, &[], &|now, _| {
                let current = self.runs.iter().find(|run| run.start <= now && now < run.end);
                Sample::Value(current.map_or(0, |run| run.start))
            });
            add(JOB_CONSECUTIVE_FAILURES.name, &[], &|now, _| {
                let ended = self.runs.iter().rev().filter(|run| run.end <= now);
                Sample::Value(ended.take_while(|run| run.status == RunStatus::Failed).count() as u64)
            });
        }
        all.retain(Series::is_exposed);
        all
    }

    fn executions(&self, step: u64, until: u64) -> Vec<Series> {
        let statuses = RunStatus::ALL.map(|status| {
            self.sampled(
                JOB_EXECUTION_TOTAL.name,
                &[(STATUS, status.as_str())],
                step,
                until,
                &|now, since| match self.ended(now, since, |run| run.status == status) {
                    0 if status == RunStatus::Failed => self.unset(),
                    count => Sample::Value(count),
                },
            )
        });
        let buckets = self.bounds().into_iter().map(|index| {
            let bound = DURATION_BUCKETS_SECONDS.get(index).copied();
            self.sampled(
                &format!("{}_bucket", JOB_EXECUTION_DURATION_SECONDS.name),
                &[(LE, &bound_label(index))],
                step,
                until,
                &|now, since| {
                    let fits = |run: &Run| bound.is_none_or(|bound| (run.end - run.start) as f64 <= bound);
                    Sample::Value(self.ended(now, since, fits))
                },
            )
        });
        statuses.into_iter().chain(buckets).collect()
    }

    /// The buckets that matter: those that executions fall into, the next shorter ones, and the one without a bound.
    fn bounds(&self) -> BTreeSet<usize> {
        let mut bounds = BTreeSet::from([DURATION_BUCKETS_SECONDS.len()]);
        for run in &self.runs {
            let bucket = bucket_of(run.end - run.start);
            bounds.extend([bucket.saturating_sub(1), bucket]);
        }
        bounds
    }

    fn sampled(
        &self,
        name: &str,
        labels: &[(&str, &str)],
        step: u64,
        until: u64,
        value: &dyn Fn(u64, u64) -> Sample,
    ) -> Series {
        let samples = (0..=until / step).map(|index| {
            let now = index * step;
            let up = self.up.iter().find(|up| up.contains(&now));
            up.map_or(Sample::Nothing, |up| value(now, up.start))
        });
        Series::new(name, labels, samples)
    }

    fn ended(&self, now: u64, since: u64, picked: impl Fn(&Run) -> bool) -> u64 {
        self.runs.iter().filter(|run| run.start >= since && run.end <= now && picked(run)).count() as u64
    }

    /// What stands for what has not happened: nothing in a process that knows no better.
    fn unset(&self) -> Sample {
        if self.contract_only { Sample::Nothing } else { Sample::Value(0) }
    }

    fn last_success(&self, now: u64, since: u64) -> Sample {
        let known_since = if self.contract_only { since } else { 0 };
        let newest = self
            .runs
            .iter()
            .rfind(|run| run.status == RunStatus::Success && run.start >= known_since && run.end <= now);
        match newest {
            Some(run) => Sample::Value(run.end),
            None => self.unset(),
        }
    }
}

/// The place of the bucket that a duration falls into; that of no finite bound is one past the last.
pub(super) fn bucket_of(seconds: u64) -> usize {
    DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound < seconds as f64)
}

/// The value of `le` of the bucket at a place.
pub(super) fn bound_label(index: usize) -> String {
    DURATION_BUCKETS_SECONDS.get(index).map_or_else(|| "+Inf".to_owned(), ToString::to_string)
}

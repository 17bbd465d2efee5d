//! A simulated process that runs a job: what it did, and what that looks like to Prometheus.

use std::collections::BTreeSet;
use std::iter::once;
use std::ops::Range;
use std::sync::LazyLock;

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS_BUCKET,
    JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
    JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, JOB_NEXT_DUE_TIMESTAMP_SECONDS,
    JOB_QUEUE_SIZE, JOB_SCHEDULE_INTERVAL_SECONDS, JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS,
};

use super::runs::{Alike, Runs};
use super::sampled::{Sample, SampledSeries};
use super::script::{Away, ITEMS, Script};

/// A simulated process that runs a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    has_items: bool,
    has_queue: bool,
    up: Vec<Range<u64>>,
    /// When it is told to shut down.
    stops: Option<u64>,
    runs: Runs,
    first_scheduled: u64,
    /// The seconds from one due time to the next.
    gap: u64,
    /// The interval that is exposed.
    interval: u64,
    timeout: u64,
    away: Option<Away>,
    contract_only: bool,
    /// How long its queue is from each moment on, in the order of time.
    queue: Vec<(u64, u64)>,
}

/// A moment at which a process is sampled.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// Which step it is.
    step: usize,
    now: u64,
    /// When the process started. `None` while it is down.
    since: Option<u64>,
}

/// How many executions of each block have ended at each step, of those that the process has started
/// since it was last down.
struct Ended {
    blocks: Vec<Alike>,
    counts: Vec<u64>,
}

impl Ended {
    fn at(&self, step: usize, picked: impl Fn(&Alike) -> bool) -> u64 {
        self.each_at(step).filter(|(alike, _)| picked(alike)).map(|(_, count)| count).sum()
    }

    /// Returns how many items of successful executions were handled like this.
    fn items_at(&self, step: usize, of_each: impl Fn(&Alike) -> u64) -> u64 {
        let succeeded = self.each_at(step).filter(|(alike, _)| alike.status == RunStatus::Success);
        succeeded.map(|(alike, count)| count.saturating_mul(of_each(alike))).sum()
    }

    fn each_at(&self, step: usize) -> impl Iterator<Item = (&Alike, u64)> {
        let counts = self.counts.iter().skip(step * self.blocks.len());
        self.blocks.iter().zip(counts.copied())
    }
}

impl Process {
    /// Returns a process that starts at a moment, first schedules the job then, and is scraped ever
    /// after.
    pub(super) fn new(job: &JobSpec, start: u64, runs: Runs) -> Self {
        Self {
            has_items: job.items().is_some(),
            has_queue: job.queue().is_some(),
            up: once(start..u64::MAX).collect(),
            stops: None,
            runs,
            first_scheduled: start,
            gap: job.schedule().shortest_gap().as_secs(),
            interval: job.schedule().longest_gap().as_secs(),
            timeout: job.timeout().as_secs(),
            away: None,
            contract_only: false,
            queue: Vec::new(),
        }
    }

    /// The same, with a queue that is as long as this from each moment on. Moments are in the order
    /// of time.
    pub fn queue(mut self, lengths: impl IntoIterator<Item = (u64, u64)>) -> Self {
        self.queue = lengths.into_iter().collect();
        self
    }

    /// The same, with another interval in force: 0 while the job is disabled.
    pub fn interval(mut self, interval: u64) -> Self {
        (self.gap, self.interval) = (interval, interval);
        self
    }

    /// The same, with another time in force that a run may take.
    pub fn timeout(mut self, timeout: u64) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same, with the job paused for a while.
    pub fn paused(self, during: Range<u64>) -> Self {
        self.away(during, false)
    }

    /// The same, with the job disabled for a while. A process reads at its start whether it is, and
    /// starts anew when that changes.
    pub fn disabled(mut self, during: Range<u64>) -> Self {
        for moment in [during.start, during.end] {
            self.starts_anew(moment..moment);
        }
        self.away(during, true)
    }

    fn away(mut self, during: Range<u64>, disabled: bool) -> Self {
        self.runs = self.runs.without(&during);
        self.away = Some(Away { during, disabled });
        self
    }

    /// The same, down for a while.
    pub fn restarted(mut self, down: Range<u64>) -> Self {
        self.starts_anew(down.clone());
        self.runs = self.runs.without(&down);
        self
    }

    fn starts_anew(&mut self, down: Range<u64>) {
        if let Some(last) = self.up.last_mut() {
            let up_again = down.end..last.end;
            last.end = down.start;
            self.up.push(up_again);
        }
    }

    /// The same, told to shut down at a moment: it runs nothing any more, and is still there.
    pub fn stopped(mut self, at: u64) -> Self {
        self.runs = self.runs.before(at);
        self.stops = Some(at);
        self
    }

    /// The same, which is there only from a moment on. What ran before was another's.
    pub fn started(mut self, up: u64) -> Self {
        self.up = once(up..u64::MAX).collect();
        self
    }

    /// The same, gone for ever from a moment on.
    pub fn gone(mut self, down: u64) -> Self {
        if let Some(last) = self.up.last_mut() {
            last.end = down;
        }
        self
    }

    /// The same process as somebody else's library would instrument it: only the metrics of the
    /// contract, failures only from the first on, and nothing kept across restarts.
    pub fn contract_only(mut self) -> Self {
        self.contract_only = true;
        self
    }

    /// Returns what it does until a moment.
    pub fn script(&self, until: u64) -> Script {
        Script {
            up: self.up.clone(),
            stops: self.stops,
            first_due: self.runs.first_due(),
            gap: self.gap,
            interval: self.interval,
            timeout: self.timeout,
            away: self.away.clone(),
            contract_only: self.contract_only,
            queue: self.queue.clone(),
            executions: self.runs.executions(until),
        }
    }

    /// Returns what it exposes from the beginning until a moment, sampled at every step.
    pub fn sampled(&self, step: u64, until: u64) -> Vec<SampledSeries> {
        let moments = self.moments(step, until);
        let ended = self.ended(&moments);
        let mut all = self.executions(&moments, &ended);
        let mut add = |name: &'static str,
                       labels: &[(&'static str, &'static str)],
                       value: &dyn Fn(Moment, u64) -> Sample| {
            all.push(series(name, labels, &moments, value));
        };
        add(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, &[], &|at, since| self.last_success(at.now, since));
        if self.has_items {
            let mut items = |status: ItemStatus, of_each: fn(&Alike) -> u64| {
                add(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], &|at, _| match (
                    ended.items_at(at.step, of_each),
                    status,
                ) {
                    (0, ItemStatus::Failed) => self.unset(),
                    (count, _) => Sample::Value(count),
                });
            };
            items(ItemStatus::Success, |alike| ITEMS - alike.failed_items.min(ITEMS));
            items(ItemStatus::Failed, |alike| alike.failed_items.min(ITEMS));
        }
        if self.has_queue {
            add(JOB_QUEUE_SIZE.name, &[], &|at, _| {
                let length = self.queue.iter().rfind(|&&(from, _)| from <= at.now);
                Sample::Value(length.map_or(0, |&(_, length)| length))
            });
        }
        if !self.contract_only {
            add(JOB_SCHEDULE_INTERVAL_SECONDS.name, &[], &|at, _| Sample::Value(self.interval_at(at.now)));
            add(JOB_TIMEOUT_SECONDS.name, &[], &|_, _| Sample::Value(self.timeout));
            add(JOB_NEXT_DUE_TIMESTAMP_SECONDS.name, &[], &|at, since| {
                Sample::Value(self.next_due(at.now, since))
            });
            add(JOB_SUCCESS_DUE_TIMESTAMP_SECONDS.name, &[], &|at, _| {
                Sample::Value(self.success_due(at.now))
            });
            add(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], &|_, _| Sample::Value(self.first_scheduled));
            add(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, &[], &|at, _| {
                Sample::Value(self.runs.in_progress_since(at.now).unwrap_or(0))
            });
            add(JOB_CONSECUTIVE_FAILURES.name, &[], &|at, _| {
                Sample::Value(self.runs.consecutive_failures(at.now))
            });
        }
        all.retain(SampledSeries::is_exposed);
        all
    }

    fn moments(&self, step: u64, until: u64) -> Vec<Moment> {
        let steps = (until / step) as usize;
        let moment = |index| {
            let now = index as u64 * step;
            let up = self.up.iter().find(|up| up.contains(&now));
            Moment { step: index, now, since: up.map(|up| up.start) }
        };
        (0..=steps).map(moment).collect()
    }

    fn ended(&self, moments: &[Moment]) -> Ended {
        let at = |at: &Moment| self.runs.ended(at.now, at.since.unwrap_or(at.now));
        Ended { blocks: self.runs.blocks().collect(), counts: moments.iter().flat_map(at).collect() }
    }

    fn executions(&self, moments: &[Moment], ended: &Ended) -> Vec<SampledSeries> {
        let statuses = RunStatus::ALL.map(|status| {
            let labels = [(STATUS, status.as_str())];
            series(JOB_EXECUTION_TOTAL.name, &labels, moments, &|at, _| match ended
                .at(at.step, |alike| alike.status == status)
            {
                0 if status == RunStatus::Failed => self.unset(),
                count => Sample::Value(count),
            })
        });
        let buckets = self.bounds().into_iter().map(|index| {
            let bound = DURATION_BUCKETS_SECONDS.get(index).copied();
            series(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &[(LE, bound_label(index))], moments, &|at, _| {
                let fits = |alike: &Alike| bound.is_none_or(|bound| alike.duration as f64 <= bound);
                Sample::Value(ended.at(at.step, fits))
            })
        });
        statuses.into_iter().chain(buckets).collect()
    }

    /// Returns the buckets that matter: those that executions fall into, the next shorter ones, and
    /// the one without a bound.
    fn bounds(&self) -> BTreeSet<usize> {
        let mut bounds = BTreeSet::from([DURATION_BUCKETS_SECONDS.len()]);
        for Alike { duration, .. } in self.runs.blocks() {
            let bucket = bucket_of(duration);
            bounds.extend([bucket.saturating_sub(1), bucket]);
        }
        bounds
    }

    /// Returns the interval in force: 0 while the job is disabled.
    fn interval_at(&self, now: u64) -> u64 {
        let is_disabled = |away: &Away| away.disabled && away.during.contains(&now);
        if self.away.as_ref().is_some_and(is_disabled) { 0 } else { self.interval }
    }

    /// Returns whether nobody expects the job to run.
    fn is_away(&self, now: u64) -> bool {
        self.interval == 0 || self.away.as_ref().is_some_and(|away| away.during.contains(&now))
    }

    /// Returns the due time that no run was claimed for yet: 0 while the job is away.
    fn next_due(&self, now: u64, since: u64) -> u64 {
        if self.is_away(now) {
            return 0;
        }
        if self.runs.in_progress_since(now).is_some() {
            return self.runs.due_after(now, self.gap);
        }
        // What was due before the process was there, or the job was back, is nobody's any more.
        let back = self.back(now).unwrap_or(0);
        let nothing_open_before = self.runs.first_due().max(since).max(back).saturating_sub(1);
        self.runs.due_after(self.runs.last_end(now).max(nothing_open_before), self.gap)
    }

    /// Returns when the job was expected to run again after it was away. `None` if it was not away,
    /// or still is.
    fn back(&self, now: u64) -> Option<u64> {
        self.away.as_ref().map(|away| away.during.end).filter(|&back| back <= now)
    }

    /// Returns the first due time since the last success, and since the job is expected to run: 0
    /// while it is away.
    fn success_due(&self, now: u64) -> u64 {
        if self.is_away(now) {
            return 0;
        }
        let expected_since = self.back(now).unwrap_or(self.first_scheduled);
        // As in the runtime, a success may come a second before its due time.
        let after = self.runs.last_success(now, 0).map(|success| success + 1);
        let before = expected_since.saturating_sub(1);
        self.runs.due_after(after.map_or(before, |after| after.max(before)), self.gap)
    }

    /// Returns what stands for what has not happened: nothing in a process that knows no better.
    fn unset(&self) -> Sample {
        if self.contract_only { Sample::Nothing } else { Sample::Value(0) }
    }

    fn last_success(&self, now: u64, since: u64) -> Sample {
        let known_since = if self.contract_only { since } else { 0 };
        self.runs.last_success(now, known_since).map_or_else(|| self.unset(), Sample::Value)
    }
}

fn series(
    name: &'static str,
    labels: &[(&'static str, &'static str)],
    moments: &[Moment],
    value: &dyn Fn(Moment, u64) -> Sample,
) -> SampledSeries {
    let sample = |&at: &Moment| at.since.map_or(Sample::Nothing, |since| value(at, since));
    SampledSeries {
        name: name.into(),
        labels: labels.iter().map(|&(label, value)| (label.into(), value.into())).collect(),
        samples: moments.iter().map(sample).collect(),
    }
}

/// Returns the place of the bucket that a duration falls into, one past the last if it is longer
/// than each bound.
pub(super) fn bucket_of(seconds: u64) -> usize {
    DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound < seconds as f64)
}

/// Returns the value of the label `le` of the bucket at a place.
pub(super) fn bound_label(index: usize) -> &'static str {
    static LABELS: LazyLock<Vec<String>> =
        LazyLock::new(|| DURATION_BUCKETS_SECONDS.iter().map(ToString::to_string).collect());
    LABELS.get(index).map_or("+Inf", String::as_str)
}

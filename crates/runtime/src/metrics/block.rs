//! The numbers of one job, side by side in memory: a run touches the first two lines of the cache,
//! and nothing of another job.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use jobwatch_catalogue::JobName;
use jobwatch_catalogue::metric::DURATION_BUCKETS_SECONDS;

/// A whole number that several threads count.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

/// A number that several threads set.
#[derive(Debug, Default)]
pub(super) struct Level(AtomicU64);

/// How long runs took.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Durations {
    seconds: Level,
    /// Runs by the first bound that they did not exceed; the last are those that exceed all.
    buckets: [Count; DURATION_BUCKETS_SECONDS.len() + 1],
}

/// What a scrape is told about durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distribution {
    pub(super) seconds: f64,
    /// Runs that did not exceed each bound; the last is all of them.
    pub(super) cumulative: [u64; DURATION_BUCKETS_SECONDS.len() + 1],
}

/// The numbers of one job, in the order in which they are needed.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Block {
    pub(super) in_progress_since: Level,
    pub(super) next_due: Level,
    pub(super) success_due: Level,
    pub(super) first_scheduled: Level,
    pub(super) last_success: Level,
    pub(super) consecutive_failures: AtomicU32,
    pub(super) has_items: bool,
    pub(super) has_queue: bool,
    /// By `RunStatus::ALL`.
    pub(super) executions: [Count; 2],
    pub(super) duration: Durations,
    /// By `ItemStatus::ALL`.
    pub(super) items: [Count; 3],
    /// By `SkipReason::ALL`.
    pub(super) skipped: [Count; 4],
    pub(super) queue_size: Count,
    pub(super) schedule_interval: Level,
    pub(super) timeout: Level,
    pub(super) job: JobName,
}

const _: () = assert!(size_of::<Block>() == 320, "a job costs more memory than is promised");

// Each number stands for itself, so no order of memory accesses is needed anywhere.

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn set(&self, number: u64) {
        self.0.store(number, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Level {
    pub(super) fn add(&self, more: f64) {
        let sum = |bits| Some((f64::from_bits(bits) + more).to_bits());
        // There always is a sum.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
    }

    pub(super) fn set(&self, number: f64) {
        self.0.store(number.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

impl Durations {
    pub(super) fn observe(&self, seconds: f64) {
        let bounds = &DURATION_BUCKETS_SECONDS;
        let bucket = bounds.iter().position(|bound| seconds <= *bound).unwrap_or(bounds.len());
        self.buckets[bucket].add(1);
        self.seconds.add(seconds);
    }

    /// The buckets cumulate whatever ends meanwhile, and the last is the number of runs.
    pub(super) fn read(&self) -> Distribution {
        let mut sum = 0;
        let cumulative = std::array::from_fn(|bucket| {
            sum += self.buckets[bucket].get();
            sum
        });
        Distribution { seconds: self.seconds.get(), cumulative }
    }
}

impl Block {
    /// A job of which nothing is known yet.
    pub(super) fn new(job: JobName, has_items: bool, has_queue: bool) -> Self {
        Self {
            in_progress_since: Level::default(),
            next_due: Level::default(),
            success_due: Level::default(),
            first_scheduled: Level::default(),
            last_success: Level::default(),
            consecutive_failures: AtomicU32::new(0),
            has_items,
            has_queue,
            executions: Default::default(),
            duration: Durations::default(),
            items: Default::default(),
            skipped: Default::default(),
            queue_size: Count::default(),
            schedule_interval: Level::default(),
            timeout: Level::default(),
            job,
        }
    }
}

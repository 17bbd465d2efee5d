//! The metric contract: what a job process exposes and what the rules and panels read.

use crate::label;

/// What a Prometheus metric is, as its `# TYPE` line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Only grows, and starts again at zero with its process: read it through `rate` or `increase`.
    Counter,
    /// Goes up and down: read it as it is.
    Gauge,
    /// Counts observations in cumulative buckets: read it through `histogram_quantile` over a rate
    /// of the buckets.
    Histogram,
}

/// What the values of a metric measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricUnit {
    /// A number of things.
    Count,
    /// A length of time in seconds.
    Seconds,
    /// A moment as seconds since 1970-01-01 00:00 UTC; 0 stands for "never" or "none".
    Timestamp,
}

/// One metric of the contract.
///
/// The thirteen constants of this module are the only ones; nothing else in the project writes a
/// metric's name down.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Metric {
    /// The name as it is exposed.
    pub name: &'static str,
    /// How it behaves over time.
    pub kind: MetricKind,
    /// What its values measure.
    pub unit: MetricUnit,
    /// Its `# HELP` text.
    pub help: &'static str,
    /// Its labels, apart from those that Prometheus adds to the target. A histogram's `le` is not
    /// listed.
    pub labels: &'static [&'static str],
}

/// Executions that ended, by how they ended.
pub const JOB_EXECUTION_TOTAL: Metric = Metric {
    name: "job_execution_total",
    kind: MetricKind::Counter,
    unit: MetricUnit::Count,
    help: "Executions of the job that ended, by status.",
    labels: &[label::JOB_NAME, label::STATUS],
};

/// How long executions took, whatever their status.
pub const JOB_EXECUTION_DURATION_SECONDS: Metric = Metric {
    name: "job_execution_duration_seconds",
    kind: MetricKind::Histogram,
    unit: MetricUnit::Seconds,
    help: "Duration of the job's executions in seconds.",
    labels: &[label::JOB_NAME],
};

/// The counters of the buckets of [`JOB_EXECUTION_DURATION_SECONDS`], as Prometheus names them.
pub const JOB_EXECUTION_DURATION_SECONDS_BUCKET: &str = "job_execution_duration_seconds_bucket";

/// The seconds that all executions together took, as Prometheus names the sum of
/// [`JOB_EXECUTION_DURATION_SECONDS`].
pub const JOB_EXECUTION_DURATION_SECONDS_SUM: &str = "job_execution_duration_seconds_sum";

/// When a process started, as Prometheus' client libraries expose it: no metric of the contract. A
/// dashboard marks starts where it is there.
pub const PROCESS_START_TIME_SECONDS: &str = "process_start_time_seconds";

/// When the job last succeeded, kept across restarts.
pub const JOB_LAST_SUCCESS_TIMESTAMP_SECONDS: Metric = Metric {
    name: "job_last_success_timestamp_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Timestamp,
    help: "When the job last succeeded, in seconds since the epoch; 0 when it never has.",
    labels: &[label::JOB_NAME],
};

/// Items that executions handled, by how each ended.
pub const JOB_ITEMS_PROCESSED_TOTAL: Metric = Metric {
    name: "job_items_processed_total",
    kind: MetricKind::Counter,
    unit: MetricUnit::Count,
    help: "Items the job handled, by status.",
    labels: &[label::JOB_NAME, label::STATUS],
};

/// What waits for the job, for jobs that have a queue.
pub const JOB_QUEUE_SIZE: Metric = Metric {
    name: "job_queue_size",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Count,
    help: "Items waiting for the job.",
    labels: &[label::JOB_NAME],
};

/// The interval in force, after overrides by the environment.
pub const JOB_SCHEDULE_INTERVAL_SECONDS: Metric = Metric {
    name: "job_schedule_interval_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Seconds,
    help: "Longest time between two due times of the job; 0 while the job is disabled.",
    labels: &[label::JOB_NAME],
};

/// How long an execution may take, after overrides by the environment.
pub const JOB_TIMEOUT_SECONDS: Metric = Metric {
    name: "job_timeout_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Seconds,
    help: "How long an execution of the job may take.",
    labels: &[label::JOB_NAME],
};

/// When the job was first scheduled, kept across restarts.
pub const JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS: Metric = Metric {
    name: "job_first_scheduled_timestamp_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Timestamp,
    help: "When the job was first scheduled, in seconds since the epoch; 0 when it never was.",
    labels: &[label::JOB_NAME],
};

/// The due time that no execution was claimed for yet.
pub const JOB_NEXT_DUE_TIMESTAMP_SECONDS: Metric = Metric {
    name: "job_next_due_timestamp_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Timestamp,
    help: "The due time that no execution of the job was claimed for yet, in seconds since the epoch; in \
           the past while nobody claims it, 0 while the job is paused or disabled.",
    labels: &[label::JOB_NAME],
};

/// The due time that a success is awaited for.
pub const JOB_SUCCESS_DUE_TIMESTAMP_SECONDS: Metric = Metric {
    name: "job_success_due_timestamp_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Timestamp,
    help: "The first due time of the job since its last success, in seconds since the epoch; in the past \
           until the job succeeds, 0 while it is paused or disabled.",
    labels: &[label::JOB_NAME],
};

/// Since when an execution is in progress.
pub const JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS: Metric = Metric {
    name: "job_in_progress_since_timestamp_seconds",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Timestamp,
    help: "Start of the execution in progress, in seconds since the epoch; 0 when there is none.",
    labels: &[label::JOB_NAME],
};

/// How many executions failed since the last one that succeeded.
pub const JOB_CONSECUTIVE_FAILURES: Metric = Metric {
    name: "job_consecutive_failures",
    kind: MetricKind::Gauge,
    unit: MetricUnit::Count,
    help: "Failed executions of the job since its last success.",
    labels: &[label::JOB_NAME],
};

/// Due times that did not become an execution, by reason.
pub const JOB_EXECUTION_SKIPPED_TOTAL: Metric = Metric {
    name: "job_execution_skipped_total",
    kind: MetricKind::Counter,
    unit: MetricUnit::Count,
    help: "Due times of the job that did not become an execution, by reason.",
    labels: &[label::JOB_NAME, label::REASON],
};

impl Metric {
    /// The five metrics of the contract: any process that exposes them can be watched.
    pub const CONTRACT: [&'static Metric; 5] = [
        &JOB_EXECUTION_TOTAL,
        &JOB_EXECUTION_DURATION_SECONDS,
        &JOB_LAST_SUCCESS_TIMESTAMP_SECONDS,
        &JOB_ITEMS_PROCESSED_TOTAL,
        &JOB_QUEUE_SIZE,
    ];

    /// The eight metrics that Jobwatch's runtime exposes besides the contract.
    pub const RUNTIME: [&'static Metric; 8] = [
        &JOB_SCHEDULE_INTERVAL_SECONDS,
        &JOB_TIMEOUT_SECONDS,
        &JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS,
        &JOB_NEXT_DUE_TIMESTAMP_SECONDS,
        &JOB_SUCCESS_DUE_TIMESTAMP_SECONDS,
        &JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
        &JOB_CONSECUTIVE_FAILURES,
        &JOB_EXECUTION_SKIPPED_TOTAL,
    ];

    /// Returns all thirteen, the contract first.
    pub fn all() -> impl Iterator<Item = &'static Metric> {
        Self::CONTRACT.into_iter().chain(Self::RUNTIME)
    }
}

/// Upper bounds of the duration histogram's finite buckets, in seconds, ascending.
///
/// Every default duration threshold (300 s, 600 s) is a bound, and finite bounds lie above it,
/// because `histogram_quantile` never returns more than the highest finite bound.
pub const DURATION_BUCKETS_SECONDS: [f64; 18] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0,
    7200.0, 14400.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for metric in Metric::all() {
            let name = metric.name;
            assert_eq!(name.ends_with("_total"), metric.kind == MetricKind::Counter, "{name}");
            match metric.unit {
                MetricUnit::Seconds => assert!(name.ends_with("_seconds"), "{name}"),
                MetricUnit::Timestamp => assert!(name.ends_with("_timestamp_seconds"), "{name}"),
                MetricUnit::Count => assert!(!name.ends_with("_seconds"), "{name}"),
            }
            assert!(metric.labels.contains(&label::JOB_NAME), "{name}");
            assert!(metric.help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn buckets_ascend() {
        assert!(DURATION_BUCKETS_SECONDS.is_sorted_by(|a, b| a < b));
    }
}

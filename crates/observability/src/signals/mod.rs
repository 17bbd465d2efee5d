//! Signals: what is known about each job, recorded once and read by rules and panels alike.

mod record;
mod window;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};

use crate::promql::check::Measure;

pub(crate) use record::MEMORY;
pub use record::{RecordedSignal, signals};
pub use window::{Span, WindowClass, window_of, windows};

/// The label of every recorded series that says which catalogue it was generated from.
pub const CATALOGUE: &str = "catalogue";

/// The label of a recorded rate that says over how long it was taken.
pub const WINDOW: &str = "window";

/// The label of recorded counts of executions that says which of a job's two windows they were counted over.
pub const SPAN: &str = "span";

/// The labels that signals are grouped by. Where processes have no namespace, it is empty and does no harm.
pub const BY: [&str; 2] = [NAMESPACE, JOB_NAME];

/// A recorded series about each job.
///
/// The names follow Prometheus' convention `level:metric:operations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// That the catalogue has the job.
    Catalogued,
    /// The longest interval in force on any replica; 0 while the job is disabled.
    ScheduleInterval,
    /// Executions that failed a second.
    FailedExecutionRate,
    /// Executions that ended, over a short and a long window.
    Executions,
    /// Executions that failed, over a short and a long window.
    FailedExecutions,
    /// The part of the executions that failed: over the short window while it holds three, over the long one else.
    FailedExecutionRatio,
    /// The part of the attempted items that failed.
    FailedItemRatio,
    /// The 95th percentile of the executions' duration.
    DurationP95,
    /// When the job last succeeded on any replica.
    LastSuccess,
    /// When the job was first scheduled, or first seen by Prometheus.
    FirstScheduled,
    /// How long ago the job last succeeded, counted from when it was first scheduled if it never has.
    TimeSinceLastSuccess,
    /// Failed executions in a row, as the replica that ran the job last counts them.
    ConsecutiveFailures,
    /// The queue's length.
    QueueSize,
    /// How long the execution in progress has taken.
    InProgress,
}

impl Signal {
    /// Every signal, in the order of recording: a signal may read those before it.
    pub const ALL: [Self; 14] = [
        Self::Catalogued,
        Self::ScheduleInterval,
        Self::FailedExecutionRate,
        Self::Executions,
        Self::FailedExecutions,
        Self::FailedExecutionRatio,
        Self::FailedItemRatio,
        Self::DurationP95,
        Self::LastSuccess,
        Self::FirstScheduled,
        Self::TimeSinceLastSuccess,
        Self::ConsecutiveFailures,
        Self::QueueSize,
        Self::InProgress,
    ];

    /// The name of the recorded series.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Catalogued => "job_name:job_catalogued:info",
            Self::ScheduleInterval => "job_name:job_schedule_interval_seconds:max",
            Self::FailedExecutionRate => "job_name:job_execution_failed:rate",
            Self::Executions => "job_name:job_execution:increase",
            Self::FailedExecutions => "job_name:job_execution_failed:increase",
            Self::FailedExecutionRatio => "job_name:job_execution_failed:ratio",
            Self::FailedItemRatio => "job_name:job_items_failed:ratio",
            Self::DurationP95 => "job_name:job_execution_duration_seconds:p95",
            Self::LastSuccess => "job_name:job_last_success_timestamp_seconds:max",
            Self::FirstScheduled => "job_name:job_first_scheduled_timestamp_seconds:min",
            Self::TimeSinceLastSuccess => "job_name:job_time_since_last_success_seconds:min",
            Self::ConsecutiveFailures => "job_name:job_consecutive_failures:max",
            Self::QueueSize => "job_name:job_queue_size:max",
            Self::InProgress => "job_name:job_in_progress_seconds:max",
        }
    }

    /// What its values measure.
    pub const fn measure(self) -> Measure {
        match self {
            Self::Catalogued => Measure::Number,
            Self::FailedExecutionRate => Measure::PerSecond,
            Self::FailedExecutionRatio | Self::FailedItemRatio => Measure::Ratio,
            Self::ScheduleInterval | Self::DurationP95 | Self::TimeSinceLastSuccess | Self::InProgress => {
                Measure::Seconds
            }
            Self::LastSuccess | Self::FirstScheduled => Measure::Timestamp,
            Self::Executions | Self::FailedExecutions | Self::ConsecutiveFailures | Self::QueueSize => {
                Measure::Count
            }
        }
    }

    /// The labels of the recorded series.
    pub const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Catalogued => &[CATALOGUE, JOB_NAME],
            Self::Executions | Self::FailedExecutions => &[CATALOGUE, JOB_NAME, NAMESPACE, SPAN, WINDOW],
            Self::FailedExecutionRate | Self::FailedItemRatio | Self::DurationP95 => {
                &[CATALOGUE, JOB_NAME, NAMESPACE, WINDOW]
            }
            _ => &[CATALOGUE, JOB_NAME, NAMESPACE],
        }
    }
}

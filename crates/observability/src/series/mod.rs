//! The recorded series: what is known about each job, computed once and read by alerts and panels
//! alike.

mod consecutive_failures;
mod due;
mod duration;
mod executions;
mod in_progress;
mod items;
mod queue;
mod recorded;
mod schedule;
mod success;
mod windows;

pub use consecutive_failures::CONSECUTIVE_FAILURES;
pub use due::{OVERDUE, SUCCESS_DUE, TIMEOUT};
pub use duration::{DURATION_LAST, DURATION_P95};
pub use executions::{EXECUTIONS, FAILED_EXECUTION_RATE, FAILED_EXECUTION_RATIO, FAILED_EXECUTIONS, counted};
pub use in_progress::IN_PROGRESS;
pub use items::{FAILED_ITEM_RATIO, FAILED_ITEMS};
pub use queue::QUEUE_SIZE;
pub use recorded::{About, RecordedSeries};
pub use schedule::{CATALOGUED, SCHEDULE_INTERVAL};
pub use success::{FIRST_SCHEDULED, LAST_SEEN, LAST_SUCCESS, MEMORY, TIME_SINCE_LAST_SUCCESS};

/// Every recorded series, in the order of recording: each reads only those before it.
pub const STANDARD: &[&RecordedSeries] = &[
    &CATALOGUED,
    &SCHEDULE_INTERVAL,
    &TIMEOUT,
    &FAILED_EXECUTION_RATE,
    &EXECUTIONS,
    &FAILED_EXECUTIONS,
    &FAILED_EXECUTION_RATIO,
    &FAILED_ITEM_RATIO,
    &FAILED_ITEMS,
    &DURATION_P95,
    &DURATION_LAST,
    &LAST_SUCCESS,
    &FIRST_SCHEDULED,
    &LAST_SEEN,
    &SUCCESS_DUE,
    &OVERDUE,
    &TIME_SINCE_LAST_SUCCESS,
    &CONSECUTIVE_FAILURES,
    &QUEUE_SIZE,
    &IN_PROGRESS,
];

//! Rows of the tables, read.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgInterval;
use sqlx::{FromRow, Row as _};

use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::store::outcome_columns::OutcomeColumns;
use crate::store::row::Row;
use crate::store::{JobState, Lease, RunRecord};

pub(super) fn state(row: &PgRow, job: &JobName) -> Result<JobState, sqlx::Error> {
    let now: DateTime<Utc> = row.try_get("now")?;
    if row.try_get::<Option<&str>, _>("name")?.is_none() {
        return Ok(Row::new(now).state(now));
    }
    let failures: i32 = row.try_get("consecutive_failures")?;
    let first_scheduled = row.try_get("first_scheduled")?;
    Ok(JobState {
        first_scheduled,
        expected_since: row.try_get::<Option<_>, _>("expected_since")?.unwrap_or(first_scheduled),
        done: row.try_get("done")?,
        last_success: row.try_get("last_success")?,
        consecutive_failures: u32::try_from(failures).unwrap_or(0),
        paused: row.try_get("paused")?,
        running: lease(row, job)?.filter(|lease| lease.until > now),
    })
}

/// The lease of a job, if it has one, run out or not.
pub(super) fn lease(row: &PgRow, job: &JobName) -> Result<Option<Lease>, sqlx::Error> {
    let Some(holder) = row.try_get::<Option<String>, _>("holder")? else { return Ok(None) };
    Ok(Some(Lease {
        job: job.clone(),
        slot: row.try_get("slot")?,
        holder: holder.into(),
        token: token(row.try_get("token")?),
        since: row.try_get("since")?,
        until: row.try_get("until")?,
    }))
}

pub(super) fn record(row: &PgRow) -> Result<RunRecord, sqlx::Error> {
    let job = JobName::new(row.try_get::<&str, _>("job")?);
    let job = job.map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(RunRecord {
        id: RunId { job, token: token(row.try_get("token")?) },
        slot: row.try_get("slot")?,
        holder: row.try_get::<String, _>("holder")?.into(),
        since: row.try_get("since")?,
        ended: row.try_get("ended")?,
        outcome: OutcomeColumns::from_row(row)?.read(),
        request: Request { reason: row.try_get("reason")?, idempotency_key: row.try_get("idempotency_key")? },
    })
}

pub(super) fn signed(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(i64::MAX)
}

pub(super) fn token(signed: i64) -> u64 {
    u64::try_from(signed).unwrap_or(0)
}

pub(super) fn interval(length: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(length.as_micros()).unwrap_or(i64::MAX) }
}

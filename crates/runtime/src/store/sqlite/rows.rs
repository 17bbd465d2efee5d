//! Rows of the tables, read and written.

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row as _, SqliteConnection};

use crate::request::Request;
use crate::run_id::RunId;
use crate::store::outcome_columns::{NAMES, OutcomeColumns};
use crate::store::row::Row;
use crate::store::{Claimed, HISTORY, Lease, RunRecord};

/// What is kept about a job, which comes into being on first sight.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    job: &JobName,
    now: DateTime<Utc>,
) -> Result<Row, sqlx::Error> {
    let found = sqlx::query("SELECT * FROM jobwatch_job WHERE name = ?")
        .bind(job.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(found) = found else { return Ok(Row::new(rounded_moment(now))) };
    let holder: Option<String> = found.try_get("holder")?;
    let token = token(found.try_get("token")?);
    let lease = match holder {
        None => None,
        Some(holder) => Some(Lease {
            job: job.clone(),
            slot: found.try_get::<Option<i64>, _>("slot")?.map(moment),
            holder: holder.into(),
            token,
            since: moment(found.try_get("since")?),
            until: moment(found.try_get("until")?),
        }),
    };
    let first_scheduled = moment(found.try_get("first_scheduled")?);
    let failures: i64 = found.try_get("consecutive_failures")?;
    Ok(Row {
        first_scheduled,
        expected_since: found.try_get::<Option<i64>, _>("expected_since")?.map_or(first_scheduled, moment),
        done: found.try_get::<Option<i64>, _>("done")?.map(moment),
        last_success: found.try_get::<Option<i64>, _>("last_success")?.map(moment),
        consecutive_failures: u32::try_from(failures).unwrap_or(u32::MAX),
        paused: found.try_get("paused")?,
        disabled: found.try_get("disabled")?,
        token,
        lease,
        cancel: found.try_get("cancel")?,
        request: request(&found)?,
    })
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    job: &JobName,
    row: &Row,
) -> Result<(), sqlx::Error> {
    let lease = row.lease.as_ref();
    sqlx::query(
        "INSERT OR REPLACE INTO jobwatch_job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(job.as_str())
    .bind(row.first_scheduled.timestamp_millis())
    .bind(row.done.map(|done| done.timestamp_millis()))
    .bind(row.last_success.map(|success| success.timestamp_millis()))
    .bind(row.consecutive_failures)
    .bind(row.paused)
    .bind(signed(row.token))
    .bind(lease.map(|lease| lease.holder.as_ref()))
    .bind(lease.and_then(|lease| lease.slot).map(|slot| slot.timestamp_millis()))
    .bind(lease.map(|lease| lease.since.timestamp_millis()))
    .bind(lease.map(|lease| lease.until.timestamp_millis()))
    .bind(row.cancel)
    .bind(&row.request.reason)
    .bind(&row.request.idempotency_key)
    .bind(row.expected_since.timestamp_millis())
    .bind(row.disabled)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn record(connection: &mut SqliteConnection, run: &RunRecord) -> Result<(), sqlx::Error> {
    let columns = OutcomeColumns::from(&run.outcome);
    sqlx::query("INSERT INTO jobwatch_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(run.id.job.as_str())
        .bind(signed(run.id.token))
        .bind(run.slot.map(|slot| slot.timestamp_millis()))
        .bind(run.holder.as_ref())
        .bind(run.since.timestamp_millis())
        .bind(run.ended.timestamp_millis())
        .bind(columns.outcome)
        .bind(columns.cause)
        .bind(columns.message)
        .bind(columns.milliseconds)
        .bind(columns.items_succeeded)
        .bind(columns.items_failed)
        .bind(columns.items_skipped)
        .bind(&run.request.reason)
        .bind(&run.request.idempotency_key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes the runs before the last ones.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    job: &JobName,
    newest: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM jobwatch_run WHERE job = ? AND token <= ?")
        .bind(job.as_str())
        .bind(signed(newest.saturating_sub(HISTORY as u64)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The runs up to a token, newest first.
pub(super) async fn history(
    connection: &mut SqliteConnection,
    job: &JobName,
    newest: u64,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    let statement = format!(
        "SELECT token, slot, holder, since, ended, reason, idempotency_key, {NAMES} FROM jobwatch_run \
         WHERE job = ? AND token <= ? ORDER BY token DESC"
    );
    let rows = sqlx::query(AssertSqlSafe(statement))
        .bind(job.as_str())
        .bind(signed(newest))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(RunRecord {
                id: RunId { job: job.clone(), token: token(row.try_get("token")?) },
                slot: row.try_get::<Option<i64>, _>("slot")?.map(moment),
                holder: row.try_get::<String, _>("holder")?.into(),
                since: moment(row.try_get("since")?),
                ended: moment(row.try_get("ended")?),
                outcome: OutcomeColumns::from_row(row)?.read(),
                request: request(row)?,
            })
        })
        .collect()
}

fn request(row: &SqliteRow) -> Result<Request, sqlx::Error> {
    Ok(Request { reason: row.try_get("reason")?, idempotency_key: row.try_get("idempotency_key")? })
}

/// A lease as it will be read: the tables have milliseconds.
pub(super) fn rounded(claimed: Claimed) -> Claimed {
    match claimed {
        Claimed::Granted(lease) => Claimed::Granted(Lease {
            since: rounded_moment(lease.since),
            until: rounded_moment(lease.until),
            ..lease
        }),
        other => other,
    }
}

/// A moment as it will be read.
pub(super) fn rounded_moment(at: DateTime<Utc>) -> DateTime<Utc> {
    moment(at.timestamp_millis())
}

fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

fn signed(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(i64::MAX)
}

fn token(signed: i64) -> u64 {
    u64::try_from(signed).unwrap_or(0)
}

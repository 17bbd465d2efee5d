//! Rows of the tables, read and written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row as _, SqliteConnection};

use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::store::outcome_columns::{NAMES, OutcomeColumns};
use crate::store::row::{Row, boxed};
use crate::store::{Claimed, FORGOTTEN_AT_ONCE, Lease, RunRecord};

/// The columns of a job.
const JOB: &str = "name, first_scheduled, done, last_success, consecutive_failures, paused, token, holder, slot, \
                   since, until, cancel, reason, idempotency_key, expected_since, disabled";

/// The runs that ended: those that are written down, and those whose lease has run out at ?1 while
/// nobody has taken over.
const ENDED: &str = "WITH ended AS (
        SELECT job, token, slot, holder, since, ended, reason, idempotency_key, outcome, cause, message,
            milliseconds, items_succeeded, items_failed, items_skipped
        FROM jobwatch_run
        UNION ALL
        SELECT name, token, slot, holder, since, until, reason, idempotency_key, 'interrupted', 'lease_lost',
            NULL, NULL, NULL, NULL, NULL
        FROM jobwatch_job WHERE until <= ?1
    ) ";

/// What is kept about a job, as it would be if it came into being now if there is nothing.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    job: &JobName,
    now: DateTime<Utc>,
) -> Result<Row, sqlx::Error> {
    let found = sqlx::query(AssertSqlSafe(format!("SELECT {JOB} FROM jobwatch_job WHERE name = ?")))
        .bind(job.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(found) = found {
        return row(&found, job);
    }
    // Tokens only grow, also if the table of jobs was dropped.
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(token) FROM jobwatch_run WHERE job = ?")
        .bind(job.as_str())
        .fetch_one(connection)
        .await?;
    Ok(Row { token: token(newest.unwrap_or(0)), ..Row::new(rounded_moment(now)) })
}

/// What is kept about all jobs.
pub(super) async fn read_all(
    connection: &mut SqliteConnection,
) -> Result<HashMap<JobName, Row>, sqlx::Error> {
    let statement = format!("SELECT {JOB} FROM jobwatch_job");
    let found = sqlx::query(AssertSqlSafe(statement)).fetch_all(connection).await?;
    let read = |found: &SqliteRow| {
        let job = name(found, "name")?;
        Ok((job.clone(), row(found, &job)?))
    };
    found.iter().map(read).collect()
}

fn row(found: &SqliteRow, job: &JobName) -> Result<Row, sqlx::Error> {
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
        request: boxed(&request(found)?),
    })
}

fn name(row: &SqliteRow, column: &str) -> Result<JobName, sqlx::Error> {
    JobName::new(row.try_get::<&str, _>(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    job: &JobName,
    row: &Row,
) -> Result<(), sqlx::Error> {
    let lease = row.lease.as_ref();
    // Columns that a later version has added keep what they have.
    let kept = JOB.split(", ").skip(1).map(|column| format!("{column} = excluded.{column}"));
    let statement = format!(
        "INSERT INTO jobwatch_job ({JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (name) DO UPDATE SET {}",
        kept.collect::<Vec<_>>().join(", ")
    );
    sqlx::query(AssertSqlSafe(statement))
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
        .bind(row.request.as_ref().and_then(|request| request.reason.as_ref()))
        .bind(row.request.as_ref().and_then(|request| request.idempotency_key.as_ref()))
        .bind(row.expected_since.timestamp_millis())
        .bind(row.disabled)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn record(connection: &mut SqliteConnection, run: &RunRecord) -> Result<(), sqlx::Error> {
    let columns = OutcomeColumns::from(&run.outcome);
    let statement = format!(
        "INSERT INTO jobwatch_run (job, token, slot, holder, since, ended, {NAMES}, reason, idempotency_key) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    sqlx::query(AssertSqlSafe(statement))
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

/// Deletes the oldest runs before the last ones, of which so many are remembered.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    job: &JobName,
    newest: u64,
    remembered: usize,
) -> Result<(), sqlx::Error> {
    let forget = "DELETE FROM jobwatch_run WHERE job = ?1 AND token <= ?2 \
                  AND token < ?3 + (SELECT min(token) FROM jobwatch_run WHERE job = ?1)";
    sqlx::query(forget)
        .bind(job.as_str())
        .bind(signed(newest.saturating_sub(remembered as u64)))
        .bind(FORGOTTEN_AT_ONCE)
        .execute(connection)
        .await?;
    Ok(())
}

/// The runs of a job that ended, up to a token, newest first.
pub(super) async fn history(
    connection: &mut SqliteConnection,
    job: &JobName,
    newest: u64,
    now: DateTime<Utc>,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    let statement = format!("{ENDED} SELECT * FROM ended WHERE job = ?2 AND token <= ?3 ORDER BY token DESC");
    let rows = sqlx::query(AssertSqlSafe(statement))
        .bind(now.timestamp_millis())
        .bind(job.as_str())
        .bind(signed(newest))
        .fetch_all(connection)
        .await?;
    rows.iter().map(run).collect()
}

/// The run of each job that ended last.
pub(super) async fn last_runs(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    let statement = format!(
        "{ENDED} SELECT ended.* FROM jobwatch_job AS job JOIN ended ON ended.job = job.name \
         AND ended.token = (SELECT max(token) FROM ended WHERE job = job.name)"
    );
    let rows =
        sqlx::query(AssertSqlSafe(statement)).bind(now.timestamp_millis()).fetch_all(connection).await?;
    rows.iter().map(run).collect()
}

fn run(row: &SqliteRow) -> Result<RunRecord, sqlx::Error> {
    Ok(RunRecord {
        id: RunId { job: name(row, "job")?, token: token(row.try_get("token")?) },
        slot: row.try_get::<Option<i64>, _>("slot")?.map(moment),
        holder: row.try_get::<String, _>("holder")?.into(),
        since: moment(row.try_get("since")?),
        ended: moment(row.try_get("ended")?),
        outcome: OutcomeColumns::from_row(row)?.read(),
        request: request(row)?,
    })
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

pub(super) fn signed(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(i64::MAX)
}

fn token(signed: i64) -> u64 {
    u64::try_from(signed).unwrap_or(0)
}

//! Ranks clips by engagement for each hour of age.
//!
//! Engagement is views + 2 · votes + 3 · comments + 2 · favourites; the trending score is
//! engagement / max(age in hours, 1).
//!
//! A page is written under the run's guard, at its end: a run that was held up would write scores
//! of a moment that has passed over those of the run that followed it, and young clips would stand
//! too high until the next one. A page in which nothing has changed needs no guard.

use chrono::{DateTime, Utc};
use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::changes::{Late, Look, look};
use crate::database::{Database, timed};
use crate::pages::Pages;

const PAGE_IN_SQLITE: &str = include_str!("page.sqlite.sql");
const PAGE_IN_POSTGRES: &str = include_str!("page.postgres.sql");
const CHANGED: &str = include_str!("changed.postgres.sql");
const WRITE: &str = include_str!("write.postgres.sql");

/// The part of itself by which a score has to change before it is written, while the engagement
/// stays the same: one in a hundred. A clip of a week changes by less within an hour; it would be
/// written each hour of its life, and its place would stay the same.
pub const EPSILON: f64 = 0.01;

/// The job, over pages of a size.
pub(crate) fn job(database: Database, page_size: u32) -> Job {
    type State = (Database, u32);
    Job::with((database, page_size), async |(database, size): State, run: RunContext| {
        refresh(&database, size, Utc::now(), &run).await
    })
}

/// Writes the score of every visible clip whose score has changed, as of a moment, in pages of a
/// size.
///
/// # Errors
///
/// What the database says. Pages that are done stay done.
pub async fn refresh(
    database: &Database,
    page_size: u32,
    now: DateTime<Utc>,
    run: &RunContext,
) -> Result<Report, JobError> {
    if let Database::Postgres(connections) = database {
        let changed = (CHANGED, |query: Look| query.bind(now).bind(EPSILON));
        if let Some(changes) = look(connections, "clips", page_size, run, changed).await? {
            let write = |ids| sqlx::query(WRITE).bind(ids).bind(now);
            return changes
                .write(connections, page_size, run, ("write trending scores", Late::Refused), write)
                .await;
        }
    }
    let mut pages = Pages::new(database, "clips", "NOT is_removed AND NOT is_hidden", page_size);
    let mut report = Report::default();
    while let Some(page) = pages.next(run).await? {
        let (rows, written) = match database {
            Database::Sqlite(pool) => {
                let update = sqlx::query(PAGE_IN_SQLITE).bind(page.after).bind(page.up_to);
                let update = update.bind(now.timestamp_millis()).bind(EPSILON);
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let update = update.execute(&mut *transaction);
                let written = timed("write trending scores", update).await?.rows_affected();
                if written > 0 {
                    run.guard(&mut transaction).await?;
                }
                transaction.commit().await?;
                (page.rows, written)
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                let update = sqlx::query_as(PAGE_IN_POSTGRES).bind(page.after).bind(page.up_to).bind(now);
                let update = update.bind(EPSILON).persistent(pool.keeps_prepared());
                let update = update.fetch_one(&mut *transaction);
                let (rows, written): (i64, i64) = timed("write trending scores", update).await?;
                if written > 0 {
                    run.guard(&mut transaction).await?;
                }
                transaction.commit().await?;
                pages.counted(page, rows.unsigned_abs());
                (rows.unsigned_abs(), written.unsigned_abs())
            }
        };
        report.succeeded += written;
        report.skipped += rows.saturating_sub(written);
        run.progress(report);
    }
    Ok(report)
}

//! Ranks clips by engagement for each hour of age.
//!
//! Engagement is views + 2 · votes + 3 · comments + 2 · favourites; the trending score is
//! engagement / max(age in hours, 1).

use chrono::{DateTime, Utc};
use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::database::{Database, timed};
use crate::pages::Pages;

const SQLITE: &str = include_str!("sqlite.sql");
const POSTGRES: &str = include_str!("postgres.sql");

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
    let mut pages = Pages::new(database, "clips", "NOT is_removed AND NOT is_hidden", page_size);
    let mut report = Report::default();
    while let Some(page) = pages.next(run).await? {
        let written = match database {
            Database::Sqlite(pool) => {
                let update = sqlx::query(SQLITE).bind(page.after).bind(page.up_to);
                let update = update.bind(now.timestamp_millis()).bind(EPSILON);
                timed("write trending scores", update.execute(pool)).await?.rows_affected()
            }
            Database::Postgres(pool) => {
                let update = sqlx::query(POSTGRES).bind(page.after).bind(page.up_to).bind(now).bind(EPSILON);
                timed("write trending scores", update.execute(pool)).await?.rows_affected()
            }
        };
        report.succeeded += written;
        report.skipped += page.rows.saturating_sub(written);
        run.progress(report);
    }
    Ok(report)
}

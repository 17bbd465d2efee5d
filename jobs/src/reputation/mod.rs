//! Awards badges and updates trust and engagement scores.
//!
//! The trust score, from 0 to 100, is min(age in days / 18, 20) + min(karma / 250, 40) + 20 · the
//! part of a user's reports that were correct + min(comments / 10 + votes / 100 + days active / 5,
//! 20), rounded to tenths. Engagement is 2 · comments + votes + 5 · clips + 3 · days active. What
//! the badges take stands in `badges.sqlite.sql`.

use chrono::{DateTime, Utc};
use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::database::{Database, timed};
use crate::pages::Pages;

/// Held while a page is written, so that two runs at once do not both note the same change. Any
/// number that nobody else takes.
const LOCK: i64 = 0x7265_7075_7461_7469;

/// The statements of a page in SQLite, in order: the history has to see the scores before they are
/// written.
const SQLITE: [&str; 3] = [
    concat!(include_str!("active.sqlite.sql"), include_str!("badges.sqlite.sql")),
    concat!(include_str!("active.sqlite.sql"), include_str!("history.sqlite.sql")),
    concat!(include_str!("active.sqlite.sql"), include_str!("scores.sqlite.sql")),
];

const POSTGRES: &str = include_str!("refresh.postgres.sql");
const TAKE_LOCK: &str = include_str!("lock.postgres.sql");
/// What the log and an outcome call it.
const UPDATE: &str = "update reputations";

/// The job, over pages of a size.
pub(crate) fn job(database: Database, page_size: u32) -> Job {
    type State = (Database, u32);
    Job::with((database, page_size), async |(database, size): State, run: RunContext| {
        refresh(&database, size, Utc::now(), &run).await
    })
}

/// Sees to every user who is not banned, as of a moment, in pages of a size. Users for whom nothing
/// changed are skipped. What changed is appended to a history, so that a run which was overtaken
/// must not write: that of a later moment may stand there already.
///
/// # Errors
///
/// What the database says. Pages that are done stay done; a page is done whole or not at all.
pub async fn refresh(
    database: &Database,
    page_size: u32,
    now: DateTime<Utc>,
    run: &RunContext,
) -> Result<Report, JobError> {
    let mut pages = Pages::new(database, "users", "NOT is_banned", page_size);
    let mut report = Report::default();
    while let Some(page) = pages.next(run).await? {
        let (rows, changed) = match database {
            Database::Sqlite(pool) => {
                let mut transaction = timed(UPDATE, pool.begin_with("BEGIN IMMEDIATE")).await?;
                let written = timed(UPDATE, async {
                    let mut written = [0; SQLITE.len()];
                    for (statement, rows) in SQLITE.into_iter().zip(&mut written) {
                        let query = sqlx::query(statement).bind(page.after).bind(page.up_to);
                        let query = query.bind(now.timestamp_millis());
                        *rows = query.execute(&mut *transaction).await?.rows_affected();
                    }
                    Ok(written)
                })
                .await?;
                // What the guard remembers is written and synced, too.
                if written != [0; SQLITE.len()] {
                    run.guard(&mut transaction).await?;
                }
                timed(UPDATE, transaction.commit()).await?;
                let [.., changed] = written;
                (page.rows, changed)
            }
            Database::Postgres(pool) => {
                let mut transaction = timed(UPDATE, pool.begin()).await?;
                run.guard(&mut transaction).await?;
                let prepared = pool.keeps_prepared();
                let (rows, changed): (i64, i64) = timed(UPDATE, async move {
                    let lock = sqlx::query(TAKE_LOCK).bind(LOCK);
                    lock.persistent(prepared).execute(&mut *transaction).await?;
                    let query = sqlx::query_as(POSTGRES).bind(page.after).bind(page.up_to).bind(now);
                    let counts = query.persistent(prepared).fetch_one(&mut *transaction).await?;
                    transaction.commit().await?;
                    Ok(counts)
                })
                .await?;
                pages.counted(page, rows.unsigned_abs());
                (rows.unsigned_abs(), changed.unsigned_abs())
            }
        };
        report.succeeded += changed;
        report.skipped += rows.saturating_sub(changed);
        run.progress(report);
    }
    Ok(report)
}

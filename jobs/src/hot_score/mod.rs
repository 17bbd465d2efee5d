//! Ranks clips by votes and age.
//!
//! The hot score of a clip with v votes is sign(v) · log10(max(|v|, 1)) − age in hours / 12.5. Age
//! makes every score fall alike, so that the order of two clips does not change while nobody votes.
//! What is stored is the part that does not depend on the time: the clip's creation, counted from
//! 2020, takes the place of its age. It orders clips as the score does at any moment, and a clip
//! whose votes have not changed stays unwritten.
//!
//! A run needs no guard: whenever a write arrives, it computes what the votes of that moment make
//! of a clip, so that one that comes late writes what any later run would.

use jobwatch_runtime::{Job, JobError, Report, RunContext};

use crate::changes::{Late, look};
use crate::database::{Database, timed};
use crate::pages::Pages;

const PAGE_IN_SQLITE: &str = include_str!("page.sqlite.sql");
const PAGE_IN_POSTGRES: &str = include_str!("page.postgres.sql");
const CHANGED: &str = include_str!("changed.postgres.sql");
const WRITE: &str = include_str!("write.postgres.sql");

/// The job, over pages of a size.
pub(crate) fn job(database: Database, page_size: u32) -> Job {
    type State = (Database, u32);
    Job::with((database, page_size), async |(database, size): State, run: RunContext| {
        refresh(&database, size, &run).await
    })
}

/// Writes the rank of every visible clip whose votes have changed, in pages of a size.
///
/// # Errors
///
/// What the database says. Pages that are done stay done.
pub async fn refresh(database: &Database, page_size: u32, run: &RunContext) -> Result<Report, JobError> {
    if let Database::Postgres(connections) = database {
        let changed = (CHANGED, |query| query);
        if let Some(changes) = look(connections, "clips", page_size, run, changed).await? {
            let write = |ids| sqlx::query(WRITE).bind(ids);
            return changes
                .write(connections, page_size, run, ("write hot ranks", Late::Harmless), write)
                .await;
        }
    }
    let mut pages = Pages::new(database, "clips", "NOT is_removed AND NOT is_hidden", page_size);
    let mut report = Report::default();
    while let Some(page) = pages.next(run).await? {
        let (rows, written) = match database {
            Database::Sqlite(pool) => {
                let update = sqlx::query(PAGE_IN_SQLITE).bind(page.after).bind(page.up_to);
                (page.rows, timed("write hot ranks", update.execute(pool)).await?.rows_affected())
            }
            Database::Postgres(pool) => {
                let update = sqlx::query_as(PAGE_IN_POSTGRES).bind(page.after).bind(page.up_to);
                let (rows, written): (i64, i64) = timed("write hot ranks", update.fetch_one(pool)).await?;
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

//! What has changed in a table of PostgreSQL, found in one look at it, and written.
//!
//! The table is read as it stands on disk, a few blocks at a time: to go through it by ids takes a
//! third to a half more, since rows that were written stand elsewhere than their neighbours. All
//! reads see the same snapshot, so that no row is missed or comes twice because somebody moves it
//! meanwhile. Nothing is written before the look has ended, and nothing is locked by it.

use jobwatch_runtime::{JobError, Report, RunContext};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::{Query, QueryAs};

use crate::database::{Connections, timed};

const BEGIN: &str = include_str!("begin.postgres.sql");
const BLOCKS: &str = include_str!("blocks.postgres.sql");

/// How many blocks of a table are read at a time, of 8 KiB unless the server was built otherwise.
const AT_ONCE: i64 = 1_000;

/// How many pages of changes are kept in memory at most.
const PAGES: usize = 10;

/// A query with its values for the rows of some blocks: how many there are, and which have changed.
pub(crate) type Look = QueryAs<'static, Postgres, (i64, Vec<i64>), PgArguments>;

/// A query that writes rows, with its values.
pub(crate) type Write = Query<'static, Postgres, PgArguments>;

/// What becomes of the pages of a run that was overtaken by a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// They are right at any moment, and are written.
    Harmless,
    /// The run's guard refuses them, at the end of each page.
    Refused,
}

/// What was found in a whole table.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// How many rows there are for the job.
    rows: u64,
    /// Those that have changed.
    ids: Vec<i64>,
}

impl Changes {
    /// Writes what has changed, in pages of a size, by a query that is made for the rows of one.
    /// The other rows count as skipped.
    ///
    /// # Errors
    ///
    /// [`JobError::Cancelled`] if the run has to stop, or what the database or the guard says.
    /// Pages that are done stay done.
    pub(crate) async fn write(
        self,
        connections: &Connections,
        page_size: u32,
        run: &RunContext,
        (what, late): (&'static str, Late),
        query: impl Fn(Vec<i64>) -> Write,
    ) -> Result<Report, JobError> {
        let unchanged = self.rows - self.ids.len() as u64;
        let mut report = Report { skipped: unchanged, ..Report::default() };
        run.progress(report);
        for ids in self.ids.chunks(page_size as usize) {
            if run.is_cancelled() {
                return Err(JobError::Cancelled);
            }
            let write = query(ids.to_vec()).persistent(connections.keeps_prepared());
            let mut transaction = connections.begin().await?;
            report.succeeded += timed(what, write.execute(&mut *transaction)).await?.rows_affected();
            if late == Late::Refused {
                run.guard(&mut transaction).await?;
            }
            transaction.commit().await?;
            run.progress(report);
        }
        Ok(report)
    }
}

/// Looks for what has changed in a table. The query is made for the places that the blocks lie
/// between, as `ctid` writes them. `None` if there are more than ten pages of a size, as on a site
/// that has just been filled, or if the server is older than 14 and would read the whole table for
/// each few blocks: then it takes going through all pages.
///
/// # Errors
///
/// [`JobError::Cancelled`] if the run has to stop, or what the database says.
pub(crate) async fn look(
    connections: &Connections,
    table: &'static str,
    page_size: u32,
    run: &RunContext,
    query: impl Fn(String, String) -> Look,
) -> Result<Option<Changes>, JobError> {
    let prepared = connections.keeps_prepared();
    let most = PAGES * page_size as usize;
    let mut transaction = connections.begin().await?;
    timed("look for changes", sqlx::raw_sql(BEGIN).execute(&mut *transaction)).await?;
    let blocks = sqlx::query_scalar(BLOCKS).bind(table).persistent(prepared);
    let blocks: Option<i64> = timed("look for changes", blocks.fetch_one(&mut *transaction)).await?;
    let Some(blocks) = blocks else { return Ok(None) };
    let mut found = Changes::default();
    let mut first = 0;
    while first < blocks {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let after = first + AT_ONCE;
        let query = query(format!("({first},0)"), format!("({after},0)")).persistent(prepared);
        let (rows, ids) = timed("look for changes", query.fetch_one(&mut *transaction)).await?;
        found.rows += rows.unsigned_abs();
        found.ids.extend(ids);
        if found.ids.len() > most {
            return Ok(None);
        }
        first = after;
    }
    transaction.commit().await?;
    Ok(Some(found))
}

//! What has changed in a table of PostgreSQL, found in one look at it, and written.
//!
//! The table is read as it stands on disk, by one statement: to go through it by ids takes up to
//! twice as long, since rows that were written stand elsewhere than their neighbours, and by ranges
//! of blocks half as long again where it is larger than what the server keeps in memory. One
//! statement sees one snapshot, so that no row is missed or comes twice because somebody moves it
//! meanwhile. Nothing is written before the look has ended, and nothing is locked by it.

use jobwatch_runtime::{JobError, Report, RunContext};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::{Query, QueryAs};

use crate::database::{Connections, timed};

const BLOCKS: &str = include_str!("blocks.postgres.sql");

/// How many blocks a table has at most that is looked at, which are 1 GiB unless the server was
/// built otherwise: a run can only be cancelled before and after.
const MOST_BLOCKS: i64 = 131_072;

/// How many pages of changes are kept in memory at most.
const PAGES: u32 = 10;

/// A query that answers how many rows there are for the job, and which have changed: no more of
/// them than its first value, which is bound already.
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
#[derive(Debug)]
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

/// Looks for what has changed in a table, by a query that further values are bound to. `None` if
/// there are more than ten pages of a size, as on a site that has just been filled, or if the table
/// is too large for one statement: then it takes going through all pages.
///
/// # Errors
///
/// [`JobError::Cancelled`] if the run has to stop, or what the database says.
pub(crate) async fn look(
    connections: &Connections,
    table: &'static str,
    page_size: u32,
    run: &RunContext,
    (query, bind): (&'static str, impl FnOnce(Look) -> Look),
) -> Result<Option<Changes>, JobError> {
    if run.is_cancelled() {
        return Err(JobError::Cancelled);
    }
    let prepared = connections.keeps_prepared();
    let mut transaction = connections.begin().await?;
    let blocks = sqlx::query_scalar(BLOCKS).bind(table).persistent(prepared);
    let blocks: i64 = timed("look for changes", blocks.fetch_one(&mut *transaction)).await?;
    if blocks > MOST_BLOCKS {
        return Ok(None);
    }
    let most = i32::try_from(page_size.saturating_mul(PAGES)).unwrap_or(i32::MAX);
    let query = bind(sqlx::query_as(query).bind(most.saturating_add(1))).persistent(prepared);
    let (rows, ids) = timed("look for changes", query.fetch_one(&mut *transaction)).await?;
    transaction.commit().await?;
    let is_little = i32::try_from(ids.len()).is_ok_and(|found| found <= most);
    Ok(is_little.then(|| Changes { rows: rows.unsigned_abs(), ids }))
}

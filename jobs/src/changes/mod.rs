//! What has changed in a table of PostgreSQL, found in one look at it, and written.
//!
//! The table is read as it stands on disk, a few blocks at a time: to go through it by ids takes a
//! third to a half more, since rows that were written stand elsewhere than their neighbours. All
//! reads see the same snapshot, so that no row is missed or comes twice because somebody moves it
//! meanwhile. Nothing is written before the look has ended, and nothing is locked by it.

use std::slice::Chunks;

use jobwatch_runtime::{JobError, Report, RunContext};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;

use crate::database::{Connections, timed};

const BEGIN: &str = include_str!("begin.postgres.sql");
const BLOCKS: &str = include_str!("blocks.postgres.sql");

/// How many blocks of a table are read at a time, of 8 KiB unless the server was built otherwise.
const AT_ONCE: i64 = 1_000;

/// How many pages of changes are kept in memory at most.
const PAGES: usize = 10;

/// A query with its values for the rows of some blocks: how many there are, and which have changed.
pub(crate) type Look = QueryAs<'static, Postgres, (i64, Vec<i64>), PgArguments>;

/// What was found in a whole table.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// How many rows there are for the job.
    rows: u64,
    /// Those that have changed.
    ids: Vec<i64>,
}

impl Changes {
    /// Returns what has changed, to be written in pages of a size. The other rows count as skipped.
    pub(crate) fn writing<'a>(&'a self, page_size: u32, run: &'a RunContext) -> Writing<'a> {
        let unchanged = self.rows - self.ids.len() as u64;
        let report = Report { skipped: unchanged, ..Report::default() };
        Writing { pages: self.ids.chunks(page_size as usize), report, run }
    }
}

/// Pages that a run writes.
pub(crate) struct Writing<'a> {
    pages: Chunks<'a, i64>,
    report: Report,
    run: &'a RunContext,
}

impl Writing<'_> {
    /// Returns the rows to write next. `None` if all are written.
    ///
    /// # Errors
    ///
    /// [`JobError::Cancelled`] if the run has to stop. Pages that are done stay done.
    pub(crate) fn next(&mut self) -> Result<Option<&[i64]>, JobError> {
        self.run.progress(self.report);
        match self.pages.next() {
            Some(_) if self.run.is_cancelled() => Err(JobError::Cancelled),
            page => Ok(page),
        }
    }

    /// Counts rows that were written.
    pub(crate) fn wrote(&mut self, rows: u64) {
        self.report.succeeded += rows;
    }

    /// Returns what has been done.
    pub(crate) fn report(self) -> Report {
        self.report
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

//! Large tables, page by page: memory stays flat, no transaction spans the whole, and a run can stop between two pages.

use jobwatch_runtime::{JobError, RunContext};
use sqlx::AssertSqlSafe;

use crate::database::{Database, timed};

/// Goes through the rows of a table by their ids.
pub(crate) struct Pages<'d> {
    database: &'d Database,
    table: &'static str,
    size: i64,
    after: i64,
}

/// The rows after one id and up to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) after: i64,
    pub(crate) up_to: i64,
}

impl<'d> Pages<'d> {
    /// Begins before the first row. Ids are positive.
    pub(crate) fn new(database: &'d Database, table: &'static str, size: u32) -> Self {
        Self { database, table, size: size.into(), after: 0 }
    }

    /// The next page, or nothing at the end.
    ///
    /// # Errors
    ///
    /// [`JobError::Cancelled`] if the run has to stop, or what the database says.
    pub(crate) async fn next(&mut self, run: &RunContext) -> Result<Option<Page>, JobError> {
        if run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let table = self.table;
        let statement = |first, second| {
            AssertSqlSafe(format!(
                "SELECT max(id) FROM (SELECT id FROM {table} WHERE id > {first} ORDER BY id LIMIT {second}) AS page"
            ))
        };
        let last: Option<i64> = match self.database {
            Database::Sqlite(pool) => {
                let query = sqlx::query_scalar(statement("?1", "?2")).bind(self.after).bind(self.size);
                timed("find the next page", query.fetch_one(pool)).await?
            }
            Database::Postgres(pool) => {
                let query = sqlx::query_scalar(statement("$1", "$2")).bind(self.after).bind(self.size);
                timed("find the next page", query.fetch_one(pool)).await?
            }
        };
        let page = last.map(|up_to| Page { after: self.after, up_to });
        self.after = last.unwrap_or(self.after);
        Ok(page)
    }
}

impl Page {
    /// How many of its rows fulfil a condition.
    pub(crate) async fn count(
        self,
        database: &Database,
        table: &'static str,
        condition: &'static str,
    ) -> Result<u64, JobError> {
        let statement = |first, second| {
            AssertSqlSafe(format!(
                "SELECT count(*) FROM {table} WHERE id > {first} AND id <= {second} AND {condition}"
            ))
        };
        let rows: i64 = match database {
            Database::Sqlite(pool) => {
                let query = sqlx::query_scalar(statement("?1", "?2")).bind(self.after).bind(self.up_to);
                timed("count a page", query.fetch_one(pool)).await?
            }
            Database::Postgres(pool) => {
                let query = sqlx::query_scalar(statement("$1", "$2")).bind(self.after).bind(self.up_to);
                timed("count a page", query.fetch_one(pool)).await?
            }
        };
        Ok(rows.unsigned_abs())
    }
}

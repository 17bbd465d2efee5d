//! Large tables, page by page: memory stays flat, no transaction spans the whole, and a run can
//! stop between two pages.

use jobwatch_runtime::{JobError, RunContext};
use sqlx::AssertSqlSafe;

use crate::database::{Database, timed};

/// Goes through the rows of a table by their ids.
pub(crate) struct Pages<'d> {
    database: &'d Database,
    table: &'static str,
    condition: &'static str,
    size: i64,
    after: i64,
}

/// The rows after one id and up to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) after: i64,
    pub(crate) up_to: i64,
    /// How many of them fulfil the condition.
    pub(crate) concerned: u64,
}

impl<'d> Pages<'d> {
    /// Begins before the first row. Ids are positive. The condition says which rows a job is
    /// concerned with.
    pub(crate) fn new(
        database: &'d Database,
        table: &'static str,
        condition: &'static str,
        size: u32,
    ) -> Self {
        Self { database, table, condition, size: size.into(), after: 0 }
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
        let Self { table, condition, .. } = self;
        let statement = |first, second| {
            AssertSqlSafe(format!(
                "SELECT max(id), count(*) FILTER (WHERE {condition}) \
                 FROM (SELECT * FROM {table} WHERE id > {first} ORDER BY id LIMIT {second}) AS page"
            ))
        };
        let (last, concerned): (Option<i64>, i64) = match self.database {
            Database::Sqlite(pool) => {
                let query = sqlx::query_as(statement("?1", "?2")).bind(self.after).bind(self.size);
                timed("find the next page", query.fetch_one(pool)).await?
            }
            Database::Postgres(pool) => {
                let query = sqlx::query_as(statement("$1", "$2")).bind(self.after).bind(self.size);
                timed("find the next page", query.fetch_one(pool)).await?
            }
        };
        let page = last.map(|up_to| Page { after: self.after, up_to, concerned: concerned.unsigned_abs() });
        self.after = last.unwrap_or(self.after);
        Ok(page)
    }
}

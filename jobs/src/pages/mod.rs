//! Large tables, page by page: memory stays flat, no transaction that writes spans the whole, and a
//! run can stop between two pages.

use jobwatch_runtime::{JobError, RunContext};

use crate::database::{Database, Statement, timed};

/// Goes through the rows of a table that fulfil a condition, by their ids.
pub(crate) struct Pages<'d> {
    database: &'d Database,
    table: &'static str,
    condition: &'static str,
    size: i64,
    after: i64,
    /// Whether the next page is so many ids, in the hope that there are nearly as many rows.
    by_ids: bool,
}

/// The rows of a condition after one id and up to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) after: i64,
    pub(crate) up_to: i64,
    /// How many they are; in PostgreSQL at most, where [`Pages::counted`] wants to hear of it.
    pub(crate) rows: u64,
}

fn last_of_page(table: &str, condition: &str) -> String {
    format!(include_str!("last_of_page.sql"), table = table, condition = condition)
}

fn rest(table: &str, condition: &str) -> String {
    format!(include_str!("rest.sql"), table = table, condition = condition)
}

impl<'d> Pages<'d> {
    /// Begins before the first row. Ids are positive. The condition says which rows there are for
    /// a job; the others are no part of a page.
    pub(crate) fn new(
        database: &'d Database,
        table: &'static str,
        condition: &'static str,
        size: u32,
    ) -> Self {
        Self { database, table, condition, size: size.into(), after: 0, by_ids: false }
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
        let Self { after, size, .. } = *self;
        let page = if self.by_ids {
            Some(Page { after, up_to: after.saturating_add(size), rows: size.unsigned_abs() })
        } else {
            self.find().await?
        };
        self.after = page.map_or(after, |page| page.up_to);
        Ok(page)
    }

    /// A statement has counted the rows of a page. Where half of its ids or more have one, to look
    /// where the next page ends would take a quarter of the time that the page itself does.
    pub(crate) fn counted(&mut self, page: Page, rows: u64) {
        self.by_ids = 2 * rows >= page.up_to.abs_diff(page.after);
    }

    /// Looks where the next page ends.
    async fn find(&self) -> Result<Option<Page>, JobError> {
        let Self { table, condition, size, after, .. } = *self;
        let full = Statement::new(last_of_page(table, condition)).bind(after).bind(size - 1);
        let found = async {
            let (last, rows): (Option<i64>, i64) = match self.database.rows(&full).await?.pop() {
                Some((last,)) => (last, size),
                None => self.database.row(&Statement::new(rest(table, condition)).bind(after)).await?,
            };
            Ok(last.map(|up_to| Page { after, up_to, rows: rows.unsigned_abs() }))
        };
        timed("find the next page", found).await
    }
}

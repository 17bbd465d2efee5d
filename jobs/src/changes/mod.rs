//! Columns that are computed of the others, in a large table: what has changed is looked for first,
//! and then written.
//!
//! A look writes nothing and locks nothing, so that few rows that have changed are written
//! together, however far apart they stand. What is found and not yet written is bounded, and so is
//! how long a look takes: a run can only be cancelled before and after, and the write-ahead log of
//! SQLite grows for as long as somebody reads.
//!
//! SQLite has its rows in the order of their ids, and is looked through by these. PostgreSQL is
//! read as the table stands on disk, by one statement: by ids it takes up to twice as long, since
//! rows that were written stand elsewhere than their neighbours, and by ranges of blocks half as
//! long again where it is larger than what the server keeps in memory. One statement sees one
//! snapshot, so that no row is missed or comes twice because somebody moves it meanwhile.

use jobwatch_runtime::{JobError, Report, RunContext};

use crate::database::{Database, Dialect, Statement, Value, timed};
use crate::pages::{Page, Pages};

const BLOCKS: &str = include_str!("blocks.postgres.sql");

/// How many blocks a table of PostgreSQL has at most that is looked at by one statement, which are
/// 1 GiB unless the server was built otherwise.
const MOST_BLOCKS: i64 = 131_072;

/// How many pages are looked at together, and how many pages of changes one statement may find.
const PAGES: u32 = 10;

/// How many rows these are at most, unless one page has more.
const MOST_ROWS: u32 = 100_000;

/// What becomes of the pages of a run that was overtaken by a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// They are right at any moment, and are written.
    Harmless,
    /// The run's guard refuses them, at the end of each page.
    Refused,
}

/// Columns that are computed of the other columns of a row.
#[derive(Debug)]
pub(crate) struct Derived {
    pub(crate) table: &'static str,
    /// Which rows there are for the job.
    pub(crate) rows: &'static str,
    /// Which of these are not as they would be computed now.
    pub(crate) changed: String,
    /// What the columns are set to.
    pub(crate) set: String,
    /// Those of `$1`, `$2` and so on.
    pub(crate) values: Vec<Value>,
    /// What the log calls it to write them.
    pub(crate) what: &'static str,
    pub(crate) late: Late,
}

impl Derived {
    /// Computes what has changed, and writes it in pages of a size. The other rows count as
    /// skipped.
    ///
    /// # Errors
    ///
    /// [`JobError::Cancelled`] if the run has to stop, or what the database or the guard says.
    /// Pages that are done stay done.
    pub(crate) async fn refresh(
        &self,
        database: &Database,
        page_size: u32,
        run: &RunContext,
    ) -> Result<Report, JobError> {
        let mut refresh =
            Refresh { derived: self, database, page_size, run, found: Vec::new(), report: Report::default() };
        if !refresh.look_at_all().await? {
            refresh.look_by_ids().await?;
        }
        refresh.write(1).await?;
        Ok(refresh.report)
    }

    /// Looks at all rows, or at those after one id and up to another, for so many that have changed
    /// at most where the database counts them.
    fn look(&self, dialect: Dialect, page: Option<Page>, most: u32) -> Statement {
        let Self { table, rows, changed, values, .. } = self;
        let (after, up_to) = (values.len() + 1, values.len() + 2);
        let range = page.map(|_| format!("AND id > ${after} AND id <= ${up_to}")).unwrap_or_default();
        let ids = match dialect {
            Dialect::Sqlite => format!("json_group_array(id) FILTER (WHERE {changed})"),
            Dialect::Postgres => format!(
                "coalesce(array_to_json((array_agg(id) FILTER (WHERE {changed}))[1:{most}])::text, '[]')"
            ),
        };
        let sql = format!(
            include_str!("look.sql"),
            ids = ids,
            table = table,
            unindexed = dialect.unindexed(),
            rows = rows,
            range = range,
        );
        let look = Statement::new(sql).bind_all(values);
        match page {
            Some(page) => look.bind(page.after).bind(page.up_to),
            None => look,
        }
    }

    /// Writes rows.
    fn write(&self, dialect: Dialect, ids: Vec<i64>) -> Statement {
        let Self { table, rows, changed, set, values, .. } = self;
        let sql = format!(
            include_str!("write.sql"),
            table = table,
            unindexed = dialect.unindexed(),
            set = set,
            among = dialect.is_among("id", &format!("${}", values.len() + 1)),
            rows = rows,
            changed = changed,
        );
        Statement::new(sql).bind_all(values).bind(ids)
    }
}

/// One run.
struct Refresh<'a> {
    derived: &'a Derived,
    database: &'a Database,
    page_size: u32,
    run: &'a RunContext,
    /// What has changed and is not written yet.
    found: Vec<i64>,
    report: Report,
}

impl Refresh<'_> {
    /// How many rows are looked at together by their ids.
    fn stretch(&self) -> u32 {
        let rows = self.page_size.saturating_mul(PAGES).min(MOST_ROWS).max(self.page_size);
        // PostgreSQL counts the elements of an array in so many bits.
        rows.min(i32::MAX.unsigned_abs() - 1)
    }

    /// Looks at a whole table of PostgreSQL as it stands on disk. Answers whether all was found:
    /// not where there is too much, as on a site that has just been filled, or where the table is
    /// too large for one statement.
    async fn look_at_all(&mut self) -> Result<bool, JobError> {
        if self.database.dialect() == Dialect::Sqlite {
            return Ok(false);
        }
        if self.run.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let blocks = Statement::new(BLOCKS).bind(self.derived.table);
        let (blocks,): (i64,) = timed("look for changes", self.database.row(&blocks)).await?;
        if blocks > MOST_BLOCKS {
            return Ok(false);
        }
        let (rows, ids) = self.look(None).await?;
        if ids.len() > self.stretch() as usize {
            return Ok(false);
        }
        self.keep(rows, ids);
        Ok(true)
    }

    /// Looks at one stretch of ids after the other, and writes each page that is full.
    async fn look_by_ids(&mut self) -> Result<(), JobError> {
        let Derived { table, rows, .. } = *self.derived;
        let mut stretches = Pages::new(self.database, table, rows, self.stretch());
        while let Some(stretch) = stretches.next(self.run).await? {
            let (rows, ids) = self.look(Some(stretch)).await?;
            stretches.counted(stretch, rows);
            self.keep(rows, ids);
            self.write(self.page_size).await?;
        }
        Ok(())
    }

    /// Answers how many rows there are, and which have changed.
    async fn look(&self, page: Option<Page>) -> Result<(u64, Vec<i64>), JobError> {
        let look = self.derived.look(self.database.dialect(), page, self.stretch() + 1);
        let found = async {
            let (rows, ids): (i64, String) = self.database.row(&look).await?;
            let ids = serde_json::from_str(&ids).map_err(|error| sqlx::Error::Decode(error.into()))?;
            Ok((rows.unsigned_abs(), ids))
        };
        timed("look for changes", found).await
    }

    fn keep(&mut self, rows: u64, ids: Vec<i64>) {
        self.report.skipped += rows.saturating_sub(ids.len() as u64);
        self.found.extend(ids);
        self.run.progress(self.report);
    }

    /// Writes what was found in pages, for as long as there are so many rows.
    async fn write(&mut self, least: u32) -> Result<(), JobError> {
        let Self { derived, database, .. } = *self;
        while self.found.len() >= least as usize {
            if self.run.is_cancelled() {
                return Err(JobError::Cancelled);
            }
            let size = self.found.len().min(self.page_size as usize);
            let write = derived.write(database.dialect(), self.found.drain(..size).collect());
            let written = match derived.late {
                Late::Harmless => timed(derived.what, database.write(&[write])).await?[0],
                Late::Refused => database.write_guarded(derived.what, &write, self.run).await?,
            };
            self.report.succeeded += written;
            self.report.skipped += (size as u64).saturating_sub(written);
            self.run.progress(self.report);
        }
        Ok(())
    }
}

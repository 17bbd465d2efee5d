//! Statements with their values, for either database.

use chrono::{DateTime, Utc};
use jobwatch_runtime::{JobError, RunContext};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, FromRow, PgConnection, SqliteConnection};

use super::dialect::Dialect;
use super::pool::Database;
use super::timed::timed;
use crate::embedding_bytes::to_bytes;

/// A statement with the values of `$1`, `$2` and so on.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    sql: String,
    values: Vec<Value>,
}

/// A value that both databases have a type for.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Number(Option<i64>),
    Numbers(Vec<i64>),
    Real(f64),
    /// Milliseconds in SQLite.
    Moment(DateTime<Utc>),
    Text(String),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    /// Bytes in SQLite, and an array in PostgreSQL.
    Embedding(Vec<f32>),
}

impl Statement {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// With the next value.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// With the next values.
    pub(crate) fn bind_all(mut self, values: &[Value]) -> Self {
        self.values.extend_from_slice(values);
        self
    }

    /// Returns the values as SQLite takes them.
    fn of_sqlite(&self) -> Result<SqliteArguments, sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for value in &self.values {
            match value {
                Value::Number(number) => arguments.add(*number),
                // In the form that `Dialect::is_among` reads.
                Value::Numbers(numbers) => {
                    arguments.add(serde_json::Value::from(numbers.as_slice()).to_string())
                }
                Value::Real(number) => arguments.add(*number),
                Value::Moment(moment) => arguments.add(moment.timestamp_millis()),
                Value::Text(text) => arguments.add(text.clone()),
                Value::Texts(texts) => arguments.add(serde_json::Value::from(texts.as_slice()).to_string()),
                Value::Bytes(bytes) => arguments.add(bytes.clone()),
                Value::Embedding(numbers) => arguments.add(to_bytes(numbers)),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }

    /// Returns the values as PostgreSQL takes them.
    fn of_postgres(&self) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        for value in &self.values {
            match value {
                Value::Number(number) => arguments.add(*number),
                Value::Numbers(numbers) => arguments.add(numbers.as_slice()),
                Value::Real(number) => arguments.add(*number),
                Value::Moment(moment) => arguments.add(*moment),
                Value::Text(text) => arguments.add(text.as_str()),
                Value::Texts(texts) => arguments.add(texts.as_slice()),
                Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
                Value::Embedding(numbers) => arguments.add(numbers.as_slice()),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }

    async fn in_sqlite(&self, connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
        let query = sqlx::query_with(AssertSqlSafe(self.sql.as_str()), self.of_sqlite()?);
        Ok(query.execute(connection).await?.rows_affected())
    }

    /// The statement stays prepared on the connection, or does not.
    async fn in_postgres(&self, connection: &mut PgConnection, prepared: bool) -> Result<u64, sqlx::Error> {
        let query = sqlx::query_with(AssertSqlSafe(self.sql.as_str()), self.of_postgres()?);
        Ok(query.persistent(prepared).execute(connection).await?.rows_affected())
    }
}

/// A row that both databases answer alike.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<R> Row for R where R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl Database {
    /// How statements are written for it.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Returns the rows that a statement answers.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) async fn rows<R: Row>(&self, statement: &Statement) -> Result<Vec<R>, sqlx::Error> {
        let sql = AssertSqlSafe(statement.sql.as_str());
        match self {
            Self::Sqlite(pool) => sqlx::query_as_with(sql, statement.of_sqlite()?).fetch_all(pool).await,
            Self::Postgres(connections) => {
                sqlx::query_as_with(sql, statement.of_postgres()?).fetch_all(connections).await
            }
        }
    }

    /// Returns the one row that a statement answers.
    ///
    /// # Errors
    ///
    /// What the database says, or [`sqlx::Error::RowNotFound`].
    pub(crate) async fn row<R: Row>(&self, statement: &Statement) -> Result<R, sqlx::Error> {
        self.rows(statement).await?.pop().ok_or(sqlx::Error::RowNotFound)
    }

    /// Executes statements in one transaction. Answers how many rows each has changed.
    ///
    /// # Errors
    ///
    /// What the database says. Nothing is changed then.
    pub(crate) async fn write(&self, statements: &[Statement]) -> Result<Vec<u64>, sqlx::Error> {
        let mut changed = Vec::with_capacity(statements.len());
        match self {
            Self::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                for statement in statements {
                    changed.push(statement.in_sqlite(&mut transaction).await?);
                }
                transaction.commit().await?;
            }
            // One statement is a transaction of its own, without asking for one.
            Self::Postgres(connections) if statements.len() == 1 && connections.keeps_prepared() => {
                changed.push(statements[0].in_postgres(&mut *connections.acquire().await?, true).await?);
            }
            Self::Postgres(connections) => {
                let mut transaction = connections.begin().await?;
                for statement in statements {
                    let prepared = connections.keeps_prepared();
                    changed.push(statement.in_postgres(&mut transaction, prepared).await?);
                }
                transaction.commit().await?;
            }
        }
        Ok(changed)
    }

    /// Executes a statement in a transaction that a run's guard may refuse. Answers how many rows
    /// it has changed: where there are none, nobody can be late.
    ///
    /// # Errors
    ///
    /// What the database or the guard says. Nothing is changed then.
    pub(crate) async fn write_guarded(
        &self,
        what: &'static str,
        statement: &Statement,
        run: &RunContext,
    ) -> Result<u64, JobError> {
        match self {
            Self::Sqlite(pool) => {
                let mut transaction = timed(what, pool.begin_with("BEGIN IMMEDIATE")).await?;
                let changed = timed(what, statement.in_sqlite(&mut transaction)).await?;
                if changed > 0 {
                    run.guard(&mut transaction).await?;
                }
                timed(what, transaction.commit()).await?;
                Ok(changed)
            }
            Self::Postgres(connections) => {
                let mut transaction = timed(what, connections.begin()).await?;
                let prepared = connections.keeps_prepared();
                let changed = timed(what, statement.in_postgres(&mut transaction, prepared)).await?;
                if changed > 0 {
                    run.guard(&mut transaction).await?;
                }
                timed(what, transaction.commit()).await?;
                Ok(changed)
            }
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(moment: DateTime<Utc>) -> Self {
        Self::Moment(moment)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<i64>> for Value {
    fn from(numbers: Vec<i64>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<&[String]> for Value {
    fn from(texts: &[String]) -> Self {
        Self::Texts(texts.to_vec())
    }
}

impl From<&[f32]> for Value {
    fn from(embedding: &[f32]) -> Self {
        Self::Embedding(embedding.to_vec())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

//! Statements that write, with their values.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Sqlite, SqliteConnection};

use super::dialect::Dialect;
use super::pool::Database;
use crate::embedding_bytes::to_bytes;

/// A statement that writes, with the values of `$1`, `$2` and so on.
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
    Text(String),
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

    async fn in_sqlite(&self, connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
        let mut query: Query<'_, Sqlite, SqliteArguments> = sqlx::query(AssertSqlSafe(self.sql.as_str()));
        for value in &self.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                // In the form that `Dialect::is_among` reads.
                Value::Numbers(numbers) => {
                    query.bind(serde_json::Value::from(numbers.as_slice()).to_string())
                }
                Value::Text(text) => query.bind(text.as_str()),
                Value::Bytes(bytes) => query.bind(bytes.as_slice()),
                Value::Embedding(numbers) => query.bind(to_bytes(numbers)),
            };
        }
        Ok(query.execute(connection).await?.rows_affected())
    }

    /// The statement stays prepared on the connection, or does not.
    async fn in_postgres(&self, connection: &mut PgConnection, prepared: bool) -> Result<u64, sqlx::Error> {
        let mut query: Query<'_, Postgres, PgArguments> =
            sqlx::query(AssertSqlSafe(self.sql.as_str())).persistent(prepared);
        for value in &self.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Numbers(numbers) => query.bind(numbers.as_slice()),
                Value::Text(text) => query.bind(text.as_str()),
                Value::Bytes(bytes) => query.bind(bytes.as_slice()),
                Value::Embedding(numbers) => query.bind(numbers.as_slice()),
            };
        }
        Ok(query.execute(connection).await?.rows_affected())
    }
}

impl Database {
    /// How statements are written for it.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
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
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
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

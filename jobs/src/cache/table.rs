//! The cache as a table of the database, by whose clock its values expire.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jobwatch_runtime::JobError;
use sqlx::AssertSqlSafe;

use crate::database::{Database, Statement, timed};

pub(super) async fn get(database: &Database, keys: &[String]) -> Result<HashMap<String, Vec<u8>>, JobError> {
    let what = "look into the cache";
    match database {
        Database::Sqlite(pool) => {
            let mut found = HashMap::new();
            for key in keys {
                let query = format!(
                    "SELECT value FROM cache WHERE key = $1 AND expires_at > {}",
                    database.dialect().now()
                );
                let query = sqlx::query_scalar(AssertSqlSafe(query)).bind(key);
                if let Some(value) = timed(what, query.fetch_optional(pool)).await? {
                    found.insert(key.clone(), value);
                }
            }
            Ok(found)
        }
        Database::Postgres(pool) => {
            let query =
                sqlx::query_as("SELECT key, value FROM cache WHERE key = ANY($1) AND expires_at > now()");
            let found: Vec<(String, Vec<u8>)> = timed(what, query.bind(keys).fetch_all(pool)).await?;
            Ok(found.into_iter().collect())
        }
    }
}

/// Writes values, in the order of their keys so that two replicas cannot block each other.
pub(super) async fn put(
    database: &Database,
    values: &BTreeMap<String, Vec<u8>>,
    lifetime: Duration,
) -> Result<(), JobError> {
    let milliseconds = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    let put = format!(
        "INSERT INTO cache (key, value, expires_at) VALUES ($1, $2, {}) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
        database.dialect().moment_after("$3")
    );
    let put = |(key, value): (&String, &Vec<u8>)| {
        Statement::new(put.as_str()).bind(key.as_str()).bind(value.as_slice()).bind(milliseconds)
    };
    let statements: Vec<Statement> = values.iter().map(put).collect();
    timed("write to the cache", database.write(&statements)).await.map(drop)
}

pub(super) async fn remove(database: &Database, key: &str) -> Result<(), JobError> {
    let remove = Statement::new("DELETE FROM cache WHERE key = $1").bind(key);
    timed("remove from the cache", database.write(&[remove])).await.map(drop)
}

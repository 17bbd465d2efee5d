//! The cache as a table of the database, by whose clock its values expire.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jobwatch_runtime::JobError;
use sqlx::AssertSqlSafe;

use crate::database::{Database, SQLITE_NOW, timed};

/// Gives the key `$1` the value `$2` until a moment.
fn put_until(moment: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "INSERT INTO cache (key, value, expires_at) VALUES ($1, $2, {moment}) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"
    ))
}

pub(super) async fn get(database: &Database, keys: &[String]) -> Result<HashMap<String, Vec<u8>>, JobError> {
    let what = "look into the cache";
    match database {
        Database::Sqlite(pool) => {
            let mut found = HashMap::new();
            for key in keys {
                let query = format!("SELECT value FROM cache WHERE key = $1 AND expires_at > {SQLITE_NOW}");
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
    timed("write to the cache", async {
        match database {
            Database::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                for (key, value) in values {
                    let query = sqlx::query(put_until(&format!("{SQLITE_NOW} + $3")));
                    query.bind(key).bind(value).bind(milliseconds).execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                for (key, value) in values {
                    let query = sqlx::query(put_until("now() + $3::bigint * interval '1 millisecond'"));
                    query.bind(key).bind(value).bind(milliseconds).execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }
        }
    })
    .await
}

pub(super) async fn remove(database: &Database, key: &str) -> Result<(), JobError> {
    let statement = "DELETE FROM cache WHERE key = $1";
    timed("remove from the cache", async {
        match database {
            Database::Sqlite(pool) => sqlx::query(statement).bind(key).execute(pool).await.map(drop),
            Database::Postgres(pool) => sqlx::query(statement).bind(key).execute(pool).await.map(drop),
        }
    })
    .await
}

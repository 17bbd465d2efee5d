//! The cache as a table of the database.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::Utc;
use jobwatch_runtime::JobError;

use crate::database::{Database, timed};

const PUT: &str = "INSERT INTO cache (key, value, expires_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";

pub(super) async fn get(database: &Database, keys: &[String]) -> Result<HashMap<String, Vec<u8>>, JobError> {
    let what = "look into the cache";
    match database {
        Database::Sqlite(pool) => {
            let mut found = HashMap::new();
            for key in keys {
                let query = sqlx::query_scalar("SELECT value FROM cache WHERE key = $1 AND expires_at > $2");
                let query = query.bind(key).bind(Utc::now().timestamp_millis());
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

/// Writes values, in the order of their keys so that two replicas cannot block each other, and
/// forgets those that have expired.
pub(super) async fn put(
    database: &Database,
    values: &BTreeMap<String, Vec<u8>>,
    lifetime: Duration,
) -> Result<(), JobError> {
    let now = Utc::now();
    let until = now + lifetime;
    timed("write to the cache", async {
        match database {
            Database::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let expired = sqlx::query("DELETE FROM cache WHERE expires_at <= $1");
                expired.bind(now.timestamp_millis()).execute(&mut *transaction).await?;
                for (key, value) in values {
                    let query = sqlx::query(PUT).bind(key).bind(value).bind(until.timestamp_millis());
                    query.execute(&mut *transaction).await?;
                }
                transaction.commit().await
            }
            Database::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                // Replicas that tidy up at the same time leave each other's rows alone, and cannot
                // block each other.
                let expired = sqlx::query(
                    "DELETE FROM cache WHERE key IN \
                     (SELECT key FROM cache WHERE expires_at <= $1 FOR UPDATE SKIP LOCKED)",
                );
                expired.bind(now).execute(&mut *transaction).await?;
                for (key, value) in values {
                    sqlx::query(PUT).bind(key).bind(value).bind(until).execute(&mut *transaction).await?;
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

//! What replicas share for a while: in Redis if there is one, in the database otherwise.
//!
//! Nothing depends on it. A Redis that is away is as good as an empty one, and is left alone until
//! it is back.

mod redis;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jobwatch_runtime::JobError;

use crate::database::Database;
use crate::health::Health;
pub use redis::{Redis, RedisAddress, RedisAddressError};

/// Values by their keys, each until it expires.
#[derive(Debug, Clone)]
pub enum Cache {
    /// In the site's database.
    Table(Database),
    /// In Redis.
    Redis(Redis),
}

impl Cache {
    /// The values of those keys that have one.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) async fn get(&self, keys: &[String]) -> Result<HashMap<String, Vec<u8>>, JobError> {
        match self {
            _ if keys.is_empty() => Ok(HashMap::new()),
            Self::Table(database) => table::get(database, keys).await,
            Self::Redis(redis) => Ok(redis.get(keys).await),
        }
    }

    /// Gives keys their values for a time.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) async fn put(
        &self,
        values: &BTreeMap<String, Vec<u8>>,
        lifetime: Duration,
    ) -> Result<(), JobError> {
        match self {
            _ if values.is_empty() => Ok(()),
            Self::Table(database) => table::put(database, values, lifetime).await,
            Self::Redis(redis) => {
                redis.put(values, lifetime).await;
                Ok(())
            }
        }
    }

    /// Forgets the value of a key.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub(crate) async fn remove(&self, key: &str) -> Result<(), JobError> {
        match self {
            Self::Table(database) => table::remove(database, key).await,
            Self::Redis(redis) => {
                redis.remove(key).await;
                Ok(())
            }
        }
    }

    /// How Redis fares, if it is used.
    pub fn health(&self) -> Option<Health> {
        match self {
            Self::Table(_) => None,
            Self::Redis(redis) => Some(redis.health()),
        }
    }

    /// Asks Redis whether it is there, if it is used.
    pub(crate) async fn probe(&self) {
        if let Self::Redis(redis) = self {
            redis.probe().await;
        }
    }
}

//! The cache in Redis.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, RedisError, ServerErrorKind};

use crate::health::{Health, Refusal};

/// How long Redis may take. It is there to be fast.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long a Redis that only fails is left alone.
const PAUSE: Duration = Duration::from_secs(10);

/// Before every key: the Redis may serve others, too.
const PREFIX: &str = "clipper-jobs:";

/// Where Redis is, as `REDIS_URL` says. Never shown with its password.
#[derive(Clone)]
pub struct RedisAddress(Client);

/// An address that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write `redis://:PASSWORD@HOST:PORT`, or `rediss://…` for TLS")]
pub struct RedisAddressError;

impl FromStr for RedisAddress {
    type Err = RedisAddressError;

    fn from_str(text: &str) -> Result<Self, RedisAddressError> {
        Client::open(text).map(Self).map_err(|_| RedisAddressError)
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis at {}", self.0.get_connection_info().addr())
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A connection to Redis, which is opened when it is first needed, and again when it broke.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    health: Health,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("health", &self.health).finish_non_exhaustive()
    }
}

impl Redis {
    /// Redis at an address, which need not be up yet.
    ///
    /// # Errors
    ///
    /// If the address asks for what cannot be done.
    pub fn new(address: &RedisAddress) -> Result<Self, RedisError> {
        // The first one counts; all of this service take the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let patience = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(address.0.clone(), patience)?;
        Ok(Self { connection, health: Health::new("Redis", PAUSE) })
    }

    pub(super) fn health(&self) -> Health {
        self.health.clone()
    }

    pub(super) async fn get(&self, keys: &[String]) -> HashMap<String, Vec<u8>> {
        let mut connection = self.connection.clone();
        let mut command = redis::cmd("MGET");
        for key in keys {
            command.arg(format!("{PREFIX}{key}"));
        }
        let found: Vec<Option<Vec<u8>>> =
            self.ask(command.query_async(&mut connection)).await.unwrap_or_default();
        keys.iter().cloned().zip(found).filter_map(|(key, value)| Some((key, value?))).collect()
    }

    pub(super) async fn put(&self, values: &BTreeMap<String, Vec<u8>>, lifetime: Duration) {
        let mut connection = self.connection.clone();
        let mut commands = redis::pipe();
        for (key, value) in values {
            let milliseconds = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
            commands.cmd("SET").arg(format!("{PREFIX}{key}")).arg(value).arg("PX").arg(milliseconds).ignore();
        }
        self.ask(commands.query_async::<()>(&mut connection)).await;
    }

    pub(super) async fn remove(&self, key: &str) {
        let mut connection = self.connection.clone();
        let mut command = redis::cmd("DEL");
        command.arg(format!("{PREFIX}{key}"));
        self.ask(command.query_async::<()>(&mut connection)).await;
    }

    /// Asks for two keys at once, as the jobs do: a node of a cluster would answer `PING`.
    pub(super) async fn probe(&self) {
        let keys = ["probe:1", "probe:2"].map(str::to_owned);
        self.get(&keys).await;
    }

    /// What Redis answers, or nothing if it does not.
    async fn ask<T>(&self, request: impl Future<Output = Result<T, RedisError>>) -> Option<T> {
        match self.health.ask(async { request.await.map_err(Problem) }).await {
            Ok(answer) => Some(answer),
            Err(Refusal::Failed(error)) => {
                tracing::warn!(%error, "Redis failed; what it holds is done without");
                None
            }
            Err(Refusal::LeftAlone) => None,
        }
    }
}

/// What is wrong with Redis, as what comes after its name, and what to do about it.
struct Problem(RedisError);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            ErrorKind::Server(
                ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::CrossSlot
                | ServerErrorKind::ClusterDown,
            ) => write!(
                f,
                "is a cluster ({}), and keys are not followed through one: have REDIS_URL name a server without \
                 cluster mode, or leave it away",
                self.0.code().unwrap_or_default()
            ),
            ErrorKind::AuthenticationFailed => {
                write!(f, "refuses the user or the password of REDIS_URL: {}", self.0)
            }
            _ => write!(f, "fails: {}", self.0),
        }
    }
}

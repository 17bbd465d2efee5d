//! The cache as a table of the database, by whose clock its values expire.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jobwatch_runtime::JobError;

use crate::database::{Database, Dialect, Statement, timed};

const REMOVE: &str = include_str!("remove.sql");

fn get_in(dialect: Dialect) -> String {
    format!(include_str!("get.sql"), is_asked_for = dialect.is_among("key", "$1"), now = dialect.now())
}

fn put_in(dialect: Dialect) -> String {
    format!(include_str!("put.sql"), later = dialect.moment_after("$3"))
}

pub(super) async fn get(database: &Database, keys: &[String]) -> Result<HashMap<String, Vec<u8>>, JobError> {
    let query = Statement::new(get_in(database.dialect())).bind(keys);
    let found: Vec<(String, Vec<u8>)> = timed("look into the cache", database.rows(&query)).await?;
    Ok(found.into_iter().collect())
}

/// Writes values, in the order of their keys so that two replicas cannot block each other.
pub(super) async fn put(
    database: &Database,
    values: &BTreeMap<String, Vec<u8>>,
    lifetime: Duration,
) -> Result<(), JobError> {
    let milliseconds = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    let put = put_in(database.dialect());
    let put = |(key, value): (&String, &Vec<u8>)| {
        Statement::new(put.as_str()).bind(key.as_str()).bind(value.as_slice()).bind(milliseconds)
    };
    let statements: Vec<Statement> = values.iter().map(put).collect();
    timed("write to the cache", database.write(&statements)).await.map(drop)
}

pub(super) async fn remove(database: &Database, key: &str) -> Result<(), JobError> {
    let remove = Statement::new(REMOVE).bind(key);
    timed("remove from the cache", database.write(&[remove])).await.map(drop)
}

//! Removes what nobody needs any more: what has expired in the cache, and what is older than the
//! settings say. In small batches, so that nothing waits for it; replicas that do it at the same
//! time share the work.
//!
//! The runtime itself forgets runs in the same way, as further ones end.

use std::time::Duration;

use jobwatch_runtime::JobError;
use jobwatch_runtime::store::HISTORY;

use crate::database::{Database, Dialect, Statement, timed, within};

/// The rest between two batches, in which others get their turn.
const REST: Duration = Duration::from_millis(50);

/// For how long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Dead letters, counted from when they died. `None` for as long as nobody replays them.
    pub dead_letters: Option<Duration>,
    /// Changes of trust scores; the scores themselves stay. `None` for ever.
    pub trust_history: Option<Duration>,
    /// How many runs of each job the runtime remembers.
    pub runs: usize,
    /// How often it is looked for what is to go.
    pub interval: Duration,
    /// How many rows are removed at a time.
    pub batch: u32,
    /// How long removing so many may take. PostgreSQL gives up after half of it.
    pub longest_batch: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            dead_letters: None,
            trust_history: Some(Duration::from_secs(365 * 86_400)),
            runs: HISTORY,
            interval: Duration::from_secs(600),
            batch: 1_000,
            longest_batch: Duration::from_secs(60),
        }
    }
}

/// A table whose rows go, by their key and by the moment that counts.
struct Table {
    name: &'static str,
    key: &'static str,
    moment: &'static str,
}

impl Table {
    /// Removes rows whose moment is `$1` milliseconds from now or earlier, `$2` at most.
    fn remove(&self, dialect: Dialect) -> String {
        let Self { name, key, moment } = self;
        let (before, lock) = (dialect.moment_after("$1"), dialect.skip_locked());
        format!(
            "DELETE FROM {name} WHERE {key} IN \
             (SELECT {key} FROM {name} WHERE {moment} <= {before} ORDER BY {moment} LIMIT $2 {lock})"
        )
    }
}

const CACHE: Table = Table { name: "cache", key: "key", moment: "expires_at" };
const DEAD_LETTERS: Table = Table { name: "webhook_dead_letters", key: "id", moment: "died_at" };
const TRUST_HISTORY: Table = Table { name: "trust_score_history", key: "id", moment: "changed_at" };

/// Sweeps from time to time, for ever.
pub(crate) async fn keep(database: &Database, retention: &Retention) {
    let mut ticks = tokio::time::interval(retention.interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // What fails is in the log, and tried again.
        let _ = sweep(database, retention).await;
    }
}

/// Removes what is too old by now. What cannot be removed of one table keeps nothing of the others.
///
/// # Errors
///
/// What the database says about the first table of which not all could be removed. Each is logged.
pub async fn sweep(database: &Database, retention: &Retention) -> Result<(), JobError> {
    let mut swept = Ok(());
    for (table, age) in [
        (CACHE, Some(Duration::ZERO)),
        (DEAD_LETTERS, retention.dead_letters),
        (TRUST_HISTORY, retention.trust_history),
    ] {
        let Some(age) = age else { continue };
        if let Err(error) = sweep_table(database, &table, age, retention).await {
            tracing::warn!(table = table.name, %error, "what is too old cannot be removed; it is tried again");
            swept = swept.and(Err(error));
        }
    }
    swept
}

/// Removes from a table what is of an age or older. What is removed before an error stays removed.
async fn sweep_table(
    database: &Database,
    table: &Table,
    age: Duration,
    retention: &Retention,
) -> Result<(), JobError> {
    let mut removed = 0;
    let ended = loop {
        match remove(database, table, age, retention).await {
            Ok(batch) => {
                removed += batch;
                if batch < retention.batch.into() {
                    break Ok(());
                }
            }
            Err(error) => break Err(error),
        }
        tokio::time::sleep(REST).await;
    };
    if removed > 0 {
        tracing::info!(table = table.name, removed, "removed what is too old");
    }
    ended
}

/// Removes a batch of rows whose moment is so long ago. Answers how many.
async fn remove(
    database: &Database,
    table: &Table,
    age: Duration,
    retention: &Retention,
) -> Result<u64, JobError> {
    let longest = retention.longest_batch;
    let milliseconds = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let statement = Statement::new(table.remove(database.dialect()));
    let statement = statement.bind(-milliseconds).bind(i64::from(retention.batch));
    // A server that answers gives up by itself, so that the connection can be used for something
    // else. One that went silent is not waited for.
    let bound = database.dialect().statement_timeout(longest / 2).map(Statement::new);
    let statements: Vec<Statement> = bound.into_iter().chain([statement]).collect();
    let written = within(longest, database.write(&statements));
    let changed = timed("remove what is too old", written).await?;
    Ok(changed.last().copied().unwrap_or_default())
}

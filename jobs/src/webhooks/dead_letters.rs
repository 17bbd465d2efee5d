//! Deliveries that were given up, and how they get another chance.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};

use crate::database::{Database, DatabaseError, Dialect};

const LIST: &str = include_str!("dead_letters.sql");

/// A delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// What it is asked for by.
    pub id: i64,
    /// What the receiver knows it by.
    pub message_id: String,
    /// Whom it is for.
    pub subscription_id: i64,
    /// What it is about.
    pub event_type: String,
    /// How often it was attempted.
    pub attempts: i64,
    /// What went wrong the last time.
    pub last_error: String,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
}

/// Which dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those with these ids.
    Ids(Vec<i64>),
}

/// What became of dead letters that were to be delivered after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// They are due now, with all their attempts before them.
    pub due: u64,
    /// They stay where they are: their subscriptions are not active.
    pub inactive: u64,
    /// They stay where they are: the same message is due already.
    pub due_already: u64,
    /// There are no dead letters with these ids.
    pub unknown: u64,
}

#[derive(FromRow)]
struct Row<M> {
    id: i64,
    message_id: String,
    subscription_id: i64,
    event_type: String,
    attempts: i64,
    last_error: String,
    died_at: M,
}

impl<M> Row<M> {
    fn read(self, moment: impl Fn(M) -> DateTime<Utc>) -> DeadLetter {
        DeadLetter {
            id: self.id,
            message_id: self.message_id,
            subscription_id: self.subscription_id,
            event_type: self.event_type,
            attempts: self.attempts,
            last_error: self.last_error,
            died_at: moment(self.died_at),
        }
    }
}

/// The dead letters, newest first: so many at most.
///
/// # Errors
///
/// What the database says.
pub async fn list(database: &Database, most: u32) -> Result<Vec<DeadLetter>, DatabaseError> {
    Ok(match database {
        Database::Sqlite(pool) => {
            let rows: Vec<Row<i64>> = sqlx::query_as(LIST).bind(most).fetch_all(pool).await?;
            let moment = |at| DateTime::from_timestamp_millis(at).unwrap_or_default();
            rows.into_iter().map(|row| row.read(moment)).collect()
        }
        Database::Postgres(pool) => {
            let rows: Vec<Row<DateTime<Utc>>> =
                sqlx::query_as(LIST).bind(i64::from(most)).fetch_all(pool).await?;
            rows.into_iter().map(|row| row.read(|at| at)).collect()
        }
    })
}

fn replayable(is_selected: &str) -> String {
    format!(include_str!("replayable.sql"), is_selected = is_selected)
}

fn make_due(dialect: Dialect, letters: &str) -> String {
    format!(include_str!("make_due.sql"), now = dialect.now(), letters = letters)
}

fn remove(letters: &str) -> String {
    format!(include_str!("remove_letters.sql"), letters = letters)
}

fn replay_in_postgres(is_selected: &str) -> String {
    format!(
        include_str!("replay.postgres.sql"),
        replayable = replayable(is_selected),
        make_due = make_due(Dialect::Postgres, "chosen")
    )
}

fn left(is_selected: &str) -> String {
    format!(include_str!("left.sql"), is_selected = is_selected)
}

/// Makes dead letters due again, with the same `webhook-id` as before. What is not made due stays
/// what it is.
///
/// # Errors
///
/// What the database says. Either all of them are due, or none.
pub async fn replay(database: &Database, selection: &Selection) -> Result<Replayed, DatabaseError> {
    let selected = match selection {
        Selection::All => "1 = 1".to_owned(),
        Selection::Ids(ids) if ids.is_empty() => "1 = 0".to_owned(),
        // Numbers need no quoting.
        Selection::Ids(ids) => {
            format!("letter.id IN ({})", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
        }
    };
    let left = AssertSqlSafe(left(&selected));
    let (due, (inactive, due_already)): (u64, (i64, i64)) = match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            let ids: Vec<i64> =
                sqlx::query_scalar(AssertSqlSafe(replayable(&selected))).fetch_all(&mut *transaction).await?;
            let ids = serde_json::Value::from(ids).to_string();
            let of_ids = format!("webhook_dead_letters WHERE {}", Dialect::Sqlite.is_among("id", "$1"));
            let insert = sqlx::query(AssertSqlSafe(make_due(Dialect::Sqlite, &of_ids))).bind(&ids);
            let due = insert.fetch_all(&mut *transaction).await?.len() as u64;
            let delete = sqlx::query(AssertSqlSafe(remove(&of_ids))).bind(&ids);
            delete.execute(&mut *transaction).await?;
            let left = sqlx::query_as(left).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            let statement = AssertSqlSafe(replay_in_postgres(&selected));
            let prepared = pool.keeps_prepared();
            let due =
                sqlx::query(statement).persistent(prepared).execute(&mut *transaction).await?.rows_affected();
            let left = sqlx::query_as(left).persistent(prepared).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
    };
    let (inactive, due_already) = (inactive.unsigned_abs(), due_already.unsigned_abs());
    let known = due + inactive + due_already;
    let asked = match selection {
        Selection::All => known,
        Selection::Ids(ids) => ids.iter().collect::<BTreeSet<_>>().len() as u64,
    };
    Ok(Replayed { due, inactive, due_already, unknown: asked.saturating_sub(known) })
}

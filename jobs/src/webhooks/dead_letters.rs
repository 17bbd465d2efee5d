//! Deliveries that were given up, and how they get another chance.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};

use crate::database::{Database, DatabaseError};

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
    let query = "SELECT id, message_id, subscription_id, event_type, attempts, last_error, died_at \
                 FROM webhook_dead_letters ORDER BY died_at DESC, id DESC LIMIT $1";
    Ok(match database {
        Database::Sqlite(pool) => {
            let rows: Vec<Row<i64>> = sqlx::query_as(query).bind(most).fetch_all(pool).await?;
            let moment = |at| DateTime::from_timestamp_millis(at).unwrap_or_default();
            rows.into_iter().map(|row| row.read(moment)).collect()
        }
        Database::Postgres(pool) => {
            let rows: Vec<Row<DateTime<Utc>>> =
                sqlx::query_as(query).bind(i64::from(most)).fetch_all(pool).await?;
            rows.into_iter().map(|row| row.read(|at| at)).collect()
        }
    })
}

/// Makes dead letters due again, with the same `webhook-id` as before.
///
/// # Errors
///
/// What the database says. Either all of them are due, or none.
pub async fn replay(
    database: &Database,
    selection: &Selection,
    now: DateTime<Utc>,
) -> Result<Replayed, DatabaseError> {
    let selected = match selection {
        Selection::All => "1 = 1".to_owned(),
        Selection::Ids(ids) if ids.is_empty() => "1 = 0".to_owned(),
        // Numbers need no quoting.
        Selection::Ids(ids) => {
            format!("letter.id IN ({})", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
        }
    };
    let insert = format!(
        "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, \
         last_error, last_status_code, created_at) \
         SELECT letter.message_id, letter.subscription_id, letter.event_type, letter.payload, 0, $1, letter.last_error, \
         letter.last_status_code, letter.created_at \
         FROM webhook_dead_letters AS letter \
         JOIN webhook_subscriptions AS subscription ON subscription.id = letter.subscription_id \
         WHERE subscription.is_active AND {selected}"
    );
    let delete =
        "DELETE FROM webhook_dead_letters WHERE message_id IN (SELECT message_id FROM webhook_deliveries)";
    let count = format!("SELECT count(*) FROM webhook_dead_letters AS letter WHERE {selected}");
    let (due, left): (u64, i64) = match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            let insert = sqlx::query(AssertSqlSafe(insert)).bind(now.timestamp_millis());
            let due = insert.execute(&mut *transaction).await?.rows_affected();
            sqlx::query(delete).execute(&mut *transaction).await?;
            let left = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            let insert = sqlx::query(AssertSqlSafe(insert)).bind(now);
            let due = insert.execute(&mut *transaction).await?.rows_affected();
            sqlx::query(delete).execute(&mut *transaction).await?;
            let left = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
    };
    Ok(Replayed { due, inactive: left.unsigned_abs() })
}

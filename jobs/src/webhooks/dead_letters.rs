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
    /// They stay where they are: the same message is due already.
    pub due_already: u64,
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

/// Those of the selected letters that can become deliveries: their subscriptions are active, and no
/// delivery of the same message is due. Of a message that died several times, the last one.
fn replayable(selected: &str) -> String {
    format!(
        "SELECT max(letter.id) FROM webhook_dead_letters AS letter \
         JOIN webhook_subscriptions AS subscription ON subscription.id = letter.subscription_id \
         WHERE subscription.is_active AND {selected} \
           AND NOT EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.message_id = letter.message_id) \
         GROUP BY letter.message_id"
    )
}

/// Copies letters to the deliveries, if nobody enqueues the same message at the same moment.
fn make_due(letters: &str, now: &str) -> String {
    format!(
        "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, \
         last_error, last_status_code, created_at) \
         SELECT message_id, subscription_id, event_type, payload, 0, {now}, last_error, last_status_code, created_at \
         FROM {letters} ON CONFLICT (message_id) DO NOTHING RETURNING message_id"
    )
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
    let (dialect, replayable) = (database.dialect(), replayable(&selected));
    let left = AssertSqlSafe(format!(
        "SELECT count(*) FILTER (WHERE NOT subscription.is_active), count(*) FILTER (WHERE subscription.is_active) \
         FROM webhook_dead_letters AS letter \
         JOIN webhook_subscriptions AS subscription ON subscription.id = letter.subscription_id WHERE {selected}"
    ));
    let (due, (inactive, due_already)): (u64, (i64, i64)) = match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            let ids: Vec<i64> =
                sqlx::query_scalar(AssertSqlSafe(replayable)).fetch_all(&mut *transaction).await?;
            let ids = serde_json::Value::from(ids).to_string();
            let of_ids = format!("webhook_dead_letters WHERE {}", dialect.is_among("id", "$1"));
            let insert = sqlx::query(AssertSqlSafe(make_due(&of_ids, dialect.now()))).bind(&ids);
            let due = insert.fetch_all(&mut *transaction).await?.len() as u64;
            let delete = sqlx::query(AssertSqlSafe(format!("DELETE FROM {of_ids}"))).bind(&ids);
            delete.execute(&mut *transaction).await?;
            let left = sqlx::query_as(left).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            // Two who replay the same letter at the same time wait for each other, and the second
            // finds it gone.
            let statement = AssertSqlSafe(format!(
                "WITH chosen AS (SELECT * FROM webhook_dead_letters WHERE id IN ({replayable}) FOR UPDATE), \
                 due AS ({}) \
                 DELETE FROM webhook_dead_letters WHERE id IN (SELECT id FROM chosen JOIN due USING (message_id))",
                make_due("chosen", dialect.now())
            ));
            let prepared = pool.keeps_prepared();
            let due =
                sqlx::query(statement).persistent(prepared).execute(&mut *transaction).await?.rows_affected();
            let left = sqlx::query_as(left).persistent(prepared).fetch_one(&mut *transaction).await?;
            transaction.commit().await?;
            (due, left)
        }
    };
    Ok(Replayed { due, inactive: inactive.unsigned_abs(), due_already: due_already.unsigned_abs() })
}

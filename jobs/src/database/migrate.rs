//! Brings the tables up to date.

use sqlx::{AssertSqlSafe, Postgres, Row, Sqlite, Transaction};

use super::dialect::Dialect;
use super::error::DatabaseError;
use super::pool::Database;
use super::schema::{Schema, Step, both};
use super::vectors;

const BEGIN: Step = Step { sqlite: "", postgres: include_str!("schema/begin.postgres.sql") };
/// The number of the schema, or nought where there is none.
const GENERATION: Step = Step {
    sqlite: include_str!("schema/generation.sqlite.sql"),
    postgres: include_str!("schema/generation.postgres.sql"),
};
const STEPS: Step = both(include_str!("schema/steps.sql"));
const TAKEN: Step = both(include_str!("schema/steps_taken.sql"));
const IMPATIENTLY: Step = Step { sqlite: "", postgres: include_str!("schema/impatiently.postgres.sql") };

fn note_generation(dialect: Dialect, number: i64) -> String {
    match dialect {
        Dialect::Sqlite => format!("PRAGMA user_version = {number}"),
        Dialect::Postgres => format!("INSERT INTO clipper_schema SELECT {number}"),
    }
}

fn note_step(_: Dialect, number: i64) -> String {
    format!("INSERT INTO clipper_step SELECT {number}")
}

/// Takes the steps that the tables lack, all or none. Of processes that start together, one does it
/// and the others wait.
pub(super) async fn migrate(database: &Database, schema: &Schema) -> Result<(), DatabaseError> {
    let mut change = Change::begin(database).await?;
    change.execute(&BEGIN).await?;
    if has_no_tables(change.number(&GENERATION).await?, schema)? {
        change.execute(&schema.base).await?;
        change.note(note_generation, schema.generation).await?;
    }
    change.execute(&STEPS).await?;
    let taken = change.number(&TAKEN).await?;
    // None after those of a later release.
    for (step, number) in schema.steps.iter().zip(1..).filter(|(_, number)| *number > taken) {
        change.execute(&IMPATIENTLY).await?;
        change.execute(step).await?;
        change.note(note_step, number).await?;
    }
    if let Change::Postgres(transaction) = &mut change {
        vectors::need_column(transaction).await?;
    }
    change.commit().await
}

/// A transaction that changes tables. It sends texts, of which nothing stays prepared.
enum Change {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Change {
    async fn begin(database: &Database) -> Result<Self, DatabaseError> {
        Ok(match database {
            Database::Sqlite(pool) => Self::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Database::Postgres(connections) => Self::Postgres(connections.begin().await?),
        })
    }

    async fn execute(&mut self, step: &Step) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(transaction) => {
                sqlx::raw_sql(step.sqlite).execute(&mut **transaction).await.map(drop)?
            }
            Self::Postgres(transaction) => {
                sqlx::raw_sql(step.postgres).execute(&mut **transaction).await.map(drop)?;
            }
        }
        Ok(())
    }

    /// Notes a number.
    async fn note(&mut self, note: fn(Dialect, i64) -> String, number: i64) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(transaction) => {
                let sql = AssertSqlSafe(note(Dialect::Sqlite, number));
                sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop)?;
            }
            Self::Postgres(transaction) => {
                let sql = AssertSqlSafe(note(Dialect::Postgres, number));
                sqlx::raw_sql(sql).execute(&mut **transaction).await.map(drop)?;
            }
        }
        Ok(())
    }

    /// The one number that a query answers.
    async fn number(&mut self, query: &Step) -> Result<i64, DatabaseError> {
        Ok(match self {
            Self::Sqlite(transaction) => {
                sqlx::raw_sql(query.sqlite).fetch_one(&mut **transaction).await?.try_get(0)?
            }
            Self::Postgres(transaction) => {
                sqlx::raw_sql(query.postgres).fetch_one(&mut **transaction).await?.try_get(0)?
            }
        })
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

fn has_no_tables(found: i64, schema: &Schema) -> Result<bool, DatabaseError> {
    if found > schema.generation {
        return Err(DatabaseError::Later { found, known: schema.generation });
    }
    Ok(found == 0)
}

#[cfg(test)]
mod tests {
    use e2e::postgres::Postgres;
    use jobwatch_catalogue::JobName;
    use jobwatch_runtime::{Report, RunContext};

    use super::super::schema::SCHEMA;
    use super::super::{Address, Database};
    use super::*;
    use crate::webhooks::{AddressRule, Deliverer, Limits, dead_letters, retry};

    /// The tables as the first release made them.
    const PREVIOUS: Schema = Schema { steps: &[], ..SCHEMA };

    /// The tables of a release to come, which adds to them.
    const ADDED: Step = Step {
        sqlite: "ALTER TABLE clips ADD COLUMN mood TEXT; CREATE TABLE moods (id INTEGER PRIMARY KEY) STRICT;",
        postgres: "ALTER TABLE clips ADD COLUMN mood text; CREATE TABLE moods (id bigint PRIMARY KEY);",
    };

    /// An empty database of each kind, and what keeps it alive.
    async fn databases() -> (Vec<Database>, (Postgres, tempfile::TempDir)) {
        let (server, folder) = (Postgres::start(), tempfile::tempdir().unwrap());
        let file = Address::Sqlite(folder.path().join("clipper.sqlite"));
        let mut databases = Vec::new();
        for address in [file, server.url("test", "").parse().unwrap()] {
            databases.push(Database::open(&address, 2).await.unwrap());
        }
        (databases, (server, folder))
    }

    async fn execute(database: &Database, sql: &'static str) -> Result<(), sqlx::Error> {
        match database {
            Database::Sqlite(pool) => {
                let sql = AssertSqlSafe(sql.replace("MOMENT", "0"));
                sqlx::raw_sql(sql).execute(pool).await.map(drop)
            }
            Database::Postgres(pool) => {
                let sql = AssertSqlSafe(sql.replace("MOMENT", "now()"));
                sqlx::raw_sql(sql).execute(pool).await.map(drop)
            }
        }
    }

    const SUBSCRIPTION: &str = "INSERT INTO webhook_subscriptions (id, url, secret, event_types, is_active)
        VALUES (1, 'http://127.0.0.1:1/', 's', 'e', 1 = 0)";
    const DELIVERY: &str = "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, \
        next_attempt_at, created_at) VALUES ('msg_1', 1, 'e', '{}', MOMENT, MOMENT)";
    /// As the first release writes one.
    const DEAD_LETTER: &str = "INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, \
        attempts, last_status_code, last_error, created_at, died_at) \
        VALUES ('msg_1', 1, 'e', '{}', 1, NULL, 'cannot connect', MOMENT, MOMENT)";

    /// One run of the job, for which everything is due to a subscription that is not active.
    async fn buried(database: &Database) -> Report {
        let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
        let limits = Limits { batch: 10, concurrency: 2 };
        retry(database, &Deliverer::new(AddressRule::Any).unwrap(), limits, &run).await.unwrap()
    }

    #[tokio::test]
    async fn tables_of_the_first_release_keep_what_they_hold_and_get_what_they_lack() {
        let (databases, _alive) = databases().await;
        for database in &databases {
            migrate(database, &PREVIOUS).await.unwrap();
            execute(database, SUBSCRIPTION).await.unwrap();
            execute(database, DEAD_LETTER).await.unwrap();
            execute(database, DEAD_LETTER).await.unwrap_err();
            migrate(database, &SCHEMA).await.unwrap();
            execute(database, DEAD_LETTER).await.unwrap();
            execute(database, DELIVERY).await.unwrap();
            assert_eq!(buried(database).await.skipped, 1);
            assert_eq!(dead_letters::list(database, 10).await.unwrap().len(), 3);
        }
    }

    #[tokio::test]
    async fn a_release_starts_beside_the_tables_of_the_next_one_and_after_a_rollback() {
        let steps: Vec<Step> = SCHEMA.steps.iter().copied().chain([ADDED]).collect();
        let next = Schema { steps: steps.leak(), ..SCHEMA };
        let (databases, _alive) = databases().await;
        for database in &databases {
            migrate(database, &SCHEMA).await.unwrap();
            migrate(database, &next).await.unwrap();
            execute(database, "INSERT INTO moods VALUES (1)").await.unwrap();
            for earlier in [&SCHEMA, &PREVIOUS] {
                migrate(database, earlier).await.unwrap();
            }
            execute(database, SUBSCRIPTION).await.unwrap();
            for _ in 0..2 {
                execute(database, DELIVERY).await.unwrap();
                assert_eq!(buried(database).await.skipped, 1);
            }
            migrate(database, &next).await.unwrap();
            execute(database, "UPDATE clips SET mood = 'none'").await.unwrap();
            // One that cannot go on says so, and changes nothing.
            let other = Schema { generation: 2, ..next };
            execute(database, "DROP TABLE moods").await.unwrap();
            match database {
                Database::Sqlite(_) => execute(database, "PRAGMA user_version = 2").await.unwrap(),
                Database::Postgres(_) => {
                    execute(database, "UPDATE clipper_schema SET version = 2").await.unwrap()
                }
            }
            let refused = migrate(database, &next).await.unwrap_err().to_string();
            assert_eq!(refused, "the tables are of version 2, and this service knows 1: update it");
            migrate(database, &other).await.unwrap();
        }
    }
}

//! Brings the tables up to date.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, PgConnection};

use super::error::DatabaseError;
use super::pool::Database;
use super::schema::{Schema, Step};
use super::vectors;

/// Taken while tables are changed. Any number that nobody else takes.
const LOCK: i64 = 0x636c_6970_7065_7221;

/// Takes the steps that the tables lack, all or none. Of processes that start together, one does it
/// and the others wait.
pub(super) async fn migrate(database: &Database, schema: &Schema) -> Result<(), DatabaseError> {
    match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
            in_sqlite(&mut transaction, schema).await?;
            transaction.commit().await?;
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await?;
            in_postgres(&mut transaction, schema).await?;
            vectors::need_column(&mut transaction).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

async fn in_sqlite(connection: &mut SqliteConnection, schema: &Schema) -> Result<(), DatabaseError> {
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if has_no_tables(found, schema)? {
        sqlx::raw_sql(schema.base.sqlite).execute(&mut *connection).await?;
        let version = format!("PRAGMA user_version = {}", schema.generation);
        sqlx::query(AssertSqlSafe(version)).execute(&mut *connection).await?;
    }
    let steps = "CREATE TABLE IF NOT EXISTS clipper_step (number INTEGER PRIMARY KEY) STRICT";
    sqlx::query(steps).execute(&mut *connection).await?;
    let taken: i64 = sqlx::query_scalar(TAKEN).fetch_one(&mut *connection).await?;
    for (step, number) in lacking(schema, taken) {
        sqlx::raw_sql(step.sqlite).execute(&mut *connection).await?;
        sqlx::query(TAKE).bind(number).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn in_postgres(connection: &mut PgConnection, schema: &Schema) -> Result<(), DatabaseError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *connection).await?;
    let generations = "CREATE TABLE IF NOT EXISTS clipper_schema (version bigint NOT NULL)";
    sqlx::query(generations).execute(&mut *connection).await?;
    let found = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM clipper_schema");
    if has_no_tables(found.fetch_one(&mut *connection).await?, schema)? {
        sqlx::raw_sql(schema.base.postgres).execute(&mut *connection).await?;
        let first = sqlx::query("INSERT INTO clipper_schema VALUES ($1)").bind(schema.generation);
        first.execute(&mut *connection).await?;
    }
    sqlx::query("CREATE TABLE IF NOT EXISTS clipper_step (number bigint PRIMARY KEY)")
        .execute(&mut *connection)
        .await?;
    let taken: i64 = sqlx::query_scalar(TAKEN).fetch_one(&mut *connection).await?;
    for (step, number) in lacking(schema, taken) {
        // Whoever waits for a table holds up all who come after, also those of other replicas.
        sqlx::query("SET LOCAL lock_timeout = '5s'").execute(&mut *connection).await?;
        sqlx::raw_sql(step.postgres).execute(&mut *connection).await?;
        sqlx::query(TAKE).bind(number).execute(&mut *connection).await?;
    }
    Ok(())
}

const TAKEN: &str = "SELECT coalesce(max(number), 0) FROM clipper_step";
const TAKE: &str = "INSERT INTO clipper_step VALUES ($1)";

/// The steps after so many, with their numbers. None after those of a later release.
fn lacking(schema: &Schema, taken: i64) -> impl Iterator<Item = (&'static Step, i64)> {
    schema.steps.iter().zip(1..).filter(move |(_, number)| *number > taken)
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

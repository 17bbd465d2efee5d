//! The clips in the database, and what is known about their embeddings.

use chrono::TimeDelta;
use jobwatch_runtime::JobError;
use sqlx::FromRow;

use super::client::Service;
use crate::database::{Database, Dialect, Statement, timed};

/// A clip that has no embedding.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Clip {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) broadcaster_name: String,
    pub(super) creator_name: Option<String>,
    pub(super) game_name: Option<String>,
}

impl Clip {
    /// What is embedded.
    pub(super) fn text(&self) -> String {
        let mut parts =
            vec![format!("Title: {}", self.title), format!("Broadcaster: {}", self.broadcaster_name)];
        let creator = self.creator_name.as_ref().filter(|creator| **creator != self.broadcaster_name);
        parts.extend(creator.map(|creator| format!("Clipped by: {creator}")));
        parts.extend(self.game_name.as_ref().map(|game| format!("Game: {game}")));
        parts.join(". ")
    }
}

/// The queue as one may see it at a time: what is counted is at least this much. Ten times what the
/// alert about its size takes by default.
const MOST: i64 = 10_000;

/// Clips without an embedding of the model `$1`, in parts: those that never failed, and then those
/// whose last failure fulfils a condition. So many of each part at most.
fn queue(columns: &str, failed: &str, most: &str) -> String {
    let part = |number: u32, condition: &str, order: &str| {
        format!(
            include_str!("part.sql"),
            number = number,
            columns = columns,
            condition = condition,
            order = order,
            most = most
        )
    };
    let never = |number, model: &str| {
        let condition = format!("embedding_failed_at IS NULL AND embedding_model {model}");
        part(number, &condition, "embedding_model")
    };
    let failed = format!(
        "embedding_failed_at IS NOT NULL AND {failed} \
         AND (embedding_model IS NULL OR embedding_model < $1 OR embedding_model > $1)"
    );
    let parts =
        [never(0, "IS NULL"), never(1, "< $1"), never(2, "> $1"), part(3, &failed, "embedding_failed_at")];
    parts.join(" UNION ALL ")
}

fn batch(dialect: Dialect) -> String {
    let columns = "id, title, broadcaster_name, creator_name, game_name, embedding_failed_at";
    let queue = queue(columns, &format!("embedding_failed_at < {}", dialect.moment_after("$2")), "$3");
    format!(include_str!("batch.sql"), queue = queue)
}

fn count() -> String {
    format!(include_str!("count.sql"), queue = queue("id", "1 = 1", "$2"))
}

fn store_in(dialect: Dialect) -> String {
    format!(include_str!("store.sql"), now = dialect.now())
}

fn note_failed(dialect: Dialect) -> String {
    format!(include_str!("failed.sql"), now = dialect.now())
}

/// After so long, a clip that was refused is tried again.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// Clips without an embedding of the model, those first that never failed. Those that failed not
/// long ago are left out.
pub(super) async fn without_embedding(
    database: &Database,
    service: &Service,
    number: u32,
) -> Result<Vec<Clip>, JobError> {
    let batch = Statement::new(batch(database.dialect())).bind(service.model.as_str());
    let batch = batch.bind(-PATIENCE.num_milliseconds()).bind(i64::from(number));
    timed("find clips without an embedding", database.rows(&batch)).await
}

/// How many clips have no embedding of the model. A queue of more than 10,000 counts as that many.
///
/// # Errors
///
/// What the database says.
pub async fn size(database: &Database, service: &Service) -> Result<u64, JobError> {
    let count = Statement::new(count()).bind(service.model.as_str()).bind(MOST);
    let (size,): (i64,) = timed("count clips without an embedding", database.row(&count)).await?;
    Ok(size.unsigned_abs())
}

/// Writes the embedding of a clip.
pub(super) async fn store(
    database: &Database,
    service: &Service,
    clip: i64,
    embedding: &[f32],
) -> Result<(), JobError> {
    let store =
        Statement::new(store_in(database.dialect())).bind(embedding).bind(service.model.as_str()).bind(clip);
    timed("store an embedding", database.write(&[store])).await.map(drop)
}

/// Notes that a clip could not be embedded, so that others come first.
pub(super) async fn failed(database: &Database, clip: i64) -> Result<(), JobError> {
    let note = Statement::new(note_failed(database.dialect()));
    timed("note a failed embedding", database.write(&[note.bind(clip)])).await.map(drop)
}

#[cfg(test)]
mod tests {
    use e2e::postgres::Postgres;
    use sqlx::{AssertSqlSafe, Connection, PgConnection};

    use super::*;
    use crate::database::Address;

    /// So many clips, all of them with an embedding of `m`.
    const EMBEDDED: &str = "INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, created_at, \
        imported_at, embedding_model) SELECT CAST(value AS text), 'u', 't', 'b', 'B', MOMENT, MOMENT, 'm' FROM NUMBERS";

    #[tokio::test]
    async fn sqlite_reads_the_queue_and_not_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
        let database = Database::connect(&address).await.unwrap();
        let Database::Sqlite(pool) = &database else { unreachable!() };
        let numbers = "(WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2000) \
                       SELECT value FROM n)";
        let fill = EMBEDDED.replace("MOMENT", "0").replace("NUMBERS", numbers);
        sqlx::raw_sql(AssertSqlSafe(format!("{fill}; ANALYZE"))).execute(pool).await.unwrap();
        for query in [count(), batch(Dialect::Sqlite)] {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(pool).await.unwrap();
            let reads: Vec<&String> =
                steps.iter().map(|(.., step)| step).filter(|step| step.contains(" clips")).collect();
            assert_eq!(reads.len(), 4, "{steps:?}");
            assert!(reads.iter().all(|read| read.contains("INDEX clips_by_embedding_")), "{reads:?}");
        }
    }

    #[tokio::test]
    async fn postgresql_reads_the_queue_and_not_the_table() {
        let server = Postgres::start();
        Database::connect(&server.url("test", "").parse().unwrap()).await.unwrap();
        let mut connection = PgConnection::connect(&server.url("test", "")).await.unwrap();
        let fill =
            EMBEDDED.replace("MOMENT", "now()").replace("NUMBERS", "generate_series(1, 20000) AS value");
        sqlx::raw_sql(AssertSqlSafe(format!("{fill}; ANALYZE"))).execute(&mut connection).await.unwrap();
        // After some executions of a statement, it plans without looking at the values.
        for mode in ["force_custom_plan", "force_generic_plan"] {
            for (query, types, values) in [
                (count(), "text, bigint", "'m', 10000"),
                (batch(Dialect::Postgres), "text, bigint, bigint", "'m', -1000, 100"),
            ] {
                let explain = format!(
                    "DEALLOCATE ALL; SET plan_cache_mode = {mode}; PREPARE queue ({types}) AS {query}"
                );
                sqlx::raw_sql(AssertSqlSafe(explain)).execute(&mut connection).await.unwrap();
                let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE queue ({values})"));
                let rows = sqlx::raw_sql(explain).fetch_all(&mut connection).await.unwrap();
                let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, 0)).collect();
                let is_of_queue = |line: &&String| {
                    line.contains("clips_by_embedding_") || line.contains("Bitmap Heap Scan")
                };
                let (queue, other): (Vec<_>, Vec<_>) =
                    plan.iter().filter(|line| line.contains(" Scan ")).partition(is_of_queue);
                assert!(queue.len() >= 4 && other.iter().all(|line| line.contains("Subquery")), "{plan:#?}");
            }
        }
    }
}

//! The clips in the database, and what is known about their embeddings.

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;
use sqlx::FromRow;

use super::client::Service;
use super::numbers::to_bytes;
use crate::database::{Database, timed};

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

/// Clips without an embedding of the model, those first that never failed. Those that failed since
/// a moment are left out.
pub(super) async fn without_embedding(
    database: &Database,
    service: &Service,
    number: u32,
    since: DateTime<Utc>,
) -> Result<Vec<Clip>, JobError> {
    let what = "find clips without an embedding";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query_as(
                "SELECT id, title, broadcaster_name, creator_name, game_name FROM clips \
                 WHERE embedding_model IS NOT $1 AND NOT is_removed AND NOT is_hidden \
                   AND (embedding_failed_at IS NULL OR embedding_failed_at < $2) \
                 ORDER BY embedding_failed_at NULLS FIRST, id LIMIT $3",
            );
            let query = query.bind(&service.model).bind(since.timestamp_millis()).bind(number);
            timed(what, query.fetch_all(pool)).await
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as(
                "SELECT id, title, broadcaster_name, creator_name, game_name FROM clips \
                 WHERE embedding_model IS DISTINCT FROM $1 AND NOT is_removed AND NOT is_hidden \
                   AND (embedding_failed_at IS NULL OR embedding_failed_at < $2) \
                 ORDER BY embedding_failed_at NULLS FIRST, id LIMIT $3",
            );
            let query = query.bind(&service.model).bind(since).bind(i64::from(number));
            timed(what, query.fetch_all(pool)).await
        }
    }
}

/// How many clips have no embedding of the model.
///
/// # Errors
///
/// What the database says.
pub async fn size(database: &Database, service: &Service) -> Result<u64, JobError> {
    let what = "count clips without an embedding";
    let size: i64 = match database {
        Database::Sqlite(pool) => {
            let query = "SELECT count(*) FROM clips \
                         WHERE embedding_model IS NOT $1 AND NOT is_removed AND NOT is_hidden";
            timed(what, sqlx::query_scalar(query).bind(&service.model).fetch_one(pool)).await?
        }
        Database::Postgres(pool) => {
            let query = "SELECT count(*) FROM clips \
                         WHERE embedding_model IS DISTINCT FROM $1 AND NOT is_removed AND NOT is_hidden";
            timed(what, sqlx::query_scalar(query).bind(&service.model).fetch_one(pool)).await?
        }
    };
    Ok(size.unsigned_abs())
}

/// Writes the embedding of a clip.
pub(super) async fn store(
    database: &Database,
    service: &Service,
    clip: i64,
    embedding: &[f32],
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let query = "UPDATE clips SET embedding = $1, embedding_model = $2, embedding_generated_at = $3, \
                 embedding_is_indexed = $4, embedding_failed_at = NULL WHERE id = $5";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query(query).bind(to_bytes(embedding)).bind(&service.model);
            timed(
                "store an embedding",
                query.bind(now.timestamp_millis()).bind(false).bind(clip).execute(pool),
            )
            .await?;
        }
        Database::Postgres(pool) => {
            let query =
                sqlx::query(query).bind(embedding).bind(&service.model).bind(now).bind(false).bind(clip);
            timed("store an embedding", query.execute(pool)).await?;
        }
    }
    Ok(())
}

/// Notes that a clip could not be embedded, so that others come first.
pub(super) async fn failed(database: &Database, clip: i64, now: DateTime<Utc>) -> Result<(), JobError> {
    let query = "UPDATE clips SET embedding_failed_at = $1 WHERE id = $2";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query(query).bind(now.timestamp_millis()).bind(clip);
            timed("note a failed embedding", query.execute(pool)).await?;
        }
        Database::Postgres(pool) => {
            timed("note a failed embedding", sqlx::query(query).bind(now).bind(clip).execute(pool)).await?;
        }
    }
    Ok(())
}

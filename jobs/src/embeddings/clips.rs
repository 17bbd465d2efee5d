//! The clips in the database, and what is known about their embeddings.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;
use sqlx::FromRow;

use super::Service;
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

/// Clips without an embedding of the model, those first that never failed. Those that failed since a moment are left out.
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

/// The embeddings of texts that were embedded before, by their hashes.
pub(super) async fn cached(
    database: &Database,
    hashes: &[String],
) -> Result<HashMap<String, Vec<f32>>, JobError> {
    let what = "look up embeddings";
    match database {
        Database::Sqlite(pool) => {
            let mut found = HashMap::new();
            for hash in hashes {
                let query =
                    sqlx::query_scalar("SELECT embedding FROM embedding_cache WHERE hash = $1").bind(hash);
                if let Some(bytes) = timed(what, query.fetch_optional(pool)).await? {
                    found.insert(hash.clone(), from_bytes(bytes));
                }
            }
            Ok(found)
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as("SELECT hash, embedding FROM embedding_cache WHERE hash = ANY($1)");
            let found: Vec<(String, Vec<f32>)> = timed(what, query.bind(hashes).fetch_all(pool)).await?;
            Ok(found.into_iter().collect())
        }
    }
}

/// Remembers the embedding of a text.
pub(super) async fn cache(database: &Database, hash: &str, embedding: &[f32]) -> Result<(), JobError> {
    let query = "INSERT INTO embedding_cache (hash, embedding) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query(query).bind(hash).bind(to_bytes(embedding));
            timed("cache an embedding", query.execute(pool)).await?;
        }
        Database::Postgres(pool) => {
            timed("cache an embedding", sqlx::query(query).bind(hash).bind(embedding).execute(pool)).await?;
        }
    }
    Ok(())
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
                 embedding_failed_at = NULL WHERE id = $4";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query(query).bind(to_bytes(embedding)).bind(&service.model);
            timed("store an embedding", query.bind(now.timestamp_millis()).bind(clip).execute(pool)).await?;
        }
        Database::Postgres(pool) => {
            let query = sqlx::query(query).bind(embedding).bind(&service.model).bind(now).bind(clip);
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

fn to_bytes(embedding: &[f32]) -> Vec<u8> {
    embedding.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn from_bytes(bytes: Vec<u8>) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect()
}

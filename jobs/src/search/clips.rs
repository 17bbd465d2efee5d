//! The clips whose embeddings are not indexed yet.

use jobwatch_runtime::JobError;
use serde_json::{Value, json};
use sqlx::FromRow;

use crate::database::{Database, Dialect, Statement, timed};
use crate::embedding_bytes::from_bytes;

/// A clip with its embedding.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clip {
    pub(super) id: i64,
    title: String,
    broadcaster_name: String,
    game_name: Option<String>,
    embedding_model: String,
    embedding: Vec<f32>,
}

/// A clip as a database has it: embeddings are bytes to SQLite, and numbers to PostgreSQL.
#[derive(FromRow)]
struct Row<E> {
    id: i64,
    title: String,
    broadcaster_name: String,
    game_name: Option<String>,
    embedding_model: String,
    embedding: E,
}

const NOT_INDEXED: &str = include_str!("not_indexed.sql");

fn note_indexed(dialect: Dialect) -> String {
    format!(include_str!("indexed.sql"), is_of_clips = dialect.is_among("id", "$1"))
}

impl Clip {
    fn new<E>(row: Row<E>, embedding: impl Fn(E) -> Vec<f32>) -> Self {
        let Row { id, title, broadcaster_name, game_name, embedding_model, embedding: stored } = row;
        Self { id, title, broadcaster_name, game_name, embedding_model, embedding: embedding(stored) }
    }

    /// What the index holds of it.
    pub(super) fn document(&self) -> Value {
        json!({
            "title": self.title,
            "broadcaster_name": self.broadcaster_name,
            "game_name": self.game_name,
            "embedding_model": self.embedding_model,
            "embedding": self.embedding,
        })
    }
}

/// Clips after an id whose embeddings are not indexed.
pub(super) async fn not_indexed(
    database: &Database,
    model: &str,
    after: i64,
    number: u32,
) -> Result<Vec<Clip>, JobError> {
    let what = "find clips to index";
    let number = i64::from(number);
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query_as::<_, Row<Vec<u8>>>(NOT_INDEXED).bind(model).bind(after).bind(number);
            let rows = timed(what, query.fetch_all(pool)).await?;
            Ok(rows.into_iter().map(|row| Clip::new(row, |bytes| from_bytes(&bytes))).collect())
        }
        Database::Postgres(pool) => {
            let query = sqlx::query_as::<_, Row<Vec<f32>>>(NOT_INDEXED).bind(model).bind(after).bind(number);
            let rows = timed(what, query.fetch_all(pool)).await?;
            Ok(rows.into_iter().map(|row| Clip::new(row, |numbers| numbers)).collect())
        }
    }
}

/// Notes that the embeddings of clips are indexed, unless a clip has got another since.
pub(super) async fn indexed(database: &Database, model: &str, clips: &[&Clip]) -> Result<(), JobError> {
    let ids: Vec<i64> = clips.iter().map(|clip| clip.id).collect();
    let note = Statement::new(note_indexed(database.dialect())).bind(ids).bind(model);
    timed("note what is indexed", database.write(&[note])).await.map(drop)
}

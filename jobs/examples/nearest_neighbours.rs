//! The similarity search that the embeddings are for, in PostgreSQL with pgvector: embeds a few
//! clips, asks the database for those that are nearest to one of them, and compares the answer with
//! one that is computed here.
//!
//! ```sh
//! # With a PostgreSQL of its own that has pgvector.
//! tests/nearest-neighbours
//! # With yours, if it has no clips.
//! DATABASE_URL=postgres://… cargo run -p clipper-jobs --example nearest_neighbours
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use clipper_jobs::cache::Cache;
use clipper_jobs::database::Database;
use clipper_jobs::embeddings::{Client, Service, generate};
use clipper_stage::stand_in::embeddings::{EmbeddingService, embedding};
use jobwatch_catalogue::JobName;
use jobwatch_runtime::RunContext;
use sqlx::AssertSqlSafe;

const DIMENSIONS: u32 = 768;
const CLIPS: u32 = 200;
const NEAREST: &str = "SELECT other.id FROM clips AS other, clips AS this WHERE this.id = 1 AND other.id <> 1
                       ORDER BY other.embedding_vector <=> this.embedding_vector LIMIT 5";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url =
        std::env::var("DATABASE_URL").map_err(|_| "set DATABASE_URL, or run tests/nearest-neighbours")?;
    let database = Database::connect(&url.parse()?).await?;
    let Database::Postgres(pool) = &database else { return Err("this is about PostgreSQL".into()) };
    let clips: i64 = sqlx::query_scalar("SELECT count(*) FROM clips").fetch_one(pool).await?;
    if clips > 0 {
        return Err(format!("the database has {clips} clips already").into());
    }
    let sql = format!(
        "INSERT INTO clips (id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, created_at, imported_at)
         SELECT n, n, '', 'clip ' || n, 'b', 'Ada', now(), now() FROM generate_series(1, {CLIPS}) AS n"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
    let stand_in = EmbeddingService::start("key").await?;
    let client = Client::new(Service {
        base_url: stand_in.url().clone(),
        key: "key".to_owned(),
        model: "example".to_owned(),
        dimensions: DIMENSIONS,
        requests_per_minute: std::num::NonZeroU32::MAX,
    })?;
    let cache = Cache::Table(database.clone());
    let run = RunContext::detached(JobName::new("embedding_generation")?);
    let report = generate(&database, &client, &cache, 100, &run).await?;
    println!("embedded {} clips in {DIMENSIONS} dimensions", report.succeeded);

    let found: Vec<i64> = sqlx::query_scalar(NEAREST).fetch_all(pool).await?;
    println!("nearest to clip 1, by PostgreSQL: {found:?}");
    let expected = nearest();
    println!("nearest to clip 1, computed here: {expected:?}");
    if found == expected { Ok(()) } else { Err("they differ".into()) }
}

/// The clips whose embeddings have the smallest angle with that of the first one.
fn nearest() -> Vec<i64> {
    let text = |id: u32| format!("Title: clip {id}. Broadcaster: Ada");
    let first = embedding(&text(1), DIMENSIONS.into());
    let closeness = |id: u32| {
        let other = embedding(&text(id), DIMENSIONS.into());
        first.iter().zip(&other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    let mut all: Vec<(u32, f64)> = (2..=CLIPS).map(|id| (id, closeness(id))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.iter().take(5).map(|(id, _)| i64::from(*id)).collect()
}

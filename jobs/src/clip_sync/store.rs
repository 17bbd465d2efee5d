//! Writes clips: new ones, and new view counts of those that are known. What the site has done with
//! a clip since is left alone.

use chrono::{DateTime, Utc};
use jobwatch_runtime::{JobError, RunContext};
use serde::Serialize;

use crate::database::{Database, timed};
use crate::twitch::{Clip, Game};

const SQLITE: &str = include_str!("upsert.sqlite.sql");
const POSTGRES: &str = include_str!("upsert.postgres.sql");

/// A clip as the statements read it. Moments are milliseconds since 1970.
#[derive(Serialize)]
struct Row<'c> {
    twitch_clip_id: &'c str,
    url: &'c str,
    title: &'c str,
    broadcaster_id: &'c str,
    broadcaster_name: &'c str,
    creator_id: &'c str,
    creator_name: &'c str,
    language: &'c str,
    thumbnail_url: &'c str,
    duration_seconds: f64,
    view_count: i64,
    created_at: i64,
}

/// Writes clips of a game in one statement, all or none, unless the run was overtaken. Answers how
/// many.
pub(super) async fn upsert(
    database: &Database,
    game: &Game,
    clips: &[Clip],
    now: DateTime<Utc>,
    run: &RunContext,
) -> Result<u64, JobError> {
    if clips.is_empty() {
        return Ok(0);
    }
    let rows: Vec<Row<'_>> = clips.iter().map(row).collect();
    let json = serde_json::to_string(&rows)
        .map_err(|error| JobError::permanent(format!("clips cannot be written: {error}")))?;
    let what = "write clips";
    match database {
        Database::Sqlite(pool) => {
            let query = sqlx::query(SQLITE).bind(json).bind(&game.id).bind(&game.name);
            let mut transaction = timed(what, pool.begin_with("BEGIN IMMEDIATE")).await?;
            run.guard(&mut transaction).await?;
            timed(what, query.bind(now.timestamp_millis()).execute(&mut *transaction)).await?;
            timed(what, transaction.commit()).await?;
        }
        Database::Postgres(pool) => {
            let query = sqlx::query(POSTGRES).bind(json).bind(&game.id).bind(&game.name).bind(now);
            let mut transaction = timed(what, pool.begin()).await?;
            run.guard(&mut transaction).await?;
            timed(what, query.persistent(pool.keeps_prepared()).execute(&mut *transaction)).await?;
            timed(what, transaction.commit()).await?;
        }
    }
    Ok(clips.len() as u64)
}

fn row(clip: &Clip) -> Row<'_> {
    Row {
        twitch_clip_id: &clip.id,
        url: &clip.url,
        title: &clip.title,
        broadcaster_id: &clip.broadcaster_id,
        broadcaster_name: &clip.broadcaster_name,
        creator_id: &clip.creator_id,
        creator_name: &clip.creator_name,
        language: &clip.language,
        thumbnail_url: &clip.thumbnail_url,
        duration_seconds: clip.duration,
        view_count: clip.view_count,
        created_at: clip.created_at.timestamp_millis(),
    }
}

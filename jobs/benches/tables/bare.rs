//! What the jobs are measured against: everything at once, without pages, counts, or a way to stop.

use chrono::{DateTime, Utc};
use clipper_jobs::database::Database;
use clipper_jobs::trending_score::EPSILON;
use sqlx::AssertSqlSafe;

use crate::work::Job;

const HOT_SQLITE: &str = "UPDATE clips
    SET hot_rank = sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0
    WHERE NOT is_removed AND NOT is_hidden
      AND hot_rank IS NOT sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0";

const HOT_POSTGRES: &str = "UPDATE clips
    SET hot_rank = sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
        + (date_part('epoch', created_at) - 1577836800) / 45000
    WHERE NOT is_removed AND NOT is_hidden
      AND hot_rank IS DISTINCT FROM sign(vote_score::double precision) * log(greatest(abs(vote_score), 1)::double precision)
        + (date_part('epoch', created_at) - 1577836800) / 45000";

/// The statement of the job itself, for all clips at once: it computes each score once, and SQLite
/// does not read the table twice for it.
const TRENDING_SQLITE: &str = include_str!("../../src/trending_score/sqlite.sql");

const TRENDING_POSTGRES: &str = "UPDATE clips
    SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
        trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
            / greatest(date_part('epoch', $1 - created_at) / 3600, 1)
    WHERE NOT is_removed AND NOT is_hidden
      AND (engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
           OR abs(trending_score - (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
               / greatest(date_part('epoch', $1 - created_at) / 3600, 1)) > $2 * abs(trending_score))";

/// The statements of the job itself, for all users at once.
const REPUTATION_SQLITE: [&str; 3] = [
    concat!(
        include_str!("../../src/reputation/active.sqlite.sql"),
        include_str!("../../src/reputation/badges.sqlite.sql")
    ),
    concat!(
        include_str!("../../src/reputation/active.sqlite.sql"),
        include_str!("../../src/reputation/history.sqlite.sql")
    ),
    concat!(
        include_str!("../../src/reputation/active.sqlite.sql"),
        include_str!("../../src/reputation/scores.sqlite.sql")
    ),
];

const REPUTATION_POSTGRES: [&str; 3] = [
    concat!(
        include_str!("../../src/reputation/active.postgres.sql"),
        include_str!("../../src/reputation/badges.postgres.sql")
    ),
    concat!(
        include_str!("../../src/reputation/active.postgres.sql"),
        include_str!("../../src/reputation/history.postgres.sql")
    ),
    concat!(
        include_str!("../../src/reputation/active.postgres.sql"),
        include_str!("../../src/reputation/scores.postgres.sql")
    ),
];

/// Answers how many rows it has written, in the last statement if there are several.
pub(crate) async fn run(database: &Database, job: Job, now: DateTime<Utc>) -> u64 {
    match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            let mut written = 0;
            for statement in statements(job, HOT_SQLITE, TRENDING_SQLITE, REPUTATION_SQLITE) {
                let query = sqlx::query(AssertSqlSafe(statement));
                let query = match job {
                    Job::HotScore => query,
                    Job::TrendingScore => {
                        query.bind(0_i64).bind(i64::MAX).bind(now.timestamp_millis()).bind(EPSILON)
                    }
                    Job::Reputation => query.bind(0_i64).bind(i64::MAX).bind(now.timestamp_millis()),
                };
                written = query.execute(&mut *transaction).await.unwrap().rows_affected();
            }
            transaction.commit().await.unwrap();
            written
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await.unwrap();
            let mut written = 0;
            for statement in statements(job, HOT_POSTGRES, TRENDING_POSTGRES, REPUTATION_POSTGRES) {
                let query = sqlx::query(AssertSqlSafe(statement));
                let query = match job {
                    Job::HotScore => query,
                    Job::TrendingScore => query.bind(now).bind(EPSILON),
                    Job::Reputation => query.bind(0_i64).bind(i64::MAX).bind(now),
                };
                written = query.execute(&mut *transaction).await.unwrap().rows_affected();
            }
            transaction.commit().await.unwrap();
            written
        }
    }
}

fn statements(
    job: Job,
    hot: &'static str,
    trending: &'static str,
    reputation: [&'static str; 3],
) -> Vec<&'static str> {
    match job {
        Job::HotScore => vec![hot],
        Job::TrendingScore => vec![trending],
        Job::Reputation => reputation.to_vec(),
    }
}

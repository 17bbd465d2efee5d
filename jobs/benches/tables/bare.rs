//! What the jobs are measured against: everything at once, without pages, counts, or a way to stop.

use chrono::{DateTime, Utc};
use clipper_jobs::database::Database;
use clipper_jobs::trending_score::EPSILON;

use crate::work::Job;

/// Without an index, since that of visible clips would be read beside them.
const HOT_SQLITE: &str = "UPDATE clips NOT INDEXED
    SET hot_rank = sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0
    WHERE NOT is_removed AND NOT is_hidden
      AND hot_rank IS NOT sign(vote_score) * log10(max(abs(vote_score), 1)) + (created_at / 1000.0 - 1577836800.0) / 45000.0";

/// Computes as quickly as the job does. With `date_part`, it takes a third longer.
const HOT_POSTGRES: &str = "UPDATE clips
    SET hot_rank = CASE
            WHEN vote_score > 0 THEN log(vote_score::double precision)
            WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
            ELSE 0
        END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000
    WHERE NOT is_removed AND NOT is_hidden
      AND hot_rank IS DISTINCT FROM CASE
            WHEN vote_score > 0 THEN log(vote_score::double precision)
            WHEN vote_score < 0 THEN -log(-(vote_score::double precision))
            ELSE 0
        END + tstzrange_subdiff(created_at, '2020-01-01 00:00:00+00') / 45000";

const TRENDING_SQLITE: &str = "UPDATE clips NOT INDEXED
    SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
        trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
            / max((?1 - created_at) / 3600000.0, 1)
    WHERE NOT is_removed AND NOT is_hidden
      AND (engagement_count IS NOT view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
           OR abs(trending_score - engagement_count / max((?1 - created_at) / 3600000.0, 1)) > ?2 * abs(trending_score))";

const TRENDING_POSTGRES: &str = "UPDATE clips
    SET engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
        trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count)
            / greatest(tstzrange_subdiff($1, created_at) / 3600, 1)
    WHERE NOT is_removed AND NOT is_hidden
      AND (engagement_count IS DISTINCT FROM view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count
           OR abs(trending_score - engagement_count / greatest(tstzrange_subdiff($1, created_at) / 3600, 1))
               > $2 * abs(trending_score))";

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

/// The statement of the job itself, for all users at once.
///
/// What bounds it while most users have nothing yet, as on a new site, by `EXPLAIN (ANALYZE,
/// BUFFERS)` of ten pages of 10,000 users on PostgreSQL 15:
///
/// - The first page used to be what is known of badges. They were an anti-join, of which the
///   planner made a nested loop over a `Seq Scan on user_badges known (cost=0.00..0.00 rows=1)`,
///   since the table was empty: for each badge a scan of all that the same statement had written by
///   then, 6,955 ms. Now they are subtracted, `HashSetOp Except`, which reads them once: 643 ms.
///   All ten pages take 0.60 (0.59 to 0.61) of the processor time that they did. Those in which
///   nothing changes take 1.2 of it. An array of each user's badges takes as long as the
///   subtraction for new ones, and longer where nothing changes.
/// - What is left is new rows, and of these the foreign keys. Of a page of 592 ms, 252 ms are the
///   checks of 33,528 rows against `users` (`Trigger for constraint user_badges_user_id_fkey:
///   time=182.758 calls=23728`, `Trigger for constraint trust_score_history_user_id_fkey:
///   time=68.938 calls=9800`), 143 ms the 23,728 badges with their index, 75 ms finding which are
///   missing, 51 ms the history with its three indexes, 44 ms the scores, and 11 ms reading users
///   and statistics and computing. The site needs the keys, to have no badges of users who are
///   gone.
const REPUTATION_POSTGRES: &str = include_str!("../../src/reputation/refresh.postgres.sql");

/// Answers how many rows it has written, in the last statement if there are several of SQLite.
pub(crate) async fn run(database: &Database, job: Job, now: DateTime<Utc>) -> u64 {
    match database {
        Database::Sqlite(pool) => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            let mut written = 0;
            let statements = match job {
                Job::HotScore => &[HOT_SQLITE][..],
                Job::TrendingScore => &[TRENDING_SQLITE],
                Job::Reputation => &REPUTATION_SQLITE,
            };
            for statement in statements {
                let query = sqlx::query(*statement);
                let query = match job {
                    Job::HotScore => query,
                    Job::TrendingScore => query.bind(now.timestamp_millis()).bind(EPSILON),
                    Job::Reputation => query.bind(0_i64).bind(i64::MAX).bind(now.timestamp_millis()),
                };
                written = query.execute(&mut *transaction).await.unwrap().rows_affected();
            }
            transaction.commit().await.unwrap();
            written
        }
        Database::Postgres(pool) => {
            let mut transaction = pool.begin().await.unwrap();
            let written = match job {
                Job::HotScore => {
                    sqlx::query(HOT_POSTGRES).execute(&mut *transaction).await.unwrap().rows_affected()
                }
                Job::TrendingScore => {
                    let query = sqlx::query(TRENDING_POSTGRES).bind(now).bind(EPSILON);
                    query.execute(&mut *transaction).await.unwrap().rows_affected()
                }
                Job::Reputation => {
                    let query = sqlx::query_as(REPUTATION_POSTGRES).bind(0_i64).bind(i64::MAX).bind(now);
                    let (_, written): (i64, i64) = query.fetch_one(&mut *transaction).await.unwrap();
                    written.unsigned_abs()
                }
            };
            transaction.commit().await.unwrap();
            written
        }
    }
}

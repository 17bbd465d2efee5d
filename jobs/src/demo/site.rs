//! A made-up site: its clips and users at the start, and what people do on it from then on. All of it follows from numbers, so that two
//! demos begin alike.

use chrono::Utc;
use clap::ValueEnum;
use jobwatch_runtime::JobError;

use crate::database::{Database, timed};

/// How large a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 2,000 clips, 500 users
    Small,
    /// 50,000 clips, 20,000 users
    Medium,
    /// 1,000,000 clips, 200,000 users
    Large,
}

impl Size {
    /// Clips, users, and deliveries for each receiver.
    const fn numbers(self) -> (i64, i64, i64) {
        match self {
            Self::Small => (2_000, 500, 20),
            Self::Medium => (50_000, 20_000, 200),
            Self::Large => (1_000_000, 200_000, 2_000),
        }
    }
}

/// One statement in the words of each database.
struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

const CLIPS: Statement = Statement {
    sqlite: include_str!("sql/clips.sqlite.sql"),
    postgres: include_str!("sql/clips.postgres.sql"),
};
const USERS: Statement = Statement {
    sqlite: include_str!("sql/users.sqlite.sql"),
    postgres: include_str!("sql/users.postgres.sql"),
};
const DELIVERIES: Statement = Statement {
    sqlite: include_str!("sql/deliveries.sqlite.sql"),
    postgres: include_str!("sql/deliveries.postgres.sql"),
};
const STATS: &str = "INSERT INTO user_stats (user_id, comments, votes_cast, clips_submitted, correct_reports, \
     incorrect_reports, days_active) \
     SELECT id, id * 37 % 400, id * 91 % 3000, id * 13 % 80, id % 7, id % 3, id % 200 FROM users WHERE $1 = 0";
const SUBSCRIBE: &str =
    "INSERT INTO webhook_subscriptions (url, secret, event_types) VALUES ($1, $2, 'clip.created')";
const VOTE: &str = "UPDATE clips SET view_count = view_count + 7, vote_score = vote_score + (id + $1) % 3, \
     comment_count = comment_count + id % 2 WHERE id % 97 = $1 % 97";
const TAKE_PART: &str = "UPDATE user_stats SET comments = comments + 1, days_active = days_active + 1 \
     WHERE user_id % 41 = $1 % 41";

/// Whether a database has no site yet.
pub(super) async fn is_empty(database: &Database) -> Result<bool, JobError> {
    let found = "SELECT (SELECT count(*) FROM clips) + (SELECT count(*) FROM users) \
                 + (SELECT count(*) FROM webhook_subscriptions)";
    let what = "look for a site";
    let rows: i64 = match database {
        Database::Sqlite(pool) => timed(what, sqlx::query_scalar(found).fetch_one(pool)).await?,
        Database::Postgres(pool) => timed(what, sqlx::query_scalar(found).fetch_one(pool)).await?,
    };
    Ok(rows == 0)
}

/// Fills an empty database, and subscribes receivers, each with its secret.
pub(super) async fn fill(
    database: &Database,
    size: Size,
    receivers: &[(String, &str)],
) -> Result<(), JobError> {
    let (clips, users, deliveries) = size.numbers();
    make(database, &CLIPS, clips, None).await?;
    make(database, &USERS, users, None).await?;
    execute(database, STATS, 0).await?;
    for (url, secret) in receivers {
        timed("subscribe a receiver", async {
            match database {
                Database::Sqlite(pool) => {
                    sqlx::query(SUBSCRIBE).bind(url).bind(secret).execute(pool).await.map(drop)
                }
                Database::Postgres(pool) => {
                    sqlx::query(SUBSCRIBE).bind(url).bind(secret).execute(pool).await.map(drop)
                }
            }
        })
        .await?;
    }
    make(database, &DELIVERIES, deliveries, Some(0)).await
}

/// What people do in a while, and what receivers are to learn of it.
pub(super) async fn visit(database: &Database, round: i64) -> Result<(), JobError> {
    execute(database, VOTE, round).await?;
    execute(database, TAKE_PART, round).await?;
    make(database, &DELIVERIES, 1, Some(round)).await
}

/// Makes so many rows, as of now.
async fn make(
    database: &Database,
    statement: &Statement,
    number: i64,
    round: Option<i64>,
) -> Result<(), JobError> {
    let now = Utc::now();
    timed("fill the site", async {
        match database {
            Database::Sqlite(pool) => {
                let query = sqlx::query(statement.sqlite).bind(number).bind(now.timestamp_millis());
                let query = match round {
                    Some(round) => query.bind(round),
                    None => query,
                };
                query.execute(pool).await.map(drop)
            }
            Database::Postgres(pool) => {
                let query = sqlx::query(statement.postgres).bind(number).bind(now);
                let query = match round {
                    Some(round) => query.bind(round.to_string()),
                    None => query,
                };
                query.execute(pool).await.map(drop)
            }
        }
    })
    .await
}

/// Executes a statement that both databases understand.
async fn execute(database: &Database, statement: &'static str, round: i64) -> Result<(), JobError> {
    timed("visit the site", async {
        match database {
            Database::Sqlite(pool) => sqlx::query(statement).bind(round).execute(pool).await.map(drop),
            Database::Postgres(pool) => sqlx::query(statement).bind(round).execute(pool).await.map(drop),
        }
    })
    .await
}

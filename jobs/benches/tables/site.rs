//! A site of any size, the same each time, and what happens on it between two runs.

use chrono::{DateTime, TimeDelta, Utc};
use clipper_jobs::database::{Address, Database};
use e2e::postgres::Postgres;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::work::Job;

/// A database that the jobs work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What has changed since the last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing is written yet.
    All,
    /// Votes or comments came in for one row in a hundred, and an hour has passed.
    OneInAHundred,
    /// Nothing came in, and no time has passed.
    Nothing,
}

impl Change {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::OneInAHundred => "1 %",
            Self::Nothing => "nothing",
        }
    }
}

/// A filled database, which ends with this value.
pub(crate) struct Site {
    database: Database,
    address: String,
    _server: Option<Postgres>,
    _folder: TempDir,
}

/// When the first run is, in seconds since 1970.
const START: i64 = 1_772_359_200;

/// Clips and users of two years, in no order of their ages. One in fifty is hidden or banned; their
/// ids are even.
const FILL: [&str; 3] = [
    "WITH RECURSIVE series (id) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT id + 1 FROM series WHERE id < ROWS)
     INSERT INTO clips (id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, view_count, vote_score, comment_count,
         favorite_count, created_at, imported_at, is_hidden)
     SELECT id, 'clip-' || id, 'https://clips.twitch.tv/' || id, 'The title of clip ' || id, 'b-' || id % 1000, 'Broadcaster',
         id * 31 % 10000, id * 7919 % 2000 - 300, id * 13 % 50, id * 17 % 90, TIME(START - id * 104729 % 63072000), TIME(START),
         id % 50 = 0
     FROM series",
    "WITH RECURSIVE series (id) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT id + 1 FROM series WHERE id < ROWS)
     INSERT INTO users (id, name, karma, created_at, is_banned)
     SELECT id, 'user-' || id, id * 7919 % 12000, TIME(START - id * 104729 % 63072000), id % 50 = 0
     FROM series",
    "INSERT INTO user_stats (user_id, comments, votes_cast, clips_submitted, correct_reports, incorrect_reports, days_active)
     SELECT id, id * 13 % 150, id * 7919 % 1500, id * 17 % 60, id * 11 % 5, id * 3 % 4, id * 31 % 400
     FROM users",
];

impl Site {
    pub(crate) async fn fill(kind: Kind, rows: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = (kind == Kind::Postgres).then(Postgres::start);
        let address = match &server {
            Some(server) => server.url("bench", ""),
            None => format!("sqlite:{}", folder.path().join("clipper.sqlite").display()),
        };
        let database = Database::connect(&address.parse::<Address>().unwrap()).await.unwrap();
        let site = Self { database, address, _server: server, _folder: folder };
        for statement in FILL {
            site.execute(&statement.replace("ROWS", &rows.to_string())).await;
        }
        site.settle().await;
        site
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// When a turn is: an hour after the one before.
    pub(crate) fn now(&self, turn: usize) -> i64 {
        let start = DateTime::<Utc>::from_timestamp(START, 0).unwrap();
        (start + TimeDelta::hours(i64::try_from(turn).unwrap())).timestamp()
    }

    pub(crate) async fn change(&self, job: Job, change: Change, turn: usize) {
        // An odd number is no hidden clip, and no user who is banned.
        let some = format!("% 100 = {}", (2 * turn + 1) % 100);
        let statements: Vec<String> = match (job, change) {
            (Job::HotScore, Change::All) => vec!["UPDATE clips SET hot_rank = NULL".to_owned()],
            (Job::TrendingScore, Change::All) => {
                vec!["UPDATE clips SET trending_score = NULL, engagement_count = NULL".to_owned()]
            }
            (Job::Reputation, Change::All) => vec![
                "DELETE FROM user_badges".to_owned(),
                "DELETE FROM trust_score_history".to_owned(),
                "UPDATE user_stats SET trust_score = NULL, engagement_score = NULL".to_owned(),
            ],
            (Job::Reputation, Change::OneInAHundred) => {
                vec![format!("UPDATE user_stats SET comments = comments + 10 WHERE user_id {some}")]
            }
            (_, Change::Nothing) => Vec::new(),
            (_, Change::OneInAHundred) => {
                vec![format!("UPDATE clips SET vote_score = vote_score + 7 WHERE id {some}")]
            }
        };
        for statement in statements {
            self.execute(&statement).await;
        }
        self.settle().await;
    }

    /// Leaves no work behind that a database would do while something is measured.
    async fn settle(&self) {
        match &self.database {
            Database::Sqlite(_) => self.execute("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Database::Postgres(_) => {
                self.execute("VACUUM ANALYZE").await;
                self.execute("CHECKPOINT").await;
            }
        }
    }

    async fn execute(&self, sql: &str) {
        let sql = sql.replace("START", &START.to_string());
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("TIME(", "1000 * (");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = sql.replace("TIME(", "to_timestamp(");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }
}

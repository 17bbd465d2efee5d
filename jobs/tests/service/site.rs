//! The data that services work on, as the site sees it.

use chrono::Utc;
use clipper_jobs::database::Database;
use e2e::postgres::Postgres;
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;

/// A fresh database in a folder, which is gone with this value.
pub(crate) struct Site {
    pub(crate) database: Database,
    /// What a service finds it by.
    pub(crate) url: String,
    pub(crate) folder: TempDir,
    server: Option<Postgres>,
}

impl Site {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("clipper.sqlite").display());
        Self { database: Database::connect(&url.parse().unwrap()).await.unwrap(), url, folder, server: None }
    }

    pub(crate) async fn on_postgres() -> Self {
        let server = Postgres::start();
        let url = server.url("service", "");
        let database = Database::connect(&url.parse().unwrap()).await.unwrap();
        Self { database, url, folder: tempfile::tempdir().unwrap(), server: Some(server) }
    }

    /// Executes statements that both databases understand, with `TIME(…)` for a moment in seconds
    /// since 1970.
    pub(crate) async fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("TIME(", "1000 * (").replace("HEX(00)", "x'00'");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = sql.replace("TIME(", "to_timestamp(").replace("HEX(00)", "'\\x00'");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        match &self.database {
            Database::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// The first column of a query, as texts, with `HEX(embedding)` for an embedding.
    pub(crate) async fn lines(&self, sql: &'static str) -> Vec<String> {
        match &self.database {
            Database::Sqlite(pool) => {
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Database::Postgres(pool) => {
                let sql = AssertSqlSafe(sql.replace("HEX(embedding)", "CAST(embedding AS text)"));
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// The server that the database is on.
    pub(crate) fn server(&mut self) -> &mut Postgres {
        self.server.as_mut().unwrap()
    }

    /// The first column of a query, as texts, of what the runtime keeps.
    pub(crate) async fn kept(&self, sql: &'static str) -> Vec<String> {
        match &self.database {
            Database::Sqlite(_) => {
                let pool = SqlitePool::connect(&format!("{}.jobs", self.url)).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Database::Postgres(_) => self.lines(sql).await,
        }
    }

    /// How many leases are held, or were left behind.
    pub(crate) async fn leases(&self) -> i64 {
        let held = "SELECT count(*) FROM jobwatch_job WHERE until IS NOT NULL";
        match &self.database {
            Database::Sqlite(_) => {
                let pool = SqlitePool::connect(&format!("{}.jobs", self.url)).await.unwrap();
                sqlx::query_scalar(held).fetch_one(&pool).await.unwrap()
            }
            Database::Postgres(_) => self.number(held).await,
        }
    }

    /// Has the time come when no lease holds any more that a process has left behind.
    pub(crate) async fn end_leases(&self) {
        match &self.database {
            Database::Sqlite(_) => {
                let pool = SqlitePool::connect(&format!("{}.jobs", self.url)).await.unwrap();
                let ended = "UPDATE jobwatch_job SET until = 0 WHERE until IS NOT NULL";
                sqlx::query(ended).execute(&pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let ended = "UPDATE jobwatch_job SET until = now() WHERE until IS NOT NULL";
                sqlx::query(ended).execute(pool).await.unwrap();
            }
        }
    }

    /// So many clips that were made at a moment, in seconds since 1970, each with its own title and
    /// votes.
    pub(crate) async fn insert_clips(&self, number: u32, created: i64) {
        let rows: Vec<String> = (1..=number)
            .map(|id| {
                format!(
                    "({id}, 'clip-{id}', 'u', 'Clip {id}', 'b', 'B', {}, TIME({created}), TIME({created}))",
                    id % 90
                )
            })
            .collect();
        let columns = "id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, vote_score, created_at, imported_at";
        self.execute(&format!("INSERT INTO clips ({columns}) VALUES {}", rows.join(", "))).await;
    }

    /// So many users of all kinds, whose ages in days are halves, and stay the same for the next
    /// hours.
    pub(crate) async fn insert_users(&self, number: u32) {
        let noon = Utc::now().timestamp() - 43_200;
        let users: Vec<String> = (1..=number)
            .map(|id| {
                format!(
                    "({id}, 'user-{id}', {}, TIME({}))",
                    id * 7 % 12_000,
                    noon - i64::from(id % 400) * 86_400
                )
            })
            .collect();
        let stats: Vec<String> =
            (1..=number).map(|id| format!("({id}, {}, {})", id * 3 % 150, id * 11 % 1_500)).collect();
        self.execute(&format!(
            "INSERT INTO users (id, name, karma, created_at) VALUES {};
             INSERT INTO user_stats (user_id, comments, votes_cast) VALUES {};",
            users.join(", "),
            stats.join(", "),
        ))
        .await;
    }
}

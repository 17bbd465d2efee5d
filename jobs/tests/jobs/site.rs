//! A site with its database.

use clipper_jobs::cache::Cache;
use clipper_jobs::database::{Address, Database};
use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::{Report, RunContext};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

/// A fresh database, which is gone with this value.
pub(crate) struct Site {
    pub(crate) database: Database,
    /// What replicas share, in the database.
    pub(crate) cache: Cache,
    _server: Option<Postgres>,
    _folder: TempDir,
}

impl Site {
    /// A site on each kind of database.
    pub(crate) async fn on_each() -> [Self; 2] {
        [Self::new(None).await, Self::new(Some(Postgres::start())).await]
    }

    pub(crate) async fn on_sqlite() -> Self {
        Self::new(None).await
    }

    async fn new(server: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = match &server {
            Some(server) => server.url("test", "").parse().unwrap(),
            None => Address::Sqlite(folder.path().join("clipper.sqlite")),
        };
        let database = Database::connect(&address).await.unwrap();
        Self { cache: Cache::Table(database.clone()), database, _server: server, _folder: folder }
    }

    /// Executes statements, in which NOW stands for this moment.
    pub(crate) async fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("NOW", "(unixepoch() * 1000)").replace("AS BYTES", "AS BLOB");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = sql.replace("NOW", "now()").replace("AS BYTES", "AS bytea");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.database {
            Database::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Database::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// A clip whose broadcaster clipped it.
    pub(crate) async fn clip(&self, id: u32, title: &str) {
        self.execute(&format!(
            "INSERT INTO clips (id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, creator_name, game_name,
                                created_at, imported_at)
             VALUES ({id}, 'clip-{id}', 'u', '{title}', 'b', 'Ada', 'Ada', 'Chess', NOW, NOW)"
        ))
        .await;
    }
}

/// A run of a job that no runtime knows of.
pub(crate) fn run_of(job: &str) -> RunContext {
    RunContext::detached(JobName::new(job).unwrap())
}

pub(crate) fn report(succeeded: u64, failed: u64, skipped: u64) -> Report {
    Report { succeeded, failed, skipped }
}

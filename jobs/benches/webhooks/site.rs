//! Databases with deliveries that are due.

use clipper_jobs::database::{Address, Database};
use e2e::postgres::Postgres;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::receiver::{HOSTS, PAYLOAD, Receiver};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL, without fsync",
        }
    }
}

/// A database with a subscription of each host, which ends with this value.
pub(crate) struct Site {
    database: Database,
    has_slow_host: bool,
    _server: Option<Postgres>,
    _folder: TempDir,
}

impl Site {
    pub(crate) async fn new(kind: Kind, receiver: &Receiver) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = (kind == Kind::Postgres).then(Postgres::start);
        let address = match &server {
            Some(server) => server.url("bench", ""),
            None => format!("sqlite:{}", folder.path().join("clipper.sqlite").display()),
        };
        let database = Database::connect(&address.parse::<Address>().unwrap()).await.unwrap();
        let site = Self { database, has_slow_host: false, _server: server, _folder: folder };
        for (url, id) in receiver.urls.iter().chain([&receiver.slow_url]).zip(0..) {
            site.execute(&format!(
                "INSERT INTO webhook_subscriptions (id, url, secret, event_types)
                 VALUES ({id}, '{url}', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'clip.created')"
            ))
            .await;
        }
        site
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Whether something is due for the slow host.
    pub(crate) fn has_slow_host(&self) -> bool {
        self.has_slow_host
    }

    /// So many deliveries are due for the fast hosts in turn.
    pub(crate) async fn make_due(&self, number: u32) {
        self.insert(number, &format!("id % {HOSTS}"), "fast", 60).await;
    }

    /// So many deliveries are due for the slow host, and have been for longer than anything else.
    pub(crate) async fn make_due_for_slow_host(&mut self, number: u32) {
        self.has_slow_host = true;
        self.insert(number, &HOSTS.to_string(), "slow", 120).await;
    }

    async fn insert(&self, number: u32, subscription: &str, prefix: &str, seconds_ago: u32) {
        self.execute(&format!(
            "WITH RECURSIVE series (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM series WHERE id < {number})
             INSERT INTO webhook_deliveries
                 (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, created_at)
             SELECT '{prefix}_' || id, {subscription}, 'clip.created', '{PAYLOAD}', 1, AGO({seconds_ago}), AGO({seconds_ago})
             FROM series"
        ))
        .await;
    }

    async fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = sql.replace("AGO(", "1000 * (unixepoch() - ");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                let sql = sql.replace("AGO(", "now() - interval '1 second' * (");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
        }
    }
}

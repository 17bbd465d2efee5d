//! PostgreSQL as the small overlay has it, on a bad day: one session waits for the lock of another.

use std::process::Command;

use clipper_jobs::database::Database as Tables;
use e2e::postgres::Postgres;
use e2e::tool::Tool;
use e2e::waiting::wait;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::manifests::object;

const PSQL: Tool = Tool { command: "psql", package: "postgresql" };

pub(super) struct Database {
    _server: Postgres,
    _holds: PgConnection,
    host: String,
}

impl Database {
    pub(super) async fn start(objects: &[Value]) -> Self {
        let mut server = Postgres::start();
        let url = server.url("operator", "");
        let host = url.split_once("host=").unwrap().1.split('&').next().unwrap().to_owned();
        for statement in started_with(objects) {
            execute(&url, &statement).await;
        }
        server.stop();
        server.restart();
        execute(&url, "CREATE ROLE clipper SUPERUSER LOGIN").await;
        execute(&url, "CREATE DATABASE clipper OWNER clipper").await;
        let url = url.replace("postgres@localhost/postgres", "clipper@localhost/clipper");
        Tables::connect(&url.parse().unwrap()).await.unwrap();
        execute(
            &url,
            object(objects, "ConfigMap", "postgres-init")["data"]["statements.sql"].as_str().unwrap(),
        )
        .await;
        execute(&url, FAILING).await;
        let mut holds = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("BEGIN; LOCK TABLE clips").execute(&mut holds).await.unwrap();
        let waits = url.clone();
        tokio::spawn(async move {
            let mut waits = PgConnection::connect(&waits).await.unwrap();
            // It is ended, at the latest with the server.
            let _ = sqlx::raw_sql("SELECT count(*) FROM clips").execute(&mut waits).await;
        });
        let database = Self { _server: server, _holds: holds, host };
        wait("a session to wait for the lock", async || {
            let waiting = ["-Atc", "SELECT count(*) FROM pg_locks WHERE NOT granted"].map(str::to_owned);
            (database.psql(&[&waiting[..], &["-U".to_owned(), "clipper".to_owned()]].concat()).trim() == "1")
                .then_some(())
        })
        .await;
        database
    }

    /// What `psql` shows, with arguments as they are typed in the pod.
    pub(super) fn psql(&self, arguments: &[String]) -> String {
        let mut psql = Command::new(PSQL.path());
        psql.env("PGHOST", &self.host).args(["--no-psqlrc", "--set=ON_ERROR_STOP=1", "--tuples-only"]);
        let output = psql.args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(output.stderr));
        text(output.stdout)
    }
}

/// Webhooks that are in trouble.
const FAILING: &str = "INSERT INTO webhook_subscriptions (id, url, secret, event_types, is_active, disabled_reason)
         VALUES (1, 'u', 's', 'e', true, NULL), (2, 'u', 's', 'e', false, '410 Gone');
     INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at,
         last_status_code, last_error, created_at)
         VALUES ('msg_1', 1, 'e', 'p', 2, now(), 503, '503 Service Unavailable', now())";

/// The settings that the overlay starts the server with, as statements that keep them.
fn started_with(objects: &[Value]) -> Vec<String> {
    let pod = &object(objects, "StatefulSet", "postgres")["spec"]["template"]["spec"];
    let arguments = pod["containers"][0]["args"].as_array().unwrap();
    let settings = arguments.iter().map(|argument| argument.as_str().unwrap()).filter(|text| *text != "-c");
    settings
        .map(|setting| {
            let (name, value) = setting.split_once('=').unwrap();
            format!("ALTER SYSTEM SET {name} = '{value}'")
        })
        .collect()
}

async fn execute(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
}

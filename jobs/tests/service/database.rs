//! A database that is away, full, or written by a later version.

use clipper_jobs::database::{Address, Database};
use e2e::postgres::Postgres;
use e2e::proxy::Proxy;
use e2e::waiting::wait;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::process::{Service, TOKEN, execute};

/// What `/readyz` says, and whether it says that the service is ready.
async fn readiness(service: &Service) -> (u16, Value) {
    let (status, body) = service.ask(Method::GET, "/readyz", "", None).await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

/// So many clips with a vote each.
async fn insert_clips(database: &Database, number: u32) {
    let rows: Vec<String> = (1..=number)
        .map(|id| format!("({id}, 'clip-{id}', 'u', 'A clip', 'b', 'B', {id}, MOMENT, MOMENT)"))
        .collect();
    let columns = "id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, vote_score, created_at, imported_at";
    let sql = format!("INSERT INTO clips ({columns}) VALUES {}", rows.join(", "));
    match database {
        Database::Sqlite(pool) => {
            let sql = sql.replace("MOMENT", "1700000000000");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
        }
        Database::Postgres(pool) => {
            let sql = sql.replace("MOMENT", "to_timestamp(1700000000)");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
        }
    }
}

/// The one number that a query answers.
async fn number(database: &Database, sql: &'static str) -> i64 {
    match database {
        Database::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        Database::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
    }
}

const RANKED: &str = "SELECT count(*) FROM clips WHERE hot_rank IS NOT NULL";

#[tokio::test]
async fn a_database_that_is_away_at_the_start_is_waited_for_and_that_is_told() {
    let mut server = Postgres::start();
    server.stop();
    let url = server.url("service", "");
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::spawn_in(folder, &[("DATABASE_URL", &url)]);
    service.wait_for("/healthz", 200).await;
    let problem = wait("the reason", async || {
        let (status, readiness) = readiness(&service).await;
        assert_eq!((status, &readiness["ready"]), (503, &json!(false)));
        let problem = readiness["problems"][0].as_str()?.to_owned();
        problem.contains("cannot be used yet").then_some(problem)
    })
    .await;
    // Anybody may ask; where it is and what it says is told in the log.
    assert_eq!(problem, "the database cannot be used yet: it cannot be reached");
    let log = service.log();
    assert!(log.contains("postgres://postgres:***@") && log.contains("No such file or directory"), "{log}");
    assert_eq!(service.metrics().await, "");
    let (status, refused) = service.admin(Method::GET, "/admin/jobs").await;
    assert_eq!((status, &refused["error"]), (503, &json!(problem)));

    server.restart();
    service.wait_for("/readyz", 200).await;
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
    let (clean, log) = service.terminate();
    assert!(clean, "{log}");
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_told_as_what_it_is_and_sigterm_ends_the_wait() {
    let url = "postgres://clipper:hunter2@127.0.0.1:1/clipper";
    let mut service = Service::spawn_in(tempfile::tempdir().unwrap(), &[("DATABASE_URL", url)]);
    service.wait_for("/readyz", 503).await;
    let problem = wait("the reason", async || {
        let problem = readiness(&service).await.1["problems"][0].as_str()?.to_owned();
        problem.contains("connection refused").then_some(problem)
    })
    .await;
    assert_eq!(problem, "the database cannot be used yet: connection refused");
    let (clean, log) = service.terminate();
    assert!(log.contains("127.0.0.1:1: Connection refused"), "{log}");
    assert!(clean && log.contains("signal received while the database was waited for"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[tokio::test]
async fn a_password_that_is_refused_is_told_without_it_and_tried_until_it_is_accepted() {
    let mut server = Postgres::start();
    server.require_passwords();
    let owner = sqlx::PgPool::connect(&server.url("test", "")).await.unwrap();
    sqlx::raw_sql("CREATE ROLE clipper SUPERUSER LOGIN PASSWORD 'old'").execute(&owner).await.unwrap();
    let url = server.url("service", "").replace("postgres@", "clipper:hunter2@");
    let mut service = Service::spawn_in(tempfile::tempdir().unwrap(), &[("DATABASE_URL", &url)]);
    service.wait_for("/readyz", 503).await;
    let problem = wait("the reason", async || {
        let problem = readiness(&service).await.1["problems"][0].as_str()?.to_owned();
        problem.contains("it refuses the user").then_some(problem)
    })
    .await;
    assert_eq!(problem, "the database cannot be used yet: it refuses the user");
    let log = service.log();
    assert!(log.contains("password authentication failed for user") && !log.contains("hunter2"), "{log}");
    assert!(log.contains("postgres://clipper:***@"), "{log}");
    // As when the secret of the server is changed after that of the service.
    sqlx::raw_sql("ALTER ROLE clipper PASSWORD 'hunter2'").execute(&owner).await.unwrap();
    service.wait_for("/readyz", 200).await;
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
}

#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_is_survived() {
    const CLIPS: u32 = 5_000;
    let mut server = Postgres::start();
    let url = server.url("service", "");
    let variables = [("DATABASE_URL", url.as_str()), ("HOT_SCORE_REFRESH_BATCH_SIZE", "2")];
    let mut service = Service::start(&variables).await;
    let address: Address = server.url("test", "").parse().unwrap();
    let database = Database::connect(&address).await.unwrap();
    insert_clips(&database, CLIPS).await;
    let body = json!({ "job_name": "hot_score_refresh" });
    let trigger =
        async || service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await.unwrap();
    assert_eq!(trigger().await.0, 202);
    wait("the run to be at work", async || (number(&database, RANKED).await > 0).then_some(())).await;
    let Database::Postgres(pool) = &database else { unreachable!() };
    assert!(number(&database, RANKED).await < i64::from(CLIPS), "it is at work no more");
    pool.close().await;
    server.stop();

    let (status, refused) = service.admin(Method::GET, "/admin/jobs").await;
    assert_eq!(status, 503, "{refused}");
    service.wait_for("/readyz", 503).await;
    let (_, told) = readiness(&service).await;
    let problem = told["problems"][0].as_str().unwrap();
    assert!(problem.contains("the store cannot ") && !problem.contains("communicating"), "{told}");
    wait("the database to be missed", async || {
        let degraded = &readiness(&service).await.1["degraded"];
        (*degraded == json!(["the database: it cannot be reached"])).then_some(())
    })
    .await;
    assert!(service.log().contains("the database is in trouble"), "{}", service.log());
    assert_eq!(service.ask(Method::GET, "/healthz", "", None).await.unwrap().0, 200);

    // The last of three attempts has failed, too, and that cannot be recorded yet.
    let kept = r#""message":"the outcome cannot be recorded yet; the store is asked again""#;
    wait("the run to give up", async || service.log().contains(kept).then_some(())).await;
    assert!(service.log().contains(r#""attempt":2"#), "{}", service.log());
    server.restart();
    service.wait_for("/readyz", 200).await;
    let (outcome, message) = wait("the run to be recorded", async || {
        let (_, detail) = service.admin(Method::GET, "/admin/jobs/hot_score_refresh").await;
        let last = detail["last_run"].as_object()?;
        Some((last["outcome"].clone(), last["message"].to_string()))
    })
    .await;
    assert_eq!(outcome, "failed", "{message}");
    assert!(message.contains("error communicating with database"), "{message}");

    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
    let database = Database::connect(&address).await.unwrap();
    assert_eq!(number(&database, RANKED).await, i64::from(CLIPS));
    let (clean, log) = service.terminate();
    assert!(clean, "{log}");
}

#[tokio::test]
async fn a_server_that_goes_away_is_named_where_the_store_is_asked() {
    let server = Postgres::start();
    let proxy = Proxy::start(&server).await;
    let service = Service::start(&[("DATABASE_URL", &proxy.url())]).await;
    let named = format!("{}: Connection refused", proxy.place());
    drop(proxy);
    let refused = wait("the store to be missed", async || {
        let (status, refused) = service.admin(Method::GET, "/admin/jobs").await;
        (status == 503).then(|| refused.to_string())
    })
    .await;
    assert!(refused.contains(&named), "{refused}");
    let log = service.log();
    let mut told = log.lines().filter(|line| line.contains("ERROR") && line.contains("the store cannot"));
    assert!(told.next_back().is_some_and(|line| line.contains(&named)), "{log}");
    assert!(!log.contains("pool timed out"), "{log}");
}

/// A service does not start on a database of a version that it does not know, and says so.
async fn check_later(address: &str, site: bool, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let serve = [("DATABASE_URL", address), ("PORT", "0")];
    let (code, _, log) = execute(folder.path(), &["run", "hot_score_refresh"], &serve);
    assert_eq!(code, 0, "{log}");
    let local = address.replace("sqlite:", &format!("sqlite:{}/", folder.path().display()));
    match Database::connect(&local.parse().unwrap()).await.unwrap() {
        Database::Sqlite(pool) if site => {
            sqlx::query("PRAGMA user_version = 9").execute(&pool).await.unwrap();
        }
        Database::Sqlite(_) => {
            let pool = sqlx::SqlitePool::connect(&format!("{local}.jobs")).await.unwrap();
            sqlx::query("PRAGMA user_version = 9").execute(&pool).await.unwrap();
        }
        Database::Postgres(pool) => {
            let table = if site { "clipper_schema" } else { "jobwatch_schema" };
            let sql = format!("UPDATE {table} SET version = 9");
            sqlx::query(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        }
    }
    for command in [&["serve"][..], &["run", "hot_score_refresh"]] {
        let (code, _, log) = execute(folder.path(), command, &serve);
        assert_eq!(code, 2, "{log}");
        assert!(log.ends_with(&format!("clipper-jobs: {expected}\n")), "{log}");
    }
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused() {
    let site = "the tables are of version 9, and this service knows 1: update it";
    let file = "the store cannot use its tables: clipper.sqlite.jobs: they are of version 9, and this program knows 3; update it";
    check_later("sqlite:clipper.sqlite", true, site).await;
    check_later("sqlite:clipper.sqlite", false, file).await;
    let store = "the store cannot use its tables: they are of version 9, and this program knows 3; update it";
    check_later(&Postgres::start().url("test", ""), true, site).await;
    check_later(&Postgres::start().url("test", ""), false, store).await;
}

#[tokio::test]
async fn a_disk_that_is_full_fails_runs_and_loses_nothing() {
    const CLIPS: u32 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Sqlite(folder.path().join("clipper.sqlite"));
    let database = Database::connect(&address).await.unwrap();
    insert_clips(&database, CLIPS).await;
    let Database::Sqlite(pool) = &database else { unreachable!() };
    sqlx::query("INSERT INTO users (name, created_at) VALUES ('Ada', 0)").execute(pool).await.unwrap();
    let written = std::fs::metadata(folder.path().join("clipper.sqlite-wal")).unwrap().len();
    assert!(written > 1 << 20, "what the runtime keeps has to fit below: {written}");
    let mut service = Service::spawn_limited(folder, &[("HOT_SCORE_REFRESH_BATCH_SIZE", "100")]);
    service.wait_for("/readyz", 200).await;

    // There is no more space for clips, and some for what is known about runs.
    service.limit_files(&(written + 100_000).to_string());
    let (outcome, message) = service.run("hot_score_refresh").await;
    assert_eq!(outcome, "failed", "{message}");
    assert!(message.starts_with("failed: write hot ranks: error returned from database: "), "{message}");
    assert!(message.contains("disk"), "{message}");
    // One that writes in transactions fares no worse.
    let (outcome, message) = service.run("reputation_tasks").await;
    assert!(outcome == "failed" && message.contains("update reputations: "), "{message}");
    let some = number(&database, RANKED).await;
    assert!(some > 0 && some < i64::from(CLIPS), "pages that are done stay done: {some}");

    // There is no space at all, not even for the log.
    service.limit_files("1");
    let body = json!({ "job_name": "hot_score_refresh" });
    let (status, refused) =
        service.ask(Method::POST, "/admin/jobs/trigger", TOKEN, Some(&body)).await.unwrap();
    assert_eq!(status, 503, "{refused}");
    assert!(refused.contains("the store cannot grant a lease") && refused.contains("disk"), "{refused}");
    let (status, told) = readiness(&service).await;
    assert_eq!(status, 503, "{told}");
    assert!(told["problems"][0].as_str().unwrap().contains("the store cannot "), "{told}");

    service.limit_files("unlimited");
    for job in ["hot_score_refresh", "reputation_tasks"] {
        let (outcome, message) = service.run(job).await;
        assert_eq!(outcome, "succeeded", "{message}");
    }
    service.wait_for("/readyz", 200).await;
    assert!(!service.log().contains("transaction depth"), "a connection is of no use any more");
    assert_eq!(number(&database, RANKED).await, i64::from(CLIPS));
    let (votes, clips) = (number(&database, "SELECT sum(vote_score) FROM clips").await, i64::from(CLIPS));
    assert_eq!(votes, clips * (clips + 1) / 2);
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(pool).await.unwrap();
    assert_eq!(check, "ok");
    // The files are whole for another process, too.
    let service = Service::start_in(service.kill(), &[]).await;
    assert_eq!(service.run("reputation_tasks").await.1, "succeeded: 0 succeeded, 0 failed, 1 skipped");
}

//! Secrets never leave the service, however much it is asked to tell and whatever goes wrong.

use clipper_jobs::service;
use clipper_jobs::settings::Settings;
use clipper_stage::stand_in::embeddings::EmbeddingService;
use clipper_stage::stand_in::open_search::OpenSearchService;
use clipper_stage::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};
use e2e::postgres::Postgres;
use e2e::redis::Redis;
use e2e::waiting::wait;
use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::process::{Service, TOKEN, execute};

const DATABASE: &str = "database-hunter2";
const EMBEDDING: &str = "embedding-hunter2";
const SEARCH: &str = "search-hunter2";
const REDIS: &str = "redis-hunter2";
const WEBHOOK: &str = "webhook-hunter2";

/// No secret is in a text: none that the service was given, and none that it got or made from one.
fn check(what: &str, text: &str) {
    // A token of Twitch, and how `clipper:search-hunter2` goes over the wire.
    let made = ["demo-token", "Y2xpcHBlcjpzZWFyY2gtaHVudGVyMg"];
    for secret in [TOKEN, DATABASE, EMBEDDING, CLIENT_SECRET, SEARCH, REDIS, WEBHOOK].into_iter().chain(made)
    {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            panic!("{what} tells {secret}: {line}");
        }
    }
}

/// Fills a service's database with a clip and with a delivery to each of some receivers.
async fn fill(service: &Service, receivers: &[&str]) {
    let file = service.folder.path().join("clipper.sqlite");
    let mut site = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let mut sql = "INSERT INTO clips (twitch_clip_id, url, title, broadcaster_id, broadcaster_name, created_at, imported_at)
        VALUES ('clip-1', 'u', 'Mate in two', 'b', 'Ada', unixepoch() * 1000, unixepoch() * 1000);"
        .to_owned();
    for (number, receiver) in receivers.iter().enumerate() {
        sql += &format!(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types)
             VALUES ({number}, '{receiver}', '{WEBHOOK}', 'clip.created');
             INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, next_attempt_at, created_at)
             VALUES ('msg_{number}', {number}, 'clip.created', '{{}}', 0, 0);"
        );
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site).await.unwrap();
}

/// Everything that a service and its commands tell, with peers that know the secrets or that have
/// others.
async fn check_peers(are_known: bool) {
    let other = "another";
    let twitch = TwitchService::start().await.unwrap();
    let search =
        OpenSearchService::start(Some(("clipper", if are_known { SEARCH } else { other }))).await.unwrap();
    let embeddings = EmbeddingService::start(if are_known { EMBEDDING } else { other }).await.unwrap();
    let redis = Redis::start(if are_known { REDIS } else { other });
    let redis_url = redis.url().replace(other, REDIS);
    let variables = [
        ("RUST_LOG", "trace"),
        ("TWITCH_CLIENT_ID", if are_known { CLIENT_ID } else { other }),
        ("TWITCH_CLIENT_SECRET", CLIENT_SECRET),
        ("TWITCH_AUTH_URL", twitch.url().as_str()),
        ("TWITCH_API_URL", twitch.url().as_str()),
        ("REDIS_URL", &redis_url),
        ("OPENSEARCH_URL", search.url().as_str()),
        ("OPENSEARCH_USERNAME", "clipper"),
        ("OPENSEARCH_PASSWORD", SEARCH),
        ("EMBEDDING_BASE_URL", embeddings.url().as_str()),
        ("EMBEDDING_API_KEY", EMBEDDING),
        ("WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES", "true"),
    ];
    let service = Service::start(&variables).await;
    // Nobody listens at the first; the second answers 404, and its delivery is given up.
    fill(&service, &["http://127.0.0.1:1/", twitch.url().join("webhooks").unwrap().as_ref()]).await;
    for (job, expected) in [
        ("hot_score_refresh", true),
        ("trending_score_refresh", true),
        ("reputation_tasks", true),
        ("webhook_retry", false),
        ("clip_sync", are_known),
        ("embedding_generation", are_known),
    ] {
        let (outcome, message) = service.run(job).await;
        assert_eq!(outcome == "succeeded", expected, "{job}: {message}");
    }
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/admin/openapi.json",
        "/admin/jobs",
        "/admin/jobs/clip_sync",
        "/admin/jobs/embedding_generation",
        "/admin/jobs/webhook_retry",
        "/admin/jobs/none",
    ] {
        for token in [TOKEN, "wrong"] {
            check(path, &service.ask(Method::GET, path, token, None).await.unwrap().1);
        }
    }
    // The stand-ins answer on other threads, while this one waits for a command.
    let folder = service.folder.path();
    for (arguments, expected) in [
        (&["config"][..], 0),
        (&["webhooks", "dead-letters", "list"], 0),
        (&["webhooks", "dead-letters", "replay", "--all"], 0),
        (&["run", "clip_sync"], i32::from(!are_known)),
        (&["run", "embedding_generation"], i32::from(!are_known)),
        (&["run", "none"], 2),
    ] {
        let (code, out, error) = execute(folder, arguments, &variables);
        assert_eq!(code, expected, "{arguments:?}: {error}");
        check(&format!("{arguments:?}"), &(out + &error));
    }
    let (_, log) = service.terminate();
    assert!(log.contains(r#""level":"TRACE""#), "everything is logged");
    check("the log", &log);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_while_peers_take_them() {
    check_peers(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_while_peers_refuse_them() {
    check_peers(false).await;
}

#[tokio::test]
async fn the_password_of_the_database_is_not_told_whether_it_answers_or_not() {
    let server = Postgres::start();
    let url = server
        .url("secrets", "")
        .replace("postgres://postgres@", &format!("postgres://postgres:{DATABASE}@"));
    assert!(url.contains(DATABASE));
    let variables = [("RUST_LOG", "trace"), ("DATABASE_URL", &url)];
    let service = Service::start(&variables).await;
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
    drop(server);
    wait("the store to be missed", async || {
        let (status, body) = service.ask(Method::GET, "/admin/jobs", TOKEN, None).await?;
        check("/admin/jobs", &body);
        (status == 503).then_some(())
    })
    .await;
    for arguments in [&["config"][..], &["run", "hot_score_refresh"], &["webhooks", "dead-letters", "list"]] {
        let (_, out, error) = execute(service.folder.path(), arguments, &variables);
        check(&format!("{arguments:?}"), &(out + &error));
    }
    check("the log", &service.log());

    let waiting = Service::spawn_in(tempfile::tempdir().unwrap(), &variables);
    wait("the service to say that it waits", async || {
        waiting.log().contains("the database cannot be used yet").then_some(())
    })
    .await;
    check("the log", &waiting.log());
}

#[test]
fn settings_that_cannot_be_used_are_refused_without_the_secrets_in_them() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value) in [
        ("DATABASE_URL", format!("postgres://clipper:{DATABASE}@db:port/clipper")),
        ("DATABASE_URL", format!("postgres//clipper:{DATABASE}@db/clipper")),
        ("EMBEDDING_API_KEY_FILE", EMBEDDING.to_owned()),
        ("REDIS_URL", format!("redis//:{REDIS}@cache")),
        ("REDIS_URL", format!("redis://:{REDIS}@cache:port")),
        ("OPENSEARCH_URL", format!("https://clipper:{SEARCH}@search:9200")),
        ("OPENSEARCH_PASSWORD", SEARCH.to_owned()),
        ("EMBEDDING_BASE_URL", format!("https://:{EMBEDDING}@embeddings")),
        ("TWITCH_AUTH_URL", format!("https://:{CLIENT_SECRET}@twitch")),
        ("ADMIN_TOKEN_FILE", TOKEN.to_owned()),
        ("ADMIN_TOKENS", format!("alice:{TOKEN}")),
        ("ADMIN_TOKENS_FILE", format!("alice:read:{TOKEN}")),
    ] {
        for arguments in [&["config"][..], &["serve"], &["run", "clip_sync"]] {
            let (code, out, error) =
                execute(folder.path(), arguments, &[(variable, &value), ("RUST_LOG", "trace")]);
            assert_eq!(code, 2, "{variable}");
            assert!(error.contains(variable.trim_end_matches("_FILE")), "{error}");
            check(variable, &(out + &error));
        }
    }
}

#[test]
fn settings_do_not_tell_their_secrets_to_whoever_prints_them() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("secret");
    std::fs::write(&file, format!("{SEARCH}\n")).unwrap();
    let given = [
        ("DATABASE_URL", format!("postgres://clipper:{DATABASE}@db/clipper")),
        ("ADMIN_TOKEN", "another".to_owned()),
        ("ADMIN_TOKENS", format!("alice:operate:{TOKEN}")),
        ("TWITCH_CLIENT_ID", CLIENT_ID.to_owned()),
        ("TWITCH_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("EMBEDDING_BASE_URL", "https://embeddings".to_owned()),
        ("EMBEDDING_API_KEY", EMBEDDING.to_owned()),
        ("REDIS_URL", format!("redis://:{REDIS}@cache")),
        ("OPENSEARCH_URL", "https://search:9200".to_owned()),
        ("OPENSEARCH_USERNAME", "clipper".to_owned()),
        ("OPENSEARCH_PASSWORD_FILE", file.display().to_string()),
    ];
    let find =
        |name: &str| given.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.clone());
    let settings = Settings::read(&service::catalogue().unwrap(), find).unwrap();
    assert!(settings.twitch.is_some() && settings.embeddings.is_some() && settings.redis.is_some());
    assert!(settings.search.is_some(), "all that holds a secret is there");
    check("Debug", &format!("{settings:?}"));
    check("Debug over several lines", &format!("{settings:#?}"));
}

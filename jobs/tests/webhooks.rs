//! Deliveries to a receiver that answers as it likes, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use clipper_jobs::database::{Address, Database};
use clipper_jobs::webhooks::{AddressRule, Deliverer, Limits, retry, size};
use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::{Report, RunContext};
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What a receiver has got: how often each message came, and with which headers the last time.
type Inbox = Arc<Mutex<HashMap<String, (u32, HeaderMap)>>>;

/// A receiver whose path says how it answers.
async fn receiver() -> (u16, Inbox) {
    let inbox = Inbox::default();
    let router = Router::new().route("/{answer}", post(receive)).with_state(inbox.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, inbox)
}

async fn receive(State(inbox): State<Inbox>, Path(answer): Path<String>, headers: HeaderMap) -> Response {
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    {
        let mut inbox = inbox.lock().unwrap();
        let entry = inbox.entry(id).or_default();
        *entry = (entry.0 + 1, headers);
    }
    match answer.as_str() {
        "hang" => std::future::pending().await,
        "slow" => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            StatusCode::OK.into_response()
        }
        "redirect" => Redirect::temporary("/200").into_response(),
        "large" => (StatusCode::INTERNAL_SERVER_ERROR, "x ".repeat(1 << 20)).into_response(),
        "later" => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")], "").into_response(),
        status => StatusCode::from_u16(status.parse().unwrap()).unwrap().into_response(),
    }
}

struct Site {
    database: Database,
    address: String,
    folder: TempDir,
    _server: Option<Postgres>,
}

impl Site {
    async fn new(server: Option<Postgres>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = match &server {
            Some(server) => server.url("test", ""),
            None => format!("sqlite:{}", folder.path().join("clipper.sqlite").display()),
        };
        let database = Database::connect(&address.parse::<Address>().unwrap()).await.unwrap();
        Self { database, address, folder, _server: server }
    }

    async fn execute(&self, sql: &str) {
        let moment = |sql: &str, now: &str| sql.replace("NOW", now);
        match &self.database {
            Database::Sqlite(pool) => {
                let sql = moment(sql, "(unixepoch() * 1000)");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Database::Postgres(pool) => {
                sqlx::raw_sql(AssertSqlSafe(moment(sql, "now()"))).execute(pool).await.unwrap();
            }
        }
    }

    /// The rows of a query, their columns joined by spaces.
    async fn rows(&self, columns: &[&str], from: &str) -> Vec<String> {
        let columns: Vec<String> =
            columns.iter().map(|column| format!("coalesce(CAST({column} AS text), '')")).collect();
        let sql = format!("SELECT {} AS line {from}", columns.join(" || ' ' || "));
        match &self.database {
            Database::Sqlite(pool) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("line")).collect()
            }
            Database::Postgres(pool) => {
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get("line")).collect()
            }
        }
    }

    /// A subscription, and so many deliveries for it that are due.
    async fn deliveries(&self, subscription: u32, url: &str, active: bool, number: u32, attempts: u32) {
        let active = if active { "1 = 1" } else { "1 = 0" };
        self.execute(&format!(
            "INSERT INTO webhook_subscriptions (id, url, secret, event_types, is_active)
             VALUES ({subscription}, '{url}', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'clip.created', {active})"
        ))
        .await;
        self.more_deliveries(subscription, 0..number, attempts).await;
    }

    async fn more_deliveries(&self, subscription: u32, numbers: std::ops::Range<u32>, attempts: u32) {
        let rows: Vec<String> = numbers
            .map(|number| {
                format!(
                    "('msg_{subscription}_{number}', {subscription}, 'clip.created', '{{\"clip\": {number}}}', {attempts}, NOW, NOW)"
                )
            })
            .collect();
        self.execute(&format!(
            "INSERT INTO webhook_deliveries (message_id, subscription_id, event_type, payload, attempts, next_attempt_at, created_at)
             VALUES {}",
            rows.join(", ")
        ))
        .await;
    }

    async fn retry(&self, rule: AddressRule) -> Report {
        let limits = Limits { batch: 100, concurrency: 16 };
        let run = RunContext::detached(JobName::new("webhook_retry").unwrap());
        retry(&self.database, &Deliverer::new(rule).unwrap(), limits, &run).await.unwrap()
    }
}

async fn sites() -> [Site; 2] {
    [Site::new(None).await, Site::new(Some(Postgres::start())).await]
}

fn report(succeeded: u64, failed: u64, skipped: u64) -> Report {
    Report { succeeded, failed, skipped }
}

#[tokio::test]
async fn what_becomes_of_a_delivery_follows_from_the_answer() {
    let (port, inbox) = receiver().await;
    let url = |answer: &str| format!("http://127.0.0.1:{port}/{answer}");
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &url("204"), true, 2, 0).await;
        site.deliveries(2, &url("500"), true, 1, 0).await;
        site.deliveries(3, &url("500"), true, 1, 4).await;
        site.deliveries(4, &url("404"), true, 1, 0).await;
        site.deliveries(5, &url("410"), true, 1, 0).await;
        site.deliveries(6, &url("redirect"), true, 1, 0).await;
        site.deliveries(7, &url("later"), true, 1, 0).await;
        site.deliveries(8, &url("200"), false, 1, 0).await;
        site.deliveries(9, "http://127.0.0.1:1/", true, 1, 0).await;
        site.deliveries(10, &url("large"), true, 1, 0).await;
        assert_eq!(size(&site.database).await.unwrap(), 11);
        assert_eq!(site.retry(AddressRule::Any).await, report(2, 8, 1));

        let waiting = site
            .rows(&["message_id", "attempts", "last_status_code"], "FROM webhook_deliveries ORDER BY id")
            .await;
        assert_eq!(
            waiting,
            ["msg_2_0 1 500", "msg_6_0 1 307", "msg_7_0 1 429", "msg_9_0 1 ", "msg_10_0 1 500"]
        );
        let dead = ["message_id", "attempts", "last_status_code", "last_error"];
        let dead = site.rows(&dead, "FROM webhook_dead_letters ORDER BY subscription_id").await;
        assert_eq!(
            dead,
            [
                "msg_3_0 5 500 500 Internal Server Error",
                "msg_4_0 1 404 404 Not Found",
                "msg_5_0 1 410 410 Gone",
                "msg_8_0 0  the subscription is not active",
            ]
        );
        let disabled = "FROM webhook_subscriptions WHERE disabled_reason IS NOT NULL";
        assert_eq!(site.rows(&["id", "disabled_reason"], disabled).await, ["5 410 Gone"]);
        let errors = site.rows(&["last_error"], "FROM webhook_deliveries ORDER BY id").await;
        assert!(errors[3].starts_with("cannot connect"), "{}", errors[3]);
        assert!(errors[4].len() < 300, "a receiver's answer is cut: {}", errors[4].len());

        // Nothing is due again yet, and nobody was asked twice.
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 0, 0));
        assert!(inbox.lock().unwrap().values().all(|(times, _)| *times == 1));
        assert_eq!(inbox.lock().unwrap().len(), 9);
        let headers = inbox.lock().unwrap()["msg_1_0"].1.clone();
        assert!(headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
        assert_eq!(headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn nothing_is_sent_into_our_own_network() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        site.deliveries(1, &format!("http://127.0.0.1:{port}/200"), true, 1, 0).await;
        site.deliveries(2, &format!("http://localhost:{port}/200"), true, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Public).await, report(0, 2, 0));
        assert!(inbox.lock().unwrap().is_empty());
        let dead = site.rows(&["last_error"], "FROM webhook_dead_letters").await;
        assert_eq!(dead, ["127.0.0.1 is not on the public internet"]);
        let waiting = site.rows(&["last_error"], "FROM webhook_deliveries").await;
        assert!(waiting[0].contains("which is not on the public internet"), "{}", waiting[0]);
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_does_not_hold_up_the_others() {
    let (port, inbox) = receiver().await;
    let site = Site::new(None).await;
    // Another name for the same machine is another host.
    site.deliveries(1, &format!("http://127.0.0.2:{port}/hang"), true, 1, 0).await;
    let slow = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let hang = format!("http://127.0.0.2:{}/", slow.local_addr().unwrap().port());
    site.execute(&format!("UPDATE webhook_subscriptions SET url = '{hang}' WHERE id = 1")).await;
    site.deliveries(2, &format!("http://127.0.0.1:{port}/200"), true, 60, 0).await;
    let begun = Instant::now();
    let run = tokio::spawn(async move { site.retry(AddressRule::Any).await });
    while inbox.lock().unwrap().len() < 60 {
        assert!(begun.elapsed() < Duration::from_secs(8), "{}", inbox.lock().unwrap().len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(run.await.unwrap(), report(60, 1, 0));
    drop(slow);
}

/// However much is due for it, and however long it has been.
#[tokio::test]
async fn a_backlog_of_a_receiver_that_never_answers_does_not_hold_up_the_others() {
    let (port, inbox) = receiver().await;
    let slow = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let hang = format!("http://127.0.0.2:{}/", slow.local_addr().unwrap().port());
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &hang, true, 1_100, 0).await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/200"), true, 150, 0).await;
        let everything = async {
            while inbox.lock().unwrap().len() < 150 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            report = site.retry(AddressRule::Any) => panic!("nobody waited for the slow one: {report:?}"),
            () = tokio::time::sleep(Duration::from_secs(8)) => panic!("{} came", inbox.lock().unwrap().len()),
            () = everything => {}
        }
        let claimed =
            site.rows(&["id"], "FROM webhook_deliveries WHERE subscription_id = 1 AND claim IS NOT NULL");
        assert_eq!(claimed.await.len(), 100, "no more is claimed for a host than it can be given");
    }
}

#[tokio::test]
async fn a_dead_letter_is_replayed_as_the_same_message() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/404"), true, 2, 0).await;
        site.deliveries(2, &format!("http://127.0.0.1:{port}/410"), true, 1, 0).await;
        assert_eq!(site.retry(AddressRule::Any).await, report(0, 3, 0));
        let command = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
            command.args(["webhooks", "dead-letters"]).args(arguments).env("DATABASE_URL", &site.address);
            let output = command.current_dir(site.folder.path()).output().unwrap();
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
        };
        let (code, list) = command(&["list"]);
        assert_eq!((code, list.lines().count()), (0, 4), "{list}");
        assert!(list.lines().all(|line| line.len() <= 100) && list.contains("404 Not Found"), "{list}");

        site.execute(&format!(
            "UPDATE webhook_subscriptions SET url = 'http://127.0.0.1:{port}/200' WHERE id = 1"
        ))
        .await;
        assert_eq!(command(&["replay", "1"]), (0, "1 are due again\n".to_owned()));
        let left = "1 are due again\n1 stay: their subscriptions are not active; activate them first\n";
        assert_eq!(command(&["replay", "--all"]), (0, left.to_owned()));
        assert_eq!(command(&["replay", "99"]), (1, "0 are due again\n".to_owned()));
        assert_eq!(site.retry(AddressRule::Any).await, report(2, 0, 0));
        assert_eq!(inbox.lock().unwrap()["msg_1_0"].0, 2);
        let (code, list) = command(&["list"]);
        assert_eq!((code, list.lines().count()), (0, 2), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_never_deliver_the_same_message() {
    let (port, inbox) = receiver().await;
    for site in sites().await {
        inbox.lock().unwrap().clear();
        site.deliveries(1, &format!("http://127.0.0.1:{port}/200"), true, 300, 0).await;
        let (one, two) = tokio::join!(site.retry(AddressRule::Any), site.retry(AddressRule::Any));
        assert_eq!(one.succeeded + two.succeeded, 300);
        assert_eq!(inbox.lock().unwrap().values().map(|(times, _)| *times).collect::<Vec<_>>(), [1; 300]);
        assert_eq!(size(&site.database).await.unwrap(), 0);
    }
}

/// How many messages have come in, repeats among them.
fn received(inbox: &Inbox) -> u32 {
    inbox.lock().unwrap().values().map(|(times, _)| times).sum()
}

/// Each round is killed at another moment; then the time passes in which nobody may take over what it had claimed.
#[tokio::test(flavor = "multi_thread")]
async fn no_delivery_is_lost_by_a_process_that_is_killed() {
    const ROUNDS: u32 = 40;
    const EACH: u32 = 25;
    let (port, inbox) = receiver().await;
    let site = Site::new(Some(Postgres::start())).await;
    site.deliveries(1, &format!("http://127.0.0.1:{port}/slow"), true, 1, 0).await;
    let process = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"));
        command.args(["run", "webhook_retry"]).current_dir(site.folder.path());
        command.env("DATABASE_URL", &site.address).env("WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES", "true");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut interrupted = 0;
    for round in 1..=ROUNDS {
        site.more_deliveries(1, round * EACH..(round + 1) * EACH, 0).await;
        let before = received(&inbox);
        let mut child = process().spawn().unwrap();
        // It is at work when something has come in, and then has half a second left to do.
        while received(&inbox) == before {
            assert!(child.try_wait().unwrap().is_none(), "nothing was delivered");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(round * 37 % 250))).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let claimed = site.rows(&["id"], "FROM webhook_deliveries WHERE claim IS NOT NULL").await;
        interrupted += u32::from(!claimed.is_empty());
        site.execute(
            "UPDATE webhook_deliveries SET claimed_until = NOW; UPDATE jobwatch_job SET until = NOW",
        )
        .await;
    }
    assert!(interrupted > ROUNDS / 2, "{interrupted} rounds were killed while delivering");
    assert!(process().status().unwrap().success());
    assert_eq!(size(&site.database).await.unwrap(), 0);
    let inbox = inbox.lock().unwrap();
    assert_eq!(inbox.len() as u32, 1 + ROUNDS * EACH, "a message was lost");
    let twice = inbox.values().filter(|(times, _)| *times > 1).count() as u32;
    // What was under way when a round was killed may come again.
    assert!(twice <= ROUNDS * 16, "{twice}");
}

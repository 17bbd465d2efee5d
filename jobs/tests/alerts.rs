//! From a failing run to an alert that has arrived, through the real Prometheus and Alertmanager, and back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clipper_jobs::stand_in::Mood;
use clipper_jobs::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};
use e2e::prometheus::Prometheus;
use e2e::repository;
use reqwest::Client;
use serde_json::{Value, json};

const TOKEN: &str = "correct-horse-battery";

/// The service, which ends with this value.
struct Service {
    process: Child,
    port: u16,
    client: Client,
}

impl Service {
    async fn start(twitch: &TwitchService, folder: &std::path::Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_clipper-jobs"))
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env("ADMIN_TOKEN", TOKEN)
            .env("TWITCH_CLIENT_ID", CLIENT_ID)
            .env("TWITCH_CLIENT_SECRET", CLIENT_SECRET)
            .env("TWITCH_AUTH_URL", twitch.url().as_str())
            .env("TWITCH_API_URL", twitch.url().as_str())
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        // Connections of the crate are made with this cryptography, and so are those of the test.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let service = Self { process, port, client: Client::new() };
        wait("the service to be ready", async || {
            let answer = service.client.get(service.url("/readyz")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        service
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Runs `clip_sync`, and waits until that has ended. Answers its outcome.
    async fn run(&self) -> String {
        let request = self.client.post(self.url("/admin/jobs/trigger")).bearer_auth(TOKEN);
        let answer = request.json(&json!({"job_name": "clip_sync"})).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        let run = answer.json::<Value>().await.unwrap()["run_id"].clone();
        wait("the run to end", async || {
            let request = self.client.get(self.url("/admin/jobs/clip_sync")).bearer_auth(TOKEN);
            let detail: Value = request.send().await.ok()?.json().await.ok()?;
            let last = &detail["last_run"];
            (last["run_id"] == run).then(|| last["outcome"].as_str().unwrap().to_owned())
        })
        .await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn wait<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The names of the alerts that fire, with their jobs.
async fn firing(client: &Client, prometheus: &Prometheus) -> Option<Vec<String>> {
    let answer: Value =
        client.get(format!("{}/api/v1/alerts", prometheus.url())).send().await.ok()?.json().await.ok()?;
    let alerts = answer["data"]["alerts"].as_array()?;
    let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
    let name = |alert: &Value| {
        let label = |name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", label("alertname"), label("job_name"))
    };
    Some(firing.map(name).collect())
}

#[tokio::test]
async fn three_failures_in_a_row_reach_alertmanager_and_a_success_ends_it() {
    let twitch = TwitchService::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(&twitch, folder.path()).await;
    let prometheus =
        Prometheus::start(service.port, &repository::root().join("alerts/background-jobs.rules.yaml"));
    let client = service.client.clone();

    twitch.moods().lasting(Some(Mood::Fails(403)));
    for _ in 0..2 {
        assert_eq!(service.run().await, "failed");
    }
    // Two failures are seen by Prometheus, and are no reason yet.
    wait("two failures to be seen", async || {
        let query = "job_consecutive_failures{job_name=\"clip_sync\"} == 2";
        let request = client.get(format!("{}/api/v1/query", prometheus.url())).query(&[("query", query)]);
        let answer: Value = request.send().await.ok()?.json().await.ok()?;
        (answer["data"]["result"].as_array()?.len() == 1).then_some(())
    })
    .await;
    assert_eq!(firing(&client, &prometheus).await.unwrap(), [] as [String; 0]);

    assert_eq!(service.run().await, "failed");
    let expected = ["BackgroundJobConsecutiveFailures clip_sync"];
    wait("the alert", async || (firing(&client, &prometheus).await? == expected).then_some(())).await;
    let alert = wait("the alert to arrive", async || {
        let url = format!("{}/api/v2/alerts", prometheus.alertmanager_url());
        client.get(url).send().await.ok()?.json::<Vec<Value>>().await.ok()?.pop()
    })
    .await;
    let labels = &alert["labels"];
    assert_eq!(
        (&labels["severity"], &labels["job_name"], &labels["namespace"]),
        (&json!("warning"), &json!("clip_sync"), &json!("clipper"))
    );
    let annotation = |name: &str| alert["annotations"][name].as_str().unwrap_or_default().to_owned();
    assert!(annotation("runbook_url").ends_with("docs/runbooks/background-jobs.md#consecutive-failures"));
    assert!(annotation("dashboard_url").contains("/d/background-jobs"), "{alert}");
    assert!(annotation("description").contains('3'), "{alert}");

    twitch.moods().lasting(None);
    assert_eq!(service.run().await, "succeeded");
    wait("the alert to end", async || firing(&client, &prometheus).await?.is_empty().then_some(())).await;
}

//! From a failing run to an alert that has arrived, through the real Prometheus and Alertmanager,
//! and back.

use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::prometheus::Prometheus;
use e2e::repository;
use e2e::waiting::wait;
use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{Service, twitch_at};

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
    let service = Service::start(&twitch_at(twitch.url().as_str())).await;
    let prometheus =
        Prometheus::start(service.port(), &repository::root().join("alerts/background-jobs.rules.yaml"));
    let client = service.client().clone();

    twitch.moods().lasting(Some(Mood::Fails(403)));
    for _ in 0..2 {
        assert_eq!(service.run("clip_sync").await.0, "failed");
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

    assert_eq!(service.run("clip_sync").await.0, "failed");
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
    assert_eq!(service.run("clip_sync").await.0, "succeeded");
    wait("the alert to end", async || firing(&client, &prometheus).await?.is_empty().then_some(())).await;
}

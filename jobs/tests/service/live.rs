//! A bad hour of the service in about a minute, as those see it who are told: Prometheus and
//! Alertmanager with the generated rules and routing, where time passes sixty times as fast.

use std::fs;

use chrono::{DateTime, Utc};
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::twitch::TwitchService;
use e2e::generated;
use e2e::prometheus::Prometheus;
use e2e::repository::{self, CLIPPER};
use e2e::webhook::Webhook;
use jobwatch_catalogue::Catalogue;
use serde_json::{Value, json};

use crate::process::{Service, twitch_at};

/// How many times as fast time passes.
const FASTER: u64 = 60;

/// The variables that make jobs run as many times as often. `clip_sync` runs only when the test
/// has it run.
fn hurry(catalogue: &Catalogue) -> Vec<(String, String)> {
    let variables = catalogue.jobs().iter().flat_map(|job| {
        let interval = job.schedule().longest_gap().as_secs() / FASTER;
        let timeout = job.timeout().as_secs() / FASTER;
        let name = job.name().as_str().to_uppercase();
        let interval = if job.name().as_str() == "clip_sync" { 3_600 } else { interval };
        let interval = (job.interval_variable().to_owned(), format!("{interval}s"));
        [interval, (format!("{name}_TIMEOUT"), format!("{timeout}s"))]
    });
    variables.chain([("START_DELAY".to_owned(), "1s".to_owned())]).collect()
}

fn since(alert: &Value) -> DateTime<Utc> {
    alert["startsAt"].as_str().unwrap().parse().unwrap()
}

/// The names of the jobs that the notifications were about.
fn jobs(webhook: &Webhook) -> Vec<&str> {
    let alerts = webhook.seen.iter().flat_map(|notification| &notification.alerts);
    let mut jobs: Vec<&str> = alerts.map(|alert| alert["labels"]["job_name"].as_str().unwrap()).collect();
    jobs.sort_unstable();
    jobs.dedup();
    jobs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_arrives_pages_when_nobody_resolves_it_and_ends_with_a_success() {
    const FAILS: (&str, &str) = ("alertname", "BackgroundJobConsecutiveFailures");
    const UNRESOLVED: (&str, &str) = ("alertname", "BackgroundJobUnresolved");
    const ABSENT: (&str, &str) = ("alertname", "BackgroundJobMetricsAbsent");
    let catalogue = repository::catalogue(CLIPPER);
    let [rules, routing] = generated::faster(&catalogue, FASTER);
    let twitch = TwitchService::start().await.unwrap();
    let twitch_url = twitch.url().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("clipper.sqlite").display());
    let hurried = hurry(&catalogue);
    let mut variables: Vec<(&str, &str)> = hurried.iter().map(|(name, value)| (&**name, &**value)).collect();
    variables.extend(twitch_at(&twitch_url));
    variables.push(("DATABASE_URL", &database));
    let (service, replica) = tokio::join!(Service::start(&variables), Service::start(&variables));

    let mut webhook = Webhook::start();
    fs::write(folder.path().join("faster.rules.yaml"), rules).unwrap();
    let routing = webhook.instead_of_receivers(&routing);
    let ports = [service.port(), replica.port()];
    let mut prometheus = Prometheus::start_routed(&ports, &folder.path().join("faster.rules.yaml"), &routing);
    let wait_until_up = |prometheus: &Prometheus, number: &str| {
        let is_so = |answer: &Value| (answer["data"]["result"][0]["value"][1] == number).then_some(());
        prometheus.wait_for("/api/v1/query?query=count(job_name:job_catalogued:info)*0%2Bsum(up)", is_so);
    };
    wait_until_up(&prometheus, "2");

    // Three failures in a row are told in the channel, with what to do about them.
    twitch.moods().lasting(Some(Mood::Fails(403)));
    for _ in 0..3 {
        assert_eq!(service.run("clip_sync").await.0, "failed");
    }
    let alert = webhook.wait("slack", "firing", &[FAILS, ("job_name", "clip_sync")]);
    assert_eq!(
        alert["labels"],
        json!({
            "alertname": "BackgroundJobConsecutiveFailures",
            "catalogue": "background-jobs",
            "job_name": "clip_sync",
            "namespace": "clipper",
            "service": "clipper",
            "severity": "warning",
        })
    );
    let annotation = |name: &str| alert["annotations"][name].as_str().unwrap();
    assert_eq!(annotation("summary"), "clip_sync fails again and again");
    assert_eq!(
        annotation("description"),
        "The last 3 executions of clip_sync failed (threshold: 3 in a row)."
    );
    assert!(annotation("runbook_url").ends_with("docs/runbooks/background-jobs.md#consecutive-failures"));
    assert!(annotation("dashboard_url").ends_with("?var-job_name=clip_sync&var-namespace=clipper"));

    // Nobody minds a replica that is killed, nor that those are restarted who watch.
    drop(replica);
    wait_until_up(&prometheus, "1");
    prometheus.restart();

    // Half an hour later somebody is paged for it.
    let escalates = ("escalates", FAILS.1);
    let page = webhook.wait("pagerduty", "firing", &[UNRESOLVED, escalates, ("job_name", "clip_sync")]);
    let waited = (since(&page) - since(&alert)).num_seconds();
    assert!((29..75).contains(&waited), "paged after {waited} seconds");
    assert_eq!(page["labels"]["severity"], "critical");
    assert_eq!(page["annotations"]["summary"], "Unresolved for 30m: clip_sync fails again and again");
    assert_eq!(page["annotations"]["runbook_url"], alert["annotations"]["runbook_url"]);

    // Both end with the first success.
    twitch.moods().lasting(None);
    assert_eq!(service.run("clip_sync").await.0, "succeeded");
    let ended = webhook.wait("pagerduty", "resolved", &[UNRESOLVED, escalates]);
    assert_eq!(ended["labels"], page["labels"]);
    if !is_resolved(&webhook, FAILS.1) {
        webhook.wait("slack", "resolved", &[FAILS]);
    }
    assert_eq!(jobs(&webhook), ["clip_sync"], "{:#?}", webhook.seen);

    // A service that is gone is one notification, and it pages.
    drop(service);
    webhook.wait("pagerduty", "firing", &[ABSENT]);
    let last = webhook.seen.last().unwrap();
    assert_eq!(last.alerts.len(), catalogue.jobs().len(), "{last:#?}");
}

/// Whether the channel was told already that an alert has ended.
fn is_resolved(webhook: &Webhook, name: &str) -> bool {
    let told = webhook.seen.iter().filter(|notification| notification.receiver == "slack");
    told.flat_map(|notification| &notification.alerts)
        .any(|alert| alert["status"] == "resolved" && alert["labels"]["alertname"] == name)
}

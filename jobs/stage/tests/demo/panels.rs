//! From the demo to the dashboard: what the panels ask is answered by the real Prometheus.

use std::collections::BTreeSet;

use e2e::prometheus::Prometheus;
use e2e::repository;
use e2e::waiting::wait;
use reqwest::Client;
use serde_json::Value;

use crate::Demo;

/// Queries that are right to find nothing while the demo runs as it does here: their panels and
/// places in them.
const MAY_BE_EMPTY: [(&str, usize); 8] = [
    // Nobody has waited for long enough, or for a day.
    ("Critical Alerts", 0),
    ("Unresolved Warnings", 0),
    ("Late Jobs", 0),
    ("Overdue Successes", 0),
    // Executions end between two scrapes.
    ("Running Now", 0),
    ("Running Now", 1),
    // No process is gone.
    ("Jobs Without Metrics", 0),
    // There is no queue of ten minutes ago yet.
    ("Queue Growth", 1),
];

/// A query of a panel.
struct Asked {
    panel: String,
    place: usize,
    expression: String,
    is_instant: bool,
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn dashboard() -> Value {
    serde_json::from_str(&repository::read("dashboards/background-jobs.json")).unwrap()
}

/// Every query of the dashboard, those of closed rows and of annotations among them.
fn asked(dashboard: &Value) -> Vec<Asked> {
    let nodes = list(dashboard, "panels");
    let panels = nodes.iter().chain(nodes.iter().flat_map(|node| list(node, "panels")));
    let mut all = Vec::new();
    for panel in panels {
        for (place, target) in list(panel, "targets").iter().enumerate() {
            all.push(Asked {
                panel: panel["title"].as_str().unwrap().to_owned(),
                place,
                expression: target["expr"].as_str().unwrap().to_owned(),
                is_instant: target["instant"] == true,
            });
        }
    }
    for annotation in list(&dashboard["annotations"], "list") {
        let panel = annotation["name"].as_str().unwrap().to_owned();
        let expression = annotation["expr"].as_str().unwrap().to_owned();
        all.push(Asked { panel, place: 0, expression, is_instant: false });
    }
    all
}

/// The expression as Grafana sends it, with these choices at the top of the dashboard.
fn sent(expression: &str, namespace: &str, jobs: &str) -> String {
    let sent = expression.replace("$__rate_interval", "1h").replace("$__interval", "1h");
    sent.replace("$namespace", namespace).replace("$job_name", jobs)
}

/// Asks as Grafana does: for the latest values, or for those of the last minutes. Answers how many
/// series there are.
async fn ask(client: &Client, prometheus: &Prometheus, query: &str, is_instant: bool) -> usize {
    let now = chrono::Utc::now().timestamp();
    let path = if is_instant { "query" } else { "query_range" };
    let (start, end) = ((now - 60).to_string(), now.to_string());
    let url = format!("{}/api/v1/{path}", prometheus.url());
    let request =
        || client.get(&url).query(&[("query", query), ("start", &start), ("end", &end), ("step", "5")]);
    // On a busy machine a connection may be cut: the question is asked again.
    let answer: Value = wait(query, async || request().send().await.ok()?.json().await.ok()).await;
    assert_eq!(answer["status"], "success", "{query}\n{answer}");
    assert!(list(&answer, "warnings").is_empty(), "{query}\n{answer}");
    list(&answer["data"], "result").len()
}

#[tokio::test]
async fn every_query_of_the_dashboard_is_answered_and_none_finds_nothing_that_should() {
    // One job fails, so that an alert fires.
    let demo = Demo::start(&["--fail", "clip_sync=error"], &[]);
    demo.wait_for(r#"job_consecutive_failures{job_name="clip_sync"}"#, 1.0).await;
    let rules = repository::root().join("alerts/background-jobs.rules.yaml");
    let prometheus = Prometheus::start(demo.port(), &rules);
    let client = Client::builder().no_proxy().build().unwrap();
    let dashboard = dashboard();
    let asked = asked(&dashboard);

    let may_be_empty = |asked: &Asked| {
        MAY_BE_EMPTY.iter().any(|(panel, place)| *panel == asked.panel && *place == asked.place)
    };
    for asked in asked.iter().filter(|asked| !may_be_empty(asked)) {
        let query = sent(&asked.expression, ".*", ".+");
        wait(&format!("{} of {}:\n{query}", asked.place, asked.panel), async || {
            (ask(&client, &prometheus, &query, asked.is_instant).await > 0).then_some(())
        })
        .await;
    }
    // A list that names what is not there any more would hide nothing.
    let known: BTreeSet<(&str, usize)> =
        asked.iter().map(|asked| (asked.panel.as_str(), asked.place)).collect();
    assert!(MAY_BE_EMPTY.iter().all(|empty| known.contains(empty)), "{known:?}");

    // Whatever is chosen, each is answered.
    for asked in &asked {
        let query = sent(&asked.expression, "(clipper)", "(clip_sync|webhook_retry)");
        ask(&client, &prometheus, &query, asked.is_instant).await;
    }
    // Each choice has something to choose.
    let choices = list(&dashboard["templating"], "list");
    for choice in choices.iter().filter(|choice| choice["type"] == "query") {
        let query = choice["query"].as_str().unwrap();
        let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')')).unwrap();
        let (series, label) = inner.rsplit_once(", ").unwrap();
        let url = format!("{}/api/v1/label/{label}/values", prometheus.url());
        let answer: Value =
            client.get(url).query(&[("match[]", series)]).send().await.unwrap().json().await.unwrap();
        assert!(!list(&answer, "data").is_empty(), "{query}\n{answer}");
    }
}

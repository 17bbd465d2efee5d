//! A Prometheus and an Alertmanager that watch the demo with the generated rules, and whoever is
//! told by them.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::net::TcpListener as StdListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path as Part, State};
use axum::routing::post;
use axum::{Json, Router};
use chrono::Utc;
use jobwatch_catalogue::Catalogue;
use jobwatch_observability::{Generator, Model};
use serde_json::Value;
use tokio::net::TcpListener;

use super::error::DemoError;
use super::guarded::Guarded;

/// How many times as fast time passes for the rules: half an hour is half a minute.
const FASTER: u64 = 60;

/// The commands, the latter under the name that Debian gives it and under its own.
const PROMETHEUS: [&str; 1] = ["prometheus"];
const ALERTMANAGER: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];

/// What has been told, and not been shown yet.
type Told = Arc<Mutex<VecDeque<String>>>;

/// The watchers. They end with this value.
#[derive(Debug)]
pub(super) struct Watchers {
    processes: Vec<Guarded>,
    prometheus: String,
    alertmanager: String,
    told: Told,
}

/// Where the commands are.
#[derive(Debug)]
pub(super) struct Tools {
    prometheus: PathBuf,
    alertmanager: PathBuf,
}

impl Tools {
    /// Looks for the commands in the folders of a `PATH`.
    ///
    /// # Errors
    ///
    /// [`DemoError::Missing`].
    pub(super) fn find(path: Option<&str>) -> Result<Self, DemoError> {
        let find = |names: &[&'static str]| {
            let folders = std::env::split_paths(path.unwrap_or_default()).collect::<Vec<_>>();
            let mut places =
                names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
            places.find(|place| place.is_file()).ok_or(DemoError::Missing(names[0]))
        };
        Ok(Self { prometheus: find(&PROMETHEUS)?, alertmanager: find(&ALERTMANAGER)? })
    }
}

impl Watchers {
    /// Starts them in a folder, for a service that listens on a port of loopback.
    ///
    /// # Errors
    ///
    /// [`DemoError::Watchers`], or the rules cannot be made.
    pub(super) async fn start(
        tools: &Tools,
        catalogue: &Catalogue,
        folder: &Path,
        port: u16,
    ) -> Result<Self, DemoError> {
        let rules = |error: &dyn std::fmt::Display| DemoError::Rules(error.to_string());
        let model = Model::new(catalogue).map_err(|error| rules(&error))?;
        let files = Generator::new(&model).faster(FASTER).files().map_err(|error| rules(&error))?;
        let text = |end: &str| files.iter().find(|file| file.path.as_str().ends_with(end));
        let (Some(alerts), Some(routing)) = (text(".rules.yaml"), text("alertmanager.yaml")) else {
            return Err(DemoError::Rules("the catalogue chooses no rules or no routing".to_owned()));
        };
        let told = Told::default();
        let receivers = receive(Arc::clone(&told)).await.map_err(DemoError::Watchers)?;
        let namespace = catalogue.namespace().unwrap_or_default();
        Self::spawn(tools, folder, [&alerts.text, &told_to(&routing.text, &receivers)], port, namespace)
            .map(|(processes, [prometheus, alertmanager])| Self { processes, prometheus, alertmanager, told })
            .map_err(DemoError::Watchers)
    }

    fn spawn(
        tools: &Tools,
        folder: &Path,
        [rules, routing]: [&str; 2],
        port: u16,
        namespace: &str,
    ) -> io::Result<(Vec<Guarded>, [String; 2])> {
        let [prometheus, alertmanager] = [free()?, free()?];
        fs::write(folder.join("rules.yaml"), rules)?;
        fs::write(folder.join("alertmanager.yaml"), routing)?;
        fs::write(
            folder.join("prometheus.yaml"),
            format!(
                "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yaml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]}}
scrape_configs:
- job_name: demo
  static_configs: [{{targets: ['127.0.0.1:{port}'], labels: {{namespace: '{namespace}'}}}}]
"
            ),
        )?;
        let start = |tool: &Path, name: &str, address: &str, further: &[&str]| {
            let log = File::create(folder.join(format!("{name}.log")))?;
            Guarded::start(tool, |command: &mut Command| {
                command.current_dir(folder).args(further);
                command
                    .arg(format!("--config.file={name}.yaml"))
                    .arg(format!("--web.listen-address={address}"));
                command.stdout(Stdio::null()).stderr(log);
            })
        };
        // What Prometheus does by the minute happens by the second.
        let of_prometheus = [
            "--storage.tsdb.path=prometheus",
            "--rules.alert.for-grace-period=10s",
            "--rules.alert.resend-delay=1s",
        ];
        let of_alertmanager = ["--storage.path=alertmanager", "--cluster.listen-address="];
        let processes = vec![
            start(&tools.alertmanager, "alertmanager", &alertmanager, &of_alertmanager)?,
            start(&tools.prometheus, "prometheus", &prometheus, &of_prometheus)?,
        ];
        Ok((processes, [prometheus, alertmanager]))
    }

    /// What can be looked at in a browser.
    pub(super) fn pages(&self) -> Vec<String> {
        vec![
            format!("The rules, {FASTER} times as fast: http://{}/alerts", self.prometheus),
            format!("Who is told, and what is silenced: http://{}", self.alertmanager),
        ]
    }

    /// What has been told since this was last asked, a line each, and which of them have ended.
    pub(super) fn told(&mut self) -> Vec<String> {
        let mut told: Vec<String> =
            self.told.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        self.processes.retain_mut(|process| match process.ended() {
            Some(status) => {
                told.push(format!("A watcher ended ({status}): its log is beside that of the jobs"));
                false
            }
            None => true,
        });
        told
    }
}

/// Returns an address of loopback on which nobody listens.
fn free() -> io::Result<String> {
    Ok(StdListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Returns the routing with receivers at an address in place of its own.
fn told_to(routing: &str, address: &str) -> String {
    const BEGIN: &str = "\nreceivers:\n";
    let Some((before, rest)) = routing.split_once(BEGIN) else { return routing.to_owned() };
    let end = rest.find("\ninhibit_rules:").unwrap_or(rest.len());
    let names = rest[..end].lines().filter_map(|line| line.strip_prefix("  - name: "));
    let receiver =
        |name: &str| format!("  - name: {name}\n    webhook_configs: [{{url: 'http://{address}/{name}'}}]\n");
    format!("{before}{BEGIN}{}{}", names.map(receiver).collect::<String>(), &rest[end..])
}

/// Starts a server that is every receiver. Returns its address.
async fn receive(told: Told) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let router = Router::new().route("/{receiver}", post(notified)).with_state(told);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn notified(State(told): State<Told>, Part(receiver): Part<String>, Json(body): Json<Value>) {
    let now = Utc::now().format("%TZ");
    let line = |alert: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let labels = &alert["labels"];
        let (status, name, job) =
            (text(&alert["status"]), text(&labels["alertname"]), text(&labels["job_name"]));
        format!("{now}  {receiver:<9}  {status:<8}  {name}  {job}")
    };
    let alerts = body["alerts"].as_array().into_iter().flatten().map(line);
    told.lock().unwrap_or_else(PoisonError::into_inner).extend(alerts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_would_be_told_is_somebody_here() {
        let routing = "route:\n  receiver: a\nreceivers:\n  - name: a\n    slack_configs:\n      - x: y\n  - name: b\ninhibit_rules:\n  - z\n";
        insta::assert_snapshot!(told_to(routing, "127.0.0.1:1"), @"
        route:
          receiver: a
        receivers:
          - name: a
            webhook_configs: [{url: 'http://127.0.0.1:1/a'}]
          - name: b
            webhook_configs: [{url: 'http://127.0.0.1:1/b'}]

        inhibit_rules:
          - z
        ");
    }

    #[tokio::test]
    async fn what_is_told_is_a_line_for_each_alert() {
        let told = Told::default();
        let alert = serde_json::json!({"status": "firing", "labels": {"alertname": "A", "job_name": "j"}});
        let body = serde_json::json!({"alerts": [alert]});
        notified(State(Arc::clone(&told)), Part("slack".to_owned()), Json(body)).await;
        let line = told.lock().unwrap().pop_front().unwrap();
        assert_eq!(&line[9..], "  slack      firing    A  j");
    }
}

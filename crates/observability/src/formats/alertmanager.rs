//! Alertmanager's format: who is told of which alert, and of which not while another one fires.
//!
//! Version 0.25 reads it (<https://prometheus.io/docs/alerting/latest/configuration/>). Secrets
//! stand in files beside it.

use std::collections::BTreeSet;
use std::time::Duration;

use jobwatch_catalogue::duration;
use jobwatch_catalogue::label::JOB_NAME;
use serde::Serialize;

use super::format::Format;
use super::yaml::{Explained, HEADER, document};
use crate::alerts::metrics_absent::METRICS_ABSENT;
use crate::alerts::unresolved::UNRESOLVED;
use crate::artifact::{Artifact, RenderError, header};
use crate::model::{Alert, Model};
use crate::scope::{ALERTNAME, CATALOGUE, ESCALATES, SERVICE, SEVERITY, Scope};
use crate::severity::Severity;
use crate::target::Target;
use crate::text::{Comment, FilePath};
use crate::views::Views;

const FOLDER: &str = "alerts";
const NAME: &str = "alertmanager.yaml";
const PATH: &str = "alerts/alertmanager.yaml";

/// The configuration of an Alertmanager, which one catalogue of a folder can have.
pub(super) const FORMAT: Format = Format {
    target: Some(Target::Alertmanager),
    folders: &[FOLDER],
    writes_to: |path, catalogue| path == PATH && !catalogue.is_empty(),
    header: HEADER,
    files,
};

const SLACK: &str = "slack";
const PAGERDUTY: &str = "pagerduty";

/// How many seconds Alertmanager waits for further alerts of a group, at first.
const GROUP_WAIT: u64 = 30;
/// The same before it tells of further ones.
const GROUP_INTERVAL: u64 = 5 * 60;
/// After how many seconds it tells again what has been told.
const REPEAT_INTERVAL: u64 = 4 * 3_600;

const PROCESS: &str = "A dead process is one notification, and not one for each of its jobs.";
const PAGE: &str = "What is critical pages whoever is on call.";
const INHIBITED: &str =
    "Nobody need be told the lesser thing about a job while the worse one fires, nor be paged for it.";

/// What Slack shows of each alert.
const TEXT: &str = "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n<{{ \
                    .Annotations.runbook_url }}|Runbook> <{{ .Annotations.dashboard_url }}|Dashboard>\n{{ end }}";
const TITLE: &str = "{{ .Status | toUpper }} {{ .CommonLabels.alertname }} {{ .CommonLabels.job_name }}";
const PAGED: &str = "{{ with index .Alerts 0 }}{{ .Annotations.summary }}{{ end }}";

#[derive(Serialize)]
struct Config<'a> {
    route: Route<'a>,
    receivers: (Slack, PagerDuty),
    inhibit_rules: Vec<Explained<Inhibition<'a>>>,
}

#[derive(Serialize, Default)]
struct Route<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_wait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_interval: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Explained<Route<'a>>>,
}

#[derive(Serialize)]
struct Slack {
    name: &'static str,
    slack_configs: [SlackConfig; 1],
}

#[derive(Serialize)]
struct SlackConfig {
    api_url_file: &'static str,
    channel: &'static str,
    send_resolved: bool,
    title: &'static str,
    text: &'static str,
}

#[derive(Serialize)]
struct PagerDuty {
    name: &'static str,
    pagerduty_configs: [PagerDutyConfig; 1],
}

#[derive(Serialize)]
struct PagerDutyConfig {
    routing_key_file: &'static str,
    description: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
struct Inhibition<'a> {
    source_matchers: [String; 2],
    target_matchers: Vec<String>,
    equal: Vec<&'a str>,
}

fn files(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let catalogue = views.model.catalogue();
    let path = FilePath::new(FOLDER, NAME);
    Ok(vec![Artifact::written(path, document(&header(catalogue), &config(views.model, views.speed)))?])
}

fn config<'a>(model: &'a Model<'_>, speed: u64) -> Config<'a> {
    let scope = model.scope();
    let process = || {
        let matchers = vec![matcher(ALERTNAME, METRICS_ABSENT.name.as_str())];
        let route = Route { matchers, group_by: labels(scope, &[SERVICE], false), ..Route::default() };
        Explained::new(route, &Comment::new(PROCESS))
    };
    let critical = Route {
        matchers: vec![matcher(SEVERITY, Severity::Critical.as_str())],
        receiver: Some(PAGERDUTY),
        routes: vec![process()],
        ..Route::default()
    };
    Config {
        route: Route {
            receiver: Some(SLACK),
            group_by: labels(scope, &[SERVICE], true),
            group_wait: Some(time(GROUP_WAIT, speed)),
            group_interval: Some(time(GROUP_INTERVAL, speed)),
            repeat_interval: Some(time(REPEAT_INTERVAL, speed)),
            routes: vec![Explained::new(critical, &Comment::new(PAGE)), process()],
            ..Route::default()
        },
        receivers: (
            Slack {
                name: SLACK,
                slack_configs: [SlackConfig {
                    api_url_file: "/etc/alertmanager/secrets/slack_api_url",
                    channel: "#incidents",
                    send_resolved: true,
                    title: TITLE,
                    text: TEXT,
                }],
            },
            PagerDuty {
                name: PAGERDUTY,
                pagerduty_configs: [PagerDutyConfig {
                    routing_key_file: "/etc/alertmanager/secrets/pagerduty_routing_key",
                    description: PAGED,
                    severity: "critical",
                }],
            },
        ),
        inhibit_rules: inhibitions(model),
    }
}

/// Returns so many seconds as Alertmanager reads them, where time passes so many times as fast.
fn time(seconds: u64, speed: u64) -> String {
    duration::format(Duration::from_secs(seconds.div_ceil(speed)))
}

/// Returns the rules of each alert that makes others moot, the first with a word about all. What
/// pages makes all of them moot, and what does not page makes no page moot.
fn inhibitions<'a>(model: &'a Model<'_>) -> Vec<Explained<Inhibition<'a>>> {
    let has_rule = |alert: &&Alert| alert.expression.is_some();
    let known = |alert: &Alert| -> Vec<&'static str> {
        let named = alert.definition.inhibits.iter().filter_map(|name| model.alert(*name));
        named.filter(has_rule).map(|alert| alert.name().as_str()).collect()
    };
    let escalates = |target: &&str| model.escalations().iter().any(|of| of.warning.as_str() == *target);
    let rules = model.alerts().iter().filter(has_rule).flat_map(|alert| {
        let targets = known(alert);
        let escalated: Vec<&str> = targets.iter().copied().filter(escalates).collect();
        let rule = |severity: Severity, target_matchers| Inhibition {
            source_matchers: [
                matcher(ALERTNAME, alert.name().as_str()),
                matcher(SEVERITY, severity.as_str()),
            ],
            target_matchers,
            equal: labels(model.scope(), &[SERVICE, CATALOGUE], true),
        };
        let all = || one_of(ALERTNAME, &targets);
        let mut rules = Vec::new();
        let severities = if targets.is_empty() { BTreeSet::new() } else { alert.severities_in_use() };
        for severity in severities.into_iter().rev() {
            match severity {
                Severity::Warning => {
                    rules.push(rule(severity, vec![all(), matcher(SEVERITY, severity.as_str())]));
                }
                Severity::Critical => {
                    rules.push(rule(severity, vec![all()]));
                    if !escalated.is_empty() {
                        let unresolved = matcher(ALERTNAME, UNRESOLVED.name.as_str());
                        rules.push(rule(severity, vec![unresolved, one_of(ESCALATES, &escalated)]));
                    }
                }
            }
        }
        rules
    });
    let explained = |(place, rule)| match place {
        0 => Explained::new(rule, &Comment::new(INHIBITED)),
        _ => Explained::unexplained(rule),
    };
    rules.enumerate().map(explained).collect()
}

/// Returns labels, those that tell copies of a job apart, and that of the job if it is wanted.
fn labels<'a>(scope: &'a Scope<'_>, first: &[&'a str], with_job: bool) -> Vec<&'a str> {
    let of_copies = scope.group_by().iter().copied().filter(|label| with_job || *label != JOB_NAME);
    first.iter().copied().chain(of_copies).collect()
}

/// A label has one of these values, which have no quotes.
fn one_of(label: &str, values: &[&str]) -> String {
    format!("{label}=~\"{}\"", values.join("|"))
}

/// A label has a value, which has no quotes.
fn matcher(label: &str, value: &str) -> String {
    format!("{label}=\"{value}\"")
}

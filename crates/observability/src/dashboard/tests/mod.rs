//! What the dashboard promises, for every panel of every kind of catalogue.

mod file;
mod linter;
mod plots;

use std::fmt::Write as _;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride, yaml};
use serde_json::Value;

use super::{Dashboard, Panel};
use crate::artifact::Artifact;
use crate::generator::Generator;
use crate::model::Model;
use crate::quantity::Quantity;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

fn clipper() -> Catalogue {
    yaml::parse(include_str!("../../../../../jobs/catalogue.yaml")).unwrap().catalogue
}

/// Nothing but executions, by cron and by interval, without a namespace.
fn plain() -> Catalogue {
    Catalogue::builder("billing")
        .name("billing-jobs")
        .selector("job", "billing")
        .default_timeout(Duration::from_secs(15 * MINUTE))
        .job(JobSpec::cron("invoices", "0 3 * * *", "Europe/Berlin"))
        .job(JobSpec::every("reminders", Duration::from_secs(HOUR)))
        .build()
        .unwrap()
}

/// Jobs with thresholds of their own, more of them than are told apart by a line each.
fn particular() -> Catalogue {
    let own = |above: Quantity| ThresholdOverride::new().set("above", above);
    let jobs = (0_u64..12).map(|number| {
        JobSpec::every(format!("job.{number}"), Duration::from_secs(5 * MINUTE))
            .timeout(Duration::from_secs(MINUTE * (number + 1)))
            .items("things")
            .queue("things")
            .threshold("BackgroundJobHighDuration", own(Quantity::Duration(60 * (number % 3 + 1))))
            .threshold("BackgroundJobCriticalFailureRate", own(Quantity::Ratio(250_000 * (number % 2 + 1))))
            .threshold(
                "BackgroundJobQueueGrowing",
                ThresholdOverride::new().set("growth", Quantity::Ratio(500_000 * (number % 2 + 1))),
            )
    });
    jobs.fold(Catalogue::builder("particular"), |builder, job| builder.job(job)).build().unwrap()
}

/// More jobs than a panel can draw.
fn many() -> Catalogue {
    let jobs = (0_u64..300).map(|number| {
        JobSpec::every(format!("job_{number}"), Duration::from_secs(MINUTE * (number % 90 + 1)))
            .timeout(Duration::from_secs(MINUTE * (number % 15 + 1)))
            .items("things")
            .queue("things")
    });
    jobs.fold(Catalogue::builder("many"), |builder, job| builder.job(job)).build().unwrap()
}

/// Jobs of which none runs.
fn idle() -> Catalogue {
    let job = JobSpec::every("idle", Duration::from_secs(HOUR)).enabled(false);
    Catalogue::builder("idle").job(job).build().unwrap()
}

fn catalogues() -> [Catalogue; 5] {
    [clipper(), plain(), particular(), many(), idle()]
}

fn dashboard(catalogue: &Catalogue) -> Dashboard {
    Dashboard::new(&Model::new(catalogue).unwrap())
}

fn files(catalogue: &Catalogue) -> Vec<Artifact> {
    Generator::new(&Model::new(catalogue).unwrap()).files().unwrap()
}

fn artifact(catalogue: &Catalogue) -> Artifact {
    files(catalogue).into_iter().find(|file| file.path.as_str().starts_with("dashboards/")).unwrap()
}

fn json(catalogue: &Catalogue) -> Value {
    serde_json::from_str(&artifact(catalogue).text).unwrap()
}

fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Every panel that is no row, those in closed rows among them.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let nodes = array(dashboard, "/panels").iter();
    nodes.flat_map(|node| match array(node, "/panels") {
        [] if node["type"] == "row" => &[],
        [] => std::slice::from_ref(node),
        inner => inner,
    })
}

#[track_caller]
fn panel<'a>(dashboard: &'a Dashboard, title: &str) -> &'a Panel {
    dashboard.panels().find(|panel| panel.title == title).unwrap()
}

/// The expression as Grafana would send it.
fn substituted(expression: &str) -> String {
    expression
        .replace("$__rate_interval", "5m")
        .replace("$__interval", "1h")
        .replace("$__range", "24h")
        .replace("$namespace", "(a|b)")
        .replace("$job_name", ".+")
}

/// Every panel with its queries, for people.
fn outline(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for row in dashboard(catalogue).rows {
        writeln!(text, "# {}\n", row.title).unwrap();
        for panel in row.panels {
            writeln!(text, "## {} ({}x{})", panel.title, panel.width, panel.height).unwrap();
            for line in &panel.lines {
                writeln!(text, "line {} {} {}", line.alert, line.severity.as_str(), line.value).unwrap();
            }
            for query in &panel.queries {
                writeln!(text, "[{}]\n{}", query.legend, query.expression).unwrap();
            }
            text.push('\n');
        }
    }
    text
}

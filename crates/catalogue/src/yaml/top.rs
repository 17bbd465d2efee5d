//! Reads the catalogue as a whole.

use super::entry::{Entries, alert, wrong_kind};
use super::job;
use super::node::{Node, Value};
use super::{YamlProblem, entry};
use crate::alert::AlertName;
use crate::catalogue::{Acceptance, CatalogueBuilder};
use crate::job_name::JobName;

const KEYS: [&str; 12] = [
    "name",
    "title",
    "service",
    "namespace",
    "selector",
    "labels",
    "runbook",
    "runbook_url",
    "grafana_url",
    "thresholds",
    "accept",
    "jobs",
];

pub(super) fn read(root: &Node, problems: &mut Vec<YamlProblem>) -> CatalogueBuilder {
    // What stands in for a value that could not be read is never seen: there is a problem, so there is no catalogue.
    let stand_in = || "unnamed".to_owned();
    let Some(mut entries) = Entries::new(root, "", &KEYS, problems) else {
        return CatalogueBuilder::new(stand_in()).job(job::stand_in(0));
    };
    let service = entries.required_text("service", "shop").unwrap_or_else(stand_in);
    let mut builder = CatalogueBuilder::new(service);
    if let Some(name) = entries.text("name") {
        builder.name = name;
    }
    builder.title = entries.text("title");
    builder.namespace = entries.text("namespace");
    builder.selector = entries.texts("selector").into_iter().collect();
    builder.labels = entries.texts("labels").into_iter().collect();
    builder.runbook = entries.text("runbook");
    builder.runbook_url = entries.text("runbook_url");
    builder.grafana_url = entries.text("grafana_url");
    builder.thresholds = entries.thresholds("thresholds");
    if let Some(list) = entries.get("accept") {
        let accepted = items(list, "accept", entries.problems());
        let read = accepted.iter().enumerate();
        builder.accepted = read
            .map(|(index, node)| accept(node, index, entries.problems()).unwrap_or_else(accept_stand_in))
            .collect();
    }
    match entries.get("jobs") {
        Some(list) => {
            let jobs = items(list, "jobs", entries.problems());
            builder.jobs = jobs
                .iter()
                .enumerate()
                .map(|(index, node)| job::read(node, index, entries.problems()))
                .collect();
        }
        None => {
            entries.missing("jobs", "[…]");
            builder.jobs.push(job::stand_in(0));
        }
    }
    builder
}

fn items<'a>(node: &'a Node, path: &str, problems: &mut Vec<YamlProblem>) -> &'a [Node] {
    match &node.value {
        Value::List(items) => items,
        _ => {
            let hint = "write each behind `- `, on lines of their own".to_owned();
            problems.push(YamlProblem { hint: Some(hint), ..wrong_kind(node, path, "a list") });
            &[]
        }
    }
}

/// Stands in for an acceptance that could not be read, so that what is wrong with those after it is told at their places.
fn accept_stand_in() -> Acceptance {
    Acceptance {
        code: String::new(),
        alert: AlertName::BackgroundJobFailing,
        job: None,
        reason: "unread".to_owned(),
    }
}

fn accept(node: &Node, index: usize, problems: &mut Vec<YamlProblem>) -> Option<Acceptance> {
    let path = format!("accept[{index}]");
    let mut entries = Entries::new(node, &path, &["code", "alert", "job", "reason"], problems)?;
    let code = entries.required_text("code", "alert-never-fires");
    let reason = entries.required_text("reason", "why the team lives with it");
    let alert_path = entries.path_of("alert");
    let alert = match entries.get("alert") {
        Some(node) => alert(node, &alert_path, entries.problems()),
        None => {
            entries.missing("alert", "BackgroundJobFailing");
            None
        }
    };
    let job_path = entries.path_of("job");
    let job = entries.text("job").map(|name| {
        JobName::new(name).map_err(|error| {
            if let Some(node) = entries.get("job") {
                let problem = entry::problem(node, &job_path, error.to_string());
                entries.problems().push(problem);
            }
        })
    });
    Some(Acceptance { code: code?, alert: alert?, job: job.transpose().ok()?, reason: reason? })
}

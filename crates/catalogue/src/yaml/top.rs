//! Reads the catalogue as a whole.

use super::entry::{Entries, problem, wrong_kind};
use super::job;
use super::keys;
use super::node::{Node, Value};
use super::problem::YamlProblem;
use super::syntax::{MAX_JOBS, TOO_MANY_HINT};
use crate::builder::CatalogueBuilder;
use crate::job_name::JobName;
use crate::problem::Problems;
use crate::suppression::Suppression;

pub(super) fn read(root: &Node, problems: &mut Problems<YamlProblem>) -> CatalogueBuilder {
    // What stands in for a value that could not be read is never seen: there is a problem, so there
    // is no catalogue.
    let stand_in = || "unnamed".to_owned();
    let Some(mut entries) = Entries::new(root, "", &keys::CATALOGUE, problems) else {
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
    builder.grouping_labels = entries.text_or_texts("grouping_labels").unwrap_or_default();
    builder.labels = entries.texts("labels").into_iter().collect();
    builder.runbook = entries.text("runbook");
    builder.runbook_url = entries.text("runbook_url");
    builder.grafana_url = entries.text("grafana_url");
    builder.logs_url = entries.text("logs_url");
    if let Some(retention) = entries.duration("retention") {
        builder.retention = retention;
    }
    builder.targets = entries.text_or_texts("targets");
    if let Some(node) = entries.get("kubernetes")
        && let Some(mut said) = Entries::new(node, "kubernetes", &keys::KUBERNETES, entries.problems())
    {
        let kubernetes = &mut builder.kubernetes;
        kubernetes.namespace = said.text("namespace");
        kubernetes.labels = said.texts("labels").into_iter().collect();
        kubernetes.folder = said.text("folder");
        if said.get("instance_selector").is_some() {
            kubernetes.instance_selector = said.texts("instance_selector").into_iter().collect();
        }
    }
    builder.thresholds = entries.alerts("alerts");
    if let Some(node) = entries.get("defaults")
        && let Some(mut defaults) = Entries::new(node, "defaults", &keys::DEFAULTS, entries.problems())
    {
        builder.timeout = defaults.duration("timeout");
        builder.owner = defaults.text("owner");
    }
    if let Some(list) = entries.get("suppress") {
        let suppressed = items(list, "suppress", entries.problems()).unwrap_or_default();
        for (index, node) in suppressed.iter().enumerate() {
            // A stand-in keeps the others at their places.
            let read = suppression(node, index, entries.problems());
            builder.suppressed.push(read.unwrap_or_else(|| Suppression::new("unread", "unread")));
        }
    }
    let jobs = entries.get("jobs");
    if jobs.is_none() {
        entries.missing("jobs", "[…]");
    }
    match jobs.and_then(|list| items(list, "jobs", entries.problems())) {
        Some(jobs) => {
            if let Some(first) = jobs.get(MAX_JOBS) {
                let message = format!("the catalogue has {} jobs: at most {MAX_JOBS} are read", jobs.len());
                let hint = Some(TOO_MANY_HINT.to_owned());
                let path = format!("jobs[{MAX_JOBS}]");
                entries.problems().add(|| YamlProblem { hint, ..problem(first, &path, message) });
            }
            let jobs = jobs.iter().enumerate();
            builder.jobs = jobs.map(|(index, node)| job::read(node, index, entries.problems())).collect();
        }
        None => builder.jobs.push(job::stand_in(0)),
    }
    builder
}

/// Returns the items of a list, or `None` if the value is no list.
fn items<'a>(node: &'a Node, path: &str, problems: &mut Problems<YamlProblem>) -> Option<&'a [Node]> {
    if let Value::List(items) = &node.value {
        return Some(items);
    }
    problems.add(|| {
        let hint = "write each behind `- `, on lines of their own".to_owned();
        YamlProblem { hint: Some(hint), ..wrong_kind(node, path, "a list") }
    });
    None
}

/// Returns a suppression, or `None` if it could not be read.
fn suppression(node: &Node, index: usize, problems: &mut Problems<YamlProblem>) -> Option<Suppression> {
    let path = format!("suppress[{index}]");
    let mut entries = Entries::new(node, &path, &keys::SUPPRESSION, problems)?;
    let code = entries.required_text("code", "alert-never-fires");
    let reason = entries.required_text("reason", "why the team lives with it");
    let alert = entries.text("alert");
    let job = entries.text("job").map(|name| {
        JobName::new(name).map_err(|error| {
            if let Some(node) = entries.get("job") {
                let path = entries.path_of("job");
                entries.problems().add(|| problem(node, &path, error.to_string()));
            }
        })
    });
    Some(Suppression { code: code?, alert, job: job.transpose().ok()?, reason: reason? })
}

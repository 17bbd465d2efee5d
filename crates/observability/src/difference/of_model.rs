//! What follows from a model, and no file says in so many words.

use std::collections::BTreeMap;

use jobwatch_catalogue::{Catalogue, JobSpec, duration};

use super::facts::{Aspect, Facts, Kind, of_all};
use crate::model::{Alert, Model};
use crate::scope::SEVERITY;

/// The first parameter of an alert, whatever the key by which a catalogue sets it.
const THRESHOLD: &str = "threshold";
/// Whether an alert watches a job.
pub(super) const WATCHES: &str = "watches";

pub(super) fn add(facts: &mut Facts, model: &Model<'_>) {
    let catalogue = model.catalogue();
    let targets: Vec<&str> = model.targets().iter().map(|target| target.as_str()).collect();
    // Two environments may differ in the name, too.
    let said = facts.thing(Kind::Catalogue, "");
    said.insert(of_all("name"), catalogue.name().to_owned());
    said.extend(of_catalogue(catalogue));
    said.insert(of_all("targets"), targets.join(", "));
    for job in catalogue.jobs() {
        facts.thing(Kind::Job, job.name().as_str()).extend(of_job(catalogue, job));
    }
    facts.has_model = true;
    for alert in model.alerts().iter().filter(|alert| alert.expression.is_some()) {
        // A team may have removed the rule, or made it say something else.
        if !facts.has(Kind::Alert, alert.name().as_str()) {
            continue;
        }
        let said = facts.thing(Kind::Alert, alert.name().as_str());
        let mut of_model = of_alert(alert, model);
        let written = said.remove(&of_all(SEVERITY)).unwrap_or_default();
        // The model says for each job what the file says in a template.
        let is_template = written.contains("{{");
        if is_template == alert.severities().is_empty() || !is_template && written != alert.severity.as_str()
        {
            let severities = of_model.iter_mut().filter(|(aspect, _)| aspect.name == SEVERITY);
            severities.for_each(|(_, severity)| severity.clone_from(&written));
        }
        said.extend(of_model);
    }
}

fn of_catalogue(catalogue: &Catalogue) -> BTreeMap<Aspect, String> {
    let kubernetes = catalogue.kubernetes();
    let said = [
        ("title", Some(catalogue.title().to_owned())),
        ("service", Some(catalogue.service().to_owned())),
        ("namespace", catalogue.namespace().map(str::to_owned)),
        ("selector", pairs(catalogue.selector())),
        (
            "grouping labels",
            (!catalogue.grouping_labels().is_empty()).then(|| catalogue.grouping_labels().join(", ")),
        ),
        ("labels", pairs(catalogue.labels())),
        ("runbook", Some(catalogue.runbook().to_owned())),
        ("runbook_url", Some(catalogue.runbook_url().to_owned())),
        ("grafana_url", catalogue.grafana_url().map(str::to_owned)),
        ("logs_url", catalogue.logs_url().map(str::to_owned)),
        ("retention", Some(duration::format(catalogue.retention()))),
        ("kubernetes.namespace", kubernetes.namespace.clone()),
        ("kubernetes.labels", pairs(&kubernetes.labels)),
        ("kubernetes.folder", kubernetes.folder.clone()),
        ("kubernetes.instance_selector", pairs(&kubernetes.instance_selector)),
    ];
    known(said)
}

fn of_job(catalogue: &Catalogue, job: &JobSpec) -> BTreeMap<Aspect, String> {
    let said = [
        ("summary", Some(job.summary().to_owned()).filter(|summary| !summary.is_empty())),
        ("due", Some(job.schedule().to_string())),
        ("may take", Some(duration::format(job.timeout()))),
        ("items", job.items().map(str::to_owned)),
        ("queue", job.queue().map(str::to_owned)),
        ("runs", Some(if job.enabled() { "yes" } else { "no: it is disabled" }.to_owned())),
        ("variable", Some(job.interval_variable().to_owned())),
        ("owner", catalogue.owner_of(job).map(str::to_owned)),
        ("labels", pairs(job.labels())),
        ("grouping labels", (!job.grouping_labels().is_empty()).then(|| job.grouping_labels().join(", "))),
    ];
    known(said)
}

fn of_alert(alert: &Alert, model: &Model<'_>) -> BTreeMap<Aspect, String> {
    let mut said = BTreeMap::new();
    for job in model.jobs() {
        let name = job.spec.name();
        let mut say = |aspect: &str, text: String| {
            said.insert(Aspect { name: aspect.to_owned(), job: Some(name.clone()) }, text)
        };
        if !alert.watches(name) {
            continue;
        }
        say(WATCHES, "yes".to_owned());
        say(SEVERITY, alert.severity_of(name).as_str().to_owned());
        for (place, parameter) in alert.definition.parameters.iter().enumerate() {
            let key = if place == 0 { THRESHOLD } else { parameter.key };
            if let Some(value) = alert.of_job(name, parameter.key) {
                say(key, value.to_string());
            }
        }
    }
    said
}

fn known<const N: usize>(said: [(&str, Option<String>); N]) -> BTreeMap<Aspect, String> {
    said.into_iter().filter_map(|(name, text)| Some((of_all(name), text?))).collect()
}

fn pairs(labels: &BTreeMap<String, String>) -> Option<String> {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

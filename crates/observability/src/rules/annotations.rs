//! What a firing alert says.

use jobwatch_catalogue::JobName;

use super::humanize::Filter;
use crate::anchor::slug;
use crate::definition::Operand;
use crate::model::{Alert, Model};
use crate::scope::CATALOGUE;
use crate::text::Template;

const SUMMARY: &str = "summary";
const DESCRIPTION: &str = "description";
const RUNBOOK_URL: &str = "runbook_url";
const DASHBOARD_URL: &str = "dashboard_url";

/// Returns the annotations of an alert, in the order they are read: summary, description with value
/// and threshold, and where to go on.
pub(super) fn annotations(alert: &Alert, model: &Model<'_>) -> Vec<(&'static str, Template)> {
    let texts = alert.definition.texts;
    let filled = |text: &str| {
        let mut template = Template::default();
        for part in parts(text) {
            match part {
                Part::Text(text) => template.push_text(text),
                Part::Slot("job") => template.push_action("$labels.job_name"),
                Part::Slot("window") => template.push_action("$labels.window"),
                Part::Slot("value") => {
                    template
                        .push_action(&format!("$value | {}", Filter::of(alert.definition.value.unit).name()));
                }
                Part::Slot(slot) => parameter(&mut template, alert, slot, model),
            }
        }
        template
    };
    vec![
        (SUMMARY, filled(texts.summary)),
        (DESCRIPTION, filled(texts.description)),
        (RUNBOOK_URL, Template::literal(&runbook_url(alert, model))),
        (DASHBOARD_URL, Template::literal(&model.catalogue().dashboard_url())),
    ]
}

/// A parameter: as a text where it is the same for all jobs, else as the recorded series has it.
fn parameter(template: &mut Template, alert: &Alert, slot: &str, model: &Model<'_>) {
    let Some(place) = place_of(alert, slot) else { return };
    match alert.operands.get(place) {
        Some(Operand::Same(quantity)) => template.push_text(&quantity.to_string()),
        Some(Operand::ByJob(series)) => {
            let catalogue = model.catalogue().name();
            let filter = Filter::of(alert.definition.parameters[place].default.unit()).name();
            template.push_action(&format!(
                "with printf \"{series}{{{CATALOGUE}=\\\"{catalogue}\\\", job_name=\\\"%s\\\"}}\" \
                 $labels.job_name | query"
            ));
            template.push_action(&format!(". | first | value | {filter}"));
            template.push_action("end");
        }
        None => {}
    }
}

/// Returns what the annotations say when the alert fires for a job: the templates, filled in.
pub fn expected_annotations(
    alert: &Alert,
    model: &Model<'_>,
    job: &JobName,
    value: f64,
    window: &str,
) -> Vec<(&'static str, String)> {
    let filled = |text: &str| {
        let mut said = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => said.push_str(text),
                Part::Slot("job") => said.push_str(job.as_str()),
                Part::Slot("window") => said.push_str(window),
                Part::Slot("value") => said.push_str(&Filter::of(alert.definition.value.unit).apply(value)),
                Part::Slot(slot) => said.push_str(&parameter_said(alert, slot, job)),
            }
        }
        said
    };
    let texts = alert.definition.texts;
    vec![
        (SUMMARY, filled(texts.summary)),
        (DESCRIPTION, filled(texts.description)),
        (RUNBOOK_URL, runbook_url(alert, model)),
        (DASHBOARD_URL, model.catalogue().dashboard_url()),
    ]
}

fn parameter_said(alert: &Alert, slot: &str, job: &JobName) -> String {
    let Some(place) = place_of(alert, slot) else { return String::new() };
    let parameter = &alert.definition.parameters[place];
    match (alert.operands.get(place), alert.of_job(job, parameter.key)) {
        (Some(Operand::Same(quantity)), _) => quantity.to_string(),
        (Some(Operand::ByJob(_)), Some(quantity)) => {
            Filter::of(parameter.default.unit()).apply(quantity.as_f64())
        }
        _ => String::new(),
    }
}

/// Returns the place of the parameter that a slot stands for: the first one for `threshold`, else
/// that of the key.
fn place_of(alert: &Alert, slot: &str) -> Option<usize> {
    let parameters = alert.definition.parameters;
    match slot {
        "threshold" if !parameters.is_empty() => Some(0),
        key => parameters.iter().position(|parameter| parameter.key == key),
    }
}

/// Returns the link to the alert's section of the runbook.
pub(crate) fn runbook_url(alert: &Alert, model: &Model<'_>) -> String {
    format!("{}#{}", model.catalogue().runbook_url(), slug(alert.definition.heading))
}

/// A part of a text with slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'t> {
    Text(&'t str),
    /// What stands between braces.
    Slot(&'t str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((slot, after)) = after.split_once('}') else { break };
        parts.extend([Part::Text(before), Part::Slot(slot)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

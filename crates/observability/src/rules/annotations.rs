//! What a firing alert says.

use std::collections::BTreeMap;
use std::time::Duration;

use jobwatch_catalogue::label::{JOB_NAME, NAMESPACE};
use jobwatch_catalogue::{JobName, duration};

use super::humanize::{Filter, stated};
use crate::definition::{Operand, Texts};
use crate::model::{Alert, Model};
use crate::quantity::Unit;
use crate::scope::CATALOGUE;
use crate::text::{LabelValue, Template};

const SUMMARY: &str = "summary";
const DESCRIPTION: &str = "description";
const RUNBOOK_URL: &str = "runbook_url";
const DASHBOARD_URL: &str = "dashboard_url";

/// What an alert says, with slots: its summary, and its description.
pub(crate) struct Said([String; 2]);

impl Said {
    /// What an alert says.
    pub(crate) fn by(alert: &Alert) -> Self {
        let Texts { summary, description, .. } = alert.definition.texts;
        Self([summary, description].map(str::to_owned))
    }

    /// What is said about a warning that nobody resolves.
    pub(crate) fn about(warning: &Alert, unresolved: &Alert) -> Self {
        let Texts { summary, description, .. } = unresolved.definition.texts;
        let Self([what, how]) = Self::by(warning);
        let hold = duration::format(Duration::from_secs(unresolved.hold));
        let said = |text: &str, said: &str| {
            let named = text.replace("{warning}", warning.name().as_str()).replace("{for}", &hold);
            named.replace("{said}", said)
        };
        Self([said(summary, &what), said(description, &how)])
    }
}

/// Returns the annotations of an alert, in the order they are read: summary, description with value
/// and threshold, and where to go on.
pub(super) fn annotations(said: &Said, alert: &Alert, model: &Model<'_>) -> Vec<(&'static str, Template)> {
    let Said([summary, description]) = said;
    let filled = |text: &str| {
        let mut template = Template::default();
        for part in parts(text) {
            match part {
                Part::Text(text) => template.push_text(text),
                Part::Slot("job") => job(&mut template, model),
                Part::Slot("window") => template.push_action("$labels.window"),
                Part::Slot("value") => {
                    template.push_action(&format!("$value | {}", filter_of_value(alert).functions()));
                }
                Part::Slot(slot) => parameter(&mut template, alert, slot, model),
            }
        }
        template
    };
    vec![
        (SUMMARY, filled(summary)),
        (DESCRIPTION, filled(description)),
        (RUNBOOK_URL, Template::literal(&runbook_url(alert, model))),
        (DASHBOARD_URL, dashboard_url(alert, model)),
    ]
}

/// The job, and which copy of it, where labels tell copies apart.
fn job(template: &mut Template, model: &Model<'_>) {
    template.push_action("$labels.job_name");
    for label in model.scope().grouping_labels() {
        template.push_action(&format!("with $labels.{label}"));
        template.push_text(&format!(" ({label} "));
        template.push_action(".");
        template.push_text(")");
        template.push_action("end");
    }
}

/// The same when it fires.
fn job_said(job: &JobName, copy: &[(&str, &str)]) -> String {
    copy.iter().fold(job.to_string(), |said, (label, value)| format!("{said} ({label} {value})"))
}

/// The dashboard, narrowed to the job, and to its namespace where the alert has one. Names of jobs
/// and namespaces need no escaping in a link; other labels may have any value.
fn dashboard_url(alert: &Alert, model: &Model<'_>) -> Template {
    let mut template = Template::literal(&model.catalogue().dashboard_url());
    template.push_text("?var-job_name=");
    template.push_action("$labels.job_name");
    match of_namespace(alert, model) {
        Some(OfNamespace::Fixed(namespace)) => template.push_text(&format!("&var-namespace={namespace}")),
        Some(OfNamespace::Own) => {
            template.push_text("&var-namespace=");
            template.push_action("$labels.namespace");
        }
        None => {}
    }
    for label in model.scope().grouping_labels() {
        template.push_action(&format!("with $labels.{label}"));
        template.push_text(&format!("&var-{label}="));
        template.push_action(". | urlquery");
        template.push_action("end");
    }
    template
}

/// Which namespace an alert is about.
enum OfNamespace {
    /// That of the series.
    Own,
    /// This one, because there are no series.
    Fixed(String),
}

/// Returns which namespace an alert is about. `None` if it may be any.
fn of_namespace(alert: &Alert, model: &Model<'_>) -> Option<OfNamespace> {
    let mut labels = (alert.definition.labels)(model.catalogue()).into_iter();
    let fixed = labels.find(|(label, _)| *label == NAMESPACE).map(|(_, value)| OfNamespace::Fixed(value));
    let own = alert.definition.value.labels.contains(&NAMESPACE).then_some(OfNamespace::Own);
    fixed.or(own)
}

/// What makes the value of an alert readable.
fn filter_of_value(alert: &Alert) -> Filter {
    of_values(alert, 0, alert.definition.value.unit)
}

/// What makes a parameter of an alert readable.
fn filter_of(alert: &Alert, place: usize) -> Filter {
    of_values(alert, place, alert.definition.parameters[place].default.unit())
}

/// What makes values of a unit readable that are compared with a parameter.
fn of_values(alert: &Alert, place: usize, unit: Unit) -> Filter {
    let values = alert.values(place);
    let (smallest, largest) =
        (values.first().map(|class| class.value), values.last().map(|class| class.value));
    Filter::of(unit, smallest, largest)
}

/// A parameter: as it is in force, where processes tell. Otherwise as a text where it is the same
/// for all jobs, else as the recorded series has it.
fn parameter(template: &mut Template, alert: &Alert, slot: &str, model: &Model<'_>) {
    let Some(place) = place_of(alert, slot) else { return };
    let parameter = &alert.definition.parameters[place];
    let filter = filter_of(alert, place).functions();
    let look_up = |template: &mut Template, series: &str, labels: &[&str]| {
        template.push_action(&format!("with {}", lookup(series, labels, model)));
        template.push_action(&format!(". | first | value | {filter}"));
    };
    if let Some(series) = parameter.in_force {
        look_up(template, series.name, &series.labels_in(model.scope()));
        template.push_action("else");
    }
    match alert.operands.get(place) {
        Some(Operand::Same(quantity)) => template.push_text(&stated(*quantity)),
        Some(Operand::ByJob(series)) => {
            look_up(template, series, &[JOB_NAME]);
            template.push_action("end");
        }
        None => {}
    }
    if parameter.in_force.is_some() {
        template.push_action("end");
    }
}

/// A query for a recorded series with some of the alert's labels, which are quoted as PromQL has
/// it.
fn lookup(series: &str, labels: &[&str], model: &Model<'_>) -> String {
    let matchers: String = labels.iter().map(|label| format!(", {label}=%q")).collect();
    let values: String = labels.iter().map(|label| format!(" $labels.{label}")).collect();
    let catalogue = model.catalogue().name();
    format!("printf \"{series}{{{CATALOGUE}=\\\"{catalogue}\\\"{matchers}}}\"{values} | query")
}

/// Returns what the annotations say when the alert fires for a job: the templates, filled in. The
/// labels are those of the alert, whose values need no escaping in a link.
pub(crate) fn expected_annotations(
    said: &Said,
    alert: &Alert,
    model: &Model<'_>,
    job: &JobName,
    value: f64,
    window: &str,
    labels: &BTreeMap<String, LabelValue>,
) -> Vec<(&'static str, String)> {
    let value_of = |label: &str| labels.get(label).map_or("", LabelValue::as_str);
    let grouping = model.scope().grouping_labels().iter().map(|&label| (label, value_of(label)));
    let copy: Vec<(&str, &str)> = grouping.filter(|(_, value)| !value.is_empty()).collect();
    let filled = |text: &str| {
        let mut said = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => said.push_str(text),
                Part::Slot("job") => said.push_str(&job_said(job, &copy)),
                Part::Slot("window") => said.push_str(window),
                Part::Slot("value") => said.push_str(&filter_of_value(alert).apply(value)),
                Part::Slot(slot) => said.push_str(&parameter_said(alert, slot, job)),
            }
        }
        said
    };
    let Said([summary, description]) = said;
    let mut dashboard_url = format!("{}?var-job_name={job}", model.catalogue().dashboard_url());
    let of_namespace = of_namespace(alert, model).map(|_| (NAMESPACE, value_of(NAMESPACE)));
    for (label, value) in of_namespace.iter().chain(&copy) {
        dashboard_url.push_str(&format!("&var-{label}={value}"));
    }
    vec![
        (SUMMARY, filled(summary)),
        (DESCRIPTION, filled(description)),
        (RUNBOOK_URL, runbook_url(alert, model)),
        (DASHBOARD_URL, dashboard_url),
    ]
}

fn parameter_said(alert: &Alert, slot: &str, job: &JobName) -> String {
    let Some(place) = place_of(alert, slot) else { return String::new() };
    let parameter = &alert.definition.parameters[place];
    let is_looked_up = parameter.in_force.is_some();
    match (alert.operands.get(place), alert.of_job(job, parameter.key)) {
        (Some(Operand::Same(quantity)), _) if !is_looked_up => stated(*quantity),
        (Some(_), Some(quantity)) => filter_of(alert, place).apply(quantity.as_f64()),
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
    format!("{}#{}", model.catalogue().runbook_url(), model.anchor(alert))
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

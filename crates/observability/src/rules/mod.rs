//! Rule groups: what Prometheus evaluates, whatever the format.

mod annotations;
mod humanize;
#[cfg(test)]
mod tests;
mod written;

pub(crate) use annotations::{Said, expected_annotations, runbook_url};
pub(crate) use written::RuleKey;
pub use written::{WrittenGroup, WrittenRule};

use std::collections::BTreeMap;

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::JOB_NAME;

use crate::alerts::unresolved::UNRESOLVED;
use crate::definition::{AlertGroup, AlertName};
use crate::model::{Alert, Escalation, JOB_LABELS, Model, RecordingRule};
use crate::promql::Expr;
use crate::scope::{CATALOGUE, ESCALATES, SERVICE, SEVERITY};
use crate::text::{Comment, LabelValue, Template};

/// A group of rules, evaluated one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleGroup {
    /// Its name, which begins with the catalogue's.
    pub name: String,
    /// What it is, for whoever reads the file.
    pub comment: Comment,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Records a series.
    Recording {
        /// The name of the series.
        series: &'static str,
        /// What it is, for whoever reads the file.
        comment: Comment,
        /// What is recorded.
        expression: Expr,
        /// Labels that the series gets besides those of the expression.
        labels: Vec<(String, LabelValue)>,
    },
    /// Fires an alert.
    Alerting {
        /// The alert.
        alert: AlertName,
        /// What is tested.
        expression: Expr,
        /// For how many seconds the condition has to hold.
        hold: u64,
        /// Labels that firing alerts get besides those of the expression, sorted by name.
        labels: Vec<(String, Template)>,
        /// What firing alerts say, in the order it is read.
        annotations: Vec<(&'static str, Template)>,
    },
}

/// What the name of the group of recorded series ends with.
pub const RECORDED_SUFFIX: &str = "recorded";
/// What the name of the group of recorded thresholds ends with.
pub const THRESHOLDS_SUFFIX: &str = "thresholds";
/// What the name of the group of recorded labels ends with.
pub const LABELS_SUFFIX: &str = "labels";
/// What the name of the group of the jobs' states ends with.
pub const STATE_SUFFIX: &str = "state";

const RECORDED: &str = "Recorded series: what is known about each job, computed once. Alerts and dashboard read these \
     series, so that both show the same. Rates look back over as many of a job's own intervals as they need \
     to hold several executions.";
const THRESHOLDS: &str =
    "Thresholds that differ by job. Where one holds for all jobs, it stands in the rule.";
/// Mimir's ruler takes twenty rules a group, and the recorded series may be as many without these.
const LABELS: &str =
    "Labels of alerts that differ by job. Where one is the same for all jobs, it stands in the rule.";
/// Prometheus evaluates groups apart. A rule that reads another group sees what that one recorded
/// last, which may be an evaluation ago: no harm to a panel, but it would be to an alert.
const STATE: &str = "The state of each job, for the dashboard alone: no alert reads it. It follows from all groups above, \
     and may be an evaluation behind them.";

/// Returns the groups of a catalogue's rules: recorded series first, then thresholds and labels
/// that differ by job, then the alerts, and at last the states, which follow from all of these. A
/// group without rules is left out.
pub fn groups(model: &Model<'_>) -> Vec<RuleGroup> {
    let name = model.catalogue().name();
    let recording = |rules: Vec<&RecordingRule>| rules.iter().map(|rule| recorded(rule, model)).collect();
    let (labels, series) = model.recorded().iter().partition(|rule| rule.series == JOB_LABELS);
    let mut groups = vec![
        group(name, RECORDED_SUFFIX, RECORDED, recording(series)),
        group(name, THRESHOLDS_SUFFIX, THRESHOLDS, recording(model.thresholds().iter().collect())),
        group(name, LABELS_SUFFIX, LABELS, recording(labels)),
    ];
    let mut kinds: Vec<AlertGroup> = Vec::new();
    for alert in model.alerts() {
        if !kinds.contains(&alert.definition.group) {
            kinds.push(alert.definition.group);
        }
    }
    for kind in kinds {
        let members = model.alerts().iter().filter(|alert| alert.definition.group == kind);
        let rules = members.flat_map(|alert| match alert.name() == UNRESOLVED.name {
            true => model.escalations().iter().filter_map(|of| escalating(of, alert, model)).collect(),
            false => Vec::from_iter(alerting(alert, model)),
        });
        let rules = rules.collect();
        groups.push(group(name, kind.suffix, kind.comment, rules));
    }
    let state = model.state().map(|rule| recorded(rule, model)).into_iter().collect();
    groups.push(group(name, STATE_SUFFIX, STATE, state));
    groups.retain(|group| !group.rules.is_empty());
    groups
}

fn group(name: &str, suffix: &str, comment: &str, rules: Vec<Rule>) -> RuleGroup {
    let name = if suffix.is_empty() { name.to_owned() } else { format!("{name}-{suffix}") };
    RuleGroup { name, comment: Comment::new(comment), rules }
}

fn recorded(rule: &RecordingRule, model: &Model<'_>) -> Rule {
    Rule::Recording {
        series: rule.series,
        comment: Comment::new(&rule.comment),
        expression: rule.expression.clone(),
        labels: vec![(CATALOGUE.to_owned(), LabelValue::new(model.catalogue().name()))],
    }
}

fn alerting(alert: &Alert, model: &Model<'_>) -> Option<Rule> {
    Some(Rule::Alerting {
        alert: alert.name(),
        expression: model.labels().joined(model.scope(), alert.expression.clone()?),
        hold: alert.hold,
        labels: static_labels(alert, model)
            .map(|(label, value)| (label, Template::literal(&value)))
            .chain([(SEVERITY.to_owned(), severity(alert))])
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect(),
        annotations: annotations::annotations(&Said::by(alert), alert, model),
    })
}

/// Returns the rule that fires when a warning goes on firing. `unresolved` is the alert that it
/// fires.
fn escalating(escalation: &Escalation, unresolved: &Alert, model: &Model<'_>) -> Option<Rule> {
    let warning = model.alert(escalation.warning)?;
    let labels = escalated_labels(warning, model).map(|(label, value)| (label, Template::literal(&value)));
    let labels: BTreeMap<_, _> = labels.chain([(SEVERITY.to_owned(), severity(unresolved))]).collect();
    Some(Rule::Alerting {
        alert: unresolved.name(),
        expression: model.labels().joined(model.scope(), escalation.expression.clone()),
        hold: escalation.hold,
        labels: labels.into_iter().collect(),
        annotations: annotations::annotations(&Said::about(warning, unresolved), warning, model),
    })
}

/// Returns the labels that the rule adds which escalates a warning, whatever the job.
fn escalated_labels(warning: &Alert, model: &Model<'_>) -> impl Iterator<Item = (String, String)> {
    static_labels(warning, model).chain([(ESCALATES.to_owned(), warning.name().to_string())])
}

/// Returns the labels that the rule of an alert adds, whatever the job.
fn static_labels(alert: &Alert, model: &Model<'_>) -> impl Iterator<Item = (String, String)> {
    let catalogue = model.catalogue();
    let service = (SERVICE.to_owned(), catalogue.service().to_owned());
    let own = (alert.definition.labels)(catalogue).into_iter();
    let own = own.map(|(label, value)| (label.to_owned(), value));
    model.labels().common.clone().into_iter().chain([service]).chain(own)
}

/// Returns the value of the label `severity`: an action where it is another for some jobs, so that
/// the alert stays one rule.
fn severity(alert: &Alert) -> Template {
    let mut template = Template::default();
    for (severity, jobs) in alert.severities() {
        let names: Vec<String> = jobs.iter().map(|job| format!("\"{job}\"")).collect();
        template.push_action(&format!("if eq $labels.{JOB_NAME} {}", names.join(" ")));
        template.push_text(severity.as_str());
        template.push_action("else");
    }
    template.push_text(alert.severity.as_str());
    for _ in alert.severities() {
        template.push_action("end");
    }
    template
}

/// Returns the labels that an alert has when it fires for a job, besides those of what it tests.
pub fn expected_labels(alert: &Alert, model: &Model<'_>, job: &JobSpec) -> BTreeMap<String, LabelValue> {
    labels_for(static_labels(alert, model), alert, model, job)
}

/// Returns the same of an alert that is about a warning.
pub fn expected_escalated_labels(
    warning: &Alert,
    unresolved: &Alert,
    model: &Model<'_>,
    job: &JobSpec,
) -> BTreeMap<String, LabelValue> {
    labels_for(escalated_labels(warning, model), unresolved, model, job)
}

fn labels_for(
    of_rule: impl Iterator<Item = (String, String)>,
    alert: &Alert,
    model: &Model<'_>,
    job: &JobSpec,
) -> BTreeMap<String, LabelValue> {
    let labels = of_rule.map(|(label, value)| (label, LabelValue::new(&value)));
    let mut labels: BTreeMap<String, LabelValue> = labels.collect();
    let of_job = model.labels().of_job(model.scope(), job);
    labels.extend(of_job.into_iter().map(|(label, value)| (label, LabelValue::new(value))));
    labels.insert(SEVERITY.to_owned(), LabelValue::new(alert.severity_of(job.name()).as_str()));
    labels
}

impl RuleGroup {
    /// Returns the rules that say the same where time passes so many times as fast.
    pub(crate) fn faster(self, times: u64) -> Self {
        let comment = Comment::new(&format!("For trying it out: {times} times as fast. {}", self.comment));
        let rules = self.rules.into_iter().map(|rule| rule.faster(times)).collect();
        Self { comment, rules, ..self }
    }
}

impl Rule {
    fn faster(self, times: u64) -> Self {
        match self {
            Self::Recording { series, comment, expression, labels } => {
                Self::Recording { series, comment, expression: expression.faster(times), labels }
            }
            Self::Alerting { alert, expression, hold, labels, annotations } => {
                let (expression, hold) = (expression.faster(times), hold.div_ceil(times));
                Self::Alerting { alert, expression, hold, labels, annotations }
            }
        }
    }

    /// Returns what the rule evaluates.
    pub const fn expression(&self) -> &Expr {
        match self {
            Self::Recording { expression, .. } | Self::Alerting { expression, .. } => expression,
        }
    }

    /// Returns the name of the series or of the alert.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Recording { series, .. } => series,
            Self::Alerting { alert, .. } => alert.as_str(),
        }
    }
}

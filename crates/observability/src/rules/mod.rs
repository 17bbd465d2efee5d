//! The rule file: what Prometheus evaluates.

pub(crate) mod annotations;
mod humanize;
pub(crate) mod yaml;

use std::collections::BTreeMap;

use jobwatch_catalogue::{AlertName, Catalogue};

use crate::alerts::{Alert, alerts};
use crate::artifact::{Artifact, RenderError};
use crate::promql::Expr;
use crate::signals::{CATALOGUE, RecordedSignal, signals};

/// A group of rules, evaluated one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleGroup {
    /// Its name, which begins with the catalogue's.
    pub name: String,
    /// What it is, for whoever reads the file.
    pub comment: &'static str,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Records a signal.
    Recording(RecordedSignal),
    /// Fires an alert.
    Alerting(AlertRule),
}

/// The rule of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRule {
    /// The alert.
    pub alert: Alert,
    /// What is tested.
    pub expression: Expr,
    /// Labels that firing alerts get besides those of the expression.
    pub labels: BTreeMap<String, String>,
    /// What firing alerts say, in order.
    pub annotations: Vec<(&'static str, String)>,
}

const SIGNALS: &str = "Signals: what is known about each job, recorded once. Alerts and dashboard read these series, so that both \
     show the same. Rates look back over as many of a job's own intervals as they need to hold several executions.";
const PAIRS: &str = "Job alerts in four pairs of warning and critical: failing, stale, slow, backed up.";
const ITEMS: &str = "Item alert: executions succeed, but much of what they handle fails.";
const RUNTIME: &str = "Alerts for what the pairs cannot see: a rare job that keeps failing, an execution that never ends, a job \
     that exposes nothing.";

/// The groups of a catalogue's rules: signals first, then the eight paired alerts about jobs, the one about items, and the
/// project's own three. A group without rules is left out.
pub fn groups(catalogue: &Catalogue) -> Vec<RuleGroup> {
    let name = catalogue.name();
    let recorded = signals(catalogue).into_iter().map(Rule::Recording).collect();
    let mut pairs = Vec::new();
    let mut items = Vec::new();
    let mut runtime = Vec::new();
    for rule in alerts(catalogue).into_iter().filter_map(|alert| rule(alert, catalogue)) {
        match rule.alert.name {
            AlertName::BackgroundJobHighItemFailureRate => items.push(Rule::Alerting(rule)),
            AlertName::BackgroundJobConsecutiveFailures
            | AlertName::BackgroundJobStuck
            | AlertName::BackgroundJobMetricsAbsent => runtime.push(Rule::Alerting(rule)),
            _ => pairs.push(Rule::Alerting(rule)),
        }
    }
    [
        RuleGroup { name: format!("{name}-signals"), comment: SIGNALS, rules: recorded },
        RuleGroup { name: name.to_owned(), comment: PAIRS, rules: pairs },
        RuleGroup { name: format!("{name}-items"), comment: ITEMS, rules: items },
        RuleGroup { name: format!("{name}-runtime"), comment: RUNTIME, rules: runtime },
    ]
    .into_iter()
    .filter(|group| !group.rules.is_empty())
    .collect()
}

/// The path of the rule file of a catalogue.
pub fn path(catalogue: &Catalogue) -> String {
    format!("alerts/{}.rules.yaml", catalogue.name())
}

/// The rule file of a catalogue.
///
/// # Errors
///
/// [`RenderError`] if the YAML writer refuses a text.
pub fn artifact(catalogue: &Catalogue) -> Result<Artifact, RenderError> {
    let path = path(catalogue);
    match yaml::render(catalogue, &groups(catalogue)) {
        Ok(text) => Ok(Artifact { path, text }),
        Err(source) => Err(RenderError { path, source: Box::new(source) }),
    }
}

fn rule(alert: Alert, catalogue: &Catalogue) -> Option<AlertRule> {
    let expression = alert.expression(catalogue)?;
    let mut labels = catalogue.labels().clone();
    labels.insert("service".to_owned(), catalogue.service().to_owned());
    labels.insert("severity".to_owned(), alert.severity.as_str().to_owned());
    if alert.name == AlertName::BackgroundJobMetricsAbsent {
        // Series that are not there have no namespace to take over.
        labels.extend(catalogue.namespace().map(|namespace| ("namespace".to_owned(), namespace.to_owned())));
    }
    let annotations = annotations::annotations(&alert, catalogue);
    Some(AlertRule { alert, expression, labels, annotations })
}

impl Rule {
    /// What the rule evaluates.
    pub fn expression(&self) -> &Expr {
        match self {
            Self::Recording(signal) => &signal.expression,
            Self::Alerting(rule) => &rule.expression,
        }
    }

    /// The labels that the rule adds.
    pub fn labels(&self, catalogue: &Catalogue) -> BTreeMap<String, String> {
        match self {
            Self::Recording(signal) => signal
                .labels
                .iter()
                .map(|(label, value)| ((*label).to_owned(), value.clone()))
                .chain([(CATALOGUE.to_owned(), catalogue.name().to_owned())])
                .collect(),
            Self::Alerting(rule) => rule.labels.clone(),
        }
    }
}

#[cfg(test)]
mod tests;

//! Files for promtool alone: one simulation each, and rules that somebody else wrote.

use std::collections::BTreeMap;

use serde::Serialize;

use super::prometheus;
use super::yaml::{Quoted, document};
use crate::rule_file::{self, Named, RuleKind};
use crate::rules;
use crate::text::Comment;

/// One simulation: what is exposed, and one question at its end that expects no answer.
pub(crate) struct Simulated<'a> {
    pub(crate) about: &'a str,
    pub(crate) rules: &'a str,
    pub(crate) groups: Vec<&'a str>,
    /// The seconds between two scrapes, and between two evaluations.
    pub(crate) step: u64,
    pub(crate) end: u64,
    /// Each series with its values.
    pub(crate) series: Vec<(String, String)>,
    pub(crate) question: String,
}

#[derive(Serialize)]
struct WireFile<'a> {
    rule_files: [&'a str; 1],
    evaluation_interval: String,
    group_eval_order: &'a [&'a str],
    tests: [WireTest; 1],
}

#[derive(Serialize)]
struct WireTest {
    interval: String,
    input_series: Vec<WireSeries>,
    promql_expr_test: [WireQuestion; 1],
}

#[derive(Serialize)]
struct WireSeries {
    series: Quoted,
    values: Quoted,
}

#[derive(Serialize)]
struct WireQuestion {
    expr: Quoted,
    eval_time: String,
}

/// Returns the file of a simulation.
///
/// # Errors
///
/// The writer refuses what YAML cannot hold; nothing that is written here is such.
pub(crate) fn simulation(simulated: Simulated<'_>) -> Result<String, serde_saphyr::ser::Error> {
    let series = simulated.series.into_iter();
    let series = series.map(|(series, values)| WireSeries { series: Quoted(series), values: Quoted(values) });
    let file = WireFile {
        rule_files: [simulated.rules],
        evaluation_interval: seconds(simulated.step),
        group_eval_order: &simulated.groups,
        tests: [WireTest {
            interval: seconds(simulated.step),
            input_series: series.collect(),
            promql_expr_test: [WireQuestion {
                expr: Quoted(simulated.question),
                eval_time: seconds(simulated.end),
            }],
        }],
    };
    document(&Comment::new(simulated.about), &file)
}

fn seconds(seconds: u64) -> String {
    format!("{seconds}s")
}

/// Returns the rule file of a model's groups.
///
/// # Errors
///
/// As [`simulation`].
pub(crate) fn rules(groups: &[rules::RuleGroup]) -> Result<String, serde_saphyr::ser::Error> {
    document(
        &Comment::new("The rules of the catalogue"),
        &prometheus::rule_file(&groups.iter().map(rules::WrittenGroup::from).collect::<Vec<_>>()),
    )
}

#[derive(Serialize)]
struct GivenFile<'a> {
    groups: Vec<GivenGroup<'a>>,
}

#[derive(Serialize)]
struct GivenGroup<'a> {
    name: &'a str,
    rules: Vec<GivenRule<'a>>,
}

#[derive(Serialize)]
struct GivenRule<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
    expr: &'a str,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_firing_for: Option<&'a str>,
    labels: BTreeMap<&'a str, &'a str>,
}

/// Returns a rule file of groups that were read, without what their alerts say.
///
/// # Errors
///
/// As [`simulation`].
pub(crate) fn given_rules(groups: &[rule_file::RuleGroup]) -> Result<String, serde_saphyr::ser::Error> {
    let groups = groups.iter().map(|group| GivenGroup {
        name: &group.name.value,
        rules: group.rules.iter().map(given_rule).collect(),
    });
    document(&Comment::new("The rules that were given"), &GivenFile { groups: groups.collect() })
}

fn given_rule(rule: &rule_file::Rule) -> GivenRule<'_> {
    let rule_file::Rule { kind, name, expression, hold, keep_firing_for, labels, .. } = rule;
    let named = |wanted| (*kind == wanted).then_some(name.value.as_str());
    let labels = labels.iter().map(|Named { name, text }| (name.value.as_str(), text.value.as_str()));
    GivenRule {
        alert: named(RuleKind::Alert),
        record: named(RuleKind::Record),
        expr: expression.value.trim_end(),
        hold: hold.as_ref().map(|hold| hold.value.as_str()),
        keep_firing_for: keep_firing_for.as_ref().map(|hold| hold.value.as_str()),
        labels: labels.collect(),
    }
}

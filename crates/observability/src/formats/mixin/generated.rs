//! What `generate` writes, as a value of jsonnet, with what its library needs to write it anew for
//! another configuration.

use std::collections::{BTreeMap, BTreeSet};

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::catalogue::OWNER;
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_DURATION_SECONDS_SUM, Metric,
    PROCESS_START_TIME_SECONDS,
};
use jobwatch_catalogue::schedule::MAX_INTERVAL;
use serde::Serialize;
use serde_json::{Value, json};

use super::dashed::{Dashed, dashed, draws, parted};
use super::grouped::{COPY, Grouped, grouped, has_jobs_apart};
use super::holes::Settable;
use super::off::{Off, off};
use super::reserved::{OF_SERIES, RESERVED};
use super::rule;
use super::variants::{Varied, variants};
use super::written::{Unvaried, place_of_rule};
use crate::alerts::unresolved::UNRESOLVED;
use crate::dashboard::{Panel, Visual};
use crate::definition::{Comparison, Parameter};
use crate::formats::grafana;
use crate::model::{Alert, Model, SHORTEST_ESCALATION};
use crate::promql::Selector;
use crate::quantity::Unit;
use crate::rules::{
    LABELS_SUFFIX, RECORDED_SUFFIX, Rule, RuleGroup, STATE_SUFFIX, THRESHOLDS_SUFFIX, runbook_url,
};
use crate::series::CATALOGUED;
use crate::views::Views;

/// What is generated.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Generated<'a> {
    /// The watched jobs, in the catalogue's order.
    jobs: Vec<&'a str>,
    /// The groups of recorded series and of thresholds, then those of alerts.
    groups: Vec<Value>,
    /// The names of the groups of rules that record.
    recording: [String; 4],
    /// The warnings that escalate.
    escalating: Vec<&'static str>,
    dashboard: Value,
    /// The file of the dashboard.
    file: String,
    /// The alerts, in the order of their definitions.
    alert_names: Vec<&'static str>,
    alerts: BTreeMap<&'static str, OfAlert<'a>>,
    panels: BTreeMap<&'static str, OfPanel>,
    /// Selects the jobs of the catalogue.
    catalogued: String,
    /// The metrics that processes expose.
    metrics: Vec<&'static str>,
    /// What the selector of each metric begins with because of the catalogue's selector.
    selector: String,
    /// The label that stands for those by which copies are told apart, where these are named anew.
    copy: &'static str,
    /// The longest time that a condition may have to hold, in seconds.
    longest_hold: u64,
    /// Whether a job has labels of its own that tell its copies apart.
    has_jobs_apart: bool,
    /// The labels that jobs have on their alerts, the owner among them.
    job_labels: BTreeSet<&'a str>,
    grouped: Grouped,
    ungrouped: Grouped,
    off: Off,
    reserved: Reserved,
}

/// The labels that no setting can name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reserved {
    anywhere: [&'static str; 11],
    on_alerts: [&'static str; 2],
}

/// What the library needs of an alert.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfAlert<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<OfThreshold<'a>>,
    texts: BTreeMap<String, Varied>,
    /// The series that record its parameters where these differ by job.
    series: Vec<&'static str>,
    /// Its sentence on panels.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// The link to its section of the runbook.
    link: String,
    heading: &'static str,
    /// The shortest time that its condition may have to hold, in seconds. `None` for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_hold: Option<u64>,
}

/// What the library needs of the threshold of an alert.
#[derive(Serialize)]
struct OfThreshold<'a> {
    key: &'static str,
    /// The series that records it where it differs by job.
    series: &'static str,
    /// The jobs that the alert watches. `None` if it watches all.
    #[serde(skip_serializing_if = "Option::is_none")]
    watched: Option<Vec<&'a str>>,
    /// The jobs that set it themselves.
    own: Vec<&'a str>,
    /// The units of the parameters that can be set.
    units: BTreeMap<&'static str, &'static str>,
    /// What the parameters may be that can be set.
    limits: BTreeMap<&'static str, Limit>,
    /// How the value is compared with it, in a word.
    compared: &'static str,
    /// When the alert fires.
    fires: &'static str,
}

/// What a parameter may be.
#[derive(Serialize)]
struct Limit {
    most: f64,
    /// The same for people.
    shown: String,
    zero: bool,
    whole: bool,
}

/// What the library needs of a panel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfPanel {
    /// The places of its queries that are no threshold that differs by job.
    fixed: Vec<usize>,
    /// The places of those that are, by alert.
    dashed: BTreeMap<&'static str, usize>,
    /// The queries of those that could be, by alert.
    could_be_dashed: BTreeMap<&'static str, String>,
    /// The alerts whose thresholds it draws, if they can be set.
    lines: Vec<&'static str>,
    /// Those whose thresholds it draws although they cannot.
    other_alerts: Vec<&'static str>,
    /// Where it draws the latter across.
    other_lines: Vec<Value>,
    /// Whether these lines are about what is missing.
    is_gauge: bool,
    /// What its description begins with.
    description: String,
    /// The alerts that its description speaks of.
    alerts: Vec<&'static str>,
}

/// Returns what is generated.
///
/// Errors: the writer of the dashboard refuses a text.
pub(super) fn generated<'a>(views: &'a Views<'_>) -> Result<Generated<'a>, serde_json::Error> {
    let model = views.model;
    let all_warnings = model.all_warnings();
    let escalating = views.of(&all_warnings);
    let dashed = dashed(views);
    let unvaried = Unvaried::of(&escalating, &dashed);
    let mut alerts = BTreeMap::new();
    let mut panels: BTreeMap<&str, OfPanel> = BTreeMap::new();
    for panel in views.dashboard.panels() {
        panels.insert(panel.title, of_panel(model, panel, &dashed));
    }
    for alert in model.alerts().iter().filter(|alert| alert.expression.is_some()) {
        let mut texts = BTreeMap::new();
        // A threshold stands in what escalates a warning, too.
        let as_warning = all_warnings.alert(alert.name()).unwrap_or(alert);
        if let Some(variants) = variants(&escalating, &unvaried, as_warning, &dashed) {
            texts = variants.texts;
            for (title, text) in variants.dashed {
                if let Some(panel) = panels.get_mut(title.as_str()) {
                    panel.could_be_dashed.insert(alert.name().as_str(), text);
                }
            }
        }
        alerts.insert(alert.name().as_str(), of_alert(views, alert, texts));
    }
    let catalogue = model.catalogue();
    let selector = catalogue.selector().iter();
    let selector =
        selector.fold(Selector::new(""), |selector, (label, value)| selector.equal(label, value)).to_string();
    let selector = selector.trim_start_matches('{').trim_end_matches('}');
    Ok(Generated {
        jobs: model.jobs().iter().map(|job| job.spec.name().as_str()).collect(),
        // Each alert may become a warning, and then escalates.
        groups: escalating.groups.iter().map(|group| self::group(group, views)).collect(),
        recording: recording(catalogue),
        escalating: model.escalations().iter().map(|of| of.warning.as_str()).collect(),
        dashboard: grafana::value(&views.dashboard)?,
        file: format!("{}.json", catalogue.name()),
        alert_names: model.alerts().iter().map(|alert| alert.name().as_str()).collect(),
        alerts,
        panels,
        catalogued: model.scope().recorded(CATALOGUED.name).to_string(),
        metrics: metrics(),
        selector: selector.to_owned(),
        copy: COPY,
        longest_hold: MAX_INTERVAL.as_secs(),
        has_jobs_apart: has_jobs_apart(catalogue),
        job_labels: job_labels(catalogue),
        grouped: grouped(&escalating, &dashed, Some(COPY))?,
        ungrouped: grouped(&escalating, &dashed, None)?,
        off: off(&escalating, &unvaried, &dashed),
        reserved: Reserved { anywhere: RESERVED, on_alerts: OF_SERIES },
    })
}

/// Returns the labels that jobs have on their alerts, the owner among them.
fn job_labels(catalogue: &Catalogue) -> BTreeSet<&str> {
    let jobs = || catalogue.jobs().iter();
    let owner = jobs().any(|job| catalogue.owner_of(job).is_some()).then_some(OWNER);
    jobs().flat_map(|job| job.labels().keys()).map(String::as_str).chain(owner).collect()
}

/// Returns the names of the groups that record: series, thresholds and labels that differ by job,
/// and states.
fn recording(catalogue: &Catalogue) -> [String; 4] {
    [RECORDED_SUFFIX, THRESHOLDS_SUFFIX, LABELS_SUFFIX, STATE_SUFFIX]
        .map(|suffix| format!("{}-{suffix}", catalogue.name()))
}

fn metrics() -> Vec<&'static str> {
    let derived = [
        JOB_EXECUTION_DURATION_SECONDS_BUCKET,
        JOB_EXECUTION_DURATION_SECONDS_SUM,
        PROCESS_START_TIME_SECONDS,
    ];
    let mut names: Vec<&str> = Metric::all().map(|metric| metric.name).chain(derived).collect();
    names.sort_unstable();
    names
}

/// Returns a group. What does not escalate as it is generated has its rule here, too.
fn group(group: &RuleGroup, views: &Views<'_>) -> Value {
    let is_escalating = |rule: &Rule| place_of_rule("", rule).matches('/').count() > 1;
    let generated = views.groups.iter().find(|known| known.name == group.name);
    let rules = group.rules.iter().map(|of| {
        let place = place_of_rule("", of);
        let known =
            generated.and_then(|group| group.rules.iter().find(|rule| place_of_rule("", rule) == place));
        rule::value(known.filter(|_| !is_escalating(of)).unwrap_or(of))
    });
    json!({ "name": group.name, "rules": rules.collect::<Vec<_>>() })
}

fn of_alert<'a>(views: &Views<'a>, alert: &'a Alert, texts: BTreeMap<String, Varied>) -> OfAlert<'a> {
    let beginning = format!("\n\n`{}` (", alert.name());
    let sentence = views.dashboard.panels().find_map(|panel| {
        let at = panel.description.find(&beginning)?;
        let rest = &panel.description[at..];
        let end = rest[2..].find("\n\n").map_or(rest.len(), |end| end + 2);
        Some(rest[..end].to_owned())
    });
    OfAlert {
        threshold: of_threshold(views.model, alert),
        texts,
        series: alert.definition.parameters.iter().map(|parameter| parameter.series).collect(),
        sentence,
        link: runbook_url(alert, views.model),
        heading: alert.definition.heading,
        least_hold: (alert.name() == UNRESOLVED.name).then_some(SHORTEST_ESCALATION),
    }
}

fn of_threshold<'a>(model: &Model<'a>, alert: &'a Alert) -> Option<OfThreshold<'a>> {
    let settable = Settable::of(alert);
    let threshold = settable.first()?.parameter;
    let names = |picked: &dyn Fn(&jobwatch_catalogue::JobName) -> bool| {
        let names = model.jobs().iter().map(|job| job.spec.name());
        names.filter(|name| picked(name)).map(|name| name.as_str()).collect::<Vec<_>>()
    };
    let watched = names(&|name| alert.watches(name));
    Some(OfThreshold {
        key: threshold.key,
        series: threshold.series,
        watched: (watched.len() < model.jobs().len()).then_some(watched),
        own: names(&|name| alert.is_own_threshold(name)),
        units: settable.iter().map(|of| (of.parameter.key, unit(of.parameter.default.unit()))).collect(),
        limits: settable.iter().map(|of| (of.parameter.key, limit(of.parameter))).collect(),
        compared: match alert.definition.comparison {
            Comparison::AtLeast => "from",
            Comparison::Above => "above",
            Comparison::Below => "below",
            Comparison::AtMost => "up to",
        },
        fires: alert.definition.texts.fires,
    })
}

fn limit(parameter: &Parameter) -> Limit {
    let most = parameter.largest();
    Limit {
        most: most.as_f64(),
        shown: most.to_string(),
        zero: parameter.may_be_zero,
        whole: matches!(parameter.default.unit(), Unit::Count | Unit::Seconds),
    }
}

/// Returns the name of a unit in the library.
const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::PerSecond => "per second",
        Unit::Ratio => "ratio",
        Unit::Seconds | Unit::Timestamp => "seconds",
        Unit::Count | Unit::Number => "count",
    }
}

fn of_panel(model: &Model<'_>, panel: &Panel, dashed: &Dashed) -> OfPanel {
    let parted = parted(model, panel, dashed);
    let is_gauge = matches!(panel.visual, Visual::Gauge(_));
    let is_settable = |name: &str| {
        let alert = model.alerts().iter().find(|alert| alert.name().as_str() == name);
        alert.is_some_and(|alert| !Settable::of(alert).is_empty())
    };
    let draws = |alert: &str| {
        dashed.get(panel.title).is_some_and(|names| names.contains(&alert))
            || panel.lines.iter().any(|line| line.alert.as_str() == alert)
            || panel.queries.iter().any(|query| draws(&query.legend, alert))
    };
    let names = || model.alerts().iter().map(|alert| alert.name().as_str()).filter(|name| draws(name));
    let other_lines = panel.lines.iter().filter(|line| !is_settable(line.alert.as_str()));
    OfPanel {
        fixed: parted.fixed.iter().map(|(place, _)| *place).collect(),
        dashed: parted.dashed.iter().map(|(name, place, _)| (*name, *place)).collect(),
        could_be_dashed: BTreeMap::new(),
        lines: names().filter(|name| is_settable(name)).collect(),
        other_alerts: names().filter(|name| !is_settable(name)).collect(),
        other_lines: other_lines
            .map(|line| json!({ "alert": line.alert.as_str(), "value": line.value.as_f64() }))
            .collect(),
        is_gauge,
        description: panel.description.split("\n\n`").next().unwrap_or_default().to_owned(),
        alerts: panel.alerts.iter().map(|name| name.as_str()).collect(),
    }
}

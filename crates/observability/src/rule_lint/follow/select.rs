//! What a selector yields.

use std::collections::BTreeSet;

use crate::promql::SeriesKind;
use crate::query::{MatchOperator, Matcher, Selector};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::known::Known;
use crate::rule_lint::labels::{Labels, Values};
use crate::rule_lint::regex::{Matched, matched};
use crate::rule_lint::yielded::{Nature, Yielded};
use crate::scope::{ALERTS, ALERTS_FOR_STATE};

/// What the series of exporters begin with that nobody pushes. What goes through a gateway may have
/// no `instance`, and neither may what another file records.
const SCRAPED: [&str; 10] = [
    "apiserver_",
    "container_",
    "etcd_",
    "kube_",
    "kubelet_",
    "node_",
    "probe_",
    "prometheus_",
    "scrape_",
    "windows_",
];

pub(super) fn select(selector: &Selector, known: &Known<'_>) -> Yielded {
    let mut yielded = match selector.name() {
        Some(name) => match known.recorded.get(name) {
            Some(Some(recorded)) => recorded.clone(),
            Some(None) => Yielded::unknown(Bounds::ANY, Nature::Unknown),
            None => of_name(name, known),
        },
        None => Yielded::unknown(Bounds::ANY, Nature::Unknown),
    };
    if let Some(labels) = &mut yielded.labels {
        for matcher in selector.matchers.iter().filter(|matcher| matcher.label != "__name__") {
            if let Some(values) = values(matcher) {
                labels.narrow(&matcher.label, &values);
            }
        }
    }
    yielded
}

/// Returns what is known of the series that have a name.
fn of_name(name: &str, known: &Known<'_>) -> Yielded {
    let mut labels = Labels::open();
    // A colon is for what rules record, and alerts are no series of a target.
    if name == ALERTS || name == ALERTS_FOR_STATE {
        let alerts = Yielded::unknown(Bounds::NOT_NEGATIVE, Nature::Gauge);
        return Yielded { is_conditional: true, ..alerts };
    }
    let schema = known.facts.series(name);
    if !name.contains(':') {
        labels.set("job", Values::Present);
        let is_scraped = name == "up" || SCRAPED.iter().any(|begin| name.starts_with(begin));
        if is_scraped || schema.is_some() {
            labels.set("instance", Values::Present);
        }
    }
    if is_of_distribution(name) {
        labels.set("le", Values::Absent);
    }
    for label in schema.iter().flat_map(|schema| &schema.labels) {
        labels.set(&label.name, Values::Present);
    }
    let nature = match schema.map(|schema| schema.kind) {
        Some(SeriesKind::Gauge) => Nature::Gauge,
        Some(SeriesKind::Counter | SeriesKind::Buckets(_)) => Nature::Counter,
        None => by_name(name),
    };
    let bounds = match nature {
        _ if name == "up" => Bounds::between(0.0, 1.0),
        // What is observed may be negative, and with it the sum.
        Nature::Counter if !name.ends_with("_sum") => Bounds::NOT_NEGATIVE,
        _ => Bounds::ANY,
    };
    Yielded { labels: Some(labels), ..Yielded::unknown(bounds, nature) }
}

/// Returns what a name says by the conventions of Prometheus.
fn by_name(name: &str) -> Nature {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if name == "up" || ends(&["_timestamp_seconds", "_info", "_ratio", "_celsius", "_percent"]) {
        Nature::Gauge
    } else if !name.contains(':') && (ends(&["_total", "_bucket"]) || is_of_times(name)) {
        Nature::Counter
    } else {
        Nature::Unknown
    }
}

/// Returns whether a series counts or adds up what a histogram or a summary observes, by its name.
/// Such series have no bounds of buckets.
fn is_of_distribution(name: &str) -> bool {
    !name.contains(':') && (name.ends_with("_count") || name.ends_with("_sum"))
}

/// Returns whether it is times that are counted or added up. Other series may be called so that are
/// no counters.
fn is_of_times(name: &str) -> bool {
    const TIMES: [&str; 3] = ["_seconds", "_milliseconds", "_microseconds"];
    let observed = name.strip_suffix("_count").or_else(|| name.strip_suffix("_sum"));
    observed.is_some_and(|observed| TIMES.iter().any(|unit| observed.ends_with(unit)))
}

/// Returns what a matcher says about its label. `None` if it is nothing that can be followed.
fn values(matcher: &Matcher) -> Option<Values> {
    const MOST: usize = 50;
    let value = matcher.value.as_str();
    let few = |texts: Vec<String>| (texts.len() < MOST).then(|| texts.into_iter().collect::<BTreeSet<_>>());
    match matcher.operator {
        MatchOperator::Equal => Some(Values::one(value)),
        MatchOperator::NotEqual => Some(Values::none_of(BTreeSet::from([matcher.value.clone()]))),
        MatchOperator::Matches => match matched(value) {
            Matched::Anything => Some(Values::Present),
            Matched::Texts(texts) => few(texts).map(Values::OneOf),
            Matched::Begins(begins) => Some(Values::Begins(begins)),
            Matched::Everything | Matched::Unknown => None,
        },
        MatchOperator::MatchesNot => match matched(value) {
            Matched::Anything => Some(Values::Absent),
            Matched::Texts(texts) => few(texts).map(Values::none_of),
            Matched::Everything | Matched::Begins(_) | Matched::Unknown => None,
        },
    }
}

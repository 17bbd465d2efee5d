//! What a function yields.

use jobwatch_catalogue::metric::{JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_TOTAL};

use crate::quantity::Quantity;
use crate::query::{Kind, MatchOperator, Node, Selector, ValueType};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::jobs;
use crate::rule_lint::known::Known;
use crate::rule_lint::labels::{Labels, Values};
use crate::rule_lint::yielded::Yielded;

pub(super) fn call(name: &str, arguments: &[Node], done: &[Yielded], known: &Known<'_>) -> Yielded {
    let is_series = |node: &&Node| matches!(node.value_type(), ValueType::Vector | ValueType::Matrix);
    let series = arguments.iter().find(is_series);
    let Some(series) = series else { return of_numbers(name, arguments, done) };
    let before = &done[series.id];
    let any = || before.with(Bounds::ANY);
    let number = |index: usize| arguments.get(index).and_then(|node: &Node| done[node.id].bounds.value());
    match name {
        "absent" | "absent_over_time" => absent(series, before),
        "scalar" => Yielded { labels: None, ..before.clone() },
        "rate" | "increase" | "irate" | "xrate" | "xincrease" => {
            let most = runs_a_second(name, arguments, known);
            let bounds = match most {
                Some(runs) => Bounds::NOT_NEGATIVE.at_most(runs.most, runs.because),
                None => Bounds::NOT_NEGATIVE,
            };
            before.with(bounds)
        }
        "changes" | "resets" => before.with(Bounds::NOT_NEGATIVE),
        "count_over_time" => before.with(Bounds::between(1.0, f64::INFINITY)),
        "present_over_time" => before.with(Bounds::exactly(1.0)),
        "sum_over_time" if before.bounds.low >= 0.0 => {
            before.with(Bounds::between(before.bounds.low, f64::INFINITY))
        }
        "avg_over_time" | "quantile_over_time" | "last_over_time" | "max_over_time" | "min_over_time"
        | "first_over_time" | "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" => before.clone(),
        "abs" => before.alike(Bounds::NOT_NEGATIVE),
        "sqrt" | "exp" | "stddev_over_time" | "stdvar_over_time" | "timestamp" => {
            before.with(Bounds::NOT_NEGATIVE)
        }
        "ceil" | "floor" | "round" if arguments.len() == 1 => {
            let Bounds { low, high, because } = before.bounds.clone();
            before.alike(Bounds { low: low.floor(), high: high.ceil(), because })
        }
        "round" => before.alike(Bounds::ANY),
        "sgn" => before.with(Bounds::between(-1.0, 1.0)),
        "clamp" => match (number(1), number(2)) {
            (Some(least), Some(most)) if least <= most => {
                let within = |value: f64| value.clamp(least, most);
                before.with(Bounds::between(within(before.bounds.low), within(before.bounds.high)))
            }
            _ => any(),
        },
        "clamp_min" => match number(1) {
            Some(least) => {
                let Bounds { low, high, because } = before.bounds.clone();
                before.alike(Bounds { low: low.max(least), high: high.max(least), because })
            }
            None => any(),
        },
        "clamp_max" => match number(1) {
            Some(most) => {
                before.alike(Bounds::between(before.bounds.low.min(most), before.bounds.high.min(most)))
            }
            None => any(),
        },
        "hour" | "minute" | "month" | "year" | "day_of_month" | "day_of_week" | "day_of_year"
        | "days_in_month" => before.with(of_calendar(name)),
        "histogram_quantile" => {
            let labels = before.labels().without(&["le".to_owned()]);
            let bounds = measured(series, known);
            Yielded { labels: Some(labels), ..before.with(bounds) }
        }
        "histogram_fraction" => before.with(Bounds::between(0.0, 1.0)),
        "label_replace" | "label_join" => relabelled(name, arguments, before),
        "info" => Yielded { labels: Some(Labels::open()), ..before.clone() },
        _ => any(),
    }
}

fn of_numbers(name: &str, arguments: &[Node], done: &[Yielded]) -> Yielded {
    match (name, arguments.first()) {
        ("vector", Some(of)) => Yielded::constant(done[of.id].bounds.clone()),
        ("pi", _) => Yielded::number(Bounds::exactly(std::f64::consts::PI)),
        ("time", _) => Yielded::number(Bounds::NOT_NEGATIVE),
        (name, None) => Yielded::constant(of_calendar(name)),
        _ => Yielded::constant(Bounds::ANY),
    }
}

fn of_calendar(name: &str) -> Bounds {
    match name {
        "hour" => Bounds::between(0.0, 23.0),
        "minute" => Bounds::between(0.0, 59.0),
        "month" => Bounds::between(1.0, 12.0),
        "day_of_month" => Bounds::between(1.0, 31.0),
        "day_of_week" => Bounds::between(0.0, 6.0),
        "day_of_year" => Bounds::between(1.0, 366.0),
        "days_in_month" => Bounds::between(28.0, 31.0),
        _ => Bounds::ANY,
    }
}

/// What is absent has the labels that the selector says it would have.
fn absent(series: &Node, before: &Yielded) -> Yielded {
    let mut labels = Labels::default();
    if let Kind::Select(selector) = &series.kind {
        for matcher in &selector.matchers {
            let of_label = selector.matchers.iter().filter(|other| other.label == matcher.label).count();
            let is_plain = matcher.operator == MatchOperator::Equal && matcher.label != "__name__";
            if is_plain && of_label == 1 {
                labels.set(&matcher.label, Values::one(&matcher.value));
            }
        }
    }
    let one = before.with(Bounds::exactly(1.0));
    Yielded { labels: Some(labels), is_conditional: true, is_empty: false, ..one }
}

fn relabelled(name: &str, arguments: &[Node], before: &Yielded) -> Yielded {
    let text = |index: usize| match arguments.get(index).map(|node: &Node| &node.kind) {
        Some(Kind::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut labels = before.labels();
    let Some(target) = text(1) else { return before.clone() };
    let is_fixed = name == "label_replace"
        && text(2).is_some_and(|value| !value.contains('$'))
        && (text(4) == Some(".*") || text(3) == Some("") && text(4) == Some(""));
    let values = match text(2) {
        Some(value) if is_fixed => Values::one(value),
        _ => Values::Unknown,
    };
    labels.set(target, values);
    Yielded { labels: Some(labels), ..before.clone() }
}

/// How often jobs can run.
pub(super) struct Runs {
    /// The most that a rate or an increase can be for one of them.
    pub(super) most: f64,
    /// How many jobs there are.
    pub(super) jobs: usize,
    /// Why it is no more.
    pub(super) because: String,
}

/// How much more than there was a rate may say: it is taken as if what happened between the first
/// and the last sample had gone on to the ends of the range.
const EXTRAPOLATED: f64 = 1.25;

/// Returns how often the jobs can run whose executions are counted. `None` if it is not told.
pub(super) fn runs_a_second(name: &str, arguments: &[Node], known: &Known<'_>) -> Option<Runs> {
    let [Node { kind: Kind::Select(selector), .. }] = arguments else { return None };
    let range = selector.range.filter(|_| selector.name() == Some(JOB_EXECUTION_TOTAL.name))?;
    let jobs = jobs::selected(known.facts.models, selector);
    let gap = jobs::shortest_gap(&jobs)?;
    let most = ((range / gap).ceil() + 1.0) * EXTRAPOLATED;
    let most = match name {
        "rate" => most / range,
        "increase" => most,
        _ => return None,
    };
    let gap = Quantity::Duration(gap as u64);
    let because = format!("no job that it reads is due more often than each {gap}");
    Some(Runs { most, jobs: jobs.len(), because })
}

/// Returns how long runs are measured to take, where it is runs of catalogued jobs that are
/// measured.
fn measured(of: &Node, known: &Known<'_>) -> Bounds {
    let buckets = |selector: &&Selector| selector.name() == Some(JOB_EXECUTION_DURATION_SECONDS_BUCKET);
    let mut selectors = of.all().into_iter().filter_map(|node| match &node.kind {
        Kind::Select(selector) => Some(selector),
        _ => None,
    });
    let Some(selector) = selectors.next().filter(buckets) else { return Bounds::ANY };
    let jobs = jobs::selected(known.facts.models, selector);
    match jobs::longest_measured(&jobs).filter(|_| selectors.next().is_none()) {
        Some(most) => {
            let most_shown = Quantity::Duration(most as u64);
            let because = format!(
                "no job that it reads may run for longer, and the bucket that the longest can reach ends at \
                 {most_shown}"
            );
            Bounds::NOT_NEGATIVE.at_most(most, because)
        }
        None => Bounds::ANY,
    }
}

//! Infers what an expression yields, and refuses what Prometheus would take without a word: a label that its metric does not
//! have, a rate of a gauge, two sides of a division that share no labels, seconds compared with a count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, LE, NAMESPACE, REASON, RunStatus, STATUS, SkipReason};
use jobwatch_catalogue::metric::{JOB_ITEMS_PROCESSED_TOTAL, MetricKind, MetricUnit};
use jobwatch_catalogue::{Catalogue, Quantity, Unit};

use super::expr::{Aggregation, Expr, Matching, Operator, RangeFunction};
use super::selector::{MatcherValue, Selector, Series};
use crate::signals::CATALOGUE;

/// What the values of an expression measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Things.
    Count,
    /// Things a second.
    PerSecond,
    /// A part of a whole.
    Ratio,
    /// A length of time in seconds.
    Seconds,
    /// A moment in seconds since the epoch.
    Timestamp,
    /// A bare number: nothing, or a mark that something is there.
    Number,
}

/// What an expression yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yield {
    /// What its values measure.
    pub measure: Measure,
    /// Its labels, or nothing for a scalar.
    pub labels: Option<Labels>,
    /// Whether its values only grow until a restart, so that they mean nothing as they are.
    counter: bool,
    /// Whether they are buckets of a histogram.
    buckets: bool,
}

/// The labels of a vector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Labels that may tell its samples apart.
    pub free: BTreeSet<String>,
    /// Labels that have the same value on all of them.
    pub fixed: BTreeMap<String, String>,
    /// Whether it also has those that Prometheus adds to the target, as `instance`.
    pub target: bool,
}

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// A label is used that the series does not have.
    #[error("`{series}` has no label `{label}`: it has {known}")]
    UnknownLabel {
        /// The series, or what is aggregated.
        series: String,
        /// The label.
        label: String,
        /// What labels there are.
        known: String,
    },
    /// A label is compared with a value that it never has.
    #[error("`{label}` of `{series}` is never `{value}`: it is one of {known}")]
    UnknownValue {
        /// The series.
        series: String,
        /// The label.
        label: String,
        /// The value.
        value: String,
        /// The values that occur.
        known: String,
    },
    /// A rate is taken of something that does not only grow.
    #[error("`{0}` is no counter, so it has no rate")]
    RateOfGauge(String),
    /// A counter is read without a rate.
    #[error("`{0}` is a counter: its value means nothing without `rate` or `increase`")]
    RawCounter(String),
    /// A quantile is taken of something that has no buckets.
    #[error("a quantile needs a rate of buckets, grouped by `le` among others")]
    QuantileWithoutBuckets,
    /// The two sides of an operator are matched by labels of which one side has more.
    #[error("the sides of `{operator}` have different labels: {left} and {right}")]
    LabelsDiffer {
        /// The operator.
        operator: &'static str,
        /// The labels on the left.
        left: String,
        /// The labels on the right.
        right: String,
    },
    /// One sample of one side would belong to several of the other.
    #[error("`{operator}` matches by {on}, but the {side} side tells more samples apart: {labels}")]
    ManyMatches {
        /// The operator.
        operator: &'static str,
        /// The labels that are matched by.
        on: String,
        /// Which side.
        side: &'static str,
        /// The labels on that side.
        labels: String,
    },
    /// Two values are compared or subtracted that measure different things.
    #[error("`{operator}` has {left:?} on its left and {right:?} on its right")]
    MeasuresDiffer {
        /// The operator.
        operator: &'static str,
        /// What the left measures.
        left: Measure,
        /// What the right measures.
        right: Measure,
    },
    /// A set operator has a scalar on one side.
    #[error("`{0}` needs series on both sides")]
    ScalarInSet(&'static str),
}

/// Infers what an expression yields.
///
/// `catalogue` says which labels the targets of the service have besides the metrics' own.
///
/// # Errors
///
/// [`ExpressionError`] names the first thing that is wrong.
pub fn check(expression: &Expr, catalogue: &Catalogue) -> Result<Yield, ExpressionError> {
    let found = infer(expression, catalogue)?;
    if found.counter {
        return Err(ExpressionError::RawCounter(expression.to_string()));
    }
    Ok(found)
}

fn infer(expression: &Expr, catalogue: &Catalogue) -> Result<Yield, ExpressionError> {
    match expression {
        Expr::Number(quantity) => Ok(scalar(measure_of(*quantity))),
        Expr::Time => Ok(scalar(Measure::Timestamp)),
        Expr::Vector(_) => Ok(Yield { labels: Some(Labels::default()), ..scalar(Measure::Number) }),
        Expr::Select(selector) => select(selector, catalogue),
        Expr::Range { function, selector, .. } => range(*function, selector, catalogue),
        Expr::Aggregate { operation, by, of } => {
            aggregate(*operation, by, infer(of, catalogue)?, catalogue, of)
        }
        Expr::Top { of, .. } => check(of, catalogue),
        Expr::HistogramQuantile { of, .. } => {
            let found = infer(of, catalogue)?;
            let mut labels = found.labels.unwrap_or_default();
            if !found.buckets || found.counter || !labels.free.remove(LE) {
                return Err(ExpressionError::QuantileWithoutBuckets);
            }
            Ok(Yield { labels: Some(labels), ..scalar(Measure::Seconds) })
        }
        Expr::Binary { operator, left, right, matching } => {
            let left = check(left, catalogue)?;
            // What decides whether a sample stays is only asked whether it is there.
            let right = match operator {
                Operator::And | Operator::Unless => infer(right, catalogue)?,
                _ => check(right, catalogue)?,
            };
            binary(*operator, matching, left, right)
        }
    }
}

const fn scalar(measure: Measure) -> Yield {
    Yield { measure, labels: None, counter: false, buckets: false }
}

const fn measure_of(quantity: Quantity) -> Measure {
    match quantity.unit() {
        Unit::PerSecond => Measure::PerSecond,
        Unit::Ratio => Measure::Ratio,
        Unit::Duration => Measure::Seconds,
        Unit::Count => Measure::Number,
    }
}

fn select(selector: &Selector, catalogue: &Catalogue) -> Result<Yield, ExpressionError> {
    let mut labels = Labels::default();
    let (measure, counter, buckets) = match selector.series {
        Series::Metric(metric) | Series::Bucket(metric) => {
            labels.free.extend(metric.labels.iter().map(|&label| label.to_owned()));
            labels.free.insert(NAMESPACE.to_owned());
            labels.free.extend(catalogue.selector().keys().cloned());
            labels.target = true;
            let buckets = matches!(selector.series, Series::Bucket(_));
            if buckets {
                labels.free.insert(LE.to_owned());
            }
            let measure = match metric.unit {
                _ if buckets => Measure::Count,
                MetricUnit::Count => Measure::Count,
                MetricUnit::Seconds => Measure::Seconds,
                MetricUnit::Timestamp => Measure::Timestamp,
            };
            (measure, metric.kind != MetricKind::Gauge, buckets)
        }
        Series::Signal(signal) => {
            labels.free.extend(signal.labels().iter().map(|&label| label.to_owned()));
            (signal.measure(), false, false)
        }
        Series::Alerts | Series::AlertsSince => {
            for label in ["alertname", "severity", "service", CATALOGUE, JOB_NAME, NAMESPACE] {
                labels.free.insert(label.to_owned());
            }
            labels.free.extend(catalogue.labels().keys().cloned());
            if selector.series == Series::Alerts {
                labels.free.insert("alertstate".to_owned());
                (Measure::Number, false, false)
            } else {
                (Measure::Timestamp, false, false)
            }
        }
    };
    for matcher in &selector.matchers {
        let series = selector.series.name();
        if !labels.free.contains(&matcher.label) && !labels.fixed.contains_key(&matcher.label) {
            let known = labels.to_string();
            return Err(ExpressionError::UnknownLabel { series, label: matcher.label.clone(), known });
        }
        if let Some(known) = values_of(selector.series, &matcher.label) {
            let given: &[String] = match &matcher.value {
                MatcherValue::Equal(value) => std::slice::from_ref(value),
                MatcherValue::OneOf(values) => values,
                MatcherValue::Variable(_) => &[],
            };
            if let Some(value) = given.iter().find(|value| !known.contains(&value.as_str())) {
                return Err(ExpressionError::UnknownValue {
                    series,
                    label: matcher.label.clone(),
                    value: value.clone(),
                    known: known.join(", "),
                });
            }
        }
        if let MatcherValue::Equal(value) = &matcher.value {
            labels.free.remove(&matcher.label);
            labels.fixed.insert(matcher.label.clone(), value.clone());
        }
    }
    Ok(Yield { measure, labels: Some(labels), counter, buckets })
}

/// The values that a label of a metric has, where they are a closed set.
fn values_of(series: Series, label: &str) -> Option<Vec<&'static str>> {
    let Series::Metric(metric) = series else { return None };
    match label {
        STATUS if *metric == JOB_ITEMS_PROCESSED_TOTAL => {
            Some(ItemStatus::ALL.map(ItemStatus::as_str).to_vec())
        }
        STATUS => Some(RunStatus::ALL.map(RunStatus::as_str).to_vec()),
        REASON => Some(SkipReason::ALL.map(SkipReason::as_str).to_vec()),
        _ => None,
    }
}

fn range(
    function: RangeFunction,
    selector: &Selector,
    catalogue: &Catalogue,
) -> Result<Yield, ExpressionError> {
    let found = select(selector, catalogue)?;
    match function {
        RangeFunction::LastOverTime => Ok(found),
        RangeFunction::Rate | RangeFunction::Increase | RangeFunction::SinceStart if !found.counter => {
            Err(ExpressionError::RateOfGauge(selector.series.name()))
        }
        RangeFunction::Rate => Ok(Yield { measure: Measure::PerSecond, counter: false, ..found }),
        RangeFunction::Increase | RangeFunction::SinceStart => {
            Ok(Yield { measure: Measure::Count, counter: false, ..found })
        }
    }
}

fn aggregate(
    operation: Aggregation,
    by: &[&'static str],
    found: Yield,
    catalogue: &Catalogue,
    of: &Expr,
) -> Result<Yield, ExpressionError> {
    let counts = matches!(operation, Aggregation::Count | Aggregation::Group);
    if found.counter && !counts {
        return Err(ExpressionError::RawCounter(of.to_string()));
    }
    let before = found.labels.unwrap_or_default();
    let mut labels = Labels::default();
    for &label in by {
        // A process without a namespace has an empty one, and grouping by it does no harm.
        let known = before.free.contains(label) || before.fixed.contains_key(label) || label == NAMESPACE;
        if !known {
            let known = before.to_string();
            return Err(ExpressionError::UnknownLabel {
                series: of.to_string(),
                label: label.to_owned(),
                known,
            });
        }
        match before.fixed.get(label).or_else(|| catalogue.selector().get(label)) {
            Some(value) => drop(labels.fixed.insert(label.to_owned(), value.clone())),
            None => drop(labels.free.insert(label.to_owned())),
        }
    }
    let measure = match operation {
        Aggregation::Count => Measure::Count,
        Aggregation::Group => Measure::Number,
        Aggregation::Sum | Aggregation::Max | Aggregation::Min => found.measure,
    };
    Ok(Yield { measure, labels: Some(labels), counter: false, buckets: found.buckets })
}

fn binary(
    operator: Operator,
    matching: &Matching,
    left: Yield,
    right: Yield,
) -> Result<Yield, ExpressionError> {
    let name = operator.as_str();
    match (&left.labels, &right.labels) {
        (Some(left), Some(right)) => check_matching(operator, matching, left, right)?,
        _ if operator.is_set() => return Err(ExpressionError::ScalarInSet(name)),
        _ => {}
    }
    let differ = ExpressionError::MeasuresDiffer { operator: name, left: left.measure, right: right.measure };
    let alike = left.measure == right.measure
        || right.measure == Measure::Number && matches!(left.measure, Measure::Count | Measure::Timestamp)
        || right.labels.is_none() && right.measure == Measure::Number && operator.is_comparison();
    let measure = match operator {
        Operator::And | Operator::Unless => left.measure,
        Operator::Or if left.measure == right.measure => left.measure,
        Operator::Equal | Operator::Greater | Operator::GreaterOrEqual | Operator::Less if alike => {
            left.measure
        }
        Operator::Subtract if left.measure == right.measure => match left.measure {
            Measure::Timestamp => Measure::Seconds,
            other => other,
        },
        Operator::Divide if left.measure == right.measure => Measure::Ratio,
        // A count divided by a bare figure is how many times the figure it is.
        Operator::Divide if left.measure == Measure::Count && right.measure == Measure::Number => {
            Measure::Ratio
        }
        Operator::Multiply => match (left.measure, right.measure) {
            (Measure::Number, other) | (other, Measure::Number) => other,
            (Measure::Ratio, other) | (other, Measure::Ratio) => other,
            _ => return Err(differ),
        },
        _ => return Err(differ),
    };
    let labels = match (left.labels, right.labels) {
        (Some(left), Some(right)) if operator == Operator::Or => Some(left.or(right)),
        (Some(labels), _) | (None, Some(labels)) => Some(labels),
        (None, None) => None,
    };
    Ok(Yield { measure, labels, counter: false, buckets: false })
}

fn check_matching(
    operator: Operator,
    matching: &Matching,
    left: &Labels,
    right: &Labels,
) -> Result<(), ExpressionError> {
    let name = operator.as_str();
    match matching {
        Matching::AllLabels => {
            if left.names() != right.names() || left.target != right.target {
                return Err(ExpressionError::LabelsDiffer {
                    operator: name,
                    left: left.to_string(),
                    right: right.to_string(),
                });
            }
        }
        Matching::On(on) | Matching::OnManyToOne(on) => {
            let unique =
                |labels: &Labels| !labels.target && labels.free.iter().all(|l| on.contains(&l.as_str()));
            let many = |side, labels: &Labels| ExpressionError::ManyMatches {
                operator: name,
                on: on.join(", "),
                side,
                labels: labels.to_string(),
            };
            if !operator.is_set() && !unique(right) {
                return Err(many("right", right));
            }
            if !operator.is_set() && matches!(matching, Matching::On(_)) && !unique(left) {
                return Err(many("left", left));
            }
        }
    }
    Ok(())
}

impl Labels {
    /// The labels of samples of which some have these and some those: what is not the same on all of them tells them apart.
    fn or(self, other: Self) -> Self {
        let all: BTreeSet<String> =
            self.names().into_iter().chain(other.names()).map(str::to_owned).collect();
        let fixed: BTreeMap<String, String> =
            self.fixed.into_iter().filter(|(label, value)| other.fixed.get(label) == Some(value)).collect();
        let free = all.into_iter().filter(|label| !fixed.contains_key(label)).collect();
        Self { free, fixed, target: self.target || other.target }
    }

    fn names(&self) -> BTreeSet<&str> {
        self.free.iter().chain(self.fixed.keys()).map(String::as_str).collect()
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        if names.is_empty() && !self.target {
            return f.write_str("none");
        }
        let mut list: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
        if self.target {
            list.push("those of its target".to_owned());
        }
        f.write_str(&list.join(", "))
    }
}

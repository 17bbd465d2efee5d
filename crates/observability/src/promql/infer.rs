//! Infers what an expression yields, and refuses what Prometheus would take without a word: a label
//! that its series does not have, a rate of a gauge, two sides of a division that share no labels,
//! seconds compared with a count.

use super::error::ExpressionError;
use super::expr::{Aggregation, Expr, Matching, Operator, RangeFunction};
use super::labels::Labels;
use super::schema::{Schema, SeriesKind, SeriesSchema};
use super::selector::{MatcherValue, Selector};
use crate::quantity::{Quantity, Unit};

/// The label that tells the buckets of a histogram apart.
const LE: &str = "le";

/// What an expression yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yield {
    /// What its values measure.
    pub unit: Unit,
    /// Its labels, or `None` for a scalar.
    pub labels: Option<Labels>,
    /// Whether its values only grow until a restart, so that they mean nothing as they are.
    counter: bool,
    /// What the histogram observes whose buckets they are. `None` for other series.
    buckets: Option<Unit>,
}

/// Infers what an expression yields.
///
/// # Errors
///
/// [`ExpressionError`] names the first thing that is wrong.
pub fn infer(expression: &Expr, schema: &Schema) -> Result<Yield, ExpressionError> {
    let found = infer_raw(expression, schema)?;
    if found.counter {
        return Err(ExpressionError::RawCounter(expression.to_string()));
    }
    Ok(found)
}

/// The same, of a part of an expression that may be a counter as it is.
fn infer_raw(expression: &Expr, schema: &Schema) -> Result<Yield, ExpressionError> {
    match expression {
        Expr::Number(quantity) => Ok(scalar(unit_of(*quantity))),
        Expr::Time => Ok(scalar(Unit::Timestamp)),
        Expr::Vector(quantity) => Ok(Yield { labels: Some(Labels::default()), ..scalar(unit_of(*quantity)) }),
        Expr::Nothing => Ok(Yield { labels: Some(Labels::default()), ..scalar(Unit::Number) }),
        Expr::Select(selector) => select(selector, schema),
        Expr::Range { function, selector, .. } => range(*function, selector, schema),
        Expr::Aggregate { operation, by, of } => {
            aggregate(*operation, by, infer_raw(of, schema)?, schema, of)
        }
        Expr::Top { of, .. } | Expr::Round { of } => infer(of, schema),
        Expr::HistogramQuantile { of, .. } => {
            let found = infer_raw(of, schema)?;
            let mut labels = found.labels.unwrap_or_default();
            match found.buckets {
                Some(unit) if !found.counter && labels.free.remove(LE) => {
                    Ok(Yield { labels: Some(labels), ..scalar(unit) })
                }
                _ => Err(ExpressionError::QuantileWithoutBuckets),
            }
        }
        Expr::Labelled { of, label, value } => {
            let found = infer(of, schema)?;
            let mut labels = found.labels.ok_or(ExpressionError::ScalarLabelled)?;
            labels.free.remove(label);
            labels.fixed.insert(label.clone(), value.clone());
            Ok(Yield { labels: Some(labels), ..scalar(found.unit) })
        }
        Expr::Or { parts, matching } => or(parts, matching, schema),
        Expr::Binary { operator, left, right, matching } => {
            let left = infer(left, schema)?;
            // What decides whether a sample stays is only asked whether it is there.
            let right = if operator.is_set() { infer_raw(right, schema)? } else { infer(right, schema)? };
            binary(*operator, matching, left, right)
        }
    }
}

const fn scalar(unit: Unit) -> Yield {
    Yield { unit, labels: None, counter: false, buckets: None }
}

/// Returns the unit of a number in an expression. A whole number is a bare one: it may count things
/// or be a factor.
const fn unit_of(quantity: Quantity) -> Unit {
    match quantity.unit() {
        Unit::Count => Unit::Number,
        unit => unit,
    }
}

fn select(selector: &Selector, schema: &Schema) -> Result<Yield, ExpressionError> {
    let series = schema.series(selector.series).ok_or(ExpressionError::UnknownSeries(selector.series))?;
    let mut labels = Labels::default();
    labels.free.extend(series.labels.iter().map(|label| label.name.clone()));
    if series.is_scraped {
        labels.free.extend(schema.optional_labels().map(str::to_owned));
        labels.free.extend(schema.target().keys().cloned());
        labels.target = true;
    }
    for matcher in &selector.matchers {
        if !labels.free.contains(&matcher.label) && !labels.fixed.contains_key(&matcher.label) {
            return Err(ExpressionError::UnknownLabel {
                series: selector.series.to_owned(),
                label: matcher.label.clone(),
                known: labels.to_string(),
            });
        }
        check_values(selector.series, series, &matcher.label, &matcher.value)?;
        if let MatcherValue::Equal(value) = &matcher.value {
            labels.free.remove(&matcher.label);
            labels.fixed.insert(matcher.label.clone(), value.clone());
        }
    }
    Ok(Yield {
        unit: series.unit,
        labels: Some(labels),
        counter: series.kind != SeriesKind::Gauge,
        buckets: match series.kind {
            SeriesKind::Buckets(unit) => Some(unit),
            SeriesKind::Gauge | SeriesKind::Counter => None,
        },
    })
}

/// Refuses a value that a label never has, where its values are a closed set.
fn check_values(
    name: &str,
    series: &SeriesSchema,
    label: &str,
    value: &MatcherValue,
) -> Result<(), ExpressionError> {
    let known =
        series.labels.iter().find(|known| known.name == label).and_then(|known| known.values.as_ref());
    let Some(known) = known else { return Ok(()) };
    let given: &[String] = match value {
        MatcherValue::Equal(value) => std::slice::from_ref(value),
        MatcherValue::OneOf(values) | MatcherValue::NoneOf(values) => values,
        MatcherValue::Variable(_) | MatcherValue::VariableOrNone(_) => &[],
    };
    match given.iter().find(|value| !known.contains(&value.as_str())) {
        None => Ok(()),
        Some(value) => Err(ExpressionError::UnknownValue {
            series: name.to_owned(),
            label: label.to_owned(),
            value: value.clone(),
            known: known.join(", "),
        }),
    }
}

fn range(function: RangeFunction, selector: &Selector, schema: &Schema) -> Result<Yield, ExpressionError> {
    let found = select(selector, schema)?;
    match function {
        RangeFunction::LastOverTime | RangeFunction::MaxOverTime => Ok(found),
        RangeFunction::Rate | RangeFunction::Increase | RangeFunction::SinceStart if !found.counter => {
            Err(ExpressionError::RateOfGauge(selector.series.to_owned()))
        }
        RangeFunction::Rate => Ok(Yield { unit: Unit::PerSecond, counter: false, ..found }),
        RangeFunction::Increase | RangeFunction::SinceStart => Ok(Yield { counter: false, ..found }),
    }
}

fn aggregate(
    operation: Aggregation,
    by: &[String],
    found: Yield,
    schema: &Schema,
    of: &Expr,
) -> Result<Yield, ExpressionError> {
    let counts = matches!(operation, Aggregation::Count | Aggregation::Group);
    if found.counter && !counts {
        return Err(ExpressionError::RawCounter(of.to_string()));
    }
    let before = found.labels.unwrap_or_default();
    let mut labels = Labels::default();
    for label in by {
        let known =
            before.free.contains(label) || before.fixed.contains_key(label) || schema.is_optional(label);
        if !known {
            let known = before.to_string();
            return Err(ExpressionError::UnknownLabel {
                series: of.to_string(),
                label: label.clone(),
                known,
            });
        }
        match before.fixed.get(label).or_else(|| schema.target().get(label)) {
            Some(value) => drop(labels.fixed.insert(label.clone(), value.clone())),
            None => drop(labels.free.insert(label.clone())),
        }
    }
    let unit = match operation {
        Aggregation::Count => Unit::Count,
        Aggregation::Group => Unit::Number,
        Aggregation::Sum | Aggregation::Max | Aggregation::Min => found.unit,
    };
    Ok(Yield { unit, labels: Some(labels), counter: false, buckets: found.buckets })
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
    let differ = ExpressionError::UnitsDiffer { operator: name, left: left.unit, right: right.unit };
    let alike = left.unit == right.unit
        || right.unit == Unit::Number && matches!(left.unit, Unit::Count | Unit::Timestamp)
        || right.labels.is_none() && right.unit == Unit::Number && operator.is_comparison();
    let unit = match operator {
        Operator::And | Operator::Unless => left.unit,
        operator if operator.is_comparison() && alike => left.unit,
        Operator::Add if left.unit == right.unit && left.unit != Unit::Timestamp => left.unit,
        Operator::Subtract if left.unit == right.unit => match left.unit {
            Unit::Timestamp => Unit::Seconds,
            other => other,
        },
        // A moment so many seconds before or after another.
        Operator::Add | Operator::Subtract if left.unit == Unit::Timestamp && right.unit == Unit::Seconds => {
            Unit::Timestamp
        }
        Operator::Divide if left.unit == right.unit => Unit::Ratio,
        // A count divided by a bare number is how many times that number it is.
        Operator::Divide if left.unit == Unit::Count && right.unit == Unit::Number => Unit::Ratio,
        Operator::Multiply => match (left.unit, right.unit) {
            (Unit::Number, other) | (other, Unit::Number) => other,
            (Unit::Ratio, other) | (other, Unit::Ratio) => other,
            _ => return Err(differ),
        },
        _ => return Err(differ),
    };
    let labels = match (left.labels, right.labels) {
        (Some(left), Some(right)) => Some(taken_over(matching, left, &right)?),
        (Some(labels), None) | (None, Some(labels)) => Some(labels),
        (None, None) => None,
    };
    Ok(Yield { unit, labels, counter: false, buckets: None })
}

/// Returns the labels on the left with those that are taken over from the right.
fn taken_over(matching: &Matching, mut left: Labels, right: &Labels) -> Result<Labels, ExpressionError> {
    let Matching::OnWithLabels { labels, .. } = matching else { return Ok(left) };
    for label in labels {
        if !right.free.contains(label) && !right.fixed.contains_key(label) {
            return Err(ExpressionError::UnknownLabel {
                series: "group_left".to_owned(),
                label: label.clone(),
                known: right.to_string(),
            });
        }
        left.fixed.remove(label);
        left.free.insert(label.clone());
    }
    Ok(left)
}

/// Joins parts by `or`: all measure the same, and where they are matched by all labels, all have
/// the same ones.
fn or(parts: &[Expr], matching: &Matching, schema: &Schema) -> Result<Yield, ExpressionError> {
    let mut joined: Option<(Unit, Labels)> = None;
    for part in parts.iter().filter(|part| **part != Expr::Nothing) {
        let found = infer(part, schema)?;
        let labels = found.labels.ok_or(ExpressionError::ScalarInSet("or"))?;
        joined = Some(match joined {
            None => (found.unit, labels),
            Some((unit, _)) if unit != found.unit => {
                return Err(ExpressionError::UnitsDiffer { operator: "or", left: unit, right: found.unit });
            }
            Some((unit, known)) => {
                if *matching == Matching::AllLabels {
                    require_same("or", &known, &labels)?;
                }
                (unit, known.or(labels))
            }
        });
    }
    let (unit, labels) = joined.unwrap_or((Unit::Number, Labels::default()));
    Ok(Yield { labels: Some(labels), ..scalar(unit) })
}

fn require_same(operator: &'static str, left: &Labels, right: &Labels) -> Result<(), ExpressionError> {
    if left.has_same_names(right) {
        return Ok(());
    }
    let (left, right) = (left.to_string(), right.to_string());
    Err(ExpressionError::LabelsDiffer { operator, left, right })
}

fn check_matching(
    operator: Operator,
    matching: &Matching,
    left: &Labels,
    right: &Labels,
) -> Result<(), ExpressionError> {
    let name = operator.as_str();
    match matching {
        Matching::AllLabels => require_same(name, left, right)?,
        Matching::On(on) | Matching::OnManyToOne(on) | Matching::OnWithLabels { on, .. } => {
            // What is taken over says more about a sample, and does not tell it from another.
            let further: &[String] = match matching {
                Matching::OnWithLabels { labels, .. } => labels,
                _ => &[],
            };
            let known = |label: &String| on.contains(label) || further.contains(label);
            let unique = |labels: &Labels| !labels.target && labels.free.iter().all(known);
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

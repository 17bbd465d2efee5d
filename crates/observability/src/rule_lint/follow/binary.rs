//! What an operator makes of two sides.

use super::part::share;
use crate::query::{Grouping, Matching, Node, Operator, Taken};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::known::Known;
use crate::rule_lint::labels::{Labels, Values};
use crate::rule_lint::yielded::{Nature, Yielded};

pub(super) fn binary(
    operator: Operator,
    is_bool: bool,
    matching: &Matching,
    [left, right]: [&Node; 2],
    done: &[Yielded],
    known: &Known<'_>,
) -> Yielded {
    let (of_left, of_right) = (&done[left.id], &done[right.id]);
    match operator {
        Operator::Or => return of_left.clone().or(of_right.clone()),
        Operator::Unless => return Yielded { is_conditional: true, ..of_left.clone() },
        _ => {}
    }
    let are_apart = conflict(matching, of_left, of_right).is_some();
    let is_empty = of_left.is_empty || of_right.is_empty || are_apart;
    if operator == Operator::And {
        return Yielded { is_conditional: true, is_empty, ..of_left.clone() };
    }
    let labels = match (&of_left.labels, &of_right.labels) {
        (Some(left), Some(right)) => Some(matched(matching, left, right)),
        (Some(labels), None) | (None, Some(labels)) => Some(labels.clone()),
        (None, None) => None,
    };
    let is_conditional = of_left.is_conditional || of_right.is_conditional;
    let joined = Yielded {
        labels,
        bounds: Bounds::ANY,
        nature: Nature::Gauge,
        is_conditional,
        is_constant: of_left.is_constant && of_right.is_constant,
        is_empty,
    };
    if operator.is_comparison() {
        if is_bool || joined.labels.is_none() {
            return Yielded { bounds: Bounds::between(0.0, 1.0), ..joined };
        }
        // A number on the left is compared with the samples on the right, which stay.
        let (kept, other, operator) = match of_left.labels {
            Some(_) => (of_left, of_right, operator),
            None => (of_right, of_left, mirrored(operator)),
        };
        let never = kept.bounds.never(operator, &other.bounds);
        return Yielded {
            bounds: kept.bounds.clone().where_holds(operator, &other.bounds),
            nature: kept.nature,
            is_conditional: true,
            is_empty: is_empty || never,
            ..joined
        };
    }
    let nature = calculated(operator, [of_left, of_right]);
    let mut bounds = of_left.bounds.clone().combined(operator, of_right.bounds.clone());
    if operator == Operator::Divide
        && let Some((most, because)) = share([left, right], matching, done, known)
    {
        bounds = bounds.at_most(most, because);
    }
    Yielded { bounds, nature, ..joined }
}

/// Returns how the results of a calculation behave.
fn calculated(operator: Operator, [left, right]: [&Yielded; 2]) -> Nature {
    use Operator::{Add, Divide, Multiply, Subtract};
    let is_number = |side: &Yielded| side.labels.is_none();
    match (left.nature, operator, right.nature) {
        // What is moved or scaled stays what it is.
        (nature @ (Nature::Counter | Nature::Lifetime), Add | Subtract | Multiply | Divide, _)
            if is_number(right) =>
        {
            nature
        }
        (_, Add | Multiply, nature @ (Nature::Counter | Nature::Lifetime)) if is_number(left) => nature,
        (_, Subtract, Nature::Lifetime) if is_number(left) => Nature::Lifetime,
        (Nature::Counter, Add, Nature::Counter) => Nature::Counter,
        (Nature::Counter, Divide, Nature::Counter) => Nature::Lifetime,
        _ => Nature::Gauge,
    }
}

/// Returns the operator that says the same with the sides changed over.
pub(in crate::rule_lint) fn mirrored(operator: Operator) -> Operator {
    match operator {
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        other => other,
    }
}

/// Why no sample of two sides belongs to one of the other.
pub(in crate::rule_lint) struct Conflict {
    /// The label in which they differ.
    pub(in crate::rule_lint) label: String,
    /// What it is on the left.
    pub(in crate::rule_lint) left: Values,
    /// What it is on the right.
    pub(in crate::rule_lint) right: Values,
}

/// Returns why no sample of two sides belongs to one of the other. `None` if one may, and where it
/// was told of a part already that nothing comes of it.
pub(in crate::rule_lint) fn conflict(
    matching: &Matching,
    left: &Yielded,
    right: &Yielded,
) -> Option<Conflict> {
    let (Some(of_left), Some(of_right)) = (&left.labels, &right.labels) else { return None };
    if left.is_empty || right.is_empty {
        return None;
    }
    let is_compared = |label: &str| match &matching.labels {
        None => true,
        Some(Grouping { is_without, labels }) => labels.iter().any(|other| other == label) != *is_without,
    };
    let (label, left, right) = of_left.conflict(of_right, is_compared)?;
    Some(Conflict { label: label.to_owned(), left: left.clone(), right: right.clone() })
}

/// Returns the labels of samples that belong together.
fn matched(matching: &Matching, left: &Labels, right: &Labels) -> Labels {
    if let Some(Taken { is_left, labels }) = &matching.taken {
        let (many, one) = if *is_left { (left, right) } else { (right, left) };
        let mut matched = many.clone();
        if let Some(Grouping { is_without: false, labels: on }) = &matching.labels {
            on.iter().for_each(|label| matched.narrow(label, one.get(label)));
        }
        labels.iter().for_each(|label| matched.set(label, one.get(label).clone()));
        return matched;
    }
    match &matching.labels {
        None => left.and(right),
        Some(Grouping { is_without: false, labels }) => left.only(labels).and(&right.only(labels)),
        Some(Grouping { is_without: true, labels }) => left.without(labels).and(&right.without(labels)),
    }
}

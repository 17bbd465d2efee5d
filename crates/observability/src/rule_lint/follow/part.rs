//! What is part of what: divided by its whole, a part is bounded.

use crate::query::{Aggregation, Grouping, Kind, Matcher, Matching, Node, Operator, Selector, Taken};
use crate::rule_lint::known::Known;
use crate::rule_lint::yielded::Yielded;

/// Functions that yield of fewer series the same, or less.
const COUNTING: [&str; 4] = ["rate", "increase", "irate", "last_over_time"];

/// How many terms of a sum are looked at.
const MOST_TERMS: usize = 50;

/// How many recordings are looked into, one behind the other. A rule may read what it records
/// itself.
const MOST_RECORDINGS: usize = 8;

/// Returns the most that an expression divided by another can be, and why. `None` if it is not told
/// that the one is part of the other.
pub(super) fn share(
    [part, whole]: [&Node; 2],
    matching: &Matching,
    done: &[Yielded],
    known: &Known<'_>,
) -> Option<(f64, &'static str)> {
    // One part stands beside several wholes then, and not only beside that which it is part of.
    if matches!(matching.taken, Some(Taken { is_left: false, .. })) {
        return None;
    }
    let (times, part) = bare(part, done, true);
    let (by, whole) = bare(whole, done, false);
    if is_part(part, whole, done, known) {
        return Some((times / by, "a part is no more than its whole"));
    }
    let most = largest_of_mean(part, whole, done, known)?;
    Some((times / by * most, "a mean is no more than the largest"))
}

/// Returns an expression without numbers that it is multiplied with and without conditions, and the
/// product of the numbers. Of a part, zeros may stand in for what is missing.
fn bare<'n>(mut node: &'n Node, done: &[Yielded], is_part: bool) -> (f64, &'n Node) {
    let mut times = 1.0;
    let factor = |side: &Node| number(side, done).filter(|value| *value > 0.0 && value.is_finite());
    while let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind {
        let (left, right) = (&**left, &**right);
        (times, node) = match (operator, factor(left), factor(right)) {
            (Operator::Multiply, Some(by), _) => (times * by, right),
            (Operator::Multiply, None, Some(by)) => (times * by, left),
            (Operator::Divide, _, Some(by)) => (times / by, left),
            (Operator::Or, ..) if is_part && done[right.id].bounds.high <= 0.0 => (times, left),
            (Operator::Subtract, ..) if is_part && done[right.id].bounds.low >= 0.0 => (times, left),
            _ => match conditioned(node) {
                Some(kept) => (times, kept),
                None => break,
            },
        }
    }
    (times, node)
}

/// Returns the value of a side that is one number. `None` if it has series, or may be several.
fn number(side: &Node, done: &[Yielded]) -> Option<f64> {
    let yielded = &done[side.id];
    yielded.bounds.value().filter(|_| yielded.labels.is_none())
}

/// Returns the samples of which a condition keeps some. `None` if it is no condition.
fn conditioned(node: &Node) -> Option<&Node> {
    let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind else { return None };
    match (operator, &left.kind, &right.kind) {
        (Operator::And | Operator::Unless, ..) => Some(left),
        (operator, _, Kind::Number(_)) if operator.is_comparison() => Some(left),
        (operator, Kind::Number(_), _) if operator.is_comparison() => Some(right),
        _ => None,
    }
}

/// Returns whether one expression is part of what another counts: a term of its sum, or the same
/// over fewer series.
fn is_part(part: &Node, whole: &Node, done: &[Yielded], known: &Known<'_>) -> bool {
    let mut terms = vec![whole];
    let mut sum = Vec::new();
    while let Some(term) = terms.pop() {
        match &term.kind {
            Kind::Binary { operator: Operator::Add, left, right, .. } => terms.extend([&**left, &**right]),
            _ => sum.push(term),
        }
        if sum.len() > MOST_TERMS {
            return false;
        }
    }
    let is_term = |term: &&Node| match (&part.kind, &term.kind) {
        (
            Kind::Aggregate { operation: Aggregation::Sum, grouping, of, .. },
            Kind::Aggregate { operation: Aggregation::Sum, grouping: others, of: whole, .. },
        )
        | (
            Kind::Aggregate { operation: Aggregation::Count, grouping, of, .. },
            Kind::Aggregate { operation: Aggregation::Count, grouping: others, of: whole, .. },
        ) => is_finer(grouping.as_ref(), others.as_ref()) && is_among(of, whole, known, MOST_RECORDINGS),
        _ => is_among(part, term, known, MOST_RECORDINGS),
    };
    sum.iter().all(|term| done[term.id].bounds.low >= 0.0) && sum.iter().any(is_term)
}

/// Returns the largest value of what is added up, where it is divided by how many there are, or by
/// more. `None` if it is not.
fn largest_of_mean(part: &Node, whole: &Node, done: &[Yielded], known: &Known<'_>) -> Option<f64> {
    let Kind::Aggregate { operation: Aggregation::Sum, grouping, of, .. } = &part.kind else { return None };
    let Kind::Aggregate { operation: Aggregation::Count, grouping: others, of: counted, .. } = &whole.kind
    else {
        return None;
    };
    let most = done[of.id].bounds.high;
    let is_fewer = || is_among(sampled(of), sampled(counted), known, MOST_RECORDINGS);
    let is_mean = most.is_finite() && is_finer(grouping.as_ref(), others.as_ref()) && is_fewer();
    is_mean.then_some(most.max(0.0))
}

/// Returns an expression of as many samples: before `bool` made them 1 or 0.
fn sampled(node: &Node) -> &Node {
    match &node.kind {
        Kind::Binary { operator, is_bool: true, left, right, .. } if operator.is_comparison() => {
            match (&left.kind, &right.kind) {
                (_, Kind::Number(_)) => left,
                (Kind::Number(_), _) => right,
                _ => node,
            }
        }
        _ => node,
    }
}

/// Returns whether each of the groups lies within one of the others.
fn is_finer(grouping: Option<&Grouping>, others: Option<&Grouping>) -> bool {
    let has_all = |labels: &[String], wanted: &[String]| wanted.iter().all(|label| labels.contains(label));
    match (grouping, others) {
        (_, None) => true,
        (None, Some(others)) => !others.is_without && others.labels.is_empty(),
        (Some(grouping), Some(others)) => match (grouping.is_without, others.is_without) {
            (false, false) => has_all(&grouping.labels, &others.labels),
            (true, true) => has_all(&others.labels, &grouping.labels),
            _ => false,
        },
    }
}

/// Returns whether an expression is the same as another, but that it reads fewer series. So many
/// recordings are looked into.
fn is_among(part: &Node, whole: &Node, known: &Known<'_>, recordings: usize) -> bool {
    if let Some(kept) = conditioned(part) {
        return is_among(kept, whole, known, recordings);
    }
    match (&part.kind, &whole.kind) {
        (Kind::Select(part), Kind::Select(whole)) => are_selected(part, whole, known, recordings),
        (Kind::Call { function, arguments }, Kind::Call { function: other, arguments: others }) => {
            match (arguments.as_slice(), others.as_slice()) {
                ([part], [whole]) => {
                    function == other
                        && COUNTING.contains(&function.name)
                        && is_among(part, whole, known, recordings)
                }
                _ => false,
            }
        }
        (
            Kind::Aggregate { operation, grouping, of, .. },
            Kind::Aggregate { operation: other, grouping: others, of: whole, .. },
        ) => {
            operation == other
                && matches!(operation, Aggregation::Sum | Aggregation::Count)
                && grouping == others
                && is_among(of, whole, known, recordings)
        }
        _ => false,
    }
}

/// Returns whether what a selector reads is among what another reads. Of what is recorded at one
/// time, what was recorded decides.
fn are_selected(part: &Selector, whole: &Selector, known: &Known<'_>, recordings: usize) -> bool {
    let shape = |selector: &Selector| (selector.range, selector.offset, selector.is_at);
    let is_said = |matcher: &&Matcher| {
        let same = |other: &Matcher| {
            (&other.label, other.operator, &other.value) == (&matcher.label, matcher.operator, &matcher.value)
        };
        part.matchers.iter().any(same)
    };
    let is_label = |matcher: &&Matcher| matcher.label != "__name__";
    if shape(part) != shape(whole) || !whole.matchers.iter().filter(is_label).all(|label| is_said(&label)) {
        return false;
    }
    match (part.name(), whole.name()) {
        (Some(part), Some(whole)) if part != whole && recordings > 0 => {
            let recorded = known.recorded_together(part).zip(known.recorded_together(whole));
            recorded.is_some_and(|(part, whole)| is_among(part, whole, known, recordings - 1))
        }
        (part, whole) => part == whole,
    }
}

//! Comparisons that can never hold.

use std::collections::{HashMap, HashSet};

use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::follow::mirrored;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(in crate::rule_lint) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-comparison-never-holds",
        level: Level::Error,
        summary: "A comparison can never hold, so that nothing comes of it.",
        explanation: include_str!("../explanations/rule-comparison-never-holds.md"),
    },
    run,
};

const HINT: &str = "choose a threshold that can be reached, or remove the rule";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        let mut within = HashSet::new();
        for &node in &rule.parts {
            let message = compared(rule, node).or_else(|| with_itself(rule, node));
            let message = message.or_else(|| at_once(rule, node, &mut within));
            if let Some(message) = message {
                found.part(LINT.code, rule, node, message, HINT);
            }
        }
    }
}

fn compared(rule: &RuleAt<'_>, node: &Node) -> Option<String> {
    let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind else { return None };
    let (of_left, of_right) = (&rule.yields(left).bounds, &rule.yields(right).bounds);
    let is_fixed = |side: &Node| rule.yields(side).is_constant && rule.yields(side).bounds.value().is_some();
    if !operator.is_comparison() || is_fixed(left) && is_fixed(right) {
        // Numbers are compared on purpose: `vector(1) > 5`.
        return None;
    }
    if rule.yields(left).is_empty || rule.yields(right).is_empty || !of_left.never(*operator, of_right) {
        return None;
    }
    let side = |node: &Node, bounds: &Bounds| match node.kind {
        Kind::Number(value) if value.is_nan() => {
            Some("nothing is equal to `NaN`, nor above or below it".to_owned())
        }
        Kind::Number(_) => None,
        _ if bounds.low == f64::NEG_INFINITY && bounds.high == f64::INFINITY => None,
        _ => Some(format!("`{}` is {}", rule.shown(node), told(bounds))),
    };
    let sides: Vec<String> = [side(left, of_left), side(right, of_right)].into_iter().flatten().collect();
    Some(format!("this never holds: {}", sides.join(", and ")))
}

/// Says between which numbers values lie, and why.
fn told(bounds: &Bounds) -> String {
    let because = bounds.because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
    let number = |value: f64| {
        // Four digits say enough, and no more are true.
        let rounded = format!("{value:.4}");
        match value.abs() {
            small if small < 1.0 && rounded.contains('.') => {
                rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            _ => value.to_string(),
        }
    };
    match (bounds.low.is_finite(), bounds.high.is_finite()) {
        _ if bounds.is_nan() => "no number".to_owned(),
        _ if bounds.value().is_some() => format!("always {}", number(bounds.low)),
        (true, true) => format!("from {} to {}{because}", number(bounds.low), number(bounds.high)),
        (true, false) => format!("never below {}", number(bounds.low)),
        (false, true) => format!("never above {}{because}", number(bounds.high)),
        (false, false) => "anything".to_owned(),
    }
}

/// Nothing is above or below itself. What is no number differs from itself, though.
fn with_itself(rule: &RuleAt<'_>, node: &Node) -> Option<String> {
    use Operator::{Greater, Less};
    let Kind::Binary { operator: Greater | Less, is_bool: false, matching, left, right } = &node.kind else {
        return None;
    };
    let has_series = rule.yields(left).labels.is_some() && !rule.yields(left).is_constant;
    let is_same = || left.span.len() == right.span.len() && rule.in_one_line(left) == rule.in_one_line(right);
    (has_series && matching.taken.is_none() && is_same())
        .then(|| format!("this never holds: `{}` is compared with itself", rule.shown(left)))
}

/// Comparisons of the same samples with numbers that exclude each other. The parts of a chain of
/// `and` are noted, so that each is looked at once.
fn at_once(rule: &RuleAt<'_>, node: &Node, within: &mut HashSet<usize>) -> Option<String> {
    let Kind::Binary { operator: Operator::And, .. } = &node.kind else { return None };
    let mut waiting = vec![node];
    let mut limits: HashMap<String, Vec<(Operator, f64)>> = HashMap::new();
    while let Some(part) = waiting.pop() {
        match &part.kind {
            Kind::Binary { operator: Operator::And, matching, left, right, .. } => {
                if !within.insert(part.id) {
                    return None;
                }
                // With `on` or `ignoring`, what stands on the right may be about other samples.
                waiting.extend(matching.labels.is_none().then_some(&**right));
                waiting.push(left);
            }
            _ => {
                let Some((what, limit)) = limit(rule, part) else { continue };
                let of_same = limits.entry(what).or_default();
                if let Some(first) = of_same.iter().find(|first| exclude(**first, limit)) {
                    return Some(format!(
                        "both never hold at once: nothing is {} {} and {} {}",
                        first.0.as_str(),
                        first.1,
                        limit.0.as_str(),
                        limit.1
                    ));
                }
                if of_same.len() < MOST_LIMITS {
                    of_same.push(limit);
                }
            }
        }
    }
    None
}

/// How many comparisons of the same are held against each other.
const MOST_LIMITS: usize = 10;

/// Returns whether no value fulfils both comparisons.
fn exclude(first: (Operator, f64), second: (Operator, f64)) -> bool {
    let left = Bounds::ANY.where_holds(first.0, &Bounds::exactly(first.1));
    left.never(second.0, &Bounds::exactly(second.1))
}

/// Returns what is compared with a number, and with which.
fn limit(rule: &RuleAt<'_>, node: &Node) -> Option<(String, (Operator, f64))> {
    let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind else { return None };
    match (&left.kind, &right.kind) {
        _ if !operator.is_comparison() => None,
        (_, Kind::Number(value)) => Some((rule.in_one_line(left), (*operator, *value))),
        (Kind::Number(value), _) => Some((rule.in_one_line(right), (mirrored(*operator), *value))),
        _ => None,
    }
}

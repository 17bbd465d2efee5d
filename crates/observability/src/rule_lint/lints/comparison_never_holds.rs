//! Comparisons that can never hold.

use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator};
use crate::rule_lint::bounds::Bounds;
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
        for node in rule.query.all() {
            let message = compared(rule, node).or_else(|| both(rule, node));
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
        Kind::Number(_) => None,
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
        _ if bounds.value().is_some() => format!("always {}", number(bounds.low)),
        (true, true) => format!("from {} to {}{because}", number(bounds.low), number(bounds.high)),
        (true, false) => format!("never below {}", number(bounds.low)),
        (false, true) => format!("never above {}{because}", number(bounds.high)),
        (false, false) => "anything".to_owned(),
    }
}

/// Two comparisons of the same with numbers that exclude each other.
fn both(rule: &RuleAt<'_>, node: &Node) -> Option<String> {
    let Kind::Binary { operator: Operator::And, left, right, .. } = &node.kind else { return None };
    let (first, second) = (limit(rule, left)?, limit(rule, right)?);
    let holds =
        |(operator, value): (Operator, f64)| Bounds::ANY.where_holds(operator, &Bounds::exactly(value));
    let is_same = first.0 == second.0;
    let (first, second) = (first.1, second.1);
    let never = holds(first).never(second.0, &Bounds::exactly(second.1));
    (is_same && never).then(|| {
        format!(
            "both never hold at once: nothing is {} {} and {} {}",
            first.0.as_str(),
            first.1,
            second.0.as_str(),
            second.1
        )
    })
}

/// Returns what is compared with a number, and with which.
fn limit(rule: &RuleAt<'_>, node: &Node) -> Option<(String, (Operator, f64))> {
    let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind else { return None };
    match right.kind {
        Kind::Number(value) if operator.is_comparison() => Some((rule.shown(left), (*operator, value))),
        _ => None,
    }
}

//! `absent()` that is joined without `on`.

use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator};
use crate::rule_lint::follow::conflict;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-absent-joined",
        level: Level::Warning,
        summary: "What `absent` yields is joined with series by labels that it does not have.",
        explanation: include_str!("../explanations/rule-absent-joined.md"),
    },
    run,
};

const HINT: &str = "say by which labels they belong together: `and on () …` for none at all";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Binary { operator, matching, left, right, .. } = &node.kind else { continue };
            if matching.labels.is_some() || *operator == Operator::Or {
                continue;
            }
            let other = match (is_absent(left), is_absent(right)) {
                (true, false) => right,
                (false, true) => left,
                _ => continue,
            };
            // A number has no labels, and an aggregation without any fits.
            if rule.yields(other).labels.as_ref().is_none_or(|labels| !labels.is_open) && !never(rule, node) {
                continue;
            }
            let message = format!(
                "`absent` has no labels but those that its selector sets, so that `{}` finds no series with the same",
                operator.as_str()
            );
            found.part(LINT.code, rule, node, message, HINT);
        }
    }
}

/// Returns whether no sample of one side belongs to one of the other.
fn never(rule: &RuleAt<'_>, node: &Node) -> bool {
    let Kind::Binary { matching, left, right, .. } = &node.kind else { return false };
    conflict(matching, rule.yields(left), rule.yields(right)).is_some()
}

/// Returns whether a part of an expression is whether something is absent, compared or not.
pub(super) fn is_absent(node: &Node) -> bool {
    match &node.kind {
        Kind::Call { function, .. } => matches!(function.name, "absent" | "absent_over_time"),
        Kind::Binary { operator, left, right, .. } if operator.is_comparison() => {
            matches!(right.kind, Kind::Number(_)) && is_absent(left)
        }
        _ => false,
    }
}

//! Operators whose sides never have the same labels.

use super::absent_joined::is_absent;
use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator};
use crate::rule_lint::follow::{Conflict, conflict};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-sides-never-match",
        level: Level::Error,
        summary: "Two sides of an operator never have the same labels, so that nothing comes of it.",
        explanation: include_str!("../explanations/rule-sides-never-match.md"),
    },
    run,
};

const HINT: &str = "aggregate both sides by the same labels, or name those that have to agree with `on (…)`";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            of_node(rule, node, found);
        }
    }
}

fn of_node(rule: &RuleAt<'_>, node: &Node, found: &mut Found) {
    let Kind::Binary { operator, matching, left, right, .. } = &node.kind else { return };
    let Some(Conflict { label, left: on_left, right: on_right }) =
        conflict(matching, rule.yields(left), rule.yields(right))
    else {
        return;
    };
    // Of what is absent another lint says more.
    if matching.labels.is_none() && (is_absent(left) || is_absent(right)) {
        return;
    }
    let effect = match operator {
        // That some series are these and some those is what `or` is for; a constant that stands in
        // for what is missing is there always, if it never has the labels of what it stands for.
        Operator::Or if rule.yields(right).is_constant && !rule.yields(left).is_constant => {
            "what stands behind it is always there as well"
        }
        Operator::Or => return,
        Operator::Unless => "nothing is ever left out",
        _ => "nothing comes of it",
    };
    let message = format!(
        "the sides of `{}` never have the same `{label}`: the left one {on_left} and the right one {on_right}, \
         so that {effect}",
        operator.as_str()
    );
    found.part(LINT.code, rule, node, message, HINT);
}

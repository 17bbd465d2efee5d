//! Counters that are compared as they are.

use crate::findings::{Code, Level};
use crate::query::{Kind, Node};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;
use crate::rule_lint::yielded::Nature;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-counter-compared",
        level: Level::Warning,
        summary: "A counter is compared as it is, though it only grows until a restart.",
        explanation: include_str!("../explanations/rule-counter-compared.md"),
    },
    run,
};

const HINT: &str = "compare how much it grew: `increase(…[1h])` or `rate(…[5m])`";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for node in rule.query.all() {
            let Kind::Binary { operator, left, right, .. } = &node.kind else { continue };
            let is_number = |node: &Node| rule.yields(node).labels.is_none();
            let compared = match (is_number(left), is_number(right)) {
                (false, true) => left,
                (true, false) => right,
                _ => continue,
            };
            let yielded = rule.yields(compared);
            if operator.is_comparison() && yielded.nature == Nature::Counter && !yielded.is_conditional {
                let message = format!(
                    "`{}` is a counter: once it is beyond a threshold, it stays there until a restart",
                    rule.shown(compared)
                );
                found.part(LINT.code, rule, compared, message, HINT);
            }
        }
    }
}

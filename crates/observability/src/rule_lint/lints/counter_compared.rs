//! Counters that are compared as they are.

use std::collections::HashSet;

use crate::findings::{Code, Level};
use crate::query::{Kind, Node, Operator};
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
const HINT_OF_MEANS: &str = "divide how much they grew: `rate(…[5m]) / rate(…[5m])`";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        let mut beside = HashSet::new();
        // Each comes before the parts that it is made of.
        for &node in &rule.parts {
            let Kind::Binary { operator, left, right, .. } = &node.kind else { continue };
            if matches!(operator, Operator::And | Operator::Unless) {
                beside.extend([left.id, right.id]);
            }
            let is_number = |node: &Node| rule.yields(node).labels.is_none();
            let (compared, limit) = match (is_number(left), is_number(right)) {
                (false, true) => (left, right),
                (true, false) => (right, left),
                _ => continue,
            };
            // That there was something at all, beside another condition, is no threshold.
            if beside.contains(&node.id) && rule.yields(limit).bounds.value() == Some(0.0) {
                continue;
            }
            let yielded = rule.yields(compared);
            if !operator.is_comparison() || yielded.is_conditional {
                continue;
            }
            let (message, hint) = match yielded.nature {
                Nature::Counter => {
                    ("is a counter: once it is beyond a threshold, it stays there until a restart", HINT)
                }
                Nature::Lifetime => (
                    "is a mean since the counters began: the longer they run, the less it says of what happens now",
                    HINT_OF_MEANS,
                ),
                Nature::Gauge | Nature::Unknown => continue,
            };
            found.part(LINT.code, rule, compared, format!("`{}` {message}", rule.shown(compared)), hint);
        }
    }
}

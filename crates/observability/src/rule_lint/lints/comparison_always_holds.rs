//! Comparisons that always hold.

use crate::findings::{Code, Level};
use crate::query::Kind;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-comparison-always-holds",
        level: Level::Warning,
        summary: "A comparison always holds, so that it is no condition.",
        explanation: include_str!("../explanations/rule-comparison-always-holds.md"),
    },
    run,
};

const HINT: &str = "choose a threshold that tells the good from the bad, or remove the comparison";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        for &node in &rule.parts {
            let Kind::Binary { operator, is_bool: false, left, right, .. } = &node.kind else { continue };
            let (of_left, of_right) = (rule.yields(left), rule.yields(right));
            // That something is there at all may be the condition of an alert about what is absent
            // or of what is counted only where there is some.
            let is_condition = of_left.is_conditional || of_right.is_conditional;
            let is_constant = of_left.is_constant && of_right.is_constant;
            let is_empty = of_left.is_empty || of_right.is_empty;
            if !operator.is_comparison() || is_condition || is_constant || is_empty {
                continue;
            }
            if of_left.bounds.always(*operator, &of_right.bounds) {
                let message = "this always holds, wherever there are samples at all".to_owned();
                found.part(LINT.code, rule, node, message, HINT);
            }
        }
    }
}

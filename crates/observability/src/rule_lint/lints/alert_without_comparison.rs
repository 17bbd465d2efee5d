//! Alerts that fire for whatever there is.

use crate::findings::{Code, Level};
use crate::query::Kind;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-alert-without-comparison",
        level: Level::Warning,
        summary: "An alert has no condition, so that it fires for whatever series there are.",
        explanation: include_str!("../explanations/rule-alert-without-comparison.md"),
    },
    run,
};

const HINT: &str = "compare it with a threshold; an alert fires for each sample, whatever its value";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        let yielded = rule.yields(rule.query);
        // What is made of numbers alone fires always on purpose: it shows that alerts arrive.
        if yielded.is_conditional || yielded.is_constant || yielded.is_empty {
            continue;
        }
        let message = match &rule.query.kind {
            Kind::Binary { is_bool: true, .. } => {
                "this alert fires always: with `bool`, a comparison yields 0 where it does not hold"
            }
            _ => "this alert has no condition: it fires for whatever series there are",
        };
        found.part(LINT.code, rule, rule.query, message.to_owned(), HINT);
    }
}

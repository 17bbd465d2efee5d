//! Values in labels.

use crate::findings::{Code, Level};
use crate::rule_file::Named;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;
use crate::rule_lint::template::{Read, read};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-value-in-label",
        level: Level::Warning,
        summary: "The value of the expression stands in a label, so that each change makes another alert.",
        explanation: include_str!("../explanations/rule-value-in-label.md"),
    },
    run,
};

const HINT: &str = "put the value into an annotation";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        for Named { name: label, text } in &rule.rule.labels {
            if read(&text.value).is_ok_and(|read| read.contains(&Read::Value)) {
                let message = format!(
                    "`{}` changes with the value: the alert ends and another begins, which waits anew",
                    label.value
                );
                found.at(LINT.code, rule, text.position.clone(), message, HINT);
            }
        }
    }
}

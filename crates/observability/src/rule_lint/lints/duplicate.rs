//! Rules that are there twice.

use std::collections::HashMap;

use crate::findings::{Code, Level};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-duplicate",
        level: Level::Warning,
        summary: "Two rules are the same.",
        explanation: include_str!("../explanations/rule-duplicate.md"),
    },
    run,
};

const HINT: &str = "remove one of them";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut seen: HashMap<_, &RuleAt<'_>> = HashMap::new();
    for rule in &followed.rules {
        let labels = rule.rule.set_labels();
        let key = (rule.is_alert(), &rule.rule.name.value, labels, rule.hold().to_bits(), plain(rule));
        match seen.get(&key) {
            Some(first) => {
                let line = first.rule.name.position.line;
                let place = match first.file == rule.file {
                    true => format!("in line {line}"),
                    false => format!("in line {line} of another file"),
                };
                let message = format!("the same rule is there already, {place}");
                found.at(LINT.code, rule, rule.rule.name.position.clone(), message, HINT);
            }
            None => drop(seen.insert(key, rule)),
        }
    }
}

/// Returns the expression of a rule without blanks.
pub(super) fn plain(rule: &RuleAt<'_>) -> String {
    rule.rule.expression.value.split_whitespace().collect()
}

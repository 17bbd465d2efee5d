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
                let message = format!("the same rule is there already, {}", place(first, rule));
                found.at(LINT.code, rule, rule.rule.name.position.clone(), message, HINT);
            }
            None => drop(seen.insert(key, rule)),
        }
    }
}

/// Returns where a rule stands, for a reader of another one.
pub(super) fn place(rule: &RuleAt<'_>, reader: &RuleAt<'_>) -> String {
    let line = rule.rule.name.position.line;
    match rule.file == reader.file {
        true => format!("in line {line}"),
        false => format!("in line {line} of another file"),
    }
}

/// Returns the expression of a rule without blanks.
pub(super) fn plain(rule: &RuleAt<'_>) -> String {
    rule.rule.expression.value.split_whitespace().collect()
}

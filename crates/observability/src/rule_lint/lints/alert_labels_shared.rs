//! Alerts that cannot be told apart.

use std::collections::HashMap;

use super::duplicate::{place, plain};
use crate::findings::{Code, Level};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-alert-labels-shared",
        level: Level::Warning,
        summary: "Two alerts have the same name and the same labels, so that Alertmanager takes them for one.",
        explanation: include_str!("../explanations/rule-alert-labels-shared.md"),
    },
    run,
};

const HINT: &str = "give one of them another name, or a label with another value";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut seen: HashMap<_, &RuleAt<'_>> = HashMap::new();
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        let key = (&rule.rule.name.value, rule.rule.set_labels());
        let Some(first) = seen.get(&key) else {
            seen.insert(key, rule);
            continue;
        };
        // What is there twice another lint tells; what differs in the labels of its series is told
        // apart by these.
        let of_first = first.yields(first.query).labels();
        let of_rule = rule.yields(rule.query).labels();
        if plain(first) == plain(rule) || of_first.conflict(&of_rule, |_| true).is_some() {
            continue;
        }
        let message = format!(
            "the alert {} has the same name and labels: where both fire for the same series, only one is told",
            place(first, rule)
        );
        found.at(LINT.code, rule, rule.rule.name.position.clone(), message, HINT);
    }
}

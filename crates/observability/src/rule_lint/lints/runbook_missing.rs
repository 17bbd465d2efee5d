//! Alerts without a runbook.

use crate::findings::{Code, Level};
use crate::rule_file::Located;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-runbook-missing",
        level: Level::Note,
        summary: "An alert has no link to a runbook.",
        explanation: include_str!("../explanations/rule-runbook-missing.md"),
    },
    run,
};

const HINT: &str = "add the annotation `runbook_url`, with the section that says what to do";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        // What is made of numbers alone shows that alerts arrive, and nobody has to do anything.
        let is_heartbeat = rule.yields(rule.query).is_constant;
        if !is_heartbeat && runbook_links(rule).next().is_none() {
            let message = "the alert does not say where its runbook is".to_owned();
            found.at(LINT.code, rule, rule.rule.name.position.clone(), message, HINT);
        }
    }
}

/// Returns the annotations and labels of an alert that lead to a runbook.
pub(super) fn runbook_links<'r>(rule: &'r RuleAt<'_>) -> impl Iterator<Item = &'r Located<String>> {
    let all = rule.rule.annotations.iter().chain(&rule.rule.labels);
    let is_link = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("runbook") || name.contains("playbook")
    };
    all.filter(move |said| is_link(&said.name.value)).map(|said| &said.text)
}

//! Labels in texts that the expression does not return.

use crate::findings::{Code, Level};
use crate::rule_file::Named;
use crate::rule_lint::labels::Values;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::place::within;
use crate::rule_lint::rule_set::Followed;
use crate::rule_lint::template::{Read, read};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-template-label-missing",
        level: Level::Warning,
        summary: "A text reads a label that the expression does not return.",
        explanation: include_str!("../explanations/rule-template-label-missing.md"),
    },
    run,
};

const HINT: &str = "keep the label in the aggregation, or leave it out of the text, where it is empty";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in followed.rules.iter().filter(|rule| rule.is_alert()) {
        let yielded = rule.yields(rule.query);
        if yielded.is_empty {
            continue;
        }
        let labels = yielded.labels();
        for Named { text, .. } in rule.rule.labels.iter().chain(&rule.rule.annotations) {
            for read in read(&text.value).unwrap_or_default() {
                let Read::Label(name, place) = read else { continue };
                if *labels.get(name) != Values::Absent {
                    continue;
                }
                let known = if labels.is_open {
                    String::new()
                } else {
                    format!(": its labels are {}", labels.listed())
                };
                let message = format!("the expression returns no label `{name}`{known}");
                let position = within(rule.text, text, &(place..place + name.len()));
                found.at(LINT.code, rule, position, message, HINT);
            }
        }
    }
}

//! Keys that no ruler knows.

use crate::findings::{Code, Level};
use crate::rule_file::Located;
use crate::rule_lint::keys;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-key-unknown",
        level: Level::Error,
        summary: "A key stands in a rule or group that no ruler knows.",
        explanation: include_str!("../explanations/rule-key-unknown.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut group = None;
    for rule in &followed.rules {
        for key in &rule.rule.other_keys {
            tell(rule, key, "a rule", &keys::OF_RULES, found);
        }
        // The keys of a group are told with its first rule. One without rules is refused for them.
        if group.replace(rule.group) != Some(rule.group) {
            for key in &followed.groups[rule.group].other_keys {
                tell(rule, key, "a group", &keys::OF_GROUPS, found);
            }
        }
    }
}

fn tell(rule: &RuleAt<'_>, key: &Located<String>, of: &str, known: &[&str], found: &mut Found) {
    if let Some((message, hint)) = keys::unknown(&key.value, of, known) {
        found.at(LINT.code, rule, key.position.clone(), message, &hint);
    }
}

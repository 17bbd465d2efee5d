//! Keys that no ruler knows.

use jobwatch_catalogue::suggestion::nearest;

use crate::findings::{Code, Level};
use crate::rule_file::Located;
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

/// The keys of a rule: those of Prometheus, and of vmalert.
const OF_RULES: [&str; 9] = [
    "alert",
    "record",
    "expr",
    "for",
    "keep_firing_for",
    "labels",
    "annotations",
    "debug",
    "update_entries_limit",
];

/// The keys of a group: those of Prometheus, Thanos, Mimir and vmalert.
const OF_GROUPS: [&str; 20] = [
    "name",
    "interval",
    "limit",
    "query_offset",
    "labels",
    "rules",
    "partial_response_strategy",
    "partialResponseStrategy",
    "source_tenants",
    "evaluation_delay",
    "align_evaluation_time_on_interval",
    "remote_write",
    "type",
    "concurrency",
    "eval_offset",
    "eval_delay",
    "eval_alignment",
    "params",
    "headers",
    "notifier_headers",
];

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut group = None;
    for rule in &followed.rules {
        for key in &rule.rule.other_keys {
            tell(rule, key, "a rule", &OF_RULES, found);
        }
        // The keys of a group are told with its first rule.
        if group.replace(rule.group) != Some(rule.group) {
            for key in &followed.groups[rule.group].other_keys {
                tell(rule, key, "a group", &OF_GROUPS, found);
            }
        }
    }
}

fn tell(rule: &RuleAt<'_>, key: &Located<String>, of: &str, known: &[&str], found: &mut Found) {
    if known.contains(&key.value.as_str()) {
        return;
    }
    let hint = match nearest(&key.value, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it, and look whether what stands below belongs elsewhere".to_owned(),
    };
    let message = format!("{of} has no key `{}`: Prometheus refuses the file", key.value);
    found.at(LINT.code, rule, key.position.clone(), message, &hint);
}

//! Series that another group records more rarely.

use std::collections::HashSet;

use crate::findings::{Code, Level};
use crate::query::{Kind, seconds};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-recorded-elsewhere",
        level: Level::Note,
        summary: "A rule reads what another group records at another interval.",
        explanation: include_str!("../explanations/rule-recorded-elsewhere.md"),
    },
    run,
};

const HINT: &str = "put both rules into one group, or give the groups the same interval";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let interval =
        |group: usize| followed.groups[group].interval.as_ref().and_then(|interval| seconds(&interval.value));
    let mut told = HashSet::new();
    for rule in &followed.rules {
        for node in rule.query.all() {
            let Kind::Select(selector) = &node.kind else { continue };
            let Some(name) = selector.name() else { continue };
            let Some([recording]) = followed.recorded_by.get(name).map(Vec::as_slice) else { continue };
            let recording = &followed.rules[*recording];
            let (own, other) = (interval(rule.group), interval(recording.group));
            let is_rarer = match (own, other) {
                (Some(own), Some(other)) => other > own,
                // Whoever says nothing has the server's own interval, of a minute at most.
                (None, Some(other)) => other > 60.0,
                (_, None) => false,
            };
            if recording.group == rule.group || !is_rarer || !told.insert((rule.number, name)) {
                continue;
            }
            let group = &followed.groups[recording.group].name.value;
            let message = format!(
                "`{name}` is recorded by the group `{group}` at a longer interval, so that what is read may be old"
            );
            found.part(LINT.code, rule, node, message, HINT);
        }
    }
}

//! Series that are read before they are recorded.

use crate::findings::{Code, Level};
use crate::query::Kind;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-recorded-later",
        level: Level::Warning,
        summary: "A rule reads what a later rule of its group records.",
        explanation: include_str!("../explanations/rule-recorded-later.md"),
    },
    run,
};

const HINT: &str = "put the rule that records it before those that read it";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Select(selector) = &node.kind else { continue };
            let Some(name) = selector.name() else { continue };
            let Some(recording) = followed.recorded_by.get(name) else { continue };
            // Whoever reads what it records itself wants to know what it was, and whoever looks
            // back over a while has older samples.
            let is_late = followed.first_in_group(recording, rule.group).is_some_and(|own| own > rule.number);
            if is_late && selector.range.is_none() && selector.offset == 0.0 {
                let message = format!(
                    "`{name}` is recorded by a later rule of this group, so that what is read is one evaluation old"
                );
                found.part(LINT.code, rule, node, message, HINT);
            }
        }
    }
}

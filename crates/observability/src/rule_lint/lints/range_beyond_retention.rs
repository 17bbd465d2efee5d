//! Ranges and offsets that Prometheus no longer has.

use crate::findings::{Code, Level};
use crate::quantity::Quantity;
use crate::query::{Kind, Selector};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-range-beyond-retention",
        level: Level::Warning,
        summary: "An expression looks back over more than Prometheus keeps.",
        explanation: include_str!("../explanations/rule-range-beyond-retention.md"),
    },
    run,
};

const HINT: &str = "look back over less, or let Prometheus keep more and say so as `retention`";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let Some(retention) = followed.facts.retention else { return };
    for rule in &followed.rules {
        // What stands in a subquery looks back from where that one begins.
        let mut waiting = vec![(rule.query, 0.0)];
        while let Some((node, before)) = waiting.pop() {
            let own = match &node.kind {
                Kind::Select(Selector { range, offset, .. }) => range.unwrap_or(0.0) + offset,
                Kind::Subquery { range, offset, .. } => range + offset,
                _ => 0.0,
            };
            let back = before + own;
            if back <= retention.as_secs_f64() {
                waiting.extend(node.parts().into_iter().map(|part| (part, back)));
                continue;
            }
            let message = format!(
                "this looks back over {}, and Prometheus keeps {}",
                Quantity::Duration(back as u64),
                Quantity::Duration(retention.as_secs())
            );
            found.part(LINT.code, rule, node, message, HINT);
        }
    }
}

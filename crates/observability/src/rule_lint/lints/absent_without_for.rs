//! Alerts about what is absent that wait for no second look.

use super::absent_joined::is_absent;
use crate::findings::{Code, Level};
use crate::quantity::Quantity;
use crate::query::{Kind, Node, Selector};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-absent-without-for",
        level: Level::Warning,
        summary: "An alert about what is absent fires at once, also after a restart of Prometheus.",
        explanation: include_str!("../explanations/rule-absent-without-for.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    let least = 2.0 * followed.facts.scrape_interval.as_secs_f64();
    for rule in followed.rules.iter().filter(|rule| rule.is_alert() && rule.hold() < least) {
        // What is absent over a while has been looked at more than once.
        let looks_once = |node: &&Node| {
            let ranges = node.all().into_iter().filter_map(|part| match &part.kind {
                Kind::Select(Selector { range, .. }) => *range,
                Kind::Subquery { range, .. } => Some(*range),
                _ => None,
            });
            is_absent(node) && ranges.fold(0.0, f64::max) < least
        };
        let Some(absent) = rule.query.all().into_iter().find(looks_once) else { continue };
        let message = "this fires at once when nothing was scraped yet, as after a restart".to_owned();
        let hint = format!("add `for: 5m`, or at least two scrapes: {}", Quantity::Duration(least as u64));
        found.part(LINT.code, rule, absent, message, &hint);
    }
}

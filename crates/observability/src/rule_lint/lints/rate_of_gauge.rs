//! Rates of what is no counter.

use crate::findings::{Code, Level};
use crate::query::{Aggregation, Kind};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::Followed;
use crate::rule_lint::yielded::Nature;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-rate-of-gauge",
        level: Level::Warning,
        summary: "A rate is taken of what is no counter.",
        explanation: include_str!("../explanations/rule-rate-of-gauge.md"),
    },
    run,
};

const HINT: &str = "take `delta` or `deriv` of what comes and goes; of what is recorded, take the rate before it is recorded";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Call { function, arguments } = &node.kind else { continue };
            let [of] = arguments.as_slice() else { continue };
            let is_rate = matches!(function.name, "rate" | "irate" | "increase");
            // What is calculated may grow like a counter; series, and one of several, are what they
            // are.
            let is_series = || of.all().into_iter().all(|part| is_series(&part.kind));
            if is_rate && rule.yields(of).nature == Nature::Gauge && is_series() {
                let message = format!(
                    "`{}` is no counter: `{}` takes each fall of it for a restart",
                    rule.shown(of),
                    function.name
                );
                found.part(LINT.code, rule, node, message, HINT);
            }
        }
    }
}

fn is_series(kind: &Kind) -> bool {
    match kind {
        Kind::Select(_) | Kind::Subquery { .. } => true,
        Kind::Aggregate { operation, .. } => matches!(operation, Aggregation::Max | Aggregation::Min),
        _ => false,
    }
}

//! Quantiles of buckets whose bounds are lost.

use crate::findings::{Code, Level};
use crate::query::Kind;
use crate::rule_lint::labels::Values;
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, reads};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-quantile-without-le",
        level: Level::Error,
        summary: "`histogram_quantile` is given buckets without their bounds.",
        explanation: include_str!("../explanations/rule-quantile-without-le.md"),
    },
    run,
};

const HINT: &str = "keep `le` in the aggregation: `sum by (le, …)`";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Call { function, arguments } = &node.kind else { continue };
            let Some(of) = arguments.get(1).filter(|_| function.name == "histogram_quantile") else {
                continue;
            };
            let yielded = rule.yields(of);
            let lacks = yielded.labels.as_ref().is_some_and(|labels| *labels.get("le") == Values::Absent);
            // A native histogram is one series that has its buckets within.
            let has_buckets = reads(of).any(|name| name.contains("_bucket"));
            if lacks && has_buckets && !yielded.is_empty {
                let message = "the buckets have lost `le`, which says where they end".to_owned();
                found.part(LINT.code, rule, of, message, HINT);
            }
        }
    }
}

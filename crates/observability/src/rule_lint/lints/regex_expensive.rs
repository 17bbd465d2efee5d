//! Selectors that look at all series.

use crate::findings::{Code, Level};
use crate::query::{Kind, MatchOperator, Matcher};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::regex::{alternatives, is_anything};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-regex-expensive",
        level: Level::Warning,
        summary: "A selector has to look at all series, because it names none.",
        explanation: include_str!("../explanations/rule-regex-expensive.md"),
    },
    run,
};

const HINT: &str = "name the series, or a label with its value: what is looked up by value alone is cheap";

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for node in rule.query.all() {
            let Kind::Select(selector) = &node.kind else { continue };
            if selector.name.is_some() || selector.matchers.iter().any(is_cheap) {
                continue;
            }
            let message = format!("`{}` looks at all series that Prometheus has", rule.shown(node));
            found.part(LINT.code, rule, node, message, HINT);
        }
    }
}

/// Returns whether a matcher looks up its series by values, or by how they begin.
fn is_cheap(matcher: &Matcher) -> bool {
    match matcher.operator {
        MatchOperator::Equal => !matcher.value.is_empty(),
        MatchOperator::Matches => {
            let begins_plainly = matcher.value.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let is_plain =
                alternatives(&matcher.value).is_some_and(|all| all.iter().all(|one| !one.is_empty()));
            !is_anything(&matcher.value) && (begins_plainly || is_plain)
        }
        MatchOperator::NotEqual | MatchOperator::MatchesNot => false,
    }
}

//! Selectors that look at all series.

use crate::findings::{Code, Level};
use crate::query::{Kind, MatchOperator, Matcher};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::regex::{Matched, matched};
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
        for &node in &rule.parts {
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
        MatchOperator::Matches => match matched(&matcher.value) {
            Matched::Texts(texts) => texts.iter().all(|text| !text.is_empty()),
            Matched::Begins(_) => true,
            Matched::Everything | Matched::Anything => false,
            Matched::Unknown => matcher.value.starts_with(|c: char| c.is_alphanumeric() || c == '_'),
        },
        MatchOperator::NotEqual | MatchOperator::MatchesNot => false,
    }
}

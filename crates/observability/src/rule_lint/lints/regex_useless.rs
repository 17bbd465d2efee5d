//! Regular expressions that say nothing.

use crate::findings::{Code, Level};
use crate::query::{Kind, MatchOperator};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::regex::{Matched, matched};
use crate::rule_lint::rule_set::Followed;

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-regex-useless",
        level: Level::Note,
        summary: "A regular expression says no more than a plain text would, or nothing at all.",
        explanation: include_str!("../explanations/rule-regex-useless.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for &node in &rule.parts {
            let Kind::Select(selector) = &node.kind else { continue };
            for matcher in &selector.matchers {
                let is_positive = match matcher.operator {
                    MatchOperator::Matches => true,
                    MatchOperator::MatchesNot => false,
                    MatchOperator::Equal | MatchOperator::NotEqual => continue,
                };
                let (label, regex) = (&matcher.label, &matcher.value);
                let (message, hint) = match matched(regex) {
                    Matched::Texts(texts) if texts.len() == 1 => {
                        let one = texts.concat();
                        let sign = if is_positive { "=" } else { "!=" };
                        let message = match regex.as_str() {
                            "" => "an empty expression matches the empty text alone".to_owned(),
                            _ => format!("`{regex}` matches one text alone"),
                        };
                        (message, format!("write `{label}{sign}\"{one}\"`"))
                    }
                    Matched::Everything if is_positive => {
                        let message = format!("`{regex}` matches everything, also series without `{label}`");
                        (message, "leave the matcher out".to_owned())
                    }
                    Matched::Everything => {
                        let message = format!("`{regex}` matches everything, so that no series is left");
                        (message, format!("write which `{label}` are to be left out"))
                    }
                    _ if regex.starts_with('^') || regex.ends_with('$') && !regex.ends_with("\\$") => {
                        let message = format!("`{regex}` is anchored already: the whole value has to match");
                        (message, "leave `^` and `$` out".to_owned())
                    }
                    _ => continue,
                };
                found.span(LINT.code, rule, &matcher.span, message, &hint);
            }
        }
    }
}

//! Expressions that break a rule of their metrics: a mistake of the generator, not of the catalogue.

use super::Linter;
use crate::code::Code;
use crate::finding::Finding;
use crate::promql::check::check;
use crate::rules::Rule;

const HINT: &str = "report this: every generated expression has to pass";

pub(super) fn lint(linter: &Linter<'_>) -> Vec<Finding> {
    let rules = linter.groups.iter().flat_map(|group| &group.rules);
    rules
        .filter_map(|rule| check(rule.expression(), linter.catalogue).err().map(|error| (rule, error)))
        .map(|(rule, error)| {
            let (alert, name) = match rule {
                Rule::Recording(recorded) => (None, recorded.signal.name()),
                Rule::Alerting(rule) => (Some(rule.alert.name), rule.alert.name.as_str()),
            };
            let message = format!("the expression of {name} is wrong: {error}");
            linter.finding(Code::ExpressionInvalid, alert, None, "jobs", message, HINT)
        })
        .collect()
}

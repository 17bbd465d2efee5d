//! Labels and values that no series has.

use jobwatch_catalogue::suggestion::nearest;

use crate::findings::{Code, Level};
use crate::promql::{LabelSchema, SeriesSchema};
use crate::query::{Kind, MatchOperator, Matcher};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::regex::alternatives;
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-label-unknown",
        level: Level::Warning,
        summary: "A label or a value is read that the series of catalogued jobs do not have.",
        explanation: include_str!("../explanations/rule-label-unknown.md"),
    },
    run,
};

fn run(followed: &Followed<'_>, found: &mut Found) {
    for rule in &followed.rules {
        for node in rule.query.all() {
            let Kind::Select(selector) = &node.kind else { continue };
            let schema = selector.name().and_then(|name| Some((name, followed.facts.series(name)?)));
            let Some((name, schema)) = schema else { continue };
            for matcher in selector.matchers.iter().filter(|matcher| matcher.label != "__name__") {
                of_matcher(rule, (name, schema), matcher, found);
            }
        }
    }
}

fn of_matcher(
    rule: &RuleAt<'_>,
    (name, schema): (&str, &SeriesSchema),
    matcher: &Matcher,
    found: &mut Found,
) {
    let label = matcher.label.as_str();
    let mut known: Vec<&str> = schema.labels.iter().map(|label| label.name.as_str()).collect();
    known.extend(["job", "instance", "namespace"]);
    let Some(LabelSchema { values, .. }) = schema.labels.iter().find(|known| known.name == label) else {
        // Targets may have labels that nobody here knows of. One that is like a known one is meant
        // to be it.
        let near = nearest(label, known.iter().copied()).filter(|_| !known.contains(&label));
        if let Some(near) = near {
            let message = format!("`{name}` has no label `{label}`");
            found.span(LINT.code, rule, &matcher.span, message, &format!("did you mean `{near}`?"));
        }
        return;
    };
    let Some(values) = values else { return };
    let given = match matcher.operator {
        MatchOperator::Equal | MatchOperator::NotEqual => Some(vec![matcher.value.clone()]),
        MatchOperator::Matches | MatchOperator::MatchesNot => alternatives(&matcher.value),
    };
    let unknown = |value: &&String| !value.is_empty() && !values.contains(&value.as_str());
    let Some(value) = given.iter().flatten().find(unknown) else { return };
    let message = format!("`{label}` of `{name}` is never `{value}`");
    let hint = format!("it is one of {}", values.join(", "));
    found.span(LINT.code, rule, &matcher.span, message, &hint);
}

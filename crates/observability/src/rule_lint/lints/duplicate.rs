//! Rules that are there twice.

use std::collections::HashMap;

use crate::findings::{Code, Level};
use crate::query::{Grouping, Kind, Matcher, Matching, Node, Selector};
use crate::rule_lint::lint::{Found, RuleLint};
use crate::rule_lint::rule_set::{Followed, RuleAt};

pub(super) const LINT: RuleLint = RuleLint {
    code: Code {
        name: "rule-duplicate",
        level: Level::Warning,
        summary: "Two rules are the same.",
        explanation: include_str!("../explanations/rule-duplicate.md"),
    },
    run,
};

const HINT: &str = "remove one of them";

fn run(followed: &Followed<'_>, found: &mut Found) {
    let mut seen: HashMap<_, &RuleAt<'_>> = HashMap::new();
    for rule in &followed.rules {
        let labels = rule.rule.set_labels();
        let key = (rule.is_alert(), &rule.rule.name.value, labels, rule.hold().to_bits(), plain(rule));
        match seen.get(&key) {
            Some(first) => {
                let message = format!("the same rule is there already, {}", place(first, rule));
                found.at(LINT.code, rule, rule.rule.name.position.clone(), message, HINT);
            }
            None => drop(seen.insert(key, rule)),
        }
    }
}

/// Returns where a rule stands, for a reader of another one.
pub(super) fn place(rule: &RuleAt<'_>, reader: &RuleAt<'_>) -> String {
    let line = rule.rule.name.position.line;
    match rule.file == reader.file {
        true => format!("in line {line}"),
        false => format!("in line {line} of another file"),
    }
}

/// Returns the expression of a rule without what says nothing: blanks, parentheses, the order of
/// matchers and of labels.
pub(super) fn plain(rule: &RuleAt<'_>) -> String {
    let mut plain = String::new();
    write(&rule.rule.expression.value, rule.query, &mut plain);
    plain
}

fn write(text: &str, node: &Node, plain: &mut String) {
    let written = |from: usize| -> String {
        text.get(from..node.span.end).unwrap_or_default().split_whitespace().collect()
    };
    let said = match &node.kind {
        Kind::Number(value) => value.to_string(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Select(selector) => {
            let said =
                |matcher: &Matcher| format!("{}{:?}{:?}", matcher.label, matcher.operator, matcher.value);
            let mut matchers: Vec<String> = selector.matchers.iter().map(said).collect();
            matchers.sort();
            let Selector { name, range, offset, is_at, .. } = selector;
            // The tree does not keep which moment it is.
            let moment = if *is_at { written(node.span.start) } else { String::new() };
            format!("{name:?}{matchers:?}{range:?}{offset}{moment}")
        }
        Kind::Subquery { of, .. } => written(of.span.end),
        Kind::Call { function, .. } => function.name.to_owned(),
        Kind::Aggregate { operation, grouping, .. } => {
            format!("{}{:?}", operation.as_str(), grouping.as_ref().map(grouped))
        }
        Kind::Negative(_) => "-".to_owned(),
        Kind::Binary { operator, is_bool, matching, .. } => {
            let Matching { labels, taken } = matching;
            format!("{}{is_bool}{:?}{taken:?}", operator.as_str(), labels.as_ref().map(grouped))
        }
    };
    plain.push_str(&said);
    plain.push('(');
    for part in node.parts() {
        write(text, part, plain);
        plain.push(',');
    }
    plain.push(')');
}

fn grouped(grouping: &Grouping) -> (bool, Vec<&String>) {
    let mut labels: Vec<&String> = grouping.labels.iter().collect();
    labels.sort();
    (grouping.is_without, labels)
}

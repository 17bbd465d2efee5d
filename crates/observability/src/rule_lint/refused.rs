//! What Prometheus would refuse in the rules of a file, so that it would load none of them.

use std::collections::HashSet;

use super::{keys, place, template};
use crate::query::{self, Node};
use crate::rule_file::{Located, Named, Rule, RuleFileError, RuleGroup, RuleKind};

/// Reads the expressions of groups, and tells all that Prometheus would refuse.
pub(super) fn parsed(
    text: &str,
    groups: Vec<RuleGroup>,
    failed: &mut impl FnMut(RuleFileError),
) -> Vec<(RuleGroup, Vec<Node>)> {
    let mut all = Vec::with_capacity(groups.len());
    let mut names = HashSet::new();
    for group in groups {
        // Whatever a manifest holds becomes a file of its own.
        if !names.insert((group.document, group.name.value.clone())) {
            let message = format!("there is a group `{}` in this file already", group.name.value);
            failed(error(&group.name, message, "give one of them another name"));
        }
        if group.name.value.is_empty() {
            failed(error(&group.name, "the name of this group is empty", "give it one"));
        }
        if let Some(interval) = &group.interval {
            of_duration(interval, failed);
        }
        if group.rules.is_empty() {
            of_keys(&group, failed);
        }
        let mut queries = Vec::with_capacity(group.rules.len());
        for rule in &group.rules {
            of_rule(text, rule, failed);
            match query::parse(&rule.expression.value) {
                Ok(query) => queries.push(query),
                Err(refused) => failed(RuleFileError {
                    position: place::within(text, &rule.expression, &refused.span),
                    message: format!("Prometheus does not read this expression: {refused}"),
                    hint: "correct the expression; rules with placeholders are rendered first".to_owned(),
                }),
            }
        }
        all.push((group, queries));
    }
    all
}

/// A group whose rules stand below a key that is misspelt seems to have none: no finding about a
/// rule could tell.
fn of_keys(group: &RuleGroup, failed: &mut impl FnMut(RuleFileError)) {
    for key in &group.other_keys {
        if let Some((message, hint)) = keys::unknown(&key.value, "a group", &keys::OF_GROUPS) {
            failed(error(key, message, &hint));
        }
    }
}

fn of_rule(text: &str, rule: &Rule, failed: &mut impl FnMut(RuleFileError)) {
    [&rule.hold, &rule.keep_firing_for].into_iter().flatten().for_each(|time| of_duration(time, failed));
    match rule.kind {
        RuleKind::Record => {
            if !is_name(&rule.name.value, true) {
                let message = format!("`{}` is no name of a series", rule.name.value);
                failed(error(&rule.name, message, "letters, digits, `_` and `:`, no digit first"));
            }
            let times = [("for", &rule.hold), ("keep_firing_for", &rule.keep_firing_for)];
            let times = times.into_iter().filter_map(|(key, time)| Some((key, time.as_ref()?)));
            let annotations = rule.annotations.first().map(|annotation| ("annotations", &annotation.name));
            for (key, at) in times.chain(annotations) {
                let message = format!("a rule that records has no `{key}`");
                failed(error(at, message, "remove it, or write `alert` instead of `record`"));
            }
        }
        RuleKind::Alert => {
            if rule.name.value.is_empty() {
                failed(error(&rule.name, "the name of this alert is empty", "give it one"));
            }
            for Named { text: template, .. } in rule.labels.iter().chain(&rule.annotations) {
                if let Err(refused) = template::read(&template.value) {
                    failed(RuleFileError {
                        position: place::within(text, template, &refused.span),
                        message: format!("Prometheus does not read this template: {}", refused.message),
                        hint: "correct the template; `{{ \"{{\" }}` stands for two braces".to_owned(),
                    });
                }
            }
        }
    }
    for Named { name, .. } in rule.labels.iter().chain(&rule.annotations) {
        if !is_name(&name.value, false) || name.value == "__name__" {
            let message = format!("`{}` is no name of a label", name.value);
            failed(error(
                name,
                message,
                "letters, digits and `_`, no digit first; `__name__` is the series' own",
            ));
        }
    }
}

fn of_duration(written: &Located<String>, failed: &mut impl FnMut(RuleFileError)) {
    if query::seconds(&written.value).is_none() {
        let message = format!("`{}` is no duration", written.value.trim());
        failed(error(written, message, "write it as in `5m` or `1h30m`, the larger unit first"));
    }
}

fn error(at: &Located<String>, message: impl Into<String>, hint: &str) -> RuleFileError {
    RuleFileError { position: at.position.clone(), message: message.into(), hint: hint.to_owned() }
}

/// Returns whether a text is the name of a label, or of a series, which may have colons.
fn is_name(text: &str, with_colons: bool) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || with_colons && c == ':';
    !text.is_empty() && text.chars().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit())
}

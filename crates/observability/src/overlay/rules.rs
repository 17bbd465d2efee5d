//! The rules that an overlay yields.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::error::{Problems, note};
use super::fields::{Fields, PROMETHEUS_ALERTS, PROMETHEUS_RULES, kind};
use crate::rule_file::{self, Located, Named, RuleKind};
use crate::rule_lint::RuleSet;
use crate::rules::WrittenRule;
use crate::text::{Comment, LabelValue, Template};

/// How many groups an overlay may come to, with those of the mixin. Prometheus evaluates each on
/// its own.
const MOST_GROUPS: usize = 2_000;
/// How many rules it may come to, with those of the mixin.
const MOST_RULES: usize = 20_000;

/// The rules that an overlay yields, and those of the mixin that it does not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OwnRules {
    pub(super) groups: Vec<OwnGroup>,
    /// The group of each rule that it removes, and the rule as the mixin has it.
    pub(super) removed: Vec<(String, WrittenRule)>,
}

/// A group as an overlay yields it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnGroup {
    pub(super) name: String,
    pub(super) interval: Option<String>,
    pub(super) limit: Option<u64>,
    pub(super) rules: Vec<OwnRule>,
}

/// A rule as an overlay yields it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnRule {
    pub(super) rule: WrittenRule,
    pub(super) origin: RuleOrigin,
}

/// Whose a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleOrigin {
    /// The mixin's, as it is.
    Generated,
    /// The mixin's, and says something else.
    Changed,
    /// The team's.
    Added,
}

impl OwnRules {
    /// Returns whether they are those of the mixin, as they are.
    pub(super) fn is_generated(&self) -> bool {
        let is_generated = |group: &OwnGroup| {
            let is_plain = group.interval.is_none() && group.limit.is_none();
            is_plain && group.rules.iter().all(|own| own.origin == RuleOrigin::Generated)
        };
        self.removed.is_empty() && self.groups.iter().all(is_generated)
    }

    /// Returns the rules that are not as they are generated: changed, removed and added ones.
    pub(super) fn own(&self) -> impl Iterator<Item = &WrittenRule> {
        let of_groups = self.groups.iter().flat_map(|group| &group.rules);
        let own = of_groups.filter(|own| own.origin != RuleOrigin::Generated).map(|own| &own.rule);
        own.chain(self.removed.iter().map(|(_, rule)| rule))
    }

    /// Returns the names of rules that are generated otherwise, or that are removed, sorted.
    pub(super) fn changed(&self) -> Vec<&str> {
        let of_groups = self.groups.iter().flat_map(|group| &group.rules);
        let changed = of_groups.filter(|own| own.origin == RuleOrigin::Changed).map(|own| &own.rule);
        let all = changed.chain(self.removed.iter().map(|(_, rule)| rule));
        all.map(|rule| rule.key().1).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Reads the rules that an overlay yields. Of more than are taken, none is read.
pub(super) fn read(before: &Fields, after: &Fields, problems: &mut Problems) -> OwnRules {
    let mut own = OwnRules::default();
    let mut names = HashSet::new();
    let (mut groups_of_all, mut rules_of_all) = (0, 0);
    for field in [PROMETHEUS_RULES, PROMETHEUS_ALERTS] {
        let Some(value) = after.get(field) else { continue };
        let known = before.get(field).map_or(&[][..], groups_of);
        let Some(groups) = list(field, value, "groups", problems) else { continue };
        groups_of_all += groups.len();
        rules_of_all += groups.iter().map(|group| rules_of(group).len()).sum::<usize>();
        if groups_of_all > MOST_GROUPS || rules_of_all > MOST_RULES {
            note(
                problems,
                field,
                format!(
                    "it comes to {rules_of_all} rules in {groups_of_all} groups, and an overlay may come to \
                     {MOST_RULES} in {MOST_GROUPS}: give the others a catalogue, or a rule file, of their own"
                ),
            );
            return OwnRules::default();
        }
        for (number, group) in groups.iter().enumerate() {
            let path = format!("{field}.groups[{number}]");
            let Some(group) = read_group(&path, group, known, problems) else { continue };
            if !names.insert(group.name.clone()) {
                note(
                    problems,
                    format!("{path}.name"),
                    format!("there is a group `{}` already: a group has a name of its own", group.name),
                );
            }
            own.groups.push(group);
        }
        removed(known, &mut own);
    }
    own
}

/// Notes the rules of the mixin that are not among those of the overlay.
fn removed(known: &[Value], own: &mut OwnRules) {
    let mut ignored = Problems::new();
    for group in known {
        let name = group["name"].as_str().unwrap_or_default();
        let of_group = own.groups.iter().find(|other| other.name == name);
        let of_group: Vec<_> =
            of_group.into_iter().flat_map(|group| &group.rules).map(|own| own.rule.key()).collect();
        let rules = rules_of(group).iter().filter_map(|rule| written("", name, rule, &mut ignored));
        let gone: Vec<_> = rules.filter(|rule| !of_group.contains(&rule.key())).collect();
        own.removed.extend(gone.into_iter().map(|rule| (name.to_owned(), rule)));
    }
}

fn read_group(path: &str, value: &Value, known: &[Value], problems: &mut Problems) -> Option<OwnGroup> {
    let Value::Object(group) = value else {
        note(problems, path, format!("a group is an object, and this is {}", kind(value)));
        return None;
    };
    refuse_others(path, group, &["name", "interval", "limit", "rules"], problems);
    let name = text(path, group, "name", problems).filter(|name| !name.is_empty());
    let Some(name) = name else {
        note(problems, format!("{path}.name"), "a group has a name");
        return None;
    };
    let interval = text(path, group, "interval", problems);
    let limit = group.get("limit").filter(|limit| !limit.is_null()).and_then(|limit| {
        let number = limit.as_u64();
        if number.is_none() {
            note(problems, format!("{path}.limit"), "a limit is a whole number");
        }
        number
    });
    if let Some(interval) = &interval {
        check_interval(path, interval, problems);
    }
    let known = known.iter().find(|known| known["name"] == name.as_str()).map_or(&[][..], rules_of);
    let mut ignored = Problems::new();
    let known_rules: Vec<WrittenRule> =
        known.iter().filter_map(|rule| written("", &name, rule, &mut ignored)).collect();
    let known_keys: HashSet<_> = known_rules.iter().map(WrittenRule::key).collect();
    let mut rules = Vec::new();
    for (number, rule) in list(path, value, "rules", problems)?.iter().enumerate() {
        let path = format!("{path}.rules[{number}]");
        let is_generated = known.contains(rule);
        let Some(written) = written(&path, &name, rule, problems) else { continue };
        let origin = if is_generated {
            RuleOrigin::Generated
        } else {
            check(&path, &name, rule, problems);
            match known_keys.contains(&written.key()) {
                true => RuleOrigin::Changed,
                false => RuleOrigin::Added,
            }
        };
        rules.push(OwnRule { rule: written, origin });
    }
    Some(OwnGroup { name, interval, limit, rules })
}

/// Returns a rule as texts. `None` if it is none, which is noted.
fn written(path: &str, group: &str, value: &Value, problems: &mut Problems) -> Option<WrittenRule> {
    // JSON is YAML, so that one reader does for all rules.
    let read = rule_file::read(&alone(group, value));
    let rule =
        match read.map(|groups| groups.into_iter().next().and_then(|group| group.rules.into_iter().next())) {
            Ok(rule) => rule?,
            Err(error) => {
                note(problems, path, error.message);
                return None;
            }
        };
    let texts = |named: Vec<Named>| named.into_iter().map(|Named { name, text }| (name.value, text.value));
    let value = |located: Located<String>| located.value;
    let expression = rule.expression.value.trim_end().to_owned();
    for key in &rule.other_keys {
        note(problems, format!("{path}.{}", key.value), "a rule has no such field");
    }
    Some(match rule.kind {
        RuleKind::Record => WrittenRule::Recording {
            series: rule.name.value,
            comment: Comment::new(""),
            expression,
            labels: texts(rule.labels).map(|(name, text)| (name, LabelValue::new(&text))).collect(),
        },
        RuleKind::Alert => {
            let templates =
                |named| texts(named).map(|(name, text)| (name, Template::written(text))).collect();
            WrittenRule::Alerting {
                alert: rule.name.value,
                expression,
                hold: rule.hold.map(value),
                keep_firing_for: rule.keep_firing_for.map(value),
                labels: templates(rule.labels),
                annotations: templates(rule.annotations),
            }
        }
    })
}

/// Notes what Prometheus would refuse in a rule of the team's.
fn check(path: &str, group: &str, value: &Value, problems: &mut Problems) {
    for unreadable in RuleSet::read(&[&alone(group, value)]).err().into_iter().flatten() {
        note(problems, path, unreadable.error.message);
    }
}

fn check_interval(path: &str, interval: &str, problems: &mut Problems) {
    let group = json!({ "groups": [{ "name": "a", "interval": interval, "rules": [] }] }).to_string();
    for unreadable in RuleSet::read(&[&group]).err().into_iter().flatten() {
        note(problems, format!("{path}.interval"), unreadable.error.message);
    }
}

/// Returns the text of a rule file with one rule.
fn alone(group: &str, rule: &Value) -> String {
    json!({ "groups": [{ "name": group, "rules": [rule] }] }).to_string()
}

/// Returns the groups of a field of the mixin.
fn groups_of(field: &Value) -> &[Value] {
    field["groups"].as_array().map_or(&[], Vec::as_slice)
}

fn rules_of(group: &Value) -> &[Value] {
    group["rules"].as_array().map_or(&[], Vec::as_slice)
}

/// Returns the list that stands in a field of an object. `None` if it is none, which is noted.
fn list<'v>(path: &str, value: &'v Value, key: &str, problems: &mut Problems) -> Option<&'v [Value]> {
    let Value::Object(object) = value else {
        let message = format!("expected an object with `{key}`, and this is {}", kind(value));
        note(problems, path, message);
        return None;
    };
    match object.get(key) {
        Some(Value::Array(items)) => {
            if key == "groups" {
                refuse_others(path, object, &[key], problems);
            }
            Some(items)
        }
        Some(other) => {
            let message = format!("expected an array, and this is {}", kind(other));
            note(problems, format!("{path}.{key}"), message);
            None
        }
        None => {
            note(problems, format!("{path}.{key}"), "it is missing: expected an array");
            None
        }
    }
}

/// Returns a text of an object. `None` if there is none; that it is something else is noted.
fn text(path: &str, object: &Map<String, Value>, key: &str, problems: &mut Problems) -> Option<String> {
    match object.get(key) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => {
            note(problems, format!("{path}.{key}"), format!("expected a text, and this is {}", kind(other)));
            None
        }
    }
}

fn refuse_others(path: &str, object: &Map<String, Value>, known: &[&str], problems: &mut Problems) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        let message = format!("no such field is taken over; there is {}", known.join(", "));
        note(problems, format!("{path}.{key}"), message);
    }
}

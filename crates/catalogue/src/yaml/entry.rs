//! Reads the entries of one map: which keys there may be, which there must be, and of what kind
//! their values are.

use std::time::Duration;

use super::keys::{Key, Kind};
use super::node::{Entry, Node, Value};
use super::position::Position;
use super::problem::YamlProblem;
use crate::duration;
use crate::problem::Problems;
use crate::suggestion::nearest;
use crate::threshold::{ThresholdOverride, Thresholds};

/// A map that is being read.
pub(super) struct Entries<'a, 'p> {
    path: String,
    position: &'a Position,
    entries: &'a [Entry],
    /// Keys that were meant by others, which are not known.
    misspelt: Vec<&'static str>,
    problems: &'p mut Problems<YamlProblem>,
}

impl<'a, 'p> Entries<'a, 'p> {
    /// Takes up a map whose keys are among `known`. Anything else is a problem, and nothing is left
    /// to read.
    pub(super) fn new(
        node: &'a Node,
        path: &str,
        known: &'a [Key],
        problems: &'p mut Problems<YamlProblem>,
    ) -> Option<Self> {
        // Earlier names have been replaced.
        let present = known.iter().filter(|key| !matches!(key.value, Kind::EarlierNameOf(_)));
        let known: Vec<&'static str> = present.map(|key| key.name).collect();
        let Value::Map(entries) = &node.value else {
            problems.add(|| YamlProblem {
                hint: Some(format!("it has the keys {}", listed(&known))),
                ..wrong_kind(node, path, "keys with values")
            });
            return None;
        };
        let mut misspelt = Vec::new();
        let mut unknown: Vec<&Entry> =
            entries.iter().filter(|entry| !known.contains(&entry.key.as_str())).collect();
        unknown.sort_by_key(|entry| entry.key_position.span.start);
        for Entry { key, key_position, .. } in unknown {
            problems.add(|| {
                let meant = nearest(key, known.iter().copied());
                misspelt.extend(meant);
                YamlProblem {
                    position: key_position.clone(),
                    path: joined(path, key),
                    message: format!("unknown key `{key}`"),
                    hint: Some(match meant {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the keys are {}", listed(&known)),
                    }),
                }
            });
        }
        Some(Self { path: path.to_owned(), position: &node.position, entries, misspelt, problems })
    }

    /// Returns the path of a key of this map.
    pub(super) fn path_of(&self, key: &str) -> String {
        joined(&self.path, key)
    }

    /// Returns the value of a key, or `None` if the map has no such key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        Entry::find(self.entries, key).map(|entry| &entry.node)
    }

    /// Returns where to note further problems.
    pub(super) fn problems(&mut self) -> &mut Problems<YamlProblem> {
        self.problems
    }

    /// Notes that a key is missing, unless it is there with a slip of the pen, which is noted
    /// already.
    pub(super) fn missing(&mut self, key: &str, example: &str) {
        if self.misspelt.contains(&key) {
            return;
        }
        let start = self.position.span.start;
        self.problems.add(|| YamlProblem {
            position: Position { span: start..start, ..self.position.clone() },
            path: joined(&self.path, key),
            message: format!("the key `{key}` is missing"),
            hint: Some(format!("add it, as in `{key}: {example}`")),
        });
    }

    /// Returns a text, or `None` if the key is not there.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        text(node, || joined(&self.path, key), self.problems)
    }

    /// Returns a text that has to be there.
    pub(super) fn required_text(&mut self, key: &str, example: &str) -> Option<String> {
        if self.get(key).is_none() {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// Returns a text, or several in a list. `None` if the key is not there, or holds anything
    /// else.
    pub(super) fn text_or_texts(&mut self, key: &str) -> Option<Vec<String>> {
        let node = self.get(key)?;
        let Value::List(items) = &node.value else {
            return text(node, || joined(&self.path, key), self.problems).map(|text| vec![text]);
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            texts.push(text(item, || format!("{}[{index}]", joined(&self.path, key)), self.problems));
        }
        texts.into_iter().collect()
    }

    /// Returns `true` or `false`, or `None` if the key is not there.
    pub(super) fn truth(&mut self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        if let Value::Truth(truth) = node.value {
            return Some(truth);
        }
        self.problems.add(|| wrong_kind(node, &joined(&self.path, key), "`true` or `false`"));
        None
    }

    /// Returns a duration, or `None` if the key is not there.
    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        let node = self.get(key)?;
        let path = || joined(&self.path, key);
        let (Value::Text(written) | Value::Number(written)) = &node.value else {
            self.problems.add(|| wrong_kind(node, &path(), "a duration such as `5m`"));
            return None;
        };
        duration::parse(written)
            .map_err(|error| self.problems.add(|| problem(node, &path(), error.to_string())))
            .ok()
    }

    /// Returns labels or other texts by name; none if the key is not there.
    pub(super) fn texts(&mut self, key: &str) -> Vec<(String, String)> {
        let path = joined(&self.path, key);
        let Some(entries) = self.map(key, "keys with values") else { return Vec::new() };
        let mut found = Vec::with_capacity(entries.len());
        for Entry { key, node, .. } in entries {
            found.extend(text(node, || joined(&path, key), self.problems).map(|text| (key.clone(), text)));
        }
        found
    }

    /// Returns what is set for alerts, by their names; nothing if the key is not there.
    pub(super) fn alerts(&mut self, key: &str) -> Thresholds {
        let expected = "alerts, each with `off` or keys such as `above: 10m`";
        let Some(alerts) = self.map(key, expected) else { return Thresholds::new() };
        let path = joined(&self.path, key);
        let mut thresholds = Thresholds::new();
        for Entry { key: alert, node, .. } in alerts {
            let path = joined(&path, alert);
            if let Some(is_on) = switch(&node.value) {
                let set = if is_on { ThresholdOverride::on() } else { ThresholdOverride::off() };
                thresholds.insert(alert.clone(), set);
                continue;
            }
            let Value::Map(entries) = &node.value else {
                let expected = "`off`, `on`, or keys with values, such as `above: 10m`";
                self.problems.add(|| wrong_kind(node, &path, expected));
                continue;
            };
            let mut set = ThresholdOverride::new();
            for Entry { key, node, .. } in entries {
                if let Value::Text(written) | Value::Number(written) = &node.value {
                    set.insert(key.clone(), written.clone());
                } else {
                    self.problems
                        .add(|| wrong_kind(node, &joined(&path, key), "a value such as `10m` or `0.5`"));
                }
            }
            thresholds.insert(alert.clone(), set);
        }
        thresholds
    }

    fn map(&mut self, key: &str, expected: &str) -> Option<&'a [Entry]> {
        let node = self.get(key)?;
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.problems.add(|| wrong_kind(node, &joined(&self.path, key), expected));
        None
    }
}

/// Returns whether a value says on or off, in the words of YAML 1.1 or of 1.2. `None` if it says
/// neither.
fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Truth(is_on) => Some(*is_on),
        Value::Text(word) if word.eq_ignore_ascii_case("on") => Some(true),
        Value::Text(word) if word.eq_ignore_ascii_case("off") => Some(false),
        _ => None,
    }
}

fn text(node: &Node, path: impl Fn() -> String, problems: &mut Problems<YamlProblem>) -> Option<String> {
    if let Value::Text(text) = &node.value {
        return Some(text.clone());
    }
    problems.add(|| {
        let quotable = matches!(node.value, Value::Number(_) | Value::Truth(_));
        let hint = quotable.then(|| "put it in quotes if it is meant as a text".to_owned());
        YamlProblem { hint, ..wrong_kind(node, &path(), "a text") }
    });
    None
}

pub(super) fn wrong_kind(node: &Node, path: &str, expected: &str) -> YamlProblem {
    problem(node, path, format!("expected {expected}, found {}", node.value.kind()))
}

pub(super) fn problem(node: &Node, path: &str, message: String) -> YamlProblem {
    YamlProblem { position: node.position.clone(), path: path.to_owned(), message, hint: None }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

//! Reads the entries of one map: which keys there may be, which there must be, and of what kind their values are.

use std::time::Duration;

use super::node::{Node, Value};
use super::{Position, YamlProblem};
use crate::alert::AlertName;
use crate::duration;
use crate::quantity::{Quantity, Unit};
use crate::threshold::{ThresholdOverride, Thresholds};

/// A map that is being read.
pub(super) struct Entries<'a, 'p> {
    path: String,
    position: &'a Position,
    entries: &'a [(Node, Node)],
    problems: &'p mut Vec<YamlProblem>,
}

impl<'a, 'p> Entries<'a, 'p> {
    /// Takes up a map whose keys are among `known`. Anything else is a problem, and nothing is left to read.
    pub(super) fn new(
        node: &'a Node,
        path: &str,
        known: &[&str],
        problems: &'p mut Vec<YamlProblem>,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let hint = format!("it has the keys {}", listed(known));
            problems.push(YamlProblem { hint: Some(hint), ..wrong_kind(node, path, "keys with values") });
            return None;
        };
        for (key, _) in entries {
            let Value::Text(name) = &key.value else { continue };
            if !known.contains(&name.as_str()) {
                problems.push(YamlProblem {
                    position: key.position.clone(),
                    path: joined(path, name),
                    message: format!("unknown key `{name}`"),
                    hint: Some(match nearest(name, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the keys are {}", listed(known)),
                    }),
                });
            }
        }
        Some(Self { path: path.to_owned(), position: &node.position, entries, problems })
    }

    /// The path of a key of this map.
    pub(super) fn path_of(&self, key: &str) -> String {
        joined(&self.path, key)
    }

    /// The value of a key. An entry without a value counts as one that is not there, but for the message.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries
            .iter()
            .find(|(node, _)| matches!(&node.value, Value::Text(name) if name == key))
            .map(|(_, value)| value)
    }

    /// Where to note further problems.
    pub(super) fn problems(&mut self) -> &mut Vec<YamlProblem> {
        self.problems
    }

    /// Notes that a key is missing, unless it is there with a slip of the pen, which is noted already.
    pub(super) fn missing(&mut self, key: &str, example: &str) {
        let misspelt = Some(format!("did you mean `{key}`?"));
        if self.problems.iter().any(|problem| {
            problem.hint == misspelt && problem.path.strip_prefix(self.path.as_str()).is_some()
        }) {
            return;
        }
        self.problems.push(YamlProblem {
            position: Position {
                span: self.position.span.start..self.position.span.start,
                ..self.position.clone()
            },
            path: self.path_of(key),
            message: format!("the key `{key}` is missing"),
            hint: Some(format!("add it, as in `{key}: {example}`")),
        });
    }

    /// A text, if the key is there.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        text(node, &self.path_of(key), self.problems)
    }

    /// A text that has to be there.
    pub(super) fn required_text(&mut self, key: &str, example: &str) -> Option<String> {
        if self.get(key).is_none() {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// A truth, if the key is there.
    pub(super) fn truth(&mut self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        match node.value {
            Value::Truth(truth) => Some(truth),
            _ => {
                self.problems.push(wrong_kind(node, &self.path_of(key), "`true` or `false`"));
                None
            }
        }
    }

    /// A duration, if the key is there.
    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        let node = self.get(key)?;
        let path = self.path_of(key);
        let written = written(node, &path, "a duration such as `5m`", self.problems)?;
        duration::parse(&written)
            .map_err(|error| self.problems.push(problem(node, &path, error.to_string())))
            .ok()
    }

    /// A figure of a unit, if the key is there.
    fn figure(&mut self, key: &str, unit: Unit) -> Option<Quantity> {
        let node = self.get(key)?;
        let path = self.path_of(key);
        let written = written(node, &path, &unit.to_string(), self.problems)?;
        Quantity::parse(&written, unit)
            .map_err(|error| self.problems.push(problem(node, &path, error.to_string())))
            .ok()
    }

    /// Labels or other texts by name, if the key is there.
    pub(super) fn texts(&mut self, key: &str) -> Vec<(String, String)> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let path = self.path_of(key);
        let Value::Map(entries) = &node.value else {
            self.problems.push(wrong_kind(node, &path, "keys with values"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in entries {
            let Value::Text(name) = &name.value else { continue };
            found.extend(text(value, &joined(&path, name), self.problems).map(|text| (name.clone(), text)));
        }
        found
    }

    /// Figures by alert, if the key is there.
    pub(super) fn thresholds(&mut self, key: &str) -> Thresholds {
        let Some(node) = self.get(key) else { return Thresholds::new() };
        let path = self.path_of(key);
        let Value::Map(entries) = &node.value else {
            self.problems.push(wrong_kind(node, &path, "alerts with their figures"));
            return Thresholds::new();
        };
        let mut thresholds = Thresholds::new();
        for (name, figures) in entries {
            let Some(alert) = alert(name, &path, self.problems) else { continue };
            let path = joined(&path, alert.as_str());
            thresholds.insert(alert, threshold(alert, figures, &path, self.problems));
        }
        thresholds
    }
}

/// The alert that a value names.
pub(super) fn alert(node: &Node, path: &str, problems: &mut Vec<YamlProblem>) -> Option<AlertName> {
    let name = text(node, path, problems)?;
    let found = AlertName::from_name(&name);
    if found.is_none() {
        let names = AlertName::ALL.map(AlertName::as_str);
        problems.push(YamlProblem {
            hint: Some(match nearest(&name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the alerts are {}", listed(&names)),
            }),
            ..problem(node, path, format!("there is no alert `{name}`"))
        });
    }
    found
}

fn threshold(
    alert: AlertName,
    node: &Node,
    path: &str,
    problems: &mut Vec<YamlProblem>,
) -> ThresholdOverride {
    let Some(mut entries) =
        Entries::new(node, path, &["above", "at_least", "growth", "over", "for"], problems)
    else {
        return ThresholdOverride::default();
    };
    let seconds = |duration: Option<Duration>| duration.map(|duration| duration.as_secs());
    ThresholdOverride {
        // A figure that the alert does not have is read all the same, so that the check can say which figures it has.
        above: entries.figure("above", alert.figures().above.unwrap_or(Unit::Count)),
        at_least: entries.figure("at_least", Unit::Count).map(|figure| match figure {
            Quantity::Count(number) => number,
            _ => 0,
        }),
        growth: entries.figure("growth", Unit::Ratio).map(|figure| match figure {
            Quantity::Ratio(millionths) => millionths,
            _ => 0,
        }),
        over: seconds(entries.duration("over")),
        hold: seconds(entries.duration("for")),
    }
}

fn text(node: &Node, path: &str, problems: &mut Vec<YamlProblem>) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) | Value::Truth(_) => {
            let hint = "put it in quotes if it is meant as a text".to_owned();
            problems.push(YamlProblem { hint: Some(hint), ..wrong_kind(node, path, "a text") });
            None
        }
        _ => {
            problems.push(wrong_kind(node, path, "a text"));
            None
        }
    }
}

/// A text or a number, as it is written.
fn written(node: &Node, path: &str, expected: &str, problems: &mut Vec<YamlProblem>) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        _ => {
            problems.push(wrong_kind(node, path, expected));
            None
        }
    }
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

/// The known word that a word is most like, if it is much like one.
fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (candidate, strsim::jaro_winkler(word, candidate)))
        .filter(|(_, likeness)| *likeness > 0.8)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(candidate, _)| candidate)
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

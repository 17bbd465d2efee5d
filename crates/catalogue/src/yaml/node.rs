//! A YAML text as a tree whose every value knows its place.

use super::position::Position;
use super::problem::YamlProblem;
use crate::problem::Problems;
use crate::text::{MAX_WORD, is_control, shown};

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub position: Position,
    /// What it is.
    pub value: Value,
}

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing, or `null`.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// Values in their order.
    List(Vec<Node>),
    /// Ordered by key.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_position: Position,
    /// The value.
    pub node: Node,
}

impl Value {
    /// Returns what it is, for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Truth(_) => "`true` or `false`",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "keys with values",
        }
    }
}

impl Entry {
    /// Returns the entry of a key, or `None` if the map has none.
    pub fn find<'a>(entries: &'a [Self], key: &str) -> Option<&'a Self> {
        let at = entries.partition_point(|entry| entry.key.as_str() < key);
        entries.get(at).filter(|entry| entry.key == key)
    }
}

/// Takes keys out of the tree that no catalogue can have, so that every path can be shown: long
/// ones, and those with control characters.
pub(super) fn refuse_odd_keys(node: &mut Node, problems: &mut Problems<YamlProblem>) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| refuse_odd_keys(item, problems)),
        Value::Map(entries) => entries.retain_mut(|entry| {
            let odd = entry.key.chars().nth(MAX_WORD).is_some() || entry.key.contains(is_control);
            if odd {
                problems.add(|| YamlProblem {
                    position: entry.key_position.clone(),
                    path: String::new(),
                    message: format!("`{}` cannot be a key", shown(&entry.key)),
                    hint: Some(format!("a key has at most {MAX_WORD} characters and stands on one line")),
                });
            } else {
                refuse_odd_keys(&mut entry.node, problems);
            }
            !odd
        }),
        _ => {}
    }
}

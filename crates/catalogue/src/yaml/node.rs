//! A YAML text as a tree whose every value knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

use super::{Position, Positions, YamlProblem};

/// The most values that a catalogue may have: ten thousand jobs with everything said about each. Aliases count as often as
/// they are used, so that a text which repeats itself a billion times ends here.
const MAX_NODES: usize = 600_000;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) value: Value,
}

/// A value.
#[derive(Debug)]
pub(super) enum Value {
    Nothing,
    Truth(bool),
    /// A number, as it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
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

/// Reads a text that has to hold one YAML document.
pub(super) fn read(text: &str) -> Result<(Node, Positions), YamlProblem> {
    let tree: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let position = match error.location() {
            Some(place) => position(text, &place),
            None => Position::in_text(text, 0..0),
        };
        syntax_problem(position, &error.without_snippet().to_string())
    })?;
    if matches!(tree.value, Raw::Nothing) {
        return Err(YamlProblem {
            position: Position { line: 1, column: 1, span: 0..0 },
            path: String::new(),
            message: "the file is empty".to_owned(),
            hint: Some("a catalogue has at least `service` and `jobs`".to_owned()),
        });
    }
    let mut positions = Positions::new(Position { line: 1, column: 1, span: 0..0 });
    let root = located(text, tree, "", &mut positions);
    Ok((root, positions))
}

fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_depth: 32,
        },
    }
}

fn syntax_problem(position: Position, message: &str) -> YamlProblem {
    // The place is told apart from the message.
    let message = message.split(" at line ").next().unwrap_or(message);
    let (message, hint) = if message.contains("budget") || message.contains("limit") {
        let hint =
            "a catalogue has at most ten thousand jobs, and aliases that repeat each other count as often";
        ("the file holds more than a catalogue can".to_owned(), Some(hint.to_owned()))
    } else if message.contains("multiple") && message.contains("document") {
        let hint = "write one file for each catalogue, without `---` between them";
        ("the file holds more than one document".to_owned(), Some(hint.to_owned()))
    } else if let Some(key) = message.strip_prefix("duplicate mapping key: ") {
        let key = key.split(", set ").next().unwrap_or(key);
        (format!("the key `{key}` stands here twice"), Some("keep one of them".to_owned()))
    } else {
        let hint = "look at this line and the one before: indentation with spaces, quotes and brackets that end, texts with `: ` in quotes";
        (format!("this is no YAML: {message}"), Some(hint.to_owned()))
    };
    YamlProblem { position, path: String::new(), message, hint }
}

/// Turns the tree of the reader into ours, and notes where each value stands.
fn located(text: &str, tree: Spanned<Raw>, path: &str, positions: &mut Positions) -> Node {
    let position = position(text, &tree.referenced);
    if !path.is_empty() {
        positions.insert(path.to_owned(), position.clone());
    }
    let value = match tree.value {
        Raw::Nothing => Value::Nothing,
        Raw::Truth(truth) => Value::Truth(truth),
        Raw::Number(number) => {
            let written = text.get(position.span.clone()).unwrap_or_default().trim();
            Value::Number(if written.is_empty() || written.starts_with('*') {
                number
            } else {
                written.to_owned()
            })
        }
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => Value::List(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| located(text, item, &format!("{path}[{index}]"), positions))
                .collect(),
        ),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let name = key.value.as_key();
                    let inner = if path.is_empty() { name } else { format!("{path}.{name}") };
                    let key_node = Node {
                        position: self::position(text, &key.referenced),
                        value: Value::Text(key.value.as_key()),
                    };
                    let mut value = located(text, value, &inner, positions);
                    if value.position.span.is_empty() {
                        // What stands for nothing has no place of its own.
                        value.position = key_node.position.clone();
                        positions.insert(inner, key_node.position.clone());
                    }
                    (key_node, value)
                })
                .collect(),
        ),
    };
    Node { position, value }
}

fn position(text: &str, place: &Location) -> Position {
    let span = place.span();
    let line = usize::try_from(place.line()).unwrap_or(1).max(1);
    let column = usize::try_from(place.column()).unwrap_or(1).max(1);
    // Of what is no YAML, the reader knows line and column alone.
    let start = span.byte_offset().map_or_else(|| offset(text, line, column), |start| start as usize);
    let length = span.byte_len().unwrap_or(0) as usize;
    let start = start.min(text.len());
    let end = start.saturating_add(length).min(text.len());
    Position { line, column, span: start..end }
}

/// How many bytes stand before a line and a column.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
    let within = lines.next().unwrap_or_default().trim_end_matches(['\r', '\n']);
    before + within.char_indices().nth(column - 1).map_or(within.len(), |(at, _)| at)
}

/// A value as the reader of YAML hands it over.
enum Raw {
    Nothing,
    Truth(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl Raw {
    /// The key that it is, or what shows that it cannot be one.
    fn as_key(&self) -> String {
        match self {
            Self::Nothing => "null".to_owned(),
            Self::Truth(truth) => truth.to_string(),
            Self::Number(text) | Self::Text(text) => text.clone(),
            Self::List(_) => "[…]".to_owned(),
            Self::Map(_) => "{…}".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_none<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Truth(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

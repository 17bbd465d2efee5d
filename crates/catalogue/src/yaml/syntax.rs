//! Reads a text into a tree, or says why it is no YAML.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::ExternalMessageSource::Parser;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{DefaultMessageFormatter, Error, Location, MessageFormatter, Options, Spanned};

use super::node::{Entry, Node, Value};
use super::position::Position;
use super::problem::YamlProblem;
use crate::text::shown;

/// The largest text that is read: 4 MiB.
pub const MAX_BYTES: usize = 4 << 20;

/// The most jobs that a text may have. What follows from so many takes less than 200 MB of memory,
/// whatever they say.
pub const MAX_JOBS: usize = 10_000;

/// What to do with a catalogue that is too large.
pub(super) const TOO_MANY_HINT: &str = "divide the jobs among several catalogues";

/// The most values that a catalogue may have, keys among them: [`MAX_JOBS`] with thresholds of
/// their own for two alerts each.
const MAX_NODES: usize = 240_000;

/// How much of a text may be repeated by aliases: thresholds that ten thousand jobs have in common,
/// say.
const MAX_REPEATED: usize = 100_000;

/// How deep values may lie within one another. A catalogue needs five levels.
const MAX_DEPTH: usize = 32;

/// How much a text may hold, and what to say when it holds more.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most bytes of a text.
    pub bytes: usize,
    /// The most values, keys among them.
    pub values: usize,
    /// What to do with a text that is longer.
    pub too_long: &'static str,
    /// That it holds more values.
    pub too_much: Explained,
    /// That its values are nested deeper than they can mean anything.
    pub too_deep: Explained,
}

/// A message and what to do.
pub type Explained = (&'static str, &'static str);

/// What a catalogue may hold.
const CATALOGUE: Bounds = Bounds {
    bytes: MAX_BYTES,
    values: MAX_NODES,
    too_long: TOO_MANY_HINT,
    too_much: ("the file holds more than 240,000 values, keys among them", TOO_MANY_HINT),
    too_deep: (
        "values are nested too deep",
        "a catalogue is nested no deeper than `jobs`, a job, `thresholds`, an alert and its keys",
    ),
};

/// Reads a text that has to hold one YAML document, a catalogue.
pub(super) fn read(text: &str) -> Result<Node, YamlProblem> {
    let bounds = &CATALOGUE;
    not_too_long(text, bounds)?;
    let root: Result<Node, Error> = serde_saphyr::from_str_with_options(text, options(bounds));
    let mut root = root.map_err(|error| problem(text, &error, bounds))?;
    if matches!(root.value, Value::Nothing) {
        return Err(whole("the file is empty".to_owned(), "a catalogue has at least `service` and `jobs`"));
    }
    settle(&mut root, text);
    Ok(root)
}

/// Reads a text of any number of YAML documents that are no catalogues. Of what is empty there is
/// none.
///
/// # Errors
///
/// [`YamlProblem`] says where the text is no YAML, or which of the bounds it exceeds.
pub fn documents(text: &str, bounds: &Bounds) -> Result<Vec<Node>, YamlProblem> {
    not_too_long(text, bounds)?;
    let documents: Result<Vec<Node>, Error> = serde_saphyr::from_multiple_with_options(text, options(bounds));
    let mut documents = documents.map_err(|error| problem(text, &error, bounds))?;
    documents.retain(|document| !matches!(document.value, Value::Nothing));
    documents.iter_mut().for_each(|document| settle(document, text));
    Ok(documents)
}

fn not_too_long(text: &str, bounds: &Bounds) -> Result<(), YamlProblem> {
    if text.len() <= bounds.bytes {
        return Ok(());
    }
    let message = format!("the file has {} bytes: at most {} are read", text.len(), bounds.bytes);
    Err(whole(message, bounds.too_long))
}

fn problem(text: &str, error: &Error, bounds: &Bounds) -> YamlProblem {
    let position = match error.location() {
        Some(place) => in_text(text, position(&place)),
        None => Position::in_text(text, 0..0),
    };
    let (message, hint) = explained(error, bounds);
    YamlProblem { position, path: String::new(), message, hint: Some(hint.to_owned()) }
}

fn whole(message: String, hint: &str) -> YamlProblem {
    YamlProblem { position: Position::START, path: String::new(), message, hint: Some(hint.to_owned()) }
}

fn options(bounds: &Bounds) -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        budget: serde_saphyr::budget! {
            max_nodes: bounds.values,
            max_events: 4 * bounds.values,
            max_depth: MAX_DEPTH,
        },
    }
}

const TWO_DOCUMENTS: Explained = (
    "the file holds more than one document",
    "write one file for each catalogue, without `---` between them",
);
const TOO_MUCH_REPEATED: Explained = (
    "aliases repeat more than 100,000 values",
    "repeat less by aliases: what all jobs share can stand once, under `defaults`",
);
const REPEATS_ITSELF: Explained = (
    "this alias stands within what it repeats",
    "write out what is repeated, or put a text that starts with `*` in quotes",
);
const UNKNOWN_ANCHOR: Explained = (
    "this alias names no anchor",
    "name an anchor that stands above, or put a text that starts with `*` in quotes",
);
const NO_YAML: &str = "look at this line and the one before: indentation with spaces, quotes and brackets that end, \
                       texts with `: ` in quotes";

/// Returns what an error of the reader means for whoever writes the text, and what to do.
fn explained(error: &Error, bounds: &Bounds) -> (String, &'static str) {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => explained(error, bounds),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => told(bounds.too_deep),
            BudgetBreach::Documents { .. } => told(TWO_DOCUMENTS),
            _ => told(bounds.too_much),
        },
        Error::AliasReplayStackDepthExceeded { .. } => told(bounds.too_deep),
        Error::MultipleDocuments { .. } => told(TWO_DOCUMENTS),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. } => told(TOO_MUCH_REPEATED),
        Error::RecursiveReferencesRequireWeakTypes { .. } => told(REPEATS_ITSELF),
        Error::NonFiniteFloat { value, .. } => {
            (format!("`{}` is no number that is read here", shown(value)), "write the number with its digits")
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{}` stands here twice", shown(key)), "keep one of them")
        }
        Error::DuplicateMappingKey { key: None, .. } => {
            ("a key stands here twice".to_owned(), "keep one of them")
        }
        Error::UnknownAnchor { .. } => told(UNKNOWN_ANCHOR),
        Error::ExternalMessage { source, .. } => match &**source {
            Parser(scan) if matches!(scan.kind(), ErrorKind::RecursionLimitExceeded) => told(bounds.too_deep),
            Parser(scan) if matches!(scan.kind(), ErrorKind::UnknownAnchor) => told(UNKNOWN_ANCHOR),
            _ => no_yaml(error),
        },
        _ => no_yaml(error),
    }
}

fn told((message, hint): Explained) -> (String, &'static str) {
    (message.to_owned(), hint)
}

fn no_yaml(error: &Error) -> (String, &'static str) {
    let message = DefaultMessageFormatter.format_message(error);
    (format!("this is no YAML: {}", shown(&message)), NO_YAML)
}

/// Returns the reader's position. Its bytes are `usize::MAX` where the reader does not know them.
fn position(place: &Location) -> Position {
    let span = place.span();
    let known = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
    // Only of what is no YAML does the reader not know the bytes.
    let start = known(span.byte_offset()).unwrap_or(usize::MAX);
    Position {
        line: usize::try_from(place.line()).unwrap_or(1).max(1),
        column: usize::try_from(place.column()).unwrap_or(1).max(1),
        span: start..start.saturating_add(known(span.byte_len()).unwrap_or(0)),
    }
}

/// Returns a place whose bytes are bytes of the text.
fn in_text(text: &str, mut position: Position) -> Position {
    if position.span.start == usize::MAX {
        let start = offset(text, position.line, position.column);
        position.span = start..start;
    }
    let start = position.span.start.min(text.len());
    position.span = start..position.span.end.clamp(start, text.len());
    position
}

/// Returns how many bytes stand before a line and a column.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
    let within = lines.next().unwrap_or_default().trim_end_matches(['\r', '\n']);
    before + within.char_indices().nth(column - 1).map_or(within.len(), |(at, _)| at)
}

/// Completes what the reader handed over: numbers as they are written, entries ordered by key,
/// places where there was none.
fn settle(node: &mut Node, text: &str) {
    // The reader knows the bytes of every value of a text.
    node.position.span.start = node.position.span.start.min(text.len());
    node.position.span.end = node.position.span.end.clamp(node.position.span.start, text.len());
    match &mut node.value {
        Value::Number(number) => {
            let written = text.get(node.position.span.clone()).unwrap_or_default().trim();
            if !(written.is_empty() || written.starts_with('*')) {
                written.clone_into(number);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| settle(item, text)),
        Value::Map(entries) => {
            for entry in entries.iter_mut() {
                settle(&mut entry.node, text);
                if entry.node.position.span.is_empty() {
                    // What stands for nothing has no place of its own.
                    entry.node.position = entry.key_position.clone();
                }
            }
            entries.sort_by(|a, b| a.key.cmp(&b.key));
        }
        _ => {}
    }
}

impl Value {
    /// Returns the key that it is, or what shows that it cannot be one.
    fn into_key(self) -> String {
        match self {
            Self::Nothing => "null".to_owned(),
            Self::Truth(truth) => truth.to_string(),
            Self::Number(text) | Self::Text(text) => text,
            Self::List(_) => "[…]".to_owned(),
            Self::Map(_) => "{…}".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { position: position(&referenced), value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Truth(truth))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        // A text may hold very many lists and maps, and each would keep room for more than it has.
        items.shrink_to_fit();
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Node, Node>()? {
            entries.push(Entry { key: key.value.into_key(), key_position: key.position, node });
        }
        entries.shrink_to_fit();
        Ok(Value::Map(entries))
    }
}

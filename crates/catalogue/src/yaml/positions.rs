//! Where the values of a catalogue stand in its text.

use super::node::{Entry, Node, Value};
use super::position::Position;

/// The places of a catalogue's values and keys by their paths, as `jobs[2].timeout` or
/// `alerts.NAME.above`.
///
/// The default is for a catalogue that was built in Rust: everything is at the beginning of the
/// text.
#[derive(Debug, Clone)]
pub struct Positions {
    root: Node,
}

impl Default for Positions {
    fn default() -> Self {
        Self::new(Node { position: Position::START, value: Value::Nothing })
    }
}

impl Positions {
    pub(super) fn new(root: Node) -> Self {
        Self { root }
    }

    /// Returns where the value of this path stands, or the nearest value around it that the text
    /// has.
    pub fn of(&self, path: &str) -> &Position {
        self.find(path).value
    }

    /// Returns where the key of this path stands, or what [`Positions::of`] returns if it has none.
    ///
    /// ```
    /// let text = "service: shop\n\
    ///             jobs: [{name: bill, summary: Bills., interval: 5m, timeout: 1m}]\n";
    /// let positions = jobwatch_catalogue::yaml::parse(text)?.positions;
    /// assert_eq!(positions.key_of("jobs[0].timeout").column, 52);
    /// assert_eq!(positions.of("jobs[0].timeout").column, 61);
    /// # Ok::<(), jobwatch_catalogue::yaml::YamlError>(())
    /// ```
    pub fn key_of(&self, path: &str) -> &Position {
        let found = self.find(path);
        found.key.unwrap_or(found.value)
    }

    fn find(&self, path: &str) -> Found<'_> {
        let mut found = Found { key: None, value: &Position::START };
        let (mut node, mut rest) = (&self.root, path);
        while !rest.is_empty() {
            let step = match &node.value {
                Value::Map(entries) => {
                    keyed(entries, rest).map(|(entry, left)| (Some(entry), &entry.node, left))
                }
                Value::List(items) => indexed(items, rest).map(|(item, left)| (None, item, left)),
                _ => None,
            };
            let Some((entry, next, left)) = step else {
                return Found { key: None, ..found };
            };
            found = Found { key: entry.map(|entry| &entry.key_position), value: &next.position };
            (node, rest) = (next, left);
        }
        found
    }
}

struct Found<'a> {
    /// The place of the key, if the whole path was found and ends with one.
    key: Option<&'a Position>,
    value: &'a Position,
}

/// Returns the entry that a path begins with, and what is left of the path. Keys may hold dots: the
/// longest that fits is taken.
fn keyed<'a, 'p>(entries: &'a [Entry], path: &'p str) -> Option<(&'a Entry, &'p str)> {
    let mut end = path.len();
    loop {
        if let Some(entry) = Entry::find(entries, &path[..end]) {
            let left = &path[end..];
            return Some((entry, left.strip_prefix('.').unwrap_or(left)));
        }
        end = path[..end].rfind(['.', '['])?;
    }
}

/// Returns the item that a path begins with, and what is left of the path.
fn indexed<'a, 'p>(items: &'a [Node], path: &'p str) -> Option<(&'a Node, &'p str)> {
    let (index, left) = path.strip_prefix('[')?.split_once(']')?;
    let item = items.get(index.parse::<usize>().ok()?)?;
    Some((item, left.strip_prefix('.').unwrap_or(left)))
}

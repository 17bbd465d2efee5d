//! Rule files within a ConfigMap, as the sidecars of Prometheus and Grafana load them.

use jobwatch_catalogue::yaml::{Entry, Node, Position, Value};

use super::error::RuleFileError;
use super::rule::{Located, Named, RuleGroup};

/// How the keys of rule files end. What has another may be anything.
const RULE_FILES: [&str; 3] = [".yaml", ".yml", ".rules"];

/// Returns the data of a ConfigMap whose keys are names of YAML files, each with its text. None of
/// a document that is something else.
pub(super) fn data(document: &Node) -> Vec<(&Node, &str)> {
    let Value::Map(entries) = &document.value else { return Vec::new() };
    let kind = Entry::find(entries, "kind").map(|kind| &kind.node.value);
    if !matches!(kind, Some(Value::Text(kind)) if kind == "ConfigMap") {
        return Vec::new();
    }
    let Some(Value::Map(data)) = Entry::find(entries, "data").map(|data| &data.node.value) else {
        return Vec::new();
    };
    let files = data.iter().filter(|entry| RULE_FILES.iter().any(|end| entry.key.ends_with(end)));
    files
        .filter_map(|entry| match &entry.node.value {
            Value::Text(text) => Some((&entry.node, text.as_str())),
            _ => None,
        })
        .collect()
}

/// Where the lines of a file within another one stand.
pub(super) struct Within<'a> {
    field: &'a Position,
    /// `None` if the file is not written as it is, but in quotes or folded: then all that is known
    /// is where it stands.
    block: Option<Block>,
}

/// A block that keeps lines as they are.
struct Block {
    /// The number of its first line.
    line: usize,
    /// By how much its lines are indented.
    indentation: usize,
    /// Where each line starts, in the file within it and in the text around it.
    starts: Vec<(usize, usize)>,
}

impl<'a> Within<'a> {
    /// The file in a field of a text.
    pub(super) fn new(text: &str, field: &'a Position, file: &str) -> Self {
        Self { field, block: block(text, field, file) }
    }

    /// Returns where something stands in the text around the file.
    pub(super) fn around(&self, inner: &Position) -> Position {
        let Some(Block { line, indentation, starts }) = &self.block else { return self.field.clone() };
        let byte = |at: usize| {
            let line = starts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
            let (inner_start, outer_start) = starts[line];
            outer_start + (at - inner_start)
        };
        Position {
            line: line + inner.line - 1,
            column: indentation + inner.column,
            span: byte(inner.span.start)..byte(inner.span.end),
        }
    }

    /// Moves all that stands in a group to where it stands in the text around the file.
    pub(super) fn move_group(&self, group: &mut RuleGroup) {
        let one = |field: &mut Located<String>| field.position = self.around(&field.position);
        let RuleGroup { name, interval, limit, rules, document: _, other_keys } = group;
        [name].into_iter().chain(interval).chain(limit).chain(other_keys).for_each(one);
        for rule in rules {
            rule.position = self.around(&rule.position);
            let optional = rule.hold.iter_mut().chain(&mut rule.keep_firing_for).chain(&mut rule.other_keys);
            [&mut rule.name, &mut rule.expression].into_iter().chain(optional).for_each(one);
            let named = rule.labels.iter_mut().chain(&mut rule.annotations);
            named.flat_map(|Named { name, text }| [name, text]).for_each(one);
        }
    }

    /// Returns an error in the file as one in the text around it.
    pub(super) fn moved(&self, error: RuleFileError) -> RuleFileError {
        RuleFileError { position: self.around(&error.position), ..error }
    }
}

/// Returns the block that a field is. `None` if it is none that keeps lines as they are.
fn block(text: &str, field: &Position, file: &str) -> Option<Block> {
    // The place of a block is that of its first words; its sign stands in a line before.
    let before = text.get(..field.span.start)?.trim_end();
    if !before.split_whitespace().next_back()?.starts_with('|') {
        return None;
    }
    let begin = before.len() + text[before.len()..].find('\n')? + 1;
    let blank_lines = text.get(begin..field.span.start)?.matches('\n').count();
    let mut indentation = None;
    let mut starts = Vec::new();
    let (mut inner_start, mut outer_start) = (0, begin);
    for inner in file.split('\n') {
        let rest = &text[outer_start..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let outer = rest[..length].trim_end_matches('\r');
        let before = match inner.is_empty() {
            // Of an empty line, the indentation may be left out.
            true => outer.len(),
            false => outer.strip_suffix(inner)?.len(),
        };
        if !inner.is_empty() && *indentation.get_or_insert(before) != before {
            return None;
        }
        starts.push((inner_start, outer_start + before));
        inner_start += inner.len() + 1;
        outer_start = (outer_start + length + 1).min(text.len());
    }
    Some(Block { line: field.line - blank_lines, indentation: indentation?, starts })
}

//! From a text to groups of rules.

use jobwatch_catalogue::yaml::{Bounds, Entry, Node, Position, Value, documents};

use super::config_map::{Within, data};
use super::error::RuleFileError;
use super::rule::{Located, Named, Rule, RuleGroup, RuleKind};

/// The largest text that is read: 16 MiB.
pub const MAX_BYTES: usize = 16 << 20;

const BOUNDS: Bounds = Bounds {
    bytes: MAX_BYTES,
    values: 1_000_000,
    too_long: "divide the rules among several files",
    too_much: (
        "the file holds more than 1,000,000 values, keys among them",
        "divide the rules among several files",
    ),
    too_deep: (
        "values are nested too deep",
        "a rule file is nested no deeper than `groups`, `rules`, `labels`",
    ),
};

/// The keys of a rule file: that of Prometheus, and that of Mimir.
const OF_FILES: [&str; 2] = ["groups", "namespace"];

/// How deep lists of manifests may lie within one another.
const MOST_LISTS: usize = 4;

/// Reads the groups of a text, in their order.
///
/// # Errors
///
/// [`RuleFileError`] says what is wrong, and where: the text is no YAML, is longer than
/// [`MAX_BYTES`], holds no `groups` at all, or what Prometheus would refuse: a rule without
/// expression or name, a value that is no text.
pub fn read(text: &str) -> Result<Vec<RuleGroup>, RuleFileError> {
    let mut groups = Vec::new();
    let mut is_rule_file = false;
    for document in documents(text, &BOUNDS)? {
        is_rule_file |= of_document(text, &document, MOST_LISTS, &mut groups)?;
    }
    if is_rule_file {
        return Ok(groups);
    }
    let hint = "a rule file has `groups`, a manifest has them in `spec`, and a ConfigMap has such files as its `data`";
    Err(RuleFileError::new(&Position::START, "there are no groups of rules in this file", hint))
}

/// Adds the groups of a document of a text. Returns whether it is about rules at all.
fn of_document(
    text: &str,
    document: &Node,
    most_lists: usize,
    groups: &mut Vec<RuleGroup>,
) -> Result<bool, RuleFileError> {
    if of_rules(document, groups)? {
        return Ok(true);
    }
    let mut is_rule_file = false;
    for (node, file) in data(document) {
        let within = Within::new(text, &node.position, file);
        let mut inner = Vec::new();
        let found = of_file(file, &mut inner).map_err(|error| within.moved(error))?;
        is_rule_file |= found;
        let documents = next_document(groups);
        inner.iter_mut().for_each(|group| {
            within.move_group(group);
            group.document += documents;
        });
        groups.append(&mut inner);
    }
    let Value::Map(entries) = &document.value else { return Ok(false) };
    let Some(Value::List(items)) = Entry::find(entries, "items").map(|items| &items.node.value) else {
        return Ok(is_rule_file);
    };
    for item in items.iter().filter(|_| most_lists > 0) {
        is_rule_file |= of_document(text, item, most_lists - 1, groups)?;
    }
    Ok(is_rule_file)
}

/// Adds the groups of a file within a ConfigMap. Returns whether it is about rules at all.
fn of_file(text: &str, groups: &mut Vec<RuleGroup>) -> Result<bool, RuleFileError> {
    let mut is_rule_file = false;
    for document in documents(text, &BOUNDS)? {
        is_rule_file |= of_rules(&document, groups)?;
    }
    Ok(is_rule_file)
}

/// Adds the groups that a document has right in it, or in its `spec`. Returns whether it has any.
fn of_rules(document: &Node, groups: &mut Vec<RuleGroup>) -> Result<bool, RuleFileError> {
    let Value::Map(entries) = &document.value else { return Ok(false) };
    let is_file = Entry::find(entries, "groups").is_some() && Entry::find(entries, "kind").is_none();
    if let Some(other) = entries.iter().find(|entry| is_file && !OF_FILES.contains(&entry.key.as_str())) {
        let message = format!("a rule file has no key `{}`: Prometheus refuses the file", other.key);
        return Err(RuleFileError::new(&other.key_position, message, "remove it, and what stands below"));
    }
    let found = Entry::find(entries, "groups").or_else(|| match &Entry::find(entries, "spec")?.node.value {
        Value::Map(spec) => Entry::find(spec, "groups"),
        _ => None,
    });
    let Some(found) = found else { return Ok(false) };
    let document = next_document(groups);
    for node in list(&found.node, "groups")? {
        groups.push(group(node, document)?);
    }
    Ok(true)
}

fn next_document(groups: &[RuleGroup]) -> usize {
    groups.last().map_or(0, |last| last.document + 1)
}

fn group(node: &Node, document: usize) -> Result<RuleGroup, RuleFileError> {
    let mut fields = Fields::of(node, "a group")?;
    let name = fields.text("name")?.ok_or_else(|| missing(node, "a group", "`name`"))?;
    let interval = fields.text("interval")?;
    let limit = fields.text("limit")?;
    let rules = match fields.take("rules") {
        Some(rules) => list(&rules.node, "rules")?.iter().map(rule).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    Ok(RuleGroup { name, interval, limit, rules, document, other_keys: fields.others() })
}

fn rule(node: &Node) -> Result<Rule, RuleFileError> {
    let mut fields = Fields::of(node, "a rule")?;
    let (kind, name) = match (fields.text("alert")?, fields.text("record")?) {
        (Some(alert), None) => (RuleKind::Alert, alert),
        (None, Some(record)) => (RuleKind::Record, record),
        (Some(_), Some(record)) => {
            let hint = "write two rules";
            return Err(RuleFileError::new(&record.position, "a rule either alerts or records", hint));
        }
        (None, None) => return Err(missing(node, "a rule", "`alert` or `record`")),
    };
    let expression = fields.text("expr")?.ok_or_else(|| missing(node, "a rule", "`expr`"))?;
    Ok(Rule {
        position: node.position.clone(),
        kind,
        name,
        expression,
        hold: fields.text("for")?,
        keep_firing_for: fields.text("keep_firing_for")?,
        labels: fields.texts("labels")?,
        annotations: fields.texts("annotations")?,
        other_keys: fields.others(),
    })
}

fn missing(node: &Node, what: &str, key: &str) -> RuleFileError {
    RuleFileError::new(&node.position, format!("{what} without {key}"), format!("add {key}"))
}

fn list<'a>(node: &'a Node, key: &str) -> Result<&'a [Node], RuleFileError> {
    match &node.value {
        Value::List(items) => Ok(items),
        Value::Nothing => Ok(&[]),
        other => Err(not(node, &format!("`{key}` is a list"), other)),
    }
}

fn not(node: &Node, expected: &str, found: &Value) -> RuleFileError {
    let message = format!("{expected}, and this is {}", found.kind());
    RuleFileError::new(&node.position, message, "look at the indentation, and put a text in quotes")
}

/// The entries of a map, each of which is taken once.
struct Fields<'a> {
    entries: &'a [Entry],
    taken: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    fn of(node: &'a Node, what: &str) -> Result<Self, RuleFileError> {
        match &node.value {
            Value::Map(entries) => Ok(Self { entries, taken: Vec::new() }),
            other => Err(not(node, &format!("{what} has keys with values"), other)),
        }
    }

    fn take(&mut self, key: &str) -> Option<&'a Entry> {
        let entry = Entry::find(self.entries, key)?;
        self.taken.push(&entry.key);
        Some(entry)
    }

    /// Takes a text. One that stands for nothing is as good as none.
    fn text(&mut self, key: &str) -> Result<Option<Located<String>>, RuleFileError> {
        let Some(entry) = self.take(key) else { return Ok(None) };
        match &entry.node.value {
            Value::Nothing => Ok(None),
            _ => text(key, &entry.node).map(Some),
        }
    }

    /// Takes a map of texts.
    fn texts(&mut self, key: &str) -> Result<Vec<Named>, RuleFileError> {
        let Some(entry) = self.take(key) else { return Ok(Vec::new()) };
        match &entry.node.value {
            Value::Nothing => Ok(Vec::new()),
            Value::Map(entries) => {
                let named =
                    |entry: &Entry| Ok(Named { name: key_of(entry), text: text(&entry.key, &entry.node)? });
                entries.iter().map(named).collect()
            }
            other => Err(not(&entry.node, &format!("`{key}` has keys with values"), other)),
        }
    }

    /// Returns the keys that were not taken.
    fn others(&self) -> Vec<Located<String>> {
        let others = self.entries.iter().filter(|entry| !self.taken.contains(&entry.key.as_str()));
        others.map(key_of).collect()
    }
}

fn key_of(entry: &Entry) -> Located<String> {
    Located { value: entry.key.clone(), position: entry.key_position.clone() }
}

/// Returns what is written, as Prometheus takes it for a text: a number as it is written.
fn text(key: &str, node: &Node) -> Result<Located<String>, RuleFileError> {
    let value = match &node.value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::Truth(truth) => truth.to_string(),
        Value::Nothing => String::new(),
        other @ (Value::List(_) | Value::Map(_)) => {
            return Err(not(node, &format!("`{key}` is a text"), other));
        }
    };
    Ok(Located { value, position: node.position.clone() })
}

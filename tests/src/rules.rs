//! The rules of a file, as values that can be changed and written again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_yaml::Mapping;

/// The groups of a rule file.
#[derive(Debug, Serialize, Deserialize)]
pub struct RuleFile {
    /// In the order of the file.
    pub groups: Vec<Group>,
}

/// A group, whose rules are evaluated one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

/// A rule, as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it records. `None` if it alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Its alert. `None` if it records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// Its expression.
    pub expr: String,
    /// Its `for`.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// The labels that it adds.
    #[serde(default, skip_serializing_if = "Mapping::is_empty")]
    pub labels: Mapping,
    /// What it says.
    #[serde(default, skip_serializing_if = "Mapping::is_empty")]
    pub annotations: Mapping,
}

impl RuleFile {
    /// Reads a file.
    ///
    /// # Panics
    ///
    /// When it is none of rules.
    #[track_caller]
    pub fn read(text: &str) -> Self {
        serde_yaml::from_str(text).unwrap_or_else(|error| panic!("no rules: {error}"))
    }

    /// Returns the names of all that is recorded.
    pub fn recorded(&self) -> BTreeSet<&str> {
        self.rules().filter_map(|rule| rule.record.as_deref()).collect()
    }

    /// Returns the rules of all groups, in their order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }

    /// Returns what each rule reads of the others, by name.
    pub fn reads(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let recorded = self.recorded();
        let names: BTreeSet<&str> = self.rules().map(Rule::name).collect();
        let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for rule in self.rules() {
            reads.entry(rule.name()).or_default().extend(rule.reads(&names, &recorded));
        }
        reads
    }
}

impl Rule {
    /// Returns the name of what it records, or of its alert.
    pub fn name(&self) -> &str {
        self.record.as_deref().or(self.alert.as_deref()).unwrap_or_default()
    }

    /// Returns the name of the rule where several alerts share one: each escalates a warning.
    pub fn title(&self) -> String {
        match self.labels.get("escalates").and_then(|warning| warning.as_str()) {
            Some(warning) => format!("{} of {warning}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Returns which of some rules it reads, by name: in its expression or in a text that asks for
    /// a series. An alert reads another one as a label of `ALERTS`.
    fn reads<'a>(&'a self, names: &BTreeSet<&str>, recorded: &BTreeSet<&str>) -> BTreeSet<&'a str> {
        let texts = self.annotations.values().filter_map(|text| text.as_str());
        let asked = texts.flat_map(words).filter(|word| recorded.contains(word));
        words(&self.expr).filter(|word| names.contains(word)).chain(asked).collect()
    }

    /// Returns the same rule about copies of some rules, whose names end in a mark.
    pub fn marked(&self, copied: &BTreeSet<&str>, recorded: &BTreeSet<&str>, mark: &str) -> Self {
        let copied_series: BTreeSet<&str> = copied.intersection(recorded).copied().collect();
        let mut rule = self.clone();
        for name in rule.record.iter_mut().chain(rule.alert.iter_mut()) {
            name.push_str(mark);
        }
        rule.expr = marked(&self.expr, copied, mark);
        for (_, text) in &mut rule.annotations {
            let new = text.as_str().map(|text| marked(text, &copied_series, mark));
            *text = new.map_or_else(|| text.clone(), Into::into);
        }
        rule
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// Returns what could be names in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_word(c)).filter(|word| !word.is_empty())
}

/// Returns a text in which some names end in a mark.
pub fn marked(text: &str, names: &BTreeSet<&str>, mark: &str) -> String {
    let pieces = text.split_inclusive(|c| !is_of_word(c));
    pieces
        .map(|piece| {
            let word = piece.trim_end_matches(|c| !is_of_word(c));
            let behind = &piece[word.len()..];
            let mark = if names.contains(word) { mark } else { "" };
            [word, mark, behind].concat()
        })
        .collect()
}

/// Returns what follows from a rule, itself among it, where it is known what each reads.
pub fn following<'a>(name: &'a str, reads: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([name]);
    loop {
        let readers = reads.iter().filter(|(_, reads)| !reads.is_disjoint(&found));
        let more: Vec<&str> =
            readers.map(|(reader, _)| *reader).filter(|name| !found.contains(name)).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

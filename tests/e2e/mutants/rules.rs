//! The rules of a file, as values that can be changed and written again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_yaml::Mapping;

/// The groups of a rule file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleFile {
    pub(super) groups: Vec<Group>,
}

/// A group, whose rules are evaluated one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

/// A rule, as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alert: Option<String>,
    pub(super) expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(super) waits: Option<String>,
    #[serde(default, skip_serializing_if = "Mapping::is_empty")]
    pub(super) labels: Mapping,
    #[serde(default, skip_serializing_if = "Mapping::is_empty")]
    pub(super) annotations: Mapping,
}

impl RuleFile {
    pub(super) fn read(text: &str) -> Self {
        serde_yaml::from_str(text).unwrap()
    }

    /// Returns the names of all that is recorded.
    pub(super) fn recorded(&self) -> BTreeSet<&str> {
        self.rules().filter_map(|rule| rule.record.as_deref()).collect()
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

impl Rule {
    /// Returns the name of what it records, or of its alert.
    pub(super) fn name(&self) -> &str {
        self.record.as_deref().or(self.alert.as_deref()).unwrap_or_default()
    }

    /// Returns the name of the rule where several alerts share one: each escalates a warning.
    pub(super) fn title(&self) -> String {
        match self.labels.get("escalates").and_then(|warning| warning.as_str()) {
            Some(warning) => format!("{} of {warning}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Returns which of some rules it reads, by name: in its expression or in a text that asks for
    /// a series. An alert reads another one as a label of `ALERTS`.
    pub(super) fn reads<'a>(
        &'a self,
        names: &BTreeSet<&str>,
        recorded: &BTreeSet<&str>,
    ) -> BTreeSet<&'a str> {
        let texts = self.annotations.values().filter_map(|text| text.as_str());
        let asked = texts.flat_map(words).filter(|word| recorded.contains(word));
        words(&self.expr).filter(|word| names.contains(word)).chain(asked).collect()
    }

    /// Returns the same rule about copies of some rules, whose names end in a mark.
    pub(super) fn marked(&self, copied: &BTreeSet<&str>, recorded: &BTreeSet<&str>, mark: &str) -> Self {
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
pub(super) fn marked(text: &str, names: &BTreeSet<&str>, mark: &str) -> String {
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

//! The names of alerts, and where texts have them.

use std::collections::HashMap;
use std::ops::Range;

/// The names of all alerts.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    by_name: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    /// Names, numbered from 0 on.
    pub(super) fn new(names: impl Iterator<Item = &'a str>) -> Self {
        Self { by_name: names.enumerate().map(|(number, name)| (name, number)).collect() }
    }

    /// Returns whether an alert has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns whether a text names an alert.
    pub(super) fn are_in(&self, text: &str) -> bool {
        words(text).any(|word| self.has(word))
    }

    /// Returns the numbers of the alerts that some texts name, each once, in their order. What
    /// stands in parentheses names one only if nothing else does.
    pub(super) fn named<'t>(&self, texts: impl Iterator<Item = &'t str> + Clone) -> Vec<usize> {
        let outside = texts.clone().flat_map(|text| text.split('(').enumerate()).map(|(number, part)| {
            if number == 0 { part } else { part.split_once(')').map_or("", |(_, behind)| behind) }
        });
        let alerts = self.numbers(outside.flat_map(words));
        if alerts.is_empty() { self.numbers(texts.flat_map(words)) } else { alerts }
    }

    fn numbers<'t>(&self, words: impl Iterator<Item = &'t str>) -> Vec<usize> {
        let mut alerts = Vec::new();
        for alert in words.filter_map(|word| self.by_name.get(word)) {
            if !alerts.contains(alert) {
                alerts.push(*alert);
            }
        }
        alerts
    }

    /// Returns the parts of a text that look like names of alerts and are none, beside others.
    pub(super) fn unknown(&self, text: &str) -> Vec<Range<usize>> {
        let is_between =
            |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '&' | '|' | '`' | '[' | ']');
        let mut unknown = Vec::new();
        let mut at = 0;
        for part in text.split_inclusive(is_between) {
            let word = bare(part);
            let start = at + part.find(word).unwrap_or(0);
            at += part.len();
            if is_like_name(word) && !self.has(word) {
                unknown.push(start..start + word.len());
            }
        }
        unknown
    }
}

/// Returns the words of a text that may be names of alerts.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Returns a name without the marks around it.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Returns whether a word is written like the name of an alert: of several words in one.
pub(super) fn is_like_name(word: &str) -> bool {
    let is_small_before_large = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.as_bytes().windows(2).any(is_small_before_large)
}

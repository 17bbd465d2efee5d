//! The labels of a runbook's fields, and where the values behind them end.

use std::ops::Range;

use super::token::{TokenKind, tokens};
use crate::sentence::words::NEGATIONS;

/// What a field says about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Alert,
    Severity,
    Threshold,
}

const LABELS: [(&str, Label); 7] = [
    ("alert", Label::Alert),
    ("alert name", Label::Alert),
    ("alert names", Label::Alert),
    ("alert name(s)", Label::Alert),
    ("alertname", Label::Alert),
    ("severity", Label::Severity),
    ("threshold", Label::Threshold),
];

/// Words that go on with a condition, even behind a period: what they introduce is no remark.
const CONDITIONS: [&str; 12] =
    ["and", "but", "except", "if", "not", "only", "or", "unless", "until", "when", "where", "while"];

/// Words that make a condition less than it says.
const RESTRICTIONS: [&str; 7] = ["each", "mostly", "often", "per", "sometimes", "than", "usually"];

/// Returns the label that a text names. `None` if it names none.
pub(super) fn label(text: &str) -> Option<Label> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：'));
    LABELS.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, label)| label)
}

/// A label within a line.
pub(super) struct Labelled {
    pub(super) label: Label,
    /// Where it begins, with the signs that set it apart from what stands before.
    pub(super) start: usize,
    /// Where its value begins.
    pub(super) value: usize,
}

/// Returns the labels of a line: at its start, or behind a sign that separates fields.
pub(super) fn labels(line: &str) -> Vec<Labelled> {
    let mut found: Vec<Labelled> = Vec::new();
    for (colon, sign) in line.match_indices([':', '：']) {
        let free = found.last().map_or(0, |last| last.value);
        let before = &line[free..colon];
        let Some((name, label)) = ending(before.trim_end()) else { continue };
        // Signs may stand before it, as those of an item; behind another field, one of them has to
        // separate the two.
        let lead = &before[..before.trim_end().len() - name];
        let signs = lead.trim_end_matches(|c: char| !(c.is_alphanumeric() || is_colon(c))).len();
        let start = match lead[signs..].rfind(is_separator) {
            Some(separator) => {
                let end = |c: char| c.is_whitespace() || is_separator(c);
                Some(free + lead[..signs + separator].trim_end_matches(end).len())
            }
            None => (free + signs == 0).then_some(0),
        };
        found.extend(start.map(|start| Labelled { label, start, value: colon + sign.len() }));
    }
    found
}

/// Returns the label that a text ends in, and how many bytes it has.
fn ending(text: &str) -> Option<(usize, Label)> {
    let ends = |name: &str| {
        let start = text.len().checked_sub(name.len())?;
        let is_whole = !text.get(..start)?.ends_with(char::is_alphanumeric);
        (is_whole && text.get(start..)?.eq_ignore_ascii_case(name)).then_some(name.len())
    };
    LABELS
        .into_iter()
        .filter_map(|(name, label)| Some((ends(name)?, label)))
        .max_by_key(|(length, _)| *length)
}

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

fn is_separator(c: char) -> bool {
    matches!(c, '|' | '·' | '•' | ';' | ',' | '–' | '—' | '/')
}

/// Returns whether a sentence goes on in the next line of its paragraph. A large letter there
/// begins another sentence.
pub(super) fn goes_on(sentence: &str, next: &str) -> bool {
    let (sentence, next) = (sentence.trim_end(), next.trim_start());
    let Some(first) = next.chars().next() else { return false };
    if is_condition(next) || sentence.is_empty() {
        return true;
    }
    let is_over = sentence.ends_with(['.', '!', '?', ':', ';']);
    let continues =
        first.is_lowercase() || first.is_numeric() || matches!(first, '(' | '>' | '<' | '≥' | '≤');
    !is_over && continues
}

/// Returns the part of a value that is its sentence: without a sentence or a harmless parenthesis
/// that follows, and without the period at its end.
pub(super) fn sentence(value: &str) -> Range<usize> {
    let ends = value.match_indices(['.', '!', '?']);
    let end = ends.map(|(at, _)| at).find(|at| {
        let rest = &value[at + 1..];
        let next = rest.trim_start();
        rest.len() > next.len()
            && next.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_numeric() && c != '(')
            && !is_condition(next)
    });
    let mut sentence =
        value[..end.unwrap_or(value.len())].trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    while let Some(open) = remark(sentence) {
        sentence = sentence[..open].trim_end();
    }
    0..sentence.len()
}

/// Returns where a harmless remark in brackets begins that a sentence ends in; `None` if it ends in
/// none.
fn remark(sentence: &str) -> Option<usize> {
    let (open, inner) = match sentence.strip_suffix(')') {
        Some(inner) => (inner.rfind('(')?, inner),
        None => {
            let inner = sentence.strip_suffix(']')?;
            (inner.rfind('[')?, inner)
        }
    };
    let mut has_word = false;
    let is_harmless = tokens(&inner[open + 1..]).iter().all(|token| match &token.kind {
        TokenKind::Word(word) => {
            has_word = true;
            let word = word.as_str();
            ![NEGATIONS, &CONDITIONS, &RESTRICTIONS].iter().any(|group| group.contains(&word))
        }
        TokenKind::Separator | TokenKind::Slash | TokenKind::Unknown => true,
        _ => false,
    });
    (has_word && is_harmless && !sentence[..open].trim().is_empty()).then_some(open)
}

/// Returns whether a text begins with a word that goes on with a condition.
fn is_condition(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    CONDITIONS.iter().any(|condition| word.eq_ignore_ascii_case(condition))
}

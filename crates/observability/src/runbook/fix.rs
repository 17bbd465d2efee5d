//! Mends the severities and thresholds of a runbook.

use std::ops::Range;

use super::compare::{named, severity_of};
use super::judge::judge;
use super::section::{Field, read};
use super::sentence::sentence;
use crate::alerts::Alert;

/// The runbook with every severity and threshold as the alerts have them. Nothing else changes, and what is right already stays
/// as it is worded.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for entry in read(text).entries {
        let Some(alert) = entry.alert.as_ref().and_then(|field| named(alerts, &field.text)) else { continue };
        for field in entry.severities.iter().filter(|field| severity_of(&field.text) != Some(alert.severity))
        {
            edits.push((field.span.clone(), spaced(text, field, styled(field, &alert.severity.to_string()))));
        }
        for field in entry.thresholds.iter().filter(|field| !judge(&field.text, alert).is_empty()) {
            edits.push((field.span.clone(), spaced(text, field, sentence(alert))));
        }
    }
    edits.sort_by_key(|(span, _)| span.start);
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    for (span, replacement) in edits {
        mended.push_str(&text[at..span.start]);
        mended.push_str(&replacement);
        at = span.end;
    }
    mended.push_str(&text[at..]);
    mended
}

/// A value for a field that had none, apart from what stands around it.
fn spaced(text: &str, field: &Field, value: String) -> String {
    let is_tight = |c: Option<char>| field.span.is_empty() && c.is_some_and(|c| !c.is_whitespace());
    let before = if is_tight(text[..field.span.start].chars().next_back()) { " " } else { "" };
    let after = if is_tight(text[field.span.end..].chars().next()) { " " } else { "" };
    format!("{before}{value}{after}")
}

/// A new value with the marks of emphasis or code that the old one had around it.
fn styled(field: &Field, value: &str) -> String {
    let mark = |c: char| matches!(c, '*' | '_' | '`');
    let front = field.text.len() - field.text.trim_start_matches(mark).len();
    let back = field.text.trim_end_matches(mark).len();
    if front == 0 || back <= front {
        return value.to_owned();
    }
    format!("{}{value}{}", &field.text[..front], &field.text[back..])
}

/// The head of an alert's section, as a runbook should have it.
pub fn section_for(alert: &Alert) -> String {
    format!(
        "### {}\n**Alert**: `{}`\n**Severity**: {}\n**Threshold**: {}\n",
        alert.section,
        alert.name,
        alert.severity,
        sentence(alert)
    )
}

//! Mends the severities and thresholds of a runbook.

use std::ops::Range;

use super::compare::severity_of;
use super::judge::judge;
use super::section::{Field, read};
use super::sentence::sentence;
use crate::alerts::Alert;

/// The runbook with every severity and threshold as the alerts have them. Nothing else changes, and what is right already stays
/// as it is worded.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for entry in read(text).entries {
        let Some(name) = &entry.alert else { continue };
        let Some(alert) = alerts.iter().find(|alert| name.text.contains(alert.name.as_str())) else {
            continue;
        };
        if let Some(field) = &entry.severity
            && severity_of(&field.text) != Some(alert.severity)
        {
            edits.push((field.span.clone(), styled(field, &alert.severity.to_string())));
        }
        if let Some(field) = &entry.threshold
            && !judge(&field.text, alert).is_empty()
        {
            edits.push((field.span.clone(), sentence(alert)));
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

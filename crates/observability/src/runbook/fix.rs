//! Mends the severities and thresholds of a runbook.

use super::alert_view::{Alert, AlertView};
use super::compare::{alert_of, severity_of};
use super::expected::{Expectations, Expected};
use super::inline::Field;
use super::judge::judge;
use super::limits::{MAX_SIZE, excess};
use super::section::read;

/// Returns the runbook with every severity and threshold as the alerts have them. Nothing else
/// changes, and what is right already stays as it is worded.
///
/// A runbook that [`super::compare()`] does not read is returned as it is. Where mending would make
/// it larger than may be read, what is left over stays.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    if excess(text).is_some() {
        return text.to_owned();
    }
    let all = Expectations::new(alerts);
    // What random signs stand around may read differently once a value has changed, so that another
    // pass is needed.
    const MOST_PASSES: usize = 4;
    let as_usual: Vec<Wording> = all.all.iter().map(|expected| Wording::new(expected, false)).collect();
    let plain: Vec<Wording> = all.all.iter().map(|expected| Wording::new(expected, true)).collect();
    let mut mended = text.to_owned();
    for pass in 0..MOST_PASSES {
        let mut next = pass_over(&mended, &all, if pass == 0 { &as_usual } else { &plain });
        if loses_fields(&mended, &next) {
            next = pass_over(&mended, &all, &plain);
        }
        if next == mended || excess(&next).is_some() || loses_fields(&mended, &next) {
            break;
        }
        mended = next;
    }
    mended
}

/// Returns whether a text has fewer fields than before: a code span that a stray sign opens may
/// take one in.
fn loses_fields(before: &str, after: &str) -> bool {
    let fields = |text: &str| {
        let entries = read(text, |_| false).entries;
        let values = entries.iter().map(|entry| entry.severities.len() + entry.thresholds.len());
        (entries.iter().filter(|entry| entry.alert.is_some()).count(), values.sum::<usize>())
    };
    before != after && fields(before) != fields(after)
}

/// Returns the head of an alert's section, as a runbook should have it.
pub fn section_for(alert: &Alert) -> String {
    Expected::new(AlertView::of(alert)).section()
}

/// How the fields of an alert's section are to be written.
struct Wording {
    severity: String,
    threshold: String,
}

impl Wording {
    /// A plain wording has no code spans, and its signs are escaped: it is for places where others
    /// get in their way.
    fn new(expected: &Expected<'_>, is_plain: bool) -> Self {
        let sentence = &expected.sentence;
        let threshold =
            if is_plain { sentence.replace('`', "").replace('>', "\\>") } else { sentence.clone() };
        Self { severity: expected.alert.severity.to_string(), threshold }
    }
}

/// A value and the text that it should have.
struct Mend<'f> {
    field: &'f Field,
    value: &'f str,
}

/// Mends what differs, once. The wordings are those of the alerts, in their order.
fn pass_over(text: &str, all: &Expectations<'_>, wordings: &[Wording]) -> String {
    let contents = read(text, |_| false);
    let mut mends: Vec<Mend<'_>> = Vec::new();
    for entry in &contents.entries {
        let Some(alert) = alert_of(entry, all) else { continue };
        let (expected, wording) = (&all.all[alert], &wordings[alert]);
        let severity = expected.alert.severity;
        let wrong = entry.severities.iter().filter(|field| severity_of(&field.text) != Some(severity));
        mends.extend(wrong.map(|field| Mend { field, value: &wording.severity }));
        let wrong =
            entry.thresholds.iter().filter(|field| judge(&field.text, expected, all, 1).found().is_some());
        mends.extend(wrong.map(|field| Mend { field, value: &wording.threshold }));
    }
    mends.sort_by_key(|mend| mend.field.edit().span.start);
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    for Mend { field, value } in mends {
        if mended.len() + value.len() + (text.len() - at) > MAX_SIZE {
            continue;
        }
        let (start, end, replacement) = replacement(text, field, value);
        if start < at {
            continue;
        }
        mended.push_str(&text[at..start]);
        mended.push_str(&replacement);
        at = end;
    }
    mended.push_str(&text[at..]);
    mended
}

/// Returns which bytes are to be replaced by which text to give a field a value.
fn replacement(text: &str, field: &Field, value: &str) -> (usize, usize, String) {
    let edit = field.edit();
    let mut span = edit.span.clone();
    // A code span does not take another one within it, nor an escape.
    if let Some(code) = edit.code.as_ref().filter(|_| value.contains(['`', '\\'])) {
        span = code.clone();
    }
    let (closing, opening) = (&text[edit.closing.clone()], &text[edit.opening.clone()]);
    let is_tight = |c: Option<char>| field.text.is_empty() && c.is_some_and(|c| !c.is_whitespace());
    let is_at_start = text[..span.start].trim_end_matches([' ', '\t', '>']).ends_with(['\n', '\r']);
    let mut replaced = closing.to_owned();
    if !closing.is_empty() || is_tight(text[..span.start].chars().next_back()) {
        replaced.push(' ');
    }
    // At the start of a line the sign would begin a quotation.
    if value.starts_with('>') && closing.is_empty() && is_at_start {
        replaced.push('\\');
    }
    replaced.push_str(value);
    if !opening.is_empty() || is_tight(text[span.end..].chars().next()) {
        replaced.push(' ');
    }
    replaced.push_str(opening);
    (span.start, span.end, replaced)
}

//! What differs in a runbook and can be mended, and the text with it mended.

use std::ops::Range;

use super::amend::{Change, beside, change};
use super::claims::claims;
use super::compare::About;
use super::expected::Expectations;
use super::field::{Field, Writing};
use super::judge::judge;
use super::limits::MAX_SIZE;
use super::section::Contents;

/// A value and how it is mended.
pub(super) struct Mend {
    field: Field,
    change: Change,
}

/// Returns what differs, in order, but for the places that are suppressed. These are sorted.
pub(super) fn mends(
    text: &str,
    contents: &Contents,
    all: &Expectations<'_>,
    suppressed: &[Range<usize>],
) -> Vec<Mend> {
    // Few suppressed places share a field.
    const MOST_IN_FIELD: usize = 64;
    let is_accepted = |field: &Field| {
        let before = suppressed.partition_point(|span| span.start <= field.span.end);
        let nearest = &suppressed[before.saturating_sub(MOST_IN_FIELD)..before];
        nearest.iter().any(|span| field.span.start <= span.end)
    };
    let mut mends: Vec<Mend> = Vec::new();
    for entry in &contents.entries {
        let about = About::new(entry, &all.names);
        if about.alerts.is_empty() || about.alerts.iter().any(|&alert| all.all[alert].alert.is_off) {
            continue;
        }
        let mut mend = |field: &Field, change: &dyn Fn() -> Change| {
            if !field.is_kept && !is_accepted(field) {
                mends.push(Mend { field: field.clone(), change: change() });
            }
        };
        let urgency = about.urgency(all);
        for field in entry.severities.iter().filter(|field| urgency.contradiction(&field.text).is_some()) {
            mend(field, &|| Change::Whole { value: urgency.spoken(), behind: beside(text, field) });
        }
        let claims = claims(&entry.thresholds, &about.alerts, all);
        for (field, alert) in entry.thresholds.iter().zip(claims.of) {
            let expected = &all.all[alert];
            if judge(&field.text, expected, all, 1).found().is_some() {
                mend(field, &|| change(text, field, expected, all));
            }
        }
    }
    mends.sort_by_key(|mend| mend.field.edit().span.start);
    mends
}

/// Returns a text with some values mended. A plain wording has no code spans, and its signs are
/// escaped: it is for places where others get in their way. What would make the text larger than
/// may be read is left out.
pub(super) fn mended(text: &str, mends: &[Mend], is_plain: bool) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    let mut put = |start: usize, end: usize, replacement: &str| {
        let size = mended.len() + start.saturating_sub(at) + replacement.len() + (text.len() - end);
        if start >= at && size <= MAX_SIZE {
            mended.push_str(&text[at..start]);
            mended.push_str(replacement);
            at = end;
        }
    };
    for Mend { field, change } in mends {
        match change {
            Change::Parts(parts) => parts.iter().for_each(|(span, new)| put(span.start, span.end, new)),
            Change::Whole { value, behind } => {
                let (start, end, replacement) = match is_plain {
                    true => replacement(text, field, &value.replace('`', "").replace('>', "\\>"), behind),
                    false => replacement(text, field, value, behind),
                };
                put(start, end, &replacement);
            }
        }
    }
    mended.push_str(&text[at..]);
    mended
}

/// Returns which bytes are to be replaced by which text to give a field a value, with something
/// behind it.
fn replacement(text: &str, field: &Field, value: &str, behind: &str) -> (usize, usize, String) {
    let edit = field.edit();
    if field.writing == Writing::Html {
        let (closing, opening) = (&text[edit.closing.clone()], &text[edit.opening.clone()]);
        return (edit.span.start, edit.span.end, format!("{closing}{}{behind}{opening}", in_html(value)));
    }
    if field.writing != Writing::Markdown {
        let bare = format!("{}{behind}", value.replace(['`', '\\'], ""));
        let is_word = bare.chars().all(char::is_alphanumeric);
        let needs_quotes = field.writing == Writing::Unquoted && !is_word;
        let value = if needs_quotes { format!("\"{bare}\"") } else { bare };
        return (edit.span.start, edit.span.end, value);
    }
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
    replaced.push_str(behind);
    // Emphasis that begins in the value and goes on in the next line begins there now.
    let ends_line = |c: char| matches!(c, '\n' | '\r');
    let last_break = text[span.clone()].trim_end_matches(|c: char| !ends_line(c)).trim_end_matches(ends_line);
    let between = &text[span.start + last_break.len()..span.end];
    if !opening.is_empty()
        && between.contains(ends_line)
        && between.trim_matches([' ', '\t', '>', '\n', '\r']).is_empty()
    {
        replaced.push_str(between);
    } else if !opening.is_empty() || is_tight(text[span.end..].chars().next()) {
        replaced.push(' ');
    }
    replaced.push_str(opening);
    (span.start, span.end, replaced)
}

/// Returns a value as it is written in HTML.
fn in_html(value: &str) -> String {
    let is_plain = value.contains('\\');
    let parts = value.split('`').enumerate().map(|(number, part)| {
        let part = part.replace('\\', "").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if number % 2 == 0 || is_plain { part } else { format!("<code>{part}</code>") }
    });
    parts.collect()
}

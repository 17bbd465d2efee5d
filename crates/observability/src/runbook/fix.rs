//! Mends the severities and thresholds of a runbook.

use std::borrow::Cow;
use std::ops::Range;

use super::alert_view::{Alert, AlertView, Severity};
use super::claims::claims;
use super::compare::{About, compare_with, listed, states};
use super::expected::{Expectations, Expected};
use super::inline::Field;
use super::judge::judge;
use super::limits::{MAX_SIZE, excess};
use super::section::read;
use crate::anchor::AnchorStyle;
use crate::findings::Finding;

/// Returns the runbook with every severity and threshold as the alerts have them. Nothing else
/// changes: what is right already stays as it is worded, and so do headings, the heads of tables and
/// what a comment accepts.
///
/// A runbook that [`super::compare()`] does not read is returned as it is. Where mending would make
/// it larger than may be read, what is left over stays.
pub fn fix(alerts: &[Alert], text: &str) -> String {
    fix_except(alerts, text, &|_| {})
}

/// Returns what [`fix`] does, but leaves alone what `accept` marks as suppressed.
pub(crate) fn fix_except(alerts: &[Alert], text: &str, accept: &dyn Fn(&mut Vec<Finding>)) -> String {
    if excess(text).is_some() {
        return text.to_owned();
    }
    let all = Expectations::new(alerts);
    let accepted = |text: &str| {
        let mut findings = compare_with(&all, text);
        accept(&mut findings);
        let accepted = findings.into_iter().filter(|finding| finding.suppressed.is_some());
        accepted.map(|finding| finding.location.position.span).collect::<Vec<_>>()
    };
    // What random signs stand around may read differently once a value has changed, so that another
    // pass is needed.
    const MOST_PASSES: usize = 4;
    let as_usual: Vec<String> = all.all.iter().map(|expected| expected.sentence.clone()).collect();
    let plain: Vec<String> = as_usual.iter().map(|sentence| plain(sentence)).collect();
    // The usual wording, unless other signs get in its way.
    let wordings = [
        Wording { sentences: &as_usual, is_apart: false },
        Wording { sentences: &plain, is_apart: false },
        Wording { sentences: &plain, is_apart: true },
    ];
    let mut mended = text.to_owned();
    for pass in 0..MOST_PASSES {
        let accepted = accepted(&mended);
        let tried = wordings[usize::from(pass > 0)..].iter();
        let next = tried
            .map(|wording| pass_over(&mended, &all, wording, &accepted))
            .find(|next| excess(next).is_none() && !loses_fields(&mended, next, &all));
        match next {
            Some(next) if next != mended => mended = next,
            _ => break,
        }
    }
    mended
}

/// Returns whether a text has fewer fields than before: a code span that a stray sign opens may
/// take one in.
fn loses_fields(before: &str, after: &str, all: &Expectations<'_>) -> bool {
    let fields = |text: &str| {
        let entries = read(text, AnchorStyle::default(), &all.names).entries;
        let values = entries.iter().map(|entry| entry.severities.len() + entry.thresholds.len());
        (entries.iter().map(|entry| entry.names.len()).sum::<usize>(), values.sum::<usize>())
    };
    before != after && fields(before) != fields(after)
}

/// Returns the head of an alert's section, as a runbook should have it.
pub fn section_for(alert: &Alert) -> String {
    Expected::new(AlertView::of(alert)).section()
}

/// Returns the sentence of an alert in a plain wording, without code spans and with its signs
/// escaped: for places where others get in their way.
fn plain(sentence: &str) -> String {
    sentence.replace('`', "").replace('>', "\\>")
}

/// How thresholds are worded.
#[derive(Clone, Copy)]
struct Wording<'w> {
    /// The sentence of each alert.
    sentences: &'w [String],
    /// Whether blanks set a value apart from what follows it.
    is_apart: bool,
}

/// A value and the text that it should have.
struct Mend<'f> {
    field: &'f Field,
    value: Cow<'f, str>,
}

/// Mends what differs, once, but for the places that are accepted.
fn pass_over(text: &str, all: &Expectations<'_>, wording: &Wording<'_>, accepted: &[Range<usize>]) -> String {
    let contents = read(text, AnchorStyle::default(), &all.names);
    let mut mends: Vec<Mend<'_>> = Vec::new();
    for entry in &contents.entries {
        let about = About::new(entry, &all.names);
        if about.alerts.is_empty() || about.alerts.iter().any(|&alert| all.all[alert].alert.is_off) {
            continue;
        }
        let severities: Vec<Severity> = about.severities(all);
        let wrong = entry.severities.iter().filter(|field| !states(&field.text, &severities));
        mends.extend(wrong.map(|field| Mend { field, value: listed(&severities).into() }));
        let claims = claims(&entry.thresholds, &about.alerts, all);
        for (field, alert) in entry.thresholds.iter().zip(claims.of) {
            if judge(&field.text, &all.all[alert], all, 1).found().is_some() {
                mends.push(Mend { field, value: wording.sentences[alert].as_str().into() });
            }
        }
    }
    let is_accepted = |field: &Field| {
        accepted.iter().any(|span| span.start <= field.span.end && field.span.start <= span.end)
    };
    mends.retain(|mend| !mend.field.is_kept && !is_accepted(mend.field));
    mends.sort_by_key(|mend| mend.field.edit().span.start);
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    for Mend { field, value } in mends {
        let (start, end, mut replacement) = replacement(text, field, &value);
        if wording.is_apart {
            replacement.push(' ');
        }
        let size = mended.len() + start.saturating_sub(at) + replacement.len() + (text.len() - end);
        if start < at || size > MAX_SIZE {
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
    if field.needs_quotes && !value.chars().all(char::is_alphanumeric) {
        return (edit.span.start, edit.span.end, format!("\"{value}\""));
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
    if !opening.is_empty() || is_tight(text[span.end..].chars().next()) {
        replaced.push(' ');
    }
    replaced.push_str(opening);
    (span.start, span.end, replaced)
}

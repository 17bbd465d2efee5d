//! How the sentence of a threshold is mended where somebody wrote more into it than the sentence:
//! what differs is replaced alone, or else the whole, and what was written stands behind it.

use std::ops::Range;

use super::codes;
use super::expected::{Expectations, Expected};
use super::extent;
use super::field::{Field, Writing};
use super::judge::{Difference, judge};
use super::remark::{is_harmless, remarks};
use super::tokenize::tokens;
use super::value::take;

/// How a field is mended.
pub(super) enum Change {
    /// Bytes of the source, in order, each with the text that takes their place.
    Parts(Vec<(Range<usize>, String)>),
    /// Another text, and what stands behind it as it is in the source.
    Whole { value: String, behind: String },
}

/// What has more differences is written anew.
const MOST_PARTS: usize = 8;

/// Returns how a sentence that differs from its alert is mended.
pub(super) fn change(source: &str, field: &Field, alert: &Expected<'_>, all: &Expectations<'_>) -> Change {
    let amender = Amender { source, field, alert, all };
    // What ended the sentence keeps the next line apart from it.
    let end = if field.text.ends_with([':', ';', '!', '?']) { "." } else { "" };
    let remarks = remarks(&field.text);
    let whole = |behind: String| Change::Whole { value: alert.sentence.clone(), behind: behind + end };
    if field.kept.is_empty() && remarks.is_empty() {
        return whole(String::new());
    }
    amender.parts().map_or_else(|| whole(amender.behind(&remarks)), Change::Parts)
}

/// Returns the comments and footnotes that stand within a field, as they are to stand behind what
/// takes its place.
pub(super) fn beside(source: &str, field: &Field) -> String {
    let apart = field.kept.iter().filter(|kept| !kept.is_link);
    apart.map(|kept| written_behind(&source[kept.span.clone()])).collect()
}

/// Returns a comment or a footnote as it is to stand behind something.
fn written_behind(apart: &str) -> String {
    if apart.starts_with("[^") { apart.to_owned() } else { format!(" {apart}") }
}

struct Amender<'a> {
    source: &'a str,
    field: &'a Field,
    alert: &'a Expected<'a>,
    all: &'a Expectations<'a>,
}

impl Amender<'_> {
    fn is_right(&self, text: &str) -> bool {
        judge(&text[extent::sentence(text)], self.alert, self.all, 1).found().is_none()
    }

    /// Returns what has to be replaced so that the sentence is right. `None` if it is not right
    /// when each part that differs has the text that is expected of it.
    fn parts(&self) -> Option<Vec<(Range<usize>, String)>> {
        let right = ["for", "over"].into_iter().find_map(|before_time| self.differing_parts(before_time));
        right?.into_iter().map(|(span, new)| self.in_source(span, &new)).collect()
    }

    /// Returns parts of the text in place of which others make it right, where a time that is
    /// missing is told with this word. What is compared may differ as well as the value.
    fn differing_parts(&self, before_time: &str) -> Option<Vec<(Range<usize>, String)>> {
        const MOST_ROUNDS: usize = 3;
        let mut parts: Vec<(Range<usize>, String)> = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let text = replaced(&self.field.text, &parts);
            if self.is_right(&text) {
                return Some(parts);
            }
            let (differences, omitted) = judge(&text, self.alert, self.all, MOST_PARTS).into_parts();
            if omitted > 0 {
                return None;
            }
            let known = parts.clone();
            for difference in &differences {
                let (span, new) = part(&text, difference, before_time)?;
                parts.push((before(&known, span)?, new));
            }
            parts.sort_by_key(|(span, _)| span.start);
            if parts.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
                return None;
            }
        }
        self.is_right(&replaced(&self.field.text, &parts)).then_some(parts)
    }

    /// Returns a part of the text as bytes of the source, where it is written as it is read.
    fn in_source(&self, span: Range<usize>, new: &str) -> Option<(Range<usize>, String)> {
        let (span, new) = differing(&self.field.text, span, new);
        let at = self.field.source(span.clone());
        if self.source.get(at.clone())? != &self.field.text[span] {
            return None;
        }
        let is_at_start =
            || self.source[..at.start].trim_end_matches([' ', '\t', '>']).ends_with(['\n', '\r']);
        let new = new.replace('`', "");
        match self.field.writing {
            Writing::Html => Some((at, new.replace('>', "&gt;").replace('<', "&lt;"))),
            Writing::Unquoted if new.contains([':', '#']) => None,
            Writing::Markdown if new.starts_with('>') && is_at_start() => Some((at, format!("\\{new}"))),
            Writing::Markdown | Writing::Quoted | Writing::Unquoted => Some((at, new)),
        }
    }

    /// Returns what stands in the sentence beside it, as it is to stand behind the right one.
    /// Remarks with which that would not be right are a part of what is wrong.
    fn behind(&self, remarks: &[Range<usize>]) -> String {
        let remarks = remarks.iter().map(|remark| (self.field.source(remark.clone()), Beside::Remark));
        let kept = self
            .field
            .kept
            .iter()
            .map(|kept| (kept.span.clone(), if kept.is_link { Beside::Link } else { Beside::Apart }));
        let mut all: Vec<(Range<usize>, Beside)> = remarks.chain(kept).collect();
        all.sort_by_key(|(span, _)| (span.start, usize::MAX - span.end));
        let (mut behind, mut apart) = (String::new(), String::new());
        let mut plain = self.alert.sentence.replace('`', "");
        let mut end = 0;
        for (span, beside) in all {
            if span.start < end {
                continue;
            }
            end = span.end;
            let text = &self.source[span];
            let (written, read) = match beside {
                Beside::Apart => (written_behind(text), String::new()),
                Beside::Remark if text.starts_with(['(', '[']) => (format!(" {text}"), format!(" {text}")),
                Beside::Remark => (format!(" ({text})"), format!(" ({text})")),
                Beside::Link => linked(text),
            };
            if beside == Beside::Apart {
                apart.push_str(&written);
            }
            behind.push_str(&written);
            plain.push_str(&read);
        }
        if self.is_right(&plain) { behind } else { apart }
    }
}

/// What stands in a sentence beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// What is no part of its text.
    Apart,
    Link,
    Remark,
}

/// Returns a link as a remark, as it is written and as it is read.
fn linked(link: &str) -> (String, String) {
    let label = link.trim_start_matches('!').trim_start_matches('[');
    let Some((label, _)) = label.split_once("](").or_else(|| label.split_once("][")) else {
        return (format!(" <!-- {link} -->"), String::new());
    };
    if label.contains(char::is_alphabetic) && is_harmless(label) {
        return (format!(" ({link})"), format!(" ({label})"));
    }
    let target = &link[link.find(label).unwrap_or_default() + label.len()..];
    (format!(" (see [here{target})"), " (see here)".to_owned())
}

/// Returns the part of a sentence that a difference is about, and the text that it should have.
/// `None` where only the whole can be written anew.
fn part(text: &str, difference: &Difference, before_time: &str) -> Option<(Range<usize>, String)> {
    let Difference { code, span, expected, job, .. } = difference;
    let said = text.get(span.clone())?;
    let end = text.len()..text.len();
    let starts_with_value = || take(&tokens(said)).is_some_and(|taken| taken.value.comparison.is_none());
    match *code {
        code if code == codes::DURATION_DIFFERS && said.is_empty() => {
            Some((end, format!(" {before_time} {expected}")))
        }
        code if code == codes::COMPARISON_DIFFERS && !expected.starts_with(['>', '<']) => None,
        code if code == codes::COMPARISON_DIFFERS && starts_with_value() => {
            Some((span.start..span.start, format!("{expected} ")))
        }
        code if code == codes::JOB_THRESHOLD_UNSTATED
            || (code == codes::JOB_THRESHOLD_DIFFERS && *span == (0..text.len())) =>
        {
            Some((end, format!(" ({}: {expected})", job.as_ref()?)))
        }
        code if code == codes::JOB_THRESHOLD_DIFFERS => {
            let tokens = tokens(said);
            let value = (0..tokens.len()).find_map(|at| take(&tokens[at..]))?.value.span;
            Some((span.start + value.start..span.start + value.end, expected.clone()))
        }
        code if code == codes::THRESHOLD_UNREADABLE || code == codes::CONDITION_DIFFERS => None,
        _ => Some((span.clone(), expected.clone())),
    }
}

/// Returns where a part of a text stood before others were replaced in it. `None` if it is a part
/// of what took their place.
fn before(replaced: &[(Range<usize>, String)], span: Range<usize>) -> Option<Range<usize>> {
    let (mut removed, mut added) = (0, 0);
    for (old, new) in replaced {
        let start = old.start + added - removed;
        if span.end <= start {
            break;
        }
        if span.start < start + new.len() {
            return None;
        }
        removed += old.len();
        added += new.len();
    }
    Some(span.start + removed - added..span.end + removed - added)
}

fn replaced(text: &str, parts: &[(Range<usize>, String)]) -> String {
    let (mut replaced, mut at) = (String::with_capacity(text.len()), 0);
    for (span, new) in parts {
        replaced.push_str(&text[at..span.start]);
        replaced.push_str(new);
        at = span.end;
    }
    replaced.push_str(&text[at..]);
    replaced
}

/// Returns a part of a text and the text in its place without the words that both end in: of "300
/// seconds" for "400 seconds" the number.
fn differing<'n>(text: &str, span: Range<usize>, new: &'n str) -> (Range<usize>, &'n str) {
    let old = &text[span.clone()];
    let words = old.split(char::is_whitespace).rev().zip(new.split(char::is_whitespace).rev());
    let same = words.take_while(|(old, new)| old == new).count();
    let cut = |text: &str| {
        let blanks = text.char_indices().rev().filter(|(_, c)| c.is_whitespace());
        same.checked_sub(1).and_then(|last| blanks.map(|(at, _)| at).nth(last))
    };
    match (cut(old), cut(new)) {
        (Some(end), Some(new_end)) => (span.start..span.start + end, &new[..new_end]),
        _ => (span, new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_right_are_left() {
        let check = |old: &str, new: &str, expected: (&str, &str)| {
            let (span, new) = differing(old, 0..old.len(), new);
            assert_eq!((&old[span], new), expected);
        };
        check("400 seconds", "300 seconds", ("400", "300"));
        check("400\u{a0}seconds", "300 seconds", ("400", "300"));
        check("5 minutes", "300 seconds", ("5 minutes", "300 seconds"));
        check("2000", "1000", ("2000", "1000"));
        check("", " for 10 minutes", ("", " for 10 minutes"));
    }
}

//! Where the sentence of a threshold ends.

use std::ops::Range;

use super::remark::{CONDITIONS, remark};
use super::token::{Token, TokenKind};
use super::tokenize::tokens;
use super::value::take;
use crate::sentence::words::NEGATIONS;

/// Words that say in a sentence of their own when or where an alert is silent.
const SILENCE: [&str; 18] = [
    "disabled",
    "excluded",
    "excludes",
    "exempt",
    "exempted",
    "ignored",
    "ignores",
    "inactive",
    "muted",
    "nights",
    "silenced",
    "snoozed",
    "suppressed",
    "switched",
    "weekday",
    "weekdays",
    "weekend",
    "weekends",
];

/// What an alert does: with a word that denies or restricts, it does so less than it says.
const DOES: [&str; 9] =
    ["applies", "apply", "count", "counts", "fire", "fires", "firing", "trigger", "triggers"];

/// No sentence has more remarks behind it than these.
const MOST_REMARKS: usize = 8;

/// Returns whether a sentence goes on in the next line of its paragraph. A large letter there
/// begins another sentence.
pub(super) fn goes_on(sentence: &str, next: &str) -> bool {
    let (sentence, next) = (sentence.trim_end(), next.trim_start());
    let Some(first) = next.chars().next() else { return false };
    if is_condition(next) || sentence.is_empty() {
        return true;
    }
    // "> 2 hours;" in one line, "`nightly`: > 3 days" in the next.
    if sentence.ends_with(';') && is_of_job(next) {
        return true;
    }
    let is_over = sentence.ends_with(['.', '!', '?', ':', ';']);
    let continues =
        first.is_lowercase() || first.is_numeric() || matches!(first, '(' | '>' | '<' | '≥' | '≤');
    !is_over && continues
}

/// Returns whether a line begins with what holds for a single job.
fn is_of_job(line: &str) -> bool {
    const LONGEST: usize = 200;
    let tokens = tokens(&line[..line.floor_char_boundary(LONGEST)]);
    matches!(tokens.as_slice(), [name, colon, value @ ..]
        if name.word().is_some() && colon.kind == TokenKind::Colon && take(value).is_some())
}

/// Returns the part of a value that is its sentence: without sentences and remarks that follow and
/// change nothing, and without the period at its end.
pub(super) fn sentence(value: &str) -> Range<usize> {
    let ends = value.match_indices(['.', '!', '?']);
    let end = ends.map(|(at, _)| at).find(|at| {
        let rest = &value[at + 1..];
        let next = rest.trim_start();
        rest.len() > next.len()
            && next.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_numeric() && c != '(')
    });
    let end = end.filter(|at| !states_more(&value[at + 1..])).unwrap_or(value.len());
    let is_end = |c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';');
    let mut sentence = value[..end].trim_end_matches(is_end);
    for _ in 0..MOST_REMARKS {
        let Some(remark) = remark(sentence) else { break };
        sentence = sentence[..remark].trim_end_matches(|c| is_end(c) || is_dash(c));
    }
    0..sentence.len()
}

/// Signs before a remark.
fn is_dash(c: char) -> bool {
    matches!(c, '–' | '—' | '-' | '|' | '·' | '•')
}

/// Returns whether sentences behind a threshold change it, or state another one.
fn states_more(text: &str) -> bool {
    text.split(['.', '!', '?'])
        .map(str::trim_start)
        .any(|sentence| is_condition(sentence) || restricts(sentence))
        || tokens(text).iter().any(|token| matches!(token.kind, TokenKind::Compare(_) | TokenKind::Percent))
}

/// Returns whether a sentence says that an alert is silent at some time or place.
fn restricts(sentence: &str) -> bool {
    let tokens = tokens(sentence);
    let has = |groups: &[&[&str]]| {
        let words = tokens.iter().filter_map(Token::word);
        words.into_iter().any(|word| groups.iter().any(|group| group.contains(&word)))
    };
    has(&[&SILENCE]) || (has(&[&DOES]) && has(&[NEGATIONS, &CONDITIONS]))
}

/// Returns whether a text begins with a word that goes on with a condition.
fn is_condition(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    CONDITIONS.iter().any(|condition| word.eq_ignore_ascii_case(condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "> 50% failure rate for 5 minutes";

    /// Whether what stands behind a sentence is no part of it.
    #[track_caller]
    fn check(behind: &str, is_apart: bool) {
        let value = format!("{SENTENCE}{behind}");
        assert_eq!(value[sentence(&value)] == *SENTENCE, is_apart, "{value}");
    }

    #[test]
    fn a_remark_is_no_part_of_a_sentence() {
        for remark in [
            ".",
            " (see the dashboard)",
            " (see the dashboard).",
            " [agreed with the web team]",
            " (per job)",
            " (issue 1234)",
            " (#1234)",
            " (since May 2024)",
            " (was 40% until May)",
            " (raised from 40% in 2023)",
            " (was > 40%) (see below)",
            "[^1]",
            " – page on-call",
            " — pages",
            " - pages on-call",
            " — see the dashboard",
            " | see the dashboard.",
            ", because a dependency is down",
            ", as it is on the dashboard",
            ", since it is due every minute",
            " (it runs every 5 minutes)",
            " (which is due once a day)",
            ", see the dashboard",
            ". Most runs fail.",
            ". Most runs fail. Look at the log first.",
            ". Page after 30 minutes.",
            ". Usually a deployment went wrong, and the logs say which.",
            ". Do not restart it.",
        ] {
            check(remark, true);
        }
    }

    #[test]
    fn what_changes_a_threshold_is_no_remark() {
        for remark in [
            " (only at night)",
            " (not on Sundays)",
            " (disabled)",
            " (staging)",
            " (on weekdays)",
            " (30% for web)",
            " (> 30%)",
            " (roughly)",
            " (since the last deployment)",
            " (since it is due)",
            " (it is not due every day)",
            " (it runs every day in production)",
            ", as long as it is not Sunday",
            ", since the deployment",
            ", as of the second failure",
            " (per minute)",
            " [only staging]",
            " – unless paused",
            " - 30% for web",
            ". Unless it is Sunday.",
            ". Most runs fail. Unless it is Sunday.",
            ". For webhook_retry, > 80%.",
            ". Ignored at weekends.",
            ". Does not fire on Sundays.",
            ". Look at the log. The alert applies only to production.",
            ". For webhook_retry 80 % have to fail.",
        ] {
            check(remark, false);
        }
    }
}

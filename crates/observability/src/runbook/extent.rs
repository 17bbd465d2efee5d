//! Where the sentence of a threshold ends, and which words behind it are a remark.

use std::ops::Range;

use super::aside::{self, Aside};
use super::token::{Token, TokenKind};
use super::tokenize::{footnote, tokens};
use super::value::take;
use crate::sentence::words::NEGATIONS;

/// Words that go on with a condition, even behind a period: what they introduce is no remark.
const CONDITIONS: [&str; 17] = [
    "and",
    "but",
    "except",
    "exception",
    "excluding",
    "however",
    "if",
    "not",
    "only",
    "or",
    "otherwise",
    "though",
    "unless",
    "until",
    "when",
    "where",
    "while",
];

/// Words that make a condition less than it says, or say where it holds.
const RESTRICTIONS: [&str; 57] = [
    "about",
    "almost",
    "approx",
    "approximately",
    "around",
    "average",
    "business",
    "cluster",
    "clusters",
    "dev",
    "disabled",
    "during",
    "each",
    "environment",
    "every",
    "excluded",
    "excludes",
    "first",
    "half",
    "ignored",
    "ignores",
    "inactive",
    "least",
    "less",
    "max",
    "maximum",
    "mean",
    "median",
    "min",
    "minimum",
    "more",
    "most",
    "mostly",
    "muted",
    "nearly",
    "night",
    "nightly",
    "nights",
    "off",
    "often",
    "once",
    "paused",
    "per",
    "prod",
    "production",
    "region",
    "roughly",
    "silenced",
    "since",
    "sometimes",
    "staging",
    "than",
    "twice",
    "usually",
    "weekday",
    "weekdays",
    "weekends",
];

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

/// Words that begin a remark about how a threshold was before: values in it hold no longer.
const HISTORY: [&str; 11] = [
    "changed",
    "formerly",
    "increased",
    "lowered",
    "previously",
    "raised",
    "reduced",
    "tuned",
    "updated",
    "was",
    "were",
];

/// Words that may stand in such a remark beside those of any other.
const OF_HISTORY: [&str; 3] = ["since", "until", "while"];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Words before a number that counts nothing: "see page 4".
const NUMBERED: [&str; 12] = [
    "adr", "chapter", "incident", "issue", "line", "page", "pr", "rfc", "section", "step", "ticket",
    "version",
];

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
        sentence = sentence[..remark].trim_end_matches(is_end);
    }
    0..sentence.len()
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

/// Returns where a remark begins that a sentence ends in and that changes nothing: in brackets,
/// behind a dash, or with "see". `None` if it ends in none.
fn remark(sentence: &str) -> Option<usize> {
    let brackets = [(')', '('), (']', '[')];
    let start = match brackets.into_iter().find(|(close, _)| sentence.ends_with(*close)) {
        Some((_, open)) => sentence.rfind(open)?,
        None => {
            const STARTS: [&str; 9] = [" – ", " — ", " - ", " | ", " · ", " • ", ", see ", "; see ", " see "];
            STARTS.iter().filter_map(|start| sentence.rfind(start)).max()?
        }
    };
    let inner = &sentence[start..];
    let is_footnote = inner.starts_with("[^");
    let has_word = inner.contains(|c: char| c.is_alphabetic() || c == '#');
    let is_remark = is_footnote || (has_word && is_harmless(inner) && !restates(inner));
    (is_remark && !sentence[..start].trim().is_empty()).then_some(start)
}

/// Returns where a remark begins among the tokens between parentheses that changes nothing: at the
/// first, or behind a comma. `None` if there is none.
pub(super) fn remark_within(sentence: &str, inner: &[Token]) -> Option<usize> {
    const MOST_COMMAS: usize = 3;
    let commas = inner.iter().enumerate().rev().filter(|(_, token)| token.kind == TokenKind::Separator);
    let behind = commas.take(MOST_COMMAS).map(|(at, _)| at + 1);
    let is_remark = |at: &usize| {
        let (Some(first), Some(last)) = (inner.get(*at), inner.last()) else { return false };
        let text = &sentence[first.span.start..last.span.end];
        let has_colon = inner[*at..].iter().any(|token| token.kind == TokenKind::Colon);
        !has_colon && text.contains(char::is_alphabetic) && is_harmless(text)
    };
    std::iter::once(0)
        .chain(behind)
        .filter(is_remark)
        .find(|at| *at == 0 || aside::read(sentence, &inner[..at - 1]).is_ok())
}

/// Returns the remarks in parentheses, and the footnotes, that stand within a sentence.
pub(super) fn remarks(sentence: &str) -> Vec<Range<usize>> {
    let tokens = tokens(sentence);
    let mut remarks: Vec<Range<usize>> = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some(open) = rest.iter().position(|token| token.kind == TokenKind::Open) {
        rest = &rest[open..];
        let Some(close) = rest.iter().position(|token| token.kind == TokenKind::Close) else { break };
        let inner = &rest[1..close];
        if aside::read(sentence, inner).is_err()
            && let Some(at) = remark_within(sentence, inner)
        {
            remarks.push(match at {
                0 => rest[0].span.start..rest[close].span.end,
                at => inner[at].span.start..rest[close].span.start,
            });
        }
        rest = &rest[close..];
    }
    let footnotes = sentence.match_indices("[^").filter_map(|(at, _)| {
        let length = footnote(&sentence[at..])?;
        Some(at..at + length)
    });
    remarks.extend(footnotes);
    remarks
}

/// Returns whether a remark is a value: "(an hour)".
fn restates(remark: &str) -> bool {
    let tokens = tokens(remark.trim_matches(['(', ')', '[', ']']));
    matches!(aside::read(remark, &tokens), Ok(Aside::Inline | Aside::Restated(_)))
}

/// Returns whether a remark changes nothing of what stands before it: it restricts nothing and has
/// no value, unless it tells how things were before.
pub(super) fn is_harmless(remark: &str) -> bool {
    let tokens =
        tokens(remark.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '>' | '<' | '#'))));
    let is_history = is_history(&tokens);
    tokens.iter().enumerate().all(|(at, token)| match &token.kind {
        TokenKind::Word(word) => {
            let word = word.as_str();
            let is_of_jobs = matches!(word, "per" | "each" | "every")
                && matches!(tokens.get(at + 1).and_then(Token::word), Some("job" | "jobs"));
            is_of_jobs
                || (is_history && OF_HISTORY.contains(&word))
                || ![NEGATIONS, &CONDITIONS, &RESTRICTIONS].iter().any(|group| group.contains(&word))
        }
        TokenKind::Number(_) => is_history || is_numbered(&tokens, at),
        TokenKind::Separator | TokenKind::Slash | TokenKind::Colon | TokenKind::Unknown => true,
        TokenKind::Percent => is_history,
        TokenKind::Open | TokenKind::Close => false,
        TokenKind::Compare(_) | TokenKind::Equal | TokenKind::Plus => is_history,
    })
}

/// Returns whether a remark tells how things were before, or since when they are as they are.
fn is_history(tokens: &[Token]) -> bool {
    let first = tokens.first().and_then(Token::word).unwrap_or_default();
    let is_month = |token: &Token| {
        let word = token.word().unwrap_or_default();
        MONTHS.iter().any(|month| word.starts_with(month))
    };
    let has_date = || tokens.iter().any(|token| is_month(token) || is_year(token));
    HISTORY.contains(&first) || (first == "since" && has_date())
}

fn is_year(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Number(number) if (1_900..=2_100).any(|year| number == year * 1_000_000))
}

/// Returns whether a number names something: a year, a page, an issue.
fn is_numbered(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else { return false };
    is_year(&tokens[at])
        || before.kind == TokenKind::Unknown
        || before.word().is_some_and(|word| NUMBERED.contains(&word))
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

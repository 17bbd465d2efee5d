//! Remarks within the sentence of a threshold and behind it, and which words make one more than a
//! remark.

use std::ops::Range;

use super::aside::{self, Aside, is_reason};
use super::token::{Token, TokenKind};
use super::tokenize::{footnote, tokens};
use crate::sentence::words::NEGATIONS;

/// Words that go on with a condition, even behind a period: what they introduce is no remark.
pub(super) const CONDITIONS: [&str; 17] = [
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

/// Returns where a remark begins that a sentence ends in and that changes nothing: in brackets,
/// behind a dash, or with "see". `None` if it ends in none.
pub(super) fn remark(sentence: &str) -> Option<usize> {
    let brackets = [(')', '('), (']', '[')];
    let start = match brackets.into_iter().find(|(close, _)| sentence.ends_with(*close)) {
        Some((_, open)) => sentence.rfind(open)?,
        None => {
            const STARTS: [&str; 12] = [
                " – ",
                " — ",
                " - ",
                " | ",
                " · ",
                " • ",
                ", see ",
                "; see ",
                " see ",
                ", as it ",
                ", because ",
                ", since ",
            ];
            STARTS.iter().filter_map(|start| sentence.rfind(start)).max()?
        }
    };
    let inner = &sentence[start..];
    let is_footnote = inner.starts_with("[^");
    let has_word = inner.contains(|c: char| c.is_alphabetic() || c == '#');
    let is_remark = is_footnote || (has_word && is_harmless(inner) && !restates(inner));
    (is_remark && !sentence[..start].trim().is_empty()).then_some(start)
}

/// Returns where a remark begins among the tokens between parentheses that changes nothing, and
/// where what stands before it ends: at the first, behind a comma, or with a reason. `None` if
/// there is none.
pub(super) fn remark_within(sentence: &str, inner: &[Token]) -> Option<(usize, usize)> {
    const MOST_COMMAS: usize = 3;
    let commas = inner.iter().enumerate().rev().filter(|(_, token)| token.kind == TokenKind::Separator);
    let behind = commas.take(MOST_COMMAS).map(|(at, _)| (at, at + 1));
    // "> 3 days since it is due once a day"
    let reasons = inner.iter().enumerate().rev().filter(|(_, token)| token.word().is_some_and(is_reason));
    let reasons = reasons.take(MOST_COMMAS).map(|(at, _)| (at, at));
    let is_remark = |(_, at): &(usize, usize)| {
        let (Some(first), Some(last)) = (inner.get(*at), inner.last()) else { return false };
        let text = &sentence[first.span.start..last.span.end];
        let has_colon = inner[*at..].iter().any(|token| token.kind == TokenKind::Colon);
        !has_colon && text.contains(char::is_alphabetic) && is_harmless(text)
    };
    std::iter::once((0, 0))
        .chain(behind)
        .chain(reasons)
        .filter(is_remark)
        .find(|(end, at)| *at == 0 || aside::read(sentence, &inner[..*end]).is_ok())
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
            && let Some((_, at)) = remark_within(sentence, inner)
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
    tells_schedule(&tokens)
        || tokens.iter().enumerate().all(|(at, token)| match &token.kind {
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

/// Returns whether a remark tells how often a job is due: "since it runs once a day".
fn tells_schedule(tokens: &[Token]) -> bool {
    const JOB: [&str; 9] = ["as", "because", "it", "job", "since", "that", "the", "this", "which"];
    const IS_DUE: [&str; 5] = ["due", "is", "run", "runs", "scheduled"];
    const OFTEN: [&str; 9] =
        ["daily", "each", "every", "hourly", "monthly", "nightly", "once", "twice", "weekly"];
    const OF_TIME: [&str; 18] = [
        "a", "an", "at", "day", "days", "hour", "hours", "minute", "minutes", "month", "months", "night",
        "nights", "per", "week", "weeks", "year", "years",
    ];
    let are_of = |from: usize, group: &[&str]| {
        tokens[from..]
            .iter()
            .take_while(|token| token.word().is_some_and(|word| group.contains(&word)))
            .count()
    };
    let due = are_of(0, &JOB);
    let often = due + are_of(due, &IS_DUE);
    let is_of_time = |token: &Token| match &token.kind {
        TokenKind::Number(_) => true,
        _ => token.word().is_some_and(|word| OFTEN.contains(&word) || OF_TIME.contains(&word)),
    };
    due > 0 && often > due && are_of(often, &OFTEN) > 0 && tokens[often..].iter().all(is_of_time)
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

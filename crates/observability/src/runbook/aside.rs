//! Reads what stands in parentheses within a sentence.

use std::ops::Range;

use super::token::{Token, TokenKind, word};
use super::value::{Value, take};

/// What stands in parentheses.
pub(super) enum Aside {
    /// Thresholds of single jobs, as in "(`reputation_tasks`: > 13 hours)".
    Exceptions(Vec<Exception>),
    /// A part of the sentence, as in "(for 5 minutes)".
    Inline,
    /// A value once more in other words, as in "300 seconds (5 minutes)", and how many tokens stand
    /// before it.
    Restated(usize),
}

/// What a sentence says about one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    /// The name as it is written.
    pub(super) job: String,
    pub(super) value: Value,
    /// The bytes of the name and the value.
    pub(super) span: Range<usize>,
}

/// Reads the tokens between parentheses.
///
/// # Errors
///
/// The bytes of the part that makes no sense.
pub(super) fn read(sentence: &str, inner: &[Token]) -> Result<Aside, Range<usize>> {
    let marker = marker_at(inner, 0).unwrap_or(0);
    if let Some(taken) = take(&inner[marker..])
        && taken.length == inner.len() - marker
    {
        let is_inline = taken.value.preposition.is_some() && marker == 0;
        return Ok(if is_inline { Aside::Inline } else { Aside::Restated(marker) });
    }
    exceptions(sentence, inner).map(Aside::Exceptions)
}

/// Returns how many tokens say that a value follows that was told already: "i.e.", "that is", "=".
/// `None` if nothing says so.
pub(super) fn marker_at(tokens: &[Token], at: usize) -> Option<usize> {
    let is_comma = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::Separator);
    let length = match (&tokens.get(at)?.kind, word(tokens, at), word(tokens, at + 1)) {
        (TokenKind::Equal, ..) | (_, "i.e" | "ie" | "namely" | "equals", _) => 1,
        (_, "that", "is") => 2,
        _ => return None,
    };
    Some(length + usize::from(is_comma(at + length)))
}

fn exceptions(sentence: &str, inner: &[Token]) -> Result<Vec<Exception>, Range<usize>> {
    let mut exceptions = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        let start = &inner[at];
        // "> 13 hours for `reputation_tasks`"
        if let Some(taken) = take(&inner[at..])
            && taken.value.preposition.is_none()
            && taken.counted.is_empty()
            && matches!(inner.get(at + taken.length).and_then(Token::word), Some("for" | "on"))
            && let Some(job) = inner.get(at + taken.length + 1).filter(|token| token.word().is_some())
        {
            at += taken.length + 2;
            let name = sentence.get(job.span.clone()).unwrap_or_default().to_owned();
            let span = start.span.start..job.span.end;
            at += again(inner, at, &taken.value)?;
            exceptions.push(Exception { job: name, value: taken.value, span });
            continue;
        }
        let TokenKind::Word(_) = &start.kind else {
            if start.kind == TokenKind::Separator {
                at += 1;
                continue;
            }
            return Err(start.span.clone());
        };
        at += 1;
        if inner.get(at).is_some_and(|token| token.kind == TokenKind::Colon) {
            at += 1;
        }
        let taken = take(&inner[at..]).ok_or(start.span.clone())?;
        at += taken.length;
        let span = start.span.start..taken.value.span.end;
        let job = sentence.get(start.span.clone()).unwrap_or_default().to_owned();
        at += again(inner, at, &taken.value)?;
        exceptions.push(Exception { job, value: taken.value, span });
    }
    Ok(exceptions)
}

/// Returns how many tokens tell a value once more: ", i.e. 780 minutes".
///
/// # Errors
///
/// The bytes of one that is not the same.
fn again(tokens: &[Token], at: usize, value: &Value) -> Result<usize, Range<usize>> {
    let comma = usize::from(tokens.get(at).is_some_and(|token| token.kind == TokenKind::Separator));
    let Some(marker) = marker_at(tokens, at + comma) else { return Ok(0) };
    let Some(again) = take(&tokens[at + comma + marker..]) else { return Ok(0) };
    let is_same = again.value.quantity == value.quantity && again.value.is_exact && value.is_exact;
    if is_same { Ok(comma + marker + again.length) } else { Err(again.value.span) }
}

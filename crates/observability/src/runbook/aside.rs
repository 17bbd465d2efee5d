//! Reads what stands in parentheses within a sentence.

use std::ops::Range;

use super::token::{Token, TokenKind};
use super::value::{Value, take};

/// What stands in parentheses, and what follows them.
#[derive(Default)]
pub(super) struct Aside<'t> {
    /// Thresholds of single jobs, as in "(`reputation_tasks`: > 13 hours)".
    pub(super) exceptions: Vec<Exception>,
    /// A part of the sentence, as in "(for 5 minutes)".
    pub(super) inline: &'t [Token],
    /// A value once more in another unit, as in "300 seconds (5 minutes)".
    pub(super) restated: Option<Value>,
    /// The tokens that follow.
    pub(super) after: &'t [Token],
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

/// Reads the tokens of a sentence from an opening parenthesis on.
///
/// # Errors
///
/// The bytes of the part that makes no sense.
pub(super) fn read<'t>(sentence: &str, tokens: &'t [Token]) -> Result<Aside<'t>, Range<usize>> {
    let Some(close) = tokens.iter().position(|token| token.kind == TokenKind::Close) else {
        return match tokens.first() {
            Some(open) => Err(open.span.clone()),
            None => Ok(Aside::default()),
        };
    };
    let (mut inner, after) = (&tokens[1..close], &tokens[close + 1..]);
    // "300 seconds (= 5 minutes)", "300 seconds (i.e. 5 minutes)"
    let is_restated =
        |token: &Token| token.kind == TokenKind::Equal || matches!(token.word(), Some("i.e" | "ie"));
    if let [first, rest @ ..] = inner
        && is_restated(first)
    {
        inner = rest;
    }
    if let Some(taken) = take(inner)
        && taken.length == inner.len()
    {
        return Ok(match taken.value.preposition {
            Some(_) => Aside { inline: inner, after, ..Aside::default() },
            None => Aside { restated: Some(taken.value), after, ..Aside::default() },
        });
    }
    Ok(Aside { exceptions: exceptions(sentence, inner)?, after, ..Aside::default() })
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
        exceptions.push(Exception { job, value: taken.value, span });
    }
    Ok(exceptions)
}

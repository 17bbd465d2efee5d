//! Reads what stands in parentheses within a sentence.

use std::ops::Range;

use super::alert_view::Quantity;
use super::token::{Token, TokenKind, word};
use super::value::{Preposition, Value, take};

/// What stands in parentheses.
pub(super) enum Aside<'t> {
    /// What holds for single jobs, as in "(`reputation_tasks`: > 13 hours)".
    Exceptions(Vec<Clause<'t>>),
    /// A part of the sentence, as in "(for 5 minutes)".
    Inline,
    /// A value once more in other words, as in "300 seconds (5 minutes)", and how many tokens stand
    /// before it.
    Restated(usize),
}

/// What a sentence says about one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause<'t> {
    /// The name as it is written.
    pub(super) job: String,
    /// One value at least.
    pub(super) values: Vec<Value>,
    /// The words around them, as in "growing by > 300%", each with its bytes.
    pub(super) words: Vec<(&'t str, Range<usize>)>,
    /// The bytes of the name and the values.
    pub(super) span: Range<usize>,
}

/// No clause has more values than this.
const MOST_VALUES: usize = 8;

/// Reads the tokens between parentheses.
///
/// # Errors
///
/// The bytes of the part that makes no sense.
pub(super) fn read<'t>(sentence: &str, inner: &'t [Token]) -> Result<Aside<'t>, Range<usize>> {
    let marker = marker_at(inner, 0).unwrap_or(0);
    // "(sustained for 5 minutes)"
    let lead = usize::from(word(inner, 0) == "sustained").max(marker);
    if let Some(taken) = take(&inner[lead..])
        && taken.length == inner.len() - lead
    {
        match taken.value.preposition {
            Some(_) if marker == 0 => return Ok(Aside::Inline),
            _ if lead == marker => return Ok(Aside::Restated(marker)),
            _ => {}
        }
    }
    clauses(sentence, inner).map(Aside::Exceptions)
}

/// Returns where clauses about single jobs begin outside of parentheses, behind the first value of
/// a sentence, and what they say: "> 2 hours; `nightly`: > 3 days". `None` if there are none.
pub(super) fn outside<'t>(sentence: &str, tokens: &'t [Token]) -> Option<(usize, Vec<Clause<'t>>)> {
    const MOST_TRIES: usize = 8;
    let value = |at: usize| take(&tokens[at..]).map(|taken| at + taken.length);
    let behind_value = (0..tokens.len()).find_map(value)?;
    let begins = (behind_value..tokens.len()).filter(|at| begins_clause(tokens, *at));
    begins.take(MOST_TRIES).find_map(|at| Some((at, clauses(sentence, &tokens[at..]).ok()?)))
}

/// Returns whether the name of a job stands at a token, or behind a comma or a semicolon what holds
/// for it without a colon: "nightly > 3 days", "3 days for nightly".
fn begins_clause(tokens: &[Token], at: usize) -> bool {
    let is_named = tokens[at].word().is_some() && is_colon(tokens, at + lead(tokens, at) + 1);
    let follows_sign = at.checked_sub(1).is_some_and(|before| tokens[before].kind == TokenKind::Separator);
    let is_compared = || tokens[at].word().is_some() && is_compared(tokens, at + lead(tokens, at) + 1);
    is_named || (follows_sign && (value_of_job(tokens, at).is_some() || is_compared()))
}

/// Returns how many words stand before the name of a job: "except for `nightly`: > 3 days".
fn lead(tokens: &[Token], at: usize) -> usize {
    const MOST_WORDS: usize = 3;
    let is_lead = |number: &usize| matches!(word(tokens, at + number), "and" | "but" | "except" | "for");
    let words = (0..MOST_WORDS).take_while(is_lead).count();
    let is_name = tokens.get(at + words).is_some_and(|token| token.word().is_some());
    let has_value = is_colon(tokens, at + words + 1) || is_compared(tokens, at + words + 1);
    if is_name && has_value { words } else { 0 }
}

/// Returns whether a comparison with a value stands at a token.
fn is_compared(tokens: &[Token], at: usize) -> bool {
    let taken = tokens.get(at..).and_then(take);
    taken.is_some_and(|taken| taken.value.comparison.is_some() && taken.value.preposition.is_none())
}

/// What stands before the name of its job, and the name: "> 13 hours for `reputation_tasks`".
struct OfJob {
    values: Vec<Value>,
    /// The place of the name.
    name: usize,
    /// Behind the last token.
    end: usize,
}

/// Returns the value that stands at a token before the name of its job, and maybe for how long the
/// condition has to hold: "or > 2000 for 10 minutes for the `bill` job". `None` if there is none.
fn value_of_job(tokens: &[Token], at: usize) -> Option<OfJob> {
    let at = at + usize::from(matches!(word(tokens, at), "and" | "but" | "or"));
    let taken = take(tokens.get(at..)?).filter(|taken| taken.value.preposition.is_none())?;
    let mut values = vec![taken.value];
    let mut next = at + taken.length;
    if let Some(hold) = take(&tokens[next..]).filter(|hold| hold.value.preposition == Some(Preposition::For))
    {
        values.push(hold.value);
        next += hold.length;
    }
    let is_of = matches!(word(tokens, next), "for" | "on") && take(&tokens[next..]).is_none();
    let article = usize::from(word(tokens, next + 1) == "the");
    let name = next + 1 + article;
    let end = name + 1 + usize::from(word(tokens, name + 1) == "job");
    let is_named = tokens.get(name).is_some_and(|token| token.word().is_some());
    (taken.counted.is_empty() && is_of && is_named).then_some(OfJob { values, name, end })
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

/// Reads what some tokens say about single jobs.
fn clauses<'t>(sentence: &str, inner: &'t [Token]) -> Result<Vec<Clause<'t>>, Range<usize>> {
    let mut exceptions = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        if let Some(OfJob { values, name, end }) = value_of_job(inner, at) {
            let span = inner[at].span.start..inner[name].span.end;
            let job = sentence.get(inner[name].span.clone()).unwrap_or_default().to_owned();
            at = end + again(inner, end, &values[0])?;
            exceptions.push(Clause { job, values, words: Vec::new(), span });
            continue;
        }
        at += lead(inner, at);
        let start = &inner[at];
        let TokenKind::Word(_) = &start.kind else {
            if start.kind == TokenKind::Separator {
                at += 1;
                continue;
            }
            return Err(start.span.clone());
        };
        at += 1;
        let has_colon = is_colon(inner, at);
        let (values, words, length) = values(&inner[at + usize::from(has_colon)..], has_colon);
        at += usize::from(has_colon) + length;
        let last = values.last().ok_or(start.span.clone())?;
        let span = start.span.start..last.span.end;
        let job = sentence.get(start.span.clone()).unwrap_or_default().to_owned();
        at += again(inner, at, last)?;
        exceptions.push(Clause { job, values, words, span });
    }
    Ok(exceptions)
}

fn is_colon(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.kind == TokenKind::Colon)
}

/// Values, the words around them with their bytes, and how many tokens all of them have.
type Values<'t> = (Vec<Value>, Vec<(&'t str, Range<usize>)>, usize);

/// Takes the values of one job from the front of some tokens, up to the name of the next job.
/// Before the first value there may be words only behind a colon.
fn values(tokens: &[Token], has_colon: bool) -> Values<'_> {
    let (mut values, mut words, mut at) = (Vec::<Value>::new(), Vec::new(), 0);
    let mut is_behind_value = false;
    while at < tokens.len() && marker_at(tokens, at).is_none() {
        if is_behind_value && let Some((hold, length)) = hold_behind_comma(tokens, at) {
            values.push(hold);
            at += length;
            break;
        }
        if let Some(taken) = take(&tokens[at..]).filter(|_| values.len() < MOST_VALUES) {
            at += taken.length;
            values.push(taken.value);
            is_behind_value = true;
            continue;
        }
        let Some(word) = tokens[at].word() else { break };
        let is_name = is_colon(tokens, at + lead(tokens, at) + 1)
            || (is_behind_value && take(&tokens[at + 1..]).is_some());
        if is_name || is_reason(word) || (values.is_empty() && !has_colon) {
            break;
        }
        words.push((word, tokens[at].span.clone()));
        at += 1;
        is_behind_value = false;
    }
    (values, words, at)
}

/// Returns whether a word may begin a reason.
pub(super) fn is_reason(word: &str) -> bool {
    matches!(word, "because" | "since" | "which")
}

/// Returns for how long a condition has to hold, as it stands behind a comma, and how many tokens
/// it has: "> 2000, for 10 minutes", "> 2000, 10 minutes". `None` if none stands there.
fn hold_behind_comma(tokens: &[Token], at: usize) -> Option<(Value, usize)> {
    let is_sign = |at: usize| tokens.get(at).is_none_or(|token| token.kind == TokenKind::Separator);
    let taken = take(tokens.get(at + 1..)?)?;
    let end = at + 1 + taken.length;
    let is_time = matches!(taken.value.quantity, Quantity::Duration(_)) && taken.value.comparison.is_none();
    let is_held = matches!(taken.value.preposition, None | Some(Preposition::For));
    let hold = Value { preposition: Some(Preposition::For), ..taken.value };
    (is_sign(at) && is_sign(end) && is_time && is_held).then_some((hold, 1 + taken.length))
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

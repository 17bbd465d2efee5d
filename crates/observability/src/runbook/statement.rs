//! Reads the sentence of a threshold in a given form.

use std::borrow::Cow;
use std::ops::Range;

use super::alert_view::Quantity;
use super::aside::{self, Aside, Clause, marker_at, outside};
use super::remark::remark_within;
use super::sense::{Word, has_sense};
use super::token::{Token, TokenKind};
use super::value::{Preposition, Value, take};
use crate::comparison::Comparison;
use crate::sentence::{Form, Stands, Time};

/// What a sentence states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// The values of the form's parameters, in the form's order. Only a time behind "over" may be
    /// missing.
    pub(super) values: Vec<Option<Value>>,
    /// For how long the condition has to hold.
    pub(super) hold: Option<Value>,
    /// What it says about single jobs.
    pub(super) exceptions: Vec<Exception>,
    /// Values that it tells once more in other words, each behind the first telling.
    pub(super) restated: Vec<(Value, Value)>,
}

/// What a sentence states for one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    /// The name as it is written.
    pub(super) job: String,
    /// The values of the form's parameters, in the form's order, where it states them. The first is
    /// the threshold, even of a form that has none.
    pub(super) values: Vec<Option<Value>>,
    /// For how long the condition has to hold, where it says that once more.
    pub(super) hold: Option<Value>,
    /// The bytes of the name and the values.
    pub(super) span: Range<usize>,
}

/// No sentence has more values outside parentheses than this.
const MOST_VALUES: usize = 20;

/// Reads a sentence in a form, from its tokens.
///
/// # Errors
///
/// The bytes of the part that makes no sense in this form.
pub(super) fn read(sentence: &str, tokens: &[Token], form: &Form) -> Result<Statement, Range<usize>> {
    let whole = 0..sentence.trim_end().len();
    let strictly = flat(sentence, tokens, |_| false)
        .and_then(|Flat { tokens, clauses }| stated(&tokens, clauses, form, &whole));
    let Err(unread) = strictly else { return strictly };
    loosely(sentence, tokens, form, &whole).unwrap_or(Err(unread))
}

/// Reads a sentence that has words of its condition in parentheses, "Duration (p95)", or outside of
/// them what holds for single jobs, "> 2 hours; `nightly`: > 3 days". `None` if it has neither.
fn loosely(
    sentence: &str,
    tokens: &[Token],
    form: &Form,
    whole: &Range<usize>,
) -> Option<Result<Statement, Range<usize>>> {
    let is_own =
        |inner: &[Token]| inner.iter().all(|token| token.word().is_some_and(|word| form.measures(word)));
    let Flat { tokens: flat, mut clauses } = flat(sentence, tokens, is_own).ok()?;
    let Some((begin, mut more)) = outside(sentence, &flat) else {
        let has_aside = tokens.iter().any(|token| token.kind == TokenKind::Open);
        return has_aside.then(|| stated(&flat, clauses, form, whole));
    };
    clauses.append(&mut more);
    Some(stated(&flat[..begin], clauses, form, whole))
}

/// Reads a sentence without parentheses, and what it says about single jobs.
fn stated(
    tokens: &[Token],
    clauses: Vec<Clause<'_>>,
    form: &Form,
    whole: &Range<usize>,
) -> Result<Statement, Range<usize>> {
    let Parts { mut values, words, restated } = take_apart(tokens)?;
    has_sense(&words, &values, form, whole)?;
    let_over_compare(form, &mut values);
    let exceptions = clauses.into_iter().map(|clause| exception(clause, form)).collect::<Result<_, _>>()?;
    let values_of = vec![None; form.parameters.len()];
    let mut statement = Statement { values: values_of, hold: None, exceptions, restated };
    let over = over(form);
    let mut compared = Vec::new();
    for value in values {
        let is_time = matches!(value.quantity, Quantity::Duration(_));
        // "for 5 minutes" is how long it has to hold; "for more than 2 hours" is what is measured.
        let is_measured = form.time == Time::AfterFor && compared.is_empty();
        match (value.preposition, over) {
            (Some(Preposition::Over | Preposition::Within), Some(over)) if is_time => {
                put(&mut statement.values[over], value)?;
            }
            (Some(_), _) if is_time && !is_measured => put(&mut statement.hold, value)?,
            _ => compared.push(value),
        }
    }
    let expected = form.compared();
    if compared.len() != expected {
        return Err(compared.get(expected).map_or(whole.clone(), |value| value.span.clone()));
    }
    assign(form, compared, &words, &mut statement.values);
    Ok(statement)
}

/// Returns the place of the parameter that is a time behind "over".
fn over(form: &Form) -> Option<usize> {
    form.parameters.iter().position(|parameter| matches!(parameter.stands, Stands::Over { .. }))
}

/// Reads what is said about one job in a form.
fn exception(clause: Clause<'_>, form: &Form) -> Result<Exception, Range<usize>> {
    let Clause { job, values, words, span } = clause;
    // Words that tell the parameters apart, and no other: "not" would turn the sense.
    let tells_apart = |word: &str| {
        form.parameters.iter().skip(1).any(|parameter| {
            let is_named = matches!(parameter.stands, Stands::ComparedAfter(group) if group.contains(&word));
            is_named || form.before(parameter.name).split_whitespace().any(|own| own == word)
        })
    };
    if let Some((_, span)) = words.iter().find(|(word, _)| !tells_apart(word)) {
        return Err(span.clone());
    }
    let mut values_of = vec![None; form.parameters.len().max(1)];
    let mut hold = None;
    let mut compared = Vec::new();
    for value in values {
        let is_time = matches!(value.quantity, Quantity::Duration(_));
        match (value.preposition, over(form)) {
            (Some(Preposition::Over | Preposition::Within), Some(over)) if is_time => {
                put(&mut values_of[over], value)?;
            }
            (Some(Preposition::For), _) if is_time && compared.len() == form.compared() => {
                put(&mut hold, value)?;
            }
            _ => compared.push(value),
        }
    }
    let most = form.compared().max(1);
    if let Some(value) = compared.get(most) {
        return Err(value.span.clone());
    }
    match form.compared() {
        0 => values_of[0] = compared.pop().or(values_of[0].take()),
        _ => assign(form, compared, &words, &mut values_of),
    }
    Ok(Exception { job, values: values_of, hold, span })
}

/// The tokens of a sentence without parentheses, and what these say about single jobs.
struct Flat<'t> {
    tokens: Cow<'t, [Token]>,
    clauses: Vec<Clause<'t>>,
}

/// Takes the parentheses out of a sentence: what is a part of it stays, and so are words of which
/// this is known.
fn flat<'t>(
    sentence: &str,
    tokens: &'t [Token],
    is_own: impl Fn(&[Token]) -> bool,
) -> Result<Flat<'t>, Range<usize>> {
    let is = |kind: TokenKind| move |token: &Token| token.kind == kind;
    if !tokens.iter().any(is(TokenKind::Open)) {
        return Ok(Flat { tokens: Cow::Borrowed(tokens), clauses: Vec::new() });
    }
    let (mut flat, mut clauses, mut rest) = (Vec::with_capacity(tokens.len()), Vec::new(), tokens);
    while let Some(open) = rest.iter().position(is(TokenKind::Open)) {
        let (before, aside) = rest.split_at(open);
        let close = aside.iter().position(is(TokenKind::Close)).ok_or(aside[0].span.clone())?;
        let inner = &aside[1..close];
        flat.extend_from_slice(before);
        let aside_of = if is_own(inner) { Aside::Inline } else { without_remark(sentence, inner)? };
        match aside_of {
            Aside::Inline => flat.extend_from_slice(inner),
            Aside::Restated(marker) => {
                flat.push(Token { kind: TokenKind::Equal, span: aside[0].span.clone() });
                flat.extend_from_slice(&inner[marker..]);
                // What follows is no part of the value.
                flat.push(Token { kind: TokenKind::Separator, span: aside[close].span.clone() });
            }
            Aside::Exceptions(mut some) => clauses.append(&mut some),
        }
        rest = &aside[close + 1..];
    }
    flat.extend_from_slice(rest);
    Ok(Flat { tokens: Cow::Owned(flat), clauses })
}

/// Reads what stands in parentheses. A remark that changes nothing is passed over.
fn without_remark<'t>(sentence: &str, inner: &'t [Token]) -> Result<Aside<'t>, Range<usize>> {
    aside::read(sentence, inner).or_else(|unread| match remark_within(sentence, inner) {
        Some((_, 0)) => Ok(Aside::Exceptions(Vec::new())),
        Some((end, _)) => aside::read(sentence, &inner[..end]),
        None => Err(unread),
    })
}

/// What a sentence without parentheses is made of.
struct Parts<'t> {
    values: Vec<Value>,
    words: Vec<Word<'t>>,
    restated: Vec<(Value, Value)>,
}

/// Takes the tokens of a sentence apart into values and words.
fn take_apart(tokens: &[Token]) -> Result<Parts<'_>, Range<usize>> {
    let mut values: Vec<Value> = Vec::new();
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut restated = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(marker) = marker_at(tokens, at) {
            let again = take(&tokens[at + marker..]).filter(|taken| taken.counted.is_empty());
            let (Some(again), Some(first)) = (again, values.last()) else {
                return Err(tokens[at].span.clone());
            };
            if restated.len() == MOST_VALUES {
                return Err(again.value.span);
            }
            restated.push((first.clone(), again.value));
            at += marker + again.length;
            continue;
        }
        if let Some(taken) = take(&tokens[at..]) {
            for token in &tokens[at + taken.counted.start..at + taken.counted.end] {
                words.extend(word(token));
            }
            if values.len() == MOST_VALUES {
                return Err(taken.value.span);
            }
            values.push(taken.value);
            at += taken.length;
            continue;
        }
        match &tokens[at].kind {
            TokenKind::Word(_) => words.extend(word(&tokens[at])),
            TokenKind::Separator | TokenKind::Colon => {}
            TokenKind::Compare(_) => {
                let end = tokens.get(at + 1).unwrap_or(&tokens[at]).span.end;
                return Err(tokens[at].span.start..end);
            }
            _ => return Err(tokens[at].span.clone()),
        }
        at += 1;
    }
    Ok(Parts { values, words, restated })
}

fn word(token: &Token) -> Option<Word<'_>> {
    match &token.kind {
        TokenKind::Word(word) => Some((word, token.span.clone())),
        _ => None,
    }
}

/// "P95 duration over 5 minutes for 15 minutes": where nothing else is compared, "over" compares.
/// So it does before the time that is measured: "no success for over 2 hours".
fn let_over_compare(form: &Form, values: &mut [Value]) {
    let is_over = |value: &&mut Value| value.preposition == Some(Preposition::Over);
    let compares = match form.time {
        Time::AfterOver if values.iter().all(|value| value.preposition.is_some()) => {
            values.iter_mut().find(is_over)
        }
        Time::AfterFor => values.first_mut().filter(is_over),
        Time::AfterOver | Time::Compared => None,
    };
    if let Some(value) = compares {
        value.preposition = None;
        value.comparison = value.comparison.or(Some(Comparison::Above));
    }
}

/// Gives values to the parameters that they are compared as: by the words before them, "growing by
/// > 50% and > 100", or if these do not say, in the form's order.
fn assign(form: &Form, values: Vec<Value>, words: &[Word<'_>], to: &mut [Option<Value>]) {
    let compared = || {
        let parameters = form.parameters.iter().enumerate();
        parameters.filter(|(_, parameter)| !matches!(parameter.stands, Stands::Over { .. }))
    };
    let mut after = 0;
    let mut order = Vec::with_capacity(values.len());
    for value in &values {
        let before = after..value.span.start;
        let named = |stands: Stands| match stands {
            Stands::ComparedAfter(group) => {
                words.iter().any(|(word, span)| before.contains(&span.start) && group.contains(word))
            }
            Stands::Compared | Stands::Over { .. } => false,
        };
        let free = |at: usize| !order.contains(&at);
        let by_name = compared().find(|(at, parameter)| free(*at) && named(parameter.stands));
        let plain = || compared().find(|(at, parameter)| free(*at) && parameter.stands == Stands::Compared);
        order.extend(by_name.or_else(plain).map(|(at, _)| at));
        after = value.span.end;
    }
    if order.len() < values.len() {
        order = compared().map(|(at, _)| at).collect();
    }
    for (at, value) in order.into_iter().zip(values) {
        to[at] = Some(value);
    }
}

fn put(place: &mut Option<Value>, value: Value) -> Result<(), Range<usize>> {
    if place.is_some() {
        return Err(value.span);
    }
    *place = Some(value);
    Ok(())
}

//! Reads the sentence of a threshold in a given form.

use std::borrow::Cow;
use std::ops::Range;

use super::alert_view::Quantity;
use super::aside::{self, Aside, Exception};
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
}

/// A word of a sentence and its bytes.
type Word<'t> = (&'t str, Range<usize>);

/// No sentence has more values outside parentheses than this.
const MOST_VALUES: usize = 20;

/// Reads a sentence in a form, from its tokens.
///
/// # Errors
///
/// The bytes of the part that makes no sense in this form.
pub(super) fn read(sentence: &str, tokens: &[Token], form: &Form) -> Result<Statement, Range<usize>> {
    let whole = 0..sentence.trim_end().len();
    let (main, parenthesis) = match tokens.iter().position(|token| token.kind == TokenKind::Open) {
        Some(open) => tokens.split_at(open),
        None => (tokens, [].as_slice()),
    };
    let Aside { exceptions, inline, restated, after } = aside::read(sentence, parenthesis)?;
    let flat = match parenthesis {
        [] => Cow::Borrowed(main),
        _ => main.iter().chain(inline).chain(after).cloned().collect(),
    };
    let (mut values, words) = take_apart(&flat)?;
    if let Some(restated) = restated {
        let before = values.iter().rev().find(|value| value.span.end <= restated.span.start);
        let is_same =
            |value: &Value| value.quantity == restated.quantity && value.is_exact && restated.is_exact;
        if restated.comparison.is_some() || !before.is_some_and(is_same) {
            return Err(restated.span);
        }
    }
    has_sense(&words, form, &whole)?;
    let_over_compare(form, &mut values);
    let mut statement = Statement { values: vec![None; form.parameters.len()], hold: None, exceptions };
    let over = form.parameters.iter().position(|parameter| matches!(parameter.stands, Stands::Over { .. }));
    let mut compared = Vec::new();
    for value in values {
        let is_time = matches!(value.quantity, Quantity::Duration(_));
        // "for 5 minutes" is how long it has to hold; "for more than 2 hours" is what is measured.
        let is_measured = form.time == Time::AfterFor && compared.is_empty();
        match (value.preposition, over) {
            (Some(Preposition::Over), Some(over)) if is_time => put(&mut statement.values[over], value)?,
            (Some(_), _) if is_time && !is_measured => put(&mut statement.hold, value)?,
            _ => compared.push(value),
        }
    }
    let expected = form.compared();
    if compared.len() != expected {
        return Err(compared.get(expected).map_or(whole, |value| value.span.clone()));
    }
    assign(form, compared, &words, &mut statement.values);
    Ok(statement)
}

/// Takes the tokens of a sentence apart into values and words.
fn take_apart(tokens: &[Token]) -> Result<(Vec<Value>, Vec<Word<'_>>), Range<usize>> {
    let mut values = Vec::new();
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
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
    Ok((values, words))
}

fn word(token: &Token) -> Option<Word<'_>> {
    match &token.kind {
        TokenKind::Word(word) => Some((word, token.span.clone())),
        _ => None,
    }
}

/// Returns whether words make a sentence of a form: all that it needs, and none that it does not
/// know.
fn has_sense(words: &[Word<'_>], form: &Form, whole: &Range<usize>) -> Result<(), Range<usize>> {
    let needs = |group: &&[&str]| words.iter().any(|(word, _)| group.contains(word));
    if !form.needs.iter().all(needs) {
        return Err(whole.clone());
    }
    if let Some((_, span)) = words.iter().find(|(word, _)| !form.has_word(word)) {
        return Err(span.clone());
    }
    // "Not all runs succeed" is true when one fails.
    let is_some = |pair: &&[Word<'_>]| {
        matches!(pair[0].0, "not" | "no" | "never")
            && matches!(pair[1].0, "all" | "always" | "each" | "every")
    };
    if let Some(pair) = words.windows(2).find(is_some) {
        return Err(pair[1].1.clone());
    }
    for group in form.once {
        if let Some((_, second)) = words.iter().filter(|(word, _)| group.contains(word)).nth(1) {
            return Err(second.clone());
        }
    }
    Ok(())
}

/// "P95 duration over 5 minutes for 15 minutes": where nothing else is compared, "over" compares.
fn let_over_compare(form: &Form, values: &mut [Value]) {
    if form.time == Time::AfterOver
        && values.iter().all(|value| value.preposition.is_some())
        && let Some(value) = values.iter_mut().find(|value| value.preposition == Some(Preposition::Over))
    {
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

//! Values within a sentence: a number, its unit, and how something is compared with it.

use std::borrow::Cow;
use std::ops::Range;

use super::alert_view::Quantity;
use super::fraction::{fraction_at, one_in_five_at};
use super::relative::{Relative, relative_at};
use super::token::{Token, TokenKind, word};
use crate::comparison::Comparison;
use crate::job_class::Pace;

/// A value as a sentence states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// What it amounts to, where its number has a unit that makes sense.
    pub(super) quantity: Quantity,
    /// Whether it amounts to that exactly. What had to be rounded, as a part of a second, is no
    /// threshold that a rule has.
    pub(super) is_exact: bool,
    /// What it amounts to by what each job has. Its quantity is then zero, and not exact.
    pub(super) relative: Option<Relative>,
    /// The number alone, in millionths.
    pub(super) number: u64,
    /// How something is compared with it.
    pub(super) comparison: Option<Comparison>,
    /// Whether the time that it is stands after "for", "over" and the like.
    pub(super) preposition: Option<Preposition>,
    /// The bytes of number and unit.
    pub(super) span: Range<usize>,
    /// The bytes of the comparison.
    pub(super) comparison_span: Range<usize>,
}

/// What stands before a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preposition {
    /// "for", "lasting"
    For,
    /// "over", which may compare as well.
    Over,
    /// "within", "in", "during"
    Within,
}

/// A value and the tokens that it takes.
pub(super) struct Taken {
    pub(super) value: Value,
    /// How many tokens it has.
    pub(super) length: usize,
    /// Those of its tokens that say something besides, as what is counted: "failed runs" in "6
    /// failed runs per minute".
    pub(super) counted: Range<usize>,
}

/// Takes a value from the front of some tokens; `None` if there is none.
pub(super) fn take(tokens: &[Token]) -> Option<Taken> {
    let mut used = 0;
    let mut preposition = match word(tokens, 0) {
        "for" | "lasting" => Some(Preposition::For),
        "over" => Some(Preposition::Over),
        "within" | "in" | "during" => Some(Preposition::Within),
        _ => None,
    };
    if preposition.is_some() {
        used += 1;
        while matches!(word(tokens, used), "the" | "last" | "past" | "a") && amount_at(tokens, used).is_none()
        {
            used += 1;
        }
    }
    let compared_at = used;
    let mut comparison = None;
    if let Some((found, length)) = comparison_at(tokens, used) {
        comparison = Some(found);
        used += length;
    }
    let comparison_span = tokens.get(compared_at)?.span.start..tokens.get(used.max(1) - 1)?.span.end;
    let start = used;
    let Amount { quantity, is_exact, relative, number, length, mut counted } = amount_at(tokens, start)?;
    // "Older than 2 hours" compares, and says that it is long ago.
    if word(tokens, compared_at) == "older" {
        counted = compared_at..compared_at + 1;
    }
    used += length;
    let end = used;
    // "2+ hours"
    let has_plus = tokens[start..end].iter().any(|token| token.kind == TokenKind::Plus);
    if has_plus {
        // "> 2+ hours" says two things.
        if comparison.is_some_and(|comparison| comparison != Comparison::AtLeast) {
            return None;
        }
        comparison = comparison.or(Some(Comparison::AtLeast));
    }
    // "3 or more", "24 hours or longer"
    if comparison.is_none()
        && word(tokens, used) == "or"
        && matches!(word(tokens, used + 1), "more" | "longer")
    {
        comparison = Some(Comparison::AtLeast);
        used += 2;
    }
    // "over 100" compares; "over 10 minutes" is a time.
    if matches!(preposition, Some(Preposition::Over | Preposition::Within))
        && !matches!(quantity, Quantity::Duration(_))
    {
        if preposition == Some(Preposition::Within) || compared_at != 1 {
            return None;
        }
        preposition = None;
        comparison = comparison.or(Some(Comparison::Above));
    }
    let span = tokens[start].span.start..tokens[end - 1].span.end;
    let comparison_span = match comparison {
        Some(_) if used > end => tokens[end].span.start..tokens[used - 1].span.end,
        Some(_) if has_plus => span.clone(),
        Some(_) => comparison_span,
        None => span.start..span.start,
    };
    let value =
        Value { quantity, is_exact, relative, number, comparison, preposition, span, comparison_span };
    Some(Taken { value, length: used, counted })
}

fn kind(tokens: &[Token], at: usize) -> Option<&TokenKind> {
    tokens.get(at).map(|token| &token.kind)
}

/// Returns the comparison that starts at a token, in signs or in words, and how many tokens it has.
fn comparison_at(tokens: &[Token], at: usize) -> Option<(Comparison, usize)> {
    if let Some(TokenKind::Compare(comparison)) = kind(tokens, at) {
        return Some((*comparison, 1));
    }
    match (word(tokens, at), word(tokens, at + 1)) {
        ("more" | "longer" | "greater" | "higher" | "larger" | "older", "than") => {
            Some((Comparison::Above, 2))
        }
        ("less" | "fewer" | "lower" | "shorter", "than") => Some((Comparison::Below, 2)),
        ("at", "least") => Some((Comparison::AtLeast, 2)),
        ("at", "most") => Some((Comparison::AtMost, 2)),
        ("above" | "beyond" | "exceed" | "exceeds" | "exceeding", _) => Some((Comparison::Above, 1)),
        ("below" | "under", _) => Some((Comparison::Below, 1)),
        _ => None,
    }
}

/// A number with its unit.
struct Amount {
    quantity: Quantity,
    is_exact: bool,
    relative: Option<Relative>,
    number: u64,
    length: usize,
    counted: Range<usize>,
}

impl Amount {
    const fn new(quantity: Quantity, is_exact: bool, number: u64, length: usize) -> Self {
        Self { quantity, is_exact, relative: None, number, length, counted: 0..0 }
    }
}

/// Returns the number and unit that start at a token.
fn amount_at(tokens: &[Token], at: usize) -> Option<Amount> {
    if let Some((relative, length)) = relative_at(tokens, at) {
        let amount = Amount::new(Quantity::Duration(0), false, 0, length);
        return Some(Amount { relative: Some(relative), ..amount });
    }
    if let Some((microseconds, length)) = one_at(tokens, at) {
        return Some(duration(microseconds, 1_000_000, length));
    }
    if let Some(amount) = part_at(tokens, at) {
        return Some(amount);
    }
    // "More than one failure per minute" counts; "more than one run" speaks of a run.
    if word(tokens, at) == "one"
        && let Some(rate) = rate_at(tokens, at, 1, 1_000_000)
    {
        return Some(rate);
    }
    let (number, used) = number_at(tokens, at)?;
    if kind(tokens, at + used) == Some(&TokenKind::Plus) {
        // A plus may stand before the unit: "2+ hours".
        let with_unit: Vec<Token> =
            tokens[at..].iter().take(3).filter(|token| token.kind != TokenKind::Plus).cloned().collect();
        let amount = amount_at(&with_unit, 0).filter(|amount| amount.counted.is_empty())?;
        return Some(Amount { length: amount.length + 1, ..amount });
    }
    let percent = match (kind(tokens, at + used), word(tokens, at + used), word(tokens, at + used + 1)) {
        (Some(TokenKind::Percent), ..) | (_, "percent", _) => 1,
        (_, "per", "cent") => 2,
        _ => 0,
    };
    if percent > 0 {
        return Some(Amount::new(Quantity::Ratio(number / 100), number % 100 == 0, number, used + percent));
    }
    if let Some(mut microseconds) = microseconds(number, word(tokens, at + used)) {
        let mut length = used + 1;
        // "1 hour 30 minutes", "1h30m".
        loop {
            let next = at + length + usize::from(word(tokens, at + length) == "and");
            let Some(&TokenKind::Number(more)) = kind(tokens, next) else { break };
            let Some(more) = self::microseconds(more, word(tokens, next + 1)) else { break };
            microseconds = microseconds.checked_add(more)?;
            length = next + 2 - at;
        }
        return Some(duration(microseconds, number, length));
    }
    if let Some(rate) = rate_at(tokens, at, used, number) {
        return Some(rate);
    }
    // "1k", "1.5 thousand"
    let times = match word(tokens, at + used) {
        "k" | "thousand" => 1_000,
        "hundred" => 100,
        "million" => 1_000_000,
        _ => 1,
    };
    if times > 1 && (number % 1_000_000 * times).is_multiple_of(1_000_000) {
        let count = Quantity::Count(number.checked_mul(times)? / 1_000_000);
        return Some(Amount::new(count, true, number, used + 1));
    }
    // A part of a whole may be written as a fraction.
    let quantity = match number % 1_000_000 {
        0 => Quantity::Count(number / 1_000_000),
        _ => Quantity::Ratio(number),
    };
    Some(Amount::new(quantity, true, number, used))
}

fn duration(microseconds: u64, number: u64, length: usize) -> Amount {
    let is_exact = microseconds.is_multiple_of(1_000_000);
    Amount::new(Quantity::Duration(microseconds / 1_000_000), is_exact, number, length)
}

/// Returns the number at a token in millionths, and how many tokens it has: "2", "two and a half".
fn number_at(tokens: &[Token], at: usize) -> Option<(u64, usize)> {
    let has_half = (word(tokens, at + 1), word(tokens, at + 2), word(tokens, at + 3)) == ("and", "a", "half");
    match kind(tokens, at)? {
        TokenKind::Number(number) if has_half => Some((number.checked_add(500_000)?, 4)),
        TokenKind::Number(number) => Some((*number, 1)),
        TokenKind::Word(word) if has_half && word == "one" => Some((1_500_000, 4)),
        _ => None,
    }
}

/// Returns how many microseconds "an hour", "one minute and a half" and the like are, and how many
/// tokens they have. `None` if no such words stand at a token.
fn one_at(tokens: &[Token], at: usize) -> Option<(u64, usize)> {
    let is_one = matches!(word(tokens, at), "a" | "an" | "one");
    let unit = is_one.then(|| microseconds(1_000_000, word(tokens, at + 1)))??;
    let has_half = (word(tokens, at + 2), word(tokens, at + 3), word(tokens, at + 4)) == ("and", "a", "half");
    let whole = if has_half { (unit + unit / 2, 5) } else { (unit, 2) };
    (unit >= 1_000_000).then_some(whole)
}

/// Returns "half", "three quarters of an hour" and the like.
fn part_at(tokens: &[Token], at: usize) -> Option<Amount> {
    if let Some((fraction, length)) = one_in_five_at(tokens, at) {
        let is_time = microseconds(1, word(tokens, at + length)).is_some();
        let millionths = fraction.millionths();
        let amount = Amount::new(Quantity::Ratio(millionths), fraction.is_exact(), millionths, length);
        return (!is_time).then_some(amount);
    }
    let (fraction, mut length) = fraction_at(tokens, at)?;
    let of = usize::from(word(tokens, at + length) == "of");
    let article = usize::from(matches!(word(tokens, at + length + of), "a" | "an" | "one"));
    let millionths = fraction.millionths();
    if let Some(unit) = microseconds(1_000_000, word(tokens, at + length + of + article)) {
        length += of + article + 1;
        let (microseconds, is_exact) = fraction.of(unit)?;
        let time = duration(microseconds, millionths, length);
        return Some(Amount { is_exact: time.is_exact && is_exact, ..time });
    }
    Some(Amount::new(Quantity::Ratio(millionths), fraction.is_exact(), millionths, length))
}

/// Returns the rate that starts at a number: "0.1 failures/sec", "6 failed runs per minute", "one
/// failure per 10 seconds".
fn rate_at(tokens: &[Token], at: usize, used: usize, number: u64) -> Option<Amount> {
    const MOST_WORDS: usize = 3;
    let mut length = used;
    let is_per = |at: usize| {
        kind(tokens, at) == Some(&TokenKind::Slash)
            || matches!(word(tokens, at), "per" | "a" | "each" | "every")
    };
    while length < used + MOST_WORDS
        && !is_per(at + length)
        && !matches!(
            word(tokens, at + length),
            "" | "and" | "during" | "for" | "in" | "or" | "over" | "within"
        )
    {
        length += 1;
    }
    if !is_per(at + length) {
        return None;
    }
    let (times, has_times) = match kind(tokens, at + length + 1) {
        Some(TokenKind::Number(times)) => (*times, 1),
        _ => (1_000_000, 0),
    };
    let period =
        microseconds(times, word(tokens, at + length + 1 + has_times)).filter(|period| *period > 0)?;
    let seconds = u128::from(number) * 1_000_000;
    let rate = u64::try_from(seconds / u128::from(period)).ok()?;
    let is_exact = seconds.is_multiple_of(period.into());
    let amount = Amount::new(Quantity::PerSecond(rate), is_exact, number, length + 2 + has_times);
    Some(Amount { counted: at + used..at + length, ..amount })
}

/// Returns how many microseconds a number of a unit of time is.
fn microseconds(millionths: u64, unit: &str) -> Option<u64> {
    let seconds = match unit {
        "ms" | "millisecond" | "milliseconds" => return Some(millionths / 1_000),
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    millionths.checked_mul(seconds)
}

impl Value {
    /// Returns it as it is for jobs with some pace.
    pub(super) fn at(&self, pace: Pace) -> Cow<'_, Self> {
        match self.relative.map(|relative| relative.microseconds(pace)) {
            Some(Some(microseconds)) => {
                let quantity = Quantity::Duration(microseconds / 1_000_000);
                let is_exact = microseconds.is_multiple_of(1_000_000);
                Cow::Owned(Self { quantity, is_exact, ..self.clone() })
            }
            Some(None) | None => Cow::Borrowed(self),
        }
    }

    /// Returns whether another unit would make it the expected value: the number is right and its
    /// unit is not.
    pub(super) fn differs_in_unit_alone(&self, expected: Quantity) -> bool {
        let number = self.number;
        let same_kind = self.quantity.unit() == expected.unit();
        match expected {
            Quantity::Duration(expected) => {
                let expected = expected.checked_mul(1_000_000);
                ["s", "m", "h", "d"].into_iter().any(|unit| microseconds(number, unit) == expected)
            }
            Quantity::Ratio(expected) => !same_kind && (number / 100 == expected || number == expected),
            Quantity::PerSecond(expected) => number == expected,
            Quantity::Count(expected) => !same_kind && number == expected.saturating_mul(1_000_000),
        }
    }
}

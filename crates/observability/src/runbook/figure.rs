//! Figures within a sentence: a number, its unit, and how a value is compared with it.

use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::token::{Comparison, Token, TokenKind};

/// A figure as a sentence states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    /// What it amounts to, where its number has a unit that makes sense.
    pub(super) quantity: Quantity,
    /// Whether it amounts to that exactly. What had to be rounded, as a part of a second, is no figure that a rule has.
    pub(super) is_exact: bool,
    /// The number alone, in millionths.
    pub(super) number: u64,
    /// How a value is compared with it.
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
    For,
    Over,
}

/// Takes a figure from the front of some tokens; says how many tokens it has.
pub(super) fn take(tokens: &[Token]) -> Option<(Figure, usize)> {
    let mut used = 0;
    let word = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let number_follows = |at: usize| {
        matches!(tokens.get(at).map(|token| &token.kind), Some(TokenKind::Number(_) | TokenKind::Compare(_)))
    };
    let mut preposition = match word(0) {
        Some("for") => Some(Preposition::For),
        Some("over" | "within" | "in" | "during") => Some(Preposition::Over),
        _ => None,
    };
    if preposition.is_some() {
        used += 1;
        while matches!(word(used), Some("the" | "last" | "past" | "a")) {
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
    let Amount { quantity, is_exact, number, length } = amount_at(tokens, start)?;
    used += length;
    let end = used;
    // "3 or more", "24 hours or longer"
    if comparison.is_none() && word(used) == Some("or") && matches!(word(used + 1), Some("more" | "longer")) {
        comparison = Some(Comparison::AtLeast);
        used += 2;
    }
    // "over 100" compares; "over 10 minutes" is a time.
    if preposition == Some(Preposition::Over) && !matches!(quantity, Quantity::Duration(_)) {
        if word(0) != Some("over") || !number_follows(1) {
            return None;
        }
        preposition = None;
        comparison = comparison.or(Some(Comparison::More));
    }
    let span = tokens[start].span.start..tokens[end - 1].span.end;
    let comparison_span = match comparison {
        Some(_) if used > end => tokens[end].span.start..tokens[used - 1].span.end,
        Some(_) => comparison_span,
        None => span.start..span.start,
    };
    Some((Figure { quantity, is_exact, number, comparison, preposition, span, comparison_span }, used))
}

/// The comparison that starts at a token, in signs or in words, and how many tokens it has.
fn comparison_at(tokens: &[Token], at: usize) -> Option<(Comparison, usize)> {
    let word = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    if let Some(TokenKind::Compare(comparison)) = tokens.get(at).map(|token| &token.kind) {
        return Some((*comparison, 1));
    }
    match (word(at), word(at + 1)) {
        ("more" | "longer" | "greater" | "higher" | "larger", "than") => Some((Comparison::More, 2)),
        ("less" | "fewer" | "lower" | "shorter", "than") => Some((Comparison::Less, 2)),
        ("at", "least") => Some((Comparison::AtLeast, 2)),
        ("at", "most") => Some((Comparison::AtMost, 2)),
        ("above" | "beyond" | "exceed" | "exceeds" | "exceeding", _) => Some((Comparison::More, 1)),
        ("below" | "under", _) => Some((Comparison::Less, 1)),
        _ => None,
    }
}

/// A number with its unit.
struct Amount {
    quantity: Quantity,
    is_exact: bool,
    number: u64,
    /// How many tokens it has.
    length: usize,
}

/// The number and unit that start at a token.
fn amount_at(tokens: &[Token], at: usize) -> Option<Amount> {
    let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
    let word = |at: usize| match kind(at) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    let TokenKind::Number(number) = *kind(at)? else { return None };
    if kind(at + 1) == Some(&TokenKind::Percent) || word(at + 1) == "percent" {
        let quantity = Quantity::Ratio(number / 100);
        return Some(Amount { quantity, is_exact: number % 100 == 0, number, length: 2 });
    }
    if let Some(mut microseconds) = microseconds(number, word(at + 1)) {
        let mut length = 2;
        // "1 hour 30 minutes", "1h30m".
        loop {
            let next = at + length + usize::from(word(at + length) == "and");
            let Some(&TokenKind::Number(more)) = kind(next) else { break };
            let Some(more) = self::microseconds(more, word(next + 1)) else { break };
            microseconds = microseconds.checked_add(more)?;
            length = next + 2 - at;
        }
        let quantity = Quantity::Duration(microseconds / 1_000_000);
        return Some(Amount { quantity, is_exact: microseconds % 1_000_000 == 0, number, length });
    }
    let mut length = 1;
    while matches!(
        word(at + length),
        "failed" | "failing" | "failures" | "failure" | "executions" | "runs" | "errors" | "jobs"
    ) {
        length += 1;
    }
    let per =
        kind(at + length) == Some(&TokenKind::Slash) || matches!(word(at + length), "per" | "a" | "each");
    if per && let Some(period) = microseconds(1, word(at + length + 1)).filter(|period| *period > 0) {
        let quantity = Quantity::PerSecond(number / period);
        return Some(Amount { quantity, is_exact: number % period == 0, number, length: length + 2 });
    }
    // A part of a whole may be written as a fraction.
    let quantity = match number % 1_000_000 {
        0 => Quantity::Count(number / 1_000_000),
        _ => Quantity::Ratio(number),
    };
    Some(Amount { quantity, is_exact: true, number, length: 1 })
}

/// How many microseconds a number of a unit of time is.
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

impl Figure {
    /// Whether another unit would make it the expected figure: the number is right and its unit is not.
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

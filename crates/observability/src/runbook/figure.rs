//! Figures within a sentence: a number, its unit, and how a value is compared with it.

use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::token::{Comparison, Token, TokenKind};

/// A figure as a sentence states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    /// What it amounts to, where its number has a unit that makes sense.
    pub(super) quantity: Quantity,
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
    let (quantity, number, length) = quantity_at(tokens, start)?;
    used += length;
    // "over 100" compares; "over 10 minutes" is a time.
    if preposition == Some(Preposition::Over) && !matches!(quantity, Quantity::Duration(_)) {
        if word(0) != Some("over") || !number_follows(1) {
            return None;
        }
        preposition = None;
        comparison = comparison.or(Some(Comparison::More));
    }
    let span = tokens[start].span.start..tokens[used - 1].span.end;
    let comparison_span = if comparison.is_some() { comparison_span } else { span.start..span.start };
    Some((Figure { quantity, number, comparison, preposition, span, comparison_span }, used))
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
        ("above" | "exceeds" | "exceeding", _) => Some((Comparison::More, 1)),
        ("below" | "under", _) => Some((Comparison::Less, 1)),
        _ => None,
    }
}

/// The number and unit that start at a token: what they amount to, the number alone, and how many tokens they have.
fn quantity_at(tokens: &[Token], at: usize) -> Option<(Quantity, u64, usize)> {
    let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
    let word = |at: usize| match kind(at) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    let TokenKind::Number(number) = *kind(at)? else { return None };
    if kind(at + 1) == Some(&TokenKind::Percent) || word(at + 1) == "percent" {
        return Some((Quantity::Ratio(number / 100), number, 2));
    }
    if let Some(mut seconds) = seconds(number, word(at + 1)) {
        let mut length = 2;
        // "1 hour 30 minutes", "1h30m".
        loop {
            let next = at + length + usize::from(word(at + length) == "and");
            let Some(&TokenKind::Number(more)) = kind(next) else { break };
            let Some(more) = self::seconds(more, word(next + 1)) else { break };
            seconds = seconds.checked_add(more)?;
            length = next + 2 - at;
        }
        return Some((Quantity::Duration(seconds), number, length));
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
    if per && let Some(period) = seconds(1_000_000, word(at + length + 1)) {
        return Some((Quantity::PerSecond(number / period), number, length + 2));
    }
    if number % 1_000_000 == 0 {
        return Some((Quantity::Count(number / 1_000_000), number, 1));
    }
    // A part of a whole may be written as a fraction.
    Some((Quantity::Ratio(number), number, 1))
}

/// How many seconds a number of a unit of time is, if they are whole.
fn seconds(millionths: u64, unit: &str) -> Option<u64> {
    let unit = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    let product = millionths.checked_mul(unit)?;
    (product % 1_000_000 == 0).then_some(product / 1_000_000)
}

impl Figure {
    /// Whether another unit would make it the expected figure: the number is right and its unit is not.
    pub(super) fn differs_in_unit_alone(&self, expected: Quantity) -> bool {
        let number = self.number;
        let same_kind = self.quantity.unit() == expected.unit();
        match expected {
            Quantity::Duration(expected) => {
                ["s", "m", "h", "d"].into_iter().any(|unit| seconds(number, unit) == Some(expected))
            }
            Quantity::Ratio(expected) => !same_kind && (number / 100 == expected || number == expected),
            Quantity::PerSecond(expected) => number == expected,
            Quantity::Count(expected) => !same_kind && number == expected.saturating_mul(1_000_000),
        }
    }
}

//! Parts of a whole: "half", "three quarters", "1/12".

use super::token::{Token, TokenKind, word};

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    /// How many parts there are, in millionths.
    number: u64,
    /// Into how many the whole is cut.
    parts: u64,
}

impl Fraction {
    pub(super) const fn millionths(self) -> u64 {
        self.number / self.parts
    }

    /// Returns whether its millionths are all of it: a third is none that can be told exactly.
    pub(super) const fn is_exact(self) -> bool {
        self.number.is_multiple_of(self.parts)
    }

    /// Returns this part of a number, and whether it is that exactly. `None` if it is too large.
    pub(super) fn of(self, number: u64) -> Option<(u64, bool)> {
        let (whole, parts) =
            (u128::from(number) * u128::from(self.number), u128::from(self.parts) * 1_000_000);
        Some((u64::try_from(whole / parts).ok()?, whole.is_multiple_of(parts)))
    }
}

/// Returns the fraction that some tokens begin with, and how many of them it has. `None` if they
/// begin with none.
pub(super) fn fraction_at(tokens: &[Token], at: usize) -> Option<(Fraction, usize)> {
    if let (Some(number), Some(TokenKind::Slash), Some(parts)) =
        (number(tokens, at), tokens.get(at + 1).map(|token| &token.kind), number(tokens, at + 2))
    {
        let is_whole = parts > 0 && parts.is_multiple_of(1_000_000);
        return is_whole.then_some((Fraction { number, parts: parts / 1_000_000 }, 3));
    }
    let (number, before) = match tokens.get(at).map(|token| &token.kind)? {
        TokenKind::Number(number) => (*number, 1),
        TokenKind::Word(word) if matches!(word.as_str(), "a" | "one") => (1_000_000, 1),
        _ => (1_000_000, 0),
    };
    // "The third run" is no part of anything.
    let parts = match (word(tokens, at + before), before) {
        ("half", _) => 2,
        ("third" | "thirds", 1) => 3,
        ("quarter" | "quarters", 1) => 4,
        ("fifth" | "fifths", 1) => 5,
        ("tenth" | "tenths", 1) => 10,
        _ => return None,
    };
    Some((Fraction { number, parts }, before + 1))
}

/// Returns the fraction "one in five" that some tokens begin with, and how many of them it has.
/// `None` if they begin with none. "One in five minutes" is none, which is for the caller to see.
pub(super) fn one_in_five_at(tokens: &[Token], at: usize) -> Option<(Fraction, usize)> {
    const ONE: u64 = 1_000_000;
    let number = number(tokens, at).or_else(|| (word(tokens, at) == "one").then_some(ONE))?;
    let between = match (word(tokens, at + 1), word(tokens, at + 2)) {
        ("in", _) => 1,
        ("out", "of") => 2,
        _ => return None,
    };
    let parts = self::number(tokens, at + 1 + between)?;
    let is_part = number > 0 && number < parts && parts.is_multiple_of(ONE);
    is_part.then_some((Fraction { number, parts: parts / ONE }, between + 2))
}

fn number(tokens: &[Token], at: usize) -> Option<u64> {
    match tokens.get(at)?.kind {
        TokenKind::Number(number) => Some(number),
        _ => None,
    }
}

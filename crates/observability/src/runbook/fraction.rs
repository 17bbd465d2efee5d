//! Parts of a whole in words: "half", "three quarters".

use super::token::{Token, TokenKind, word};

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) millionths: u64,
    /// A third is none that can be told exactly.
    pub(super) is_exact: bool,
}

/// Returns the fraction that some tokens begin with, and how many of them it has. `None` if they
/// begin with none.
pub(super) fn fraction_at(tokens: &[Token], at: usize) -> Option<(Fraction, usize)> {
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
    let fraction = Fraction { millionths: number / parts, is_exact: number.is_multiple_of(parts) };
    Some((fraction, before + 1))
}

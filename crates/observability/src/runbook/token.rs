//! The parts of a sentence.

use std::ops::Range;

use crate::comparison::Comparison;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Its bytes within the sentence.
    pub(super) span: Range<usize>,
}

/// What a part of a sentence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word in small letters. Names of jobs are words too.
    Word(String),
    /// A number with at most six decimals, in millionths.
    Number(u64),
    /// `>`, `>=`, `<`, `<=`
    Compare(Comparison),
    Percent,
    Slash,
    Open,
    Close,
    Colon,
    /// `;` or a comma between words.
    Separator,
    /// `=`
    Equal,
    /// `+` right behind a number: "2+ hours".
    Plus,
    /// Anything else.
    Unknown,
}

impl Token {
    /// Returns the word that it is. `None` if it is none.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// Returns the word at a place among some tokens, or an empty text where there is none.
pub(super) fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).and_then(Token::word).unwrap_or_default()
}

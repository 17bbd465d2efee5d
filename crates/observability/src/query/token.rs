//! The words of an expression.

use std::ops::Range;

/// What a word is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A name or a keyword.
    Name(String),
    /// A number.
    Number(f64),
    /// A duration, in seconds.
    Duration(f64),
    /// A text in quotes.
    Text(String),
    /// A sign: an operator, a bracket, a comma.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// A word and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) span: Range<usize>,
}

impl Token {
    /// Returns whether it is a keyword, in whichever case.
    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        matches!(&self.word, Word::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    /// Returns whether it is a sign.
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.word, Word::Sign(found) if found == sign)
    }
}

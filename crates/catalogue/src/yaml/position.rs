//! A place in a text.

use std::ops::Range;

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one, in characters.
    pub column: usize,
    /// The bytes of the value. Empty where only the place is known.
    pub span: Range<usize>,
}

impl Position {
    /// The beginning of every text.
    pub const START: Self = Self { line: 1, column: 1, span: 0..0 };

    /// Returns the place of some bytes of a text. Bytes beyond its end are at its end.
    ///
    /// Counts the lines before them, so that asking for many places of one text takes long.
    pub fn in_text(text: &str, span: Range<usize>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            span: start..span.end.clamp(start, text.len()),
        }
    }
}

impl Default for Position {
    /// Returns [`Position::START`].
    fn default() -> Self {
        Self::START
    }
}

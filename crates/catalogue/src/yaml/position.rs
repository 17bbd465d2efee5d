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
        let ends = || (0..start).filter(|at| ends_line(text.as_bytes(), *at));
        let line_start = ends().next_back().map_or(0, |end| end + 1);
        Self {
            line: ends().count() + 1,
            column: text[line_start..start].chars().count() + 1,
            span: start..span.end.clamp(start, text.len()),
        }
    }
}

/// Returns whether a byte of a text is the last one of a line: a line feed, or a carriage return
/// that no line feed follows.
pub fn ends_line(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'\n') => true,
        Some(b'\r') => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    }
}

impl Default for Position {
    /// Returns [`Position::START`].
    fn default() -> Self {
        Self::START
    }
}

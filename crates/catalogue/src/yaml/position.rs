//! Where values stand in a text.

use std::collections::HashMap;
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

/// The places of a catalogue's values by their paths, as `jobs[2].timeout` or `thresholds.BackgroundJobFailing.above`.
#[derive(Debug, Clone)]
pub struct Positions {
    root: Position,
    places: HashMap<String, Position>,
}

impl Position {
    /// The place of some bytes of a text. Bytes beyond its end are at its end.
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

impl Positions {
    pub(super) fn new(root: Position) -> Self {
        Self { root, places: HashMap::new() }
    }

    pub(super) fn insert(&mut self, path: String, position: Position) {
        self.places.insert(path, position);
    }

    /// Where the value of this path stands, or the nearest value around it that the text has.
    pub fn of(&self, path: &str) -> &Position {
        let mut path = path;
        loop {
            if let Some(position) = self.places.get(path) {
                return position;
            }
            let Some(end) = path.rfind(['.', '[']) else { return &self.root };
            path = &path[..end];
        }
    }
}

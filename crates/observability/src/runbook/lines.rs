//! Where lines start, so that a place in a text is found without counting again, however long its
//! line is.

use std::ops::Range;

use jobwatch_catalogue::yaml::{Position, ends_line};

use crate::findings::{Location, Source};

/// After so many bytes it is noted how many characters there were.
const BLOCK: usize = 256;

/// A text and where its lines start.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<u32>,
    /// How many characters begin before each block of bytes.
    characters: Vec<u32>,
}

impl<'t> Lines<'t> {
    /// Texts are no longer than [`super::limits::MAX_SIZE`]; of a longer one all places are told as
    /// those of its first line.
    pub(super) fn new(text: &'t str) -> Self {
        let mut lines = Self { text, starts: vec![0], characters: vec![0] };
        if text.len() <= super::limits::MAX_SIZE {
            let ends = (0..text.len()).filter(|at| ends_line(text.as_bytes(), *at));
            lines.starts.extend(ends.filter_map(|at| u32::try_from(at + 1).ok()));
            let counts = text.as_bytes().chunks_exact(BLOCK).scan(0, |sum, block| {
                *sum += begun_in(block);
                u32::try_from(*sum).ok()
            });
            lines.characters.extend(counts);
        }
        lines
    }

    /// Returns the place of some bytes of the runbook.
    pub(super) fn location(&self, span: Range<usize>) -> Location {
        let line = self.starts.partition_point(|start| *start as usize <= span.start);
        let start = self.starts[line - 1] as usize;
        let column = self.begun_before(span.start).saturating_sub(self.begun_before(start)) + 1;
        Location { source: Source::Runbook, position: Position { line, column, span } }
    }

    /// Returns how many characters of the text begin before a byte.
    fn begun_before(&self, at: usize) -> usize {
        let block = (at / BLOCK).min(self.characters.len() - 1);
        let rest = self.text.as_bytes().get(block * BLOCK..at).unwrap_or_default();
        self.characters[block] as usize + begun_in(rest)
    }
}

/// Returns how many characters begin in some bytes of a text.
fn begun_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !(0x80..0xc0).contains(*byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "a\n\néß x\r\nlast";
        let lines = Lines::new(text);
        let place = |part: &str| {
            let at = text.find(part).unwrap();
            let location = lines.location(at..at + part.len());
            (location.position.line, location.position.column)
        };
        assert_eq!(place("a"), (1, 1));
        assert_eq!(place("x"), (3, 4));
        assert_eq!(place("last"), (4, 1));
        assert_eq!(lines.location(text.len()..text.len()).position.column, 5);
    }

    #[test]
    fn lines_end_in_a_line_feed_a_return_or_both() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a{end}{end}éb{end}c");
            let lines = Lines::new(&text);
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                assert_eq!(
                    lines.location(at..at).position,
                    Position::in_text(&text, at..at),
                    "{text:?} {at}"
                );
            }
            assert_eq!(lines.location(text.len()..text.len()).position.line, 4, "{text:?}");
        }
    }

    #[test]
    fn columns_of_a_long_line_count_characters() {
        let text = format!("first\n{}", "aé→😀".repeat(1_000));
        let lines = Lines::new(&text);
        let line = text.split_once('\n').unwrap().1;
        for (number, (at, _)) in line.char_indices().enumerate() {
            let position = lines.location(6 + at..6 + at).position;
            assert_eq!((position.line, position.column), (2, number + 1));
        }
    }
}

//! Lines and columns of a text.

use jobwatch_catalogue::yaml::{Position, ends_line};

/// After so many bytes the line and the column are noted down, so that no more have to be counted
/// for a position.
const STRIDE: usize = 4096;

/// Where a line and a column are known.
#[derive(Debug, Clone, Copy)]
struct Mark {
    byte: usize,
    line: usize,
    column: usize,
}

impl Mark {
    const START: Self = Self { byte: 0, line: 1, column: 1 };
}

/// Says which byte of a text is in which line and column, in constant time however long the text
/// and its lines are.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    /// The byte and the position of every [`STRIDE`]th byte, or of the character that it is part
    /// of.
    marks: Vec<Mark>,
}

impl<'a> Lines<'a> {
    /// Goes through a text once.
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lines = Self { text, marks: vec![Mark::START] };
        for byte in (STRIDE..text.len()).step_by(STRIDE) {
            let byte = text.floor_char_boundary(byte);
            let Position { line, column, .. } = lines.position(byte);
            lines.marks.push(Mark { byte, line, column });
        }
        lines
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the position of a byte, with an empty span. Bytes behind the end are at the end,
    /// those inside a character at its beginning.
    pub(crate) fn position(&self, byte: usize) -> Position {
        let byte = self.text.floor_char_boundary(byte);
        let after = self.marks.partition_point(|mark| mark.byte <= byte);
        let mark = after.checked_sub(1).map_or(Mark::START, |last| self.marks[last]);
        let ends = || (mark.byte..byte).filter(|at| ends_line(self.text.as_bytes(), *at));
        let (start, column) = ends().next_back().map_or((mark.byte, mark.column), |end| (end + 1, 1));
        let column = column + self.text[start..byte].chars().count();
        Position { line: mark.line + ends().count(), column, span: byte..byte }
    }
}

/// Returns the lines of a text, without what ends them.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_that_counting_yields() {
        let texts = [
            "",
            "\n",
            "a\nbé\r\n\nc",
            "a\rb\r\r\nc\r",
            &"é–x\n".repeat(3000),
            &"é–".repeat(5000),
            &"\n".repeat(9000),
        ];
        for text in texts {
            let lines = Lines::new(text);
            for (byte, _) in text.char_indices().step_by(7).chain([(text.len(), ' ')]) {
                assert_eq!(lines.position(byte), Position::in_text(text, byte..byte), "byte {byte}");
            }
            assert_eq!(lines.position(text.len() + 9), Position::in_text(text, text.len()..text.len()));
        }
        assert_eq!(Lines::new("é").position(1), Position::START);
        let last = Lines::new("a\rb\r\nc\nde").position(8);
        assert_eq!((last.line, last.column), (4, 2));
    }
}

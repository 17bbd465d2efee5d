//! Lines and columns of a text.

use jobwatch_catalogue::yaml::Position;

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
        let between = &self.text[mark.byte..byte];
        let mut position = Position { line: mark.line, column: mark.column, span: byte..byte };
        match between.rfind('\n') {
            None => position.column += between.chars().count(),
            Some(newline) => {
                position.line += between.matches('\n').count();
                position.column = between[newline + 1..].chars().count() + 1;
            }
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_that_counting_yields() {
        let texts = ["", "\n", "a\nbé\r\n\nc", &"é–x\n".repeat(3000), &"é–".repeat(5000), &"\n".repeat(9000)];
        for text in texts {
            let lines = Lines::new(text);
            for (byte, _) in text.char_indices().step_by(7).chain([(text.len(), ' ')]) {
                assert_eq!(lines.position(byte), Position::in_text(text, byte..byte), "byte {byte}");
            }
            assert_eq!(lines.position(text.len() + 9), Position::in_text(text, text.len()..text.len()));
        }
        assert_eq!(Lines::new("é").position(1), Position::START);
    }
}

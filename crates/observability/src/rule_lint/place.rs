//! Where in a rule file a part of an expression stands.

use std::ops::Range;

use jobwatch_catalogue::yaml::{Position, ends_line};

use crate::rule_file::Located;

/// Returns where some bytes of a field's value stand in the text of the file: YAML folds lines and
/// has escapes, so that the value is not what is written. The whole field where that cannot be
/// told.
pub(super) fn within(text: &str, field: &Located<String>, span: &Range<usize>) -> Position {
    let Range { start, end } = field.position.span;
    let written = text.get(start..end).unwrap_or_default();
    let found = aligned(written, &field.value, span);
    match found.filter(|found| !found.is_empty() || span.is_empty()) {
        Some(found) => behind(text, &field.position, start + found.start..start + found.end),
        None => field.position.clone(),
    }
}

/// Returns the place of bytes that stand behind a place in a text.
pub(super) fn behind(text: &str, known: &Position, span: Range<usize>) -> Position {
    let (mut line, mut column) = (known.line, known.column);
    let from = known.span.start;
    for (at, character) in text.get(from..span.start).unwrap_or_default().char_indices() {
        if ends_line(text.as_bytes(), from + at) {
            (line, column) = (line + 1, 1);
        } else if character != '\r' {
            column += 1;
        }
    }
    Position { line, column, span }
}

/// Returns which bytes of a written field some bytes of its value are. `None` if the two cannot be
/// held against each other.
fn aligned(written: &str, value: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\''));
    // A block begins behind the line that says how its lines are joined.
    let is_block = written.starts_with(['|', '>']);
    let mut at = match (quote, is_block) {
        (Some(_), _) => 1,
        (None, true) => written.find('\n')? + 1,
        (None, false) => 0,
    };
    let mut start = None;
    let mut end = at;
    for (index, character) in value.char_indices() {
        if index >= span.end {
            break;
        }
        if character.is_whitespace() && !written[at..].starts_with('\\') {
            // Blanks may be line ends and the other way round; they are passed over together.
            continue;
        }
        at += written[at..].len() - written[at..].trim_start().len();
        let length = length_of(&written[at..], character, quote)?;
        if index >= span.start {
            start.get_or_insert(at);
            end = at + length;
        }
        at += length;
    }
    match start {
        Some(start) => Some(start..end),
        // The end of the text, or blanks alone.
        None => Some(at..at),
    }
}

/// Returns with how many bytes a character is written. `None` if something else is.
fn length_of(written: &str, character: char, quote: Option<char>) -> Option<usize> {
    if quote == Some('\'') && character == '\'' {
        return written.starts_with("''").then_some(2);
    }
    if quote == Some('"') && written.starts_with('\\') {
        let mut rest = written[1..].chars();
        let escape = rest.next()?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            // A line that is continued is no character at all.
            '\n' | '\r' => {
                let blanks = written[1..].len() - written[1..].trim_start().len();
                return Some(1 + blanks + length_of(&written[1 + blanks..], character, quote)?);
            }
            _ => 0,
        };
        return Some(1 + escape.len_utf8() + digits);
    }
    written.starts_with(character).then(|| character.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_values_are_found_however_they_are_written() {
        let check = |written: &str, value: &str, part: &str, expected: &str| {
            let start = value.find(part).unwrap();
            let found = aligned(written, value, &(start..start + part.len())).unwrap();
            assert_eq!(&written[found], expected, "{written}");
        };
        check("a > 5", "a > 5", "> 5", "> 5");
        check("|\n    a\n      > 5\n", "a\n  > 5\n", "a\n  > 5", "a\n      > 5");
        check(">-\n  a\n  > 5", "a > 5", "a > 5", "a\n  > 5");
        check("'a{b=\"''\"} > 5'", "a{b=\"'\"} > 5", "{b=\"'\"}", "{b=\"''\"}");
        check("\"a{b=\\\"c\\\"} > 5\"", "a{b=\"c\"} > 5", "b=\"c\"", "b=\\\"c\\\"");
        check("\"a \\\n    > 5\"", "a > 5", "> 5", "\\\n    > 5");
        check("a\n  > 5", "a > 5", "5", "5");
        check("\"\\u00e9 > 5\"", "é > 5", "é", "\\u00e9");
    }

    #[test]
    fn what_cannot_be_aligned_is_the_whole_field() {
        let position = Position { line: 1, column: 1, span: 0..6 };
        let field = Located { value: "other".to_owned(), position: position.clone() };
        assert_eq!(within("*alias", &field, &(0..5)), position);
    }
}

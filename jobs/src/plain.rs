//! Texts of others, such as a receiver's answer or a row of the database, are data: a character
//! that would act on a terminal instead of being read is replaced.

use jobwatch_catalogue::text::is_control;

/// Returns a text as one line: what is blank is a space, and what acts is U+FFFD.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { harmless(c) }).collect()
}

/// Returns the beginning of somebody's answer, so many characters of it: one line, with one space
/// where it has several blanks.
pub(crate) fn excerpt(answer: &[u8], most: usize) -> String {
    let words = String::from_utf8_lossy(answer).split_whitespace().collect::<Vec<_>>().join(" ");
    one_line(&words).chars().take(most).collect()
}

/// Returns a text with its lines, in which what acts is U+FFFD.
pub fn lines(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { harmless(c) }).collect()
}

fn harmless(c: char) -> char {
    if is_control(c) { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clears a screen, sets its title, colours, goes back in the line, turns the direction.
    const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\nb\r\tc\u{202e}d\0";

    #[test]
    fn what_acts_on_a_terminal_is_replaced() {
        let line = "a\u{fffd}[2J\u{fffd}]0;title\u{fffd}\u{fffd}31m b  c\u{fffd}d\u{fffd}";
        assert_eq!(one_line(HOSTILE), line);
        let lines_of = "a\u{fffd}[2J\u{fffd}]0;title\u{fffd}\u{fffd}31m\nb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}";
        assert_eq!(lines(HOSTILE), lines_of);
        assert_eq!(one_line("404 Not Found: wir können’s nicht 🎬"), "404 Not Found: wir können’s nicht 🎬");
    }
}

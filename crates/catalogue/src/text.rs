//! Texts of a catalogue are data: what may stand in one, whatever it is written into later.
//!
//! A text ends up in comments, labels, annotations, queries, paths and pages. Each of these escapes
//! it in its own way, but a line break or a sign that reverses the direction of writing has no
//! place in any of them.

/// The most characters of a text such as a summary, a title or a reason.
pub const MAX_TEXT: usize = 1_000;
/// The most characters of a label's value.
pub const MAX_LABEL_VALUE: usize = 1_000;
/// The most labels that a series is selected by, and that an alert gets.
pub const MAX_LABELS: usize = 50;
/// The most labels that jobs set themselves, in all jobs together.
pub const MAX_JOB_LABELS: usize = 5;
/// The most labels that tell copies of jobs apart.
pub const MAX_GROUPING_LABELS: usize = 5;
/// The most characters of the names and values of these on the alerts of one job.
pub const MAX_JOB_LABELS_LENGTH: usize = 300;
/// The most characters of the names and values of all of these together.
pub const MAX_LABELS_LENGTH: usize = 5_000;
/// The most characters of a path.
pub const MAX_PATH: usize = 1_000;
/// The most characters of a URL.
pub const MAX_URL: usize = 2_000;
/// The most characters of a key of a map, such as the name of an alert, and of a threshold's value.
pub const MAX_WORD: usize = 200;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It holds a character that is not written but does something, such as a line break.
    #[error("this text holds {}: write it on one line, without control characters", named(*.0))]
    Control(char),
    /// It is too long.
    #[error("this text has {found} characters: at most {most}")]
    TooLong {
        /// How many characters it has.
        found: usize,
        /// How many it may have.
        most: usize,
    },
}

/// Returns a text without the blanks around it.
///
/// # Errors
///
/// [`TextError`] if there is a control character within, or if more than `most` characters are
/// left.
pub(crate) fn one_line(text: String, most: usize) -> Result<String, TextError> {
    let trimmed = text.trim();
    check(trimmed, most)?;
    Ok(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
}

/// Returns a text that may be written on several lines as one line: what is blank becomes a single
/// space.
///
/// # Errors
///
/// [`TextError`] as [`one_line`].
pub(crate) fn folded(text: &str, most: usize) -> Result<String, TextError> {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    check(&line, most)?;
    Ok(line)
}

/// Returns whether a character does something instead of being written: ends a line, moves a
/// cursor, turns the direction. U+FFFD stands for one that could not be read, and Prometheus
/// refuses queries that hold it; U+FFFE and U+FFFF are no characters, and YAML refuses them.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffd}'..='\u{ffff}')
}

/// Returns a text as messages show it: at most 100 characters, control characters as `<U+000A>`.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN: usize = 100;
    let mut line = String::new();
    for c in text.chars().take(SHOWN) {
        if is_control(c) {
            line.push_str(&format!("<{}>", code(c)));
        } else {
            line.push(c);
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}

fn check(text: &str, most: usize) -> Result<(), TextError> {
    // Bytes are at least as many as characters, and told without counting.
    if text.len() > most {
        let found = text.chars().count();
        if found > most {
            return Err(TextError::TooLong { found, most });
        }
    }
    match text.chars().find(|&c| is_control(c)) {
        Some(control) => Err(TextError::Control(control)),
        None => Ok(()),
    }
}

fn named(control: char) -> String {
    match control {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => format!("a line break ({})", code(control)),
        '\t' => "a tab".to_owned(),
        '\u{fffd}' => "U+FFFD, which stands for an unreadable character".to_owned(),
        _ => format!("the control character {}", code(control)),
    }
}

fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_line(text: &str, expected: Result<&str, &str>) {
        let found = one_line(text.to_owned(), 10).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_text_of_one_line_is_trimmed_and_holds_nothing_that_acts() {
        let control =
            |what: &str| format!("this text holds {what}: write it on one line, without control characters");
        check_line(" shop \n", Ok("shop"));
        check_line("{{ shop }}", Ok("{{ shop }}"));
        check_line("ääääääääää", Ok("ääääääääää"));
        check_line("a\u{fffd}b", Err(&control("U+FFFD, which stands for an unreadable character")));
        check_line("12345678901", Err("this text has 11 characters: at most 10"));
        check_line("a\nb", Err(&control("a line break (U+000A)")));
        check_line("a\u{85}b", Err(&control("a line break (U+0085)")));
        check_line("a\u{2028}b", Err(&control("a line break (U+2028)")));
        check_line("a\tb", Err(&control("a tab")));
        check_line("a\0b", Err(&control("the control character U+0000")));
        check_line("a\u{202e}b", Err(&control("the control character U+202E")));
        check_line("a\u{2066}b", Err(&control("the control character U+2066")));
    }

    #[test]
    fn a_text_of_several_lines_is_folded() {
        assert_eq!(folded(" Sends\r\n\n  bills.\n", 20), Ok("Sends bills.".to_owned()));
        assert_eq!(folded("a\u{7}b", 20), Err(TextError::Control('\u{7}')));
    }
}

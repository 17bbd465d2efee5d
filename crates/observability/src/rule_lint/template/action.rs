//! Divides a template into actions, and an action into words.

use std::ops::Range;

use super::error::TemplateError;

/// A word of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'t> {
    /// A function or a keyword.
    Name(&'t str),
    /// A variable, with its `$`.
    Variable(&'t str),
    /// A field, without the dot before it.
    Field(&'t str),
    /// A text in quotes, without them.
    Text(&'t str),
    /// A number or a character.
    Constant,
    /// One of `.`, `|`, `(`, `)`, `,`, `:=` and `=`.
    Sign(&'static str),
    /// Blanks.
    Blank,
    /// The end of the action.
    End,
}

/// A word with its bytes in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) word: Word<'t>,
    pub(super) span: Range<usize>,
}

/// Returns the words of the first action behind a byte, the last of which is its end, comments
/// passed over. `None` if there is no further action.
///
/// Errors: the action does not end, or has what no action has.
pub(super) fn next_action(text: &str, mut from: usize) -> Result<Option<Vec<Token<'_>>>, TemplateError> {
    while let Some(start) = text[from..].find("{{").map(|at| from + at) {
        let inner = match &text[start + 2..] {
            rest if rest.starts_with('-') && rest[1..].starts_with(char::is_whitespace) => start + 3,
            _ => start + 2,
        };
        let begins = inner + (text[inner..].len() - text[inner..].trim_start().len());
        let is_comment = text[if inner == start + 2 { inner } else { begins }..].starts_with("/*");
        if !is_comment {
            return words(text, start, inner).map(Some);
        }
        from = behind_comment(text, start)?;
    }
    Ok(None)
}

fn behind_comment(text: &str, start: usize) -> Result<usize, TemplateError> {
    let Some(end) = text[start..].find("*/").map(|at| start + at + 2) else {
        return Err(TemplateError::new(start..text.len(), "this comment does not end: there is no `*/`"));
    };
    let rest = text[end..].trim_start();
    let is_trimmed = rest.len() < text.len() - end && rest.starts_with("-}}");
    match (is_trimmed, text[end..].starts_with("}}")) {
        (true, _) => Ok(text.len() - rest.len() + 3),
        (false, true) => Ok(end + 2),
        _ => Err(TemplateError::new(start..end, "`}}` has to stand right behind a comment")),
    }
}

fn words(text: &str, start: usize, mut at: usize) -> Result<Vec<Token<'_>>, TemplateError> {
    let open = |message: &str| TemplateError::new(start..text.len(), message);
    let mut tokens = Vec::new();
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("}}") {
            tokens.push(Token { word: Word::End, span: at..at + 2 });
            return Ok(tokens);
        }
        let blanks = rest.len() - rest.trim_start().len();
        let (word, length) = match first {
            _ if blanks > 0 && rest[blanks..].starts_with("-}}") => {
                tokens.push(Token { word: Word::End, span: at..at + blanks + 3 });
                return Ok(tokens);
            }
            _ if blanks > 0 => (Word::Blank, blanks),
            '"' | '\'' | '`' => quoted(rest, first).ok_or_else(|| {
                open(&format!("this text does not end, or has an escape that no text has: {first}"))
            })?,
            '|' => (Word::Sign("|"), 1),
            '(' => (Word::Sign("("), 1),
            ')' => (Word::Sign(")"), 1),
            ',' => (Word::Sign(","), 1),
            ':' if rest.starts_with(":=") => (Word::Sign(":="), 2),
            '=' => (Word::Sign("="), 1),
            '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => match name(&rest[1..]) {
                "" => (Word::Sign("."), 1),
                field => (Word::Field(field), 1 + field.len()),
            },
            '$' => {
                let length = 1 + name(&rest[1..]).len();
                (Word::Variable(&rest[..length]), length)
            }
            '+' | '-' | '.' | '0'..='9' => match number(rest) {
                Some(length) => (Word::Constant, length),
                None => return Err(TemplateError::new(at..at + 1, "this is no number")),
            },
            _ if first.is_alphanumeric() || first == '_' => {
                let name = name(rest);
                (Word::Name(name), name.len())
            }
            _ => {
                let shown: String = first.escape_debug().collect();
                let message = format!("`{shown}` has no meaning in a template");
                return Err(TemplateError::new(at..at + first.len_utf8(), message));
            }
        };
        let is_word = matches!(word, Word::Name(_) | Word::Variable(_) | Word::Field(_));
        let behind = text[at + length..].chars().next();
        let may_follow = |c: char| c.is_whitespace() || matches!(c, '.' | ',' | '|' | ':' | ')' | '(' | '}');
        if let Some(behind) = behind.filter(|behind| is_word && !may_follow(*behind)) {
            let end = at + length;
            let message = format!("`{behind}` cannot stand right behind a name");
            return Err(TemplateError::new(end..end + behind.len_utf8(), message));
        }
        tokens.push(Token { word, span: at..at + length });
        at += length;
    }
    Err(open("this action does not end: there is no `}}`"))
}

fn name(text: &str) -> &str {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}

/// Returns a text in quotes, and how many bytes it has with them. `None` if it does not end, or has
/// an escape that none has.
fn quoted(text: &str, quote: char) -> Option<(Word<'_>, usize)> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => {
                let inner = &text[1..at];
                let word = if quote == '\'' { Word::Constant } else { Word::Text(inner) };
                return Some((word, at + 1));
            }
            _ if quote == '`' => {}
            '\n' => return None,
            '\\' => {
                let (_, escape) = characters.next()?;
                let is_plain = "abfnrtvxuU01234567\\".contains(escape);
                if !is_plain && escape != quote {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns with how many bytes a number is written. `None` if it is none.
fn number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_part = |at: usize| match bytes[at] {
        b'+' | b'-' => at == 0 || matches!(bytes[at - 1], b'e' | b'E' | b'p' | b'P'),
        byte => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'),
    };
    let length = (0..bytes.len()).find(|at| !is_part(*at)).unwrap_or(bytes.len());
    let written = text[..length].replace('_', "").to_ascii_lowercase();
    let plain = written.trim_start_matches(['+', '-']);
    let is_whole = |prefix, radix| {
        plain.strip_prefix(prefix).is_some_and(|digits: &str| u64::from_str_radix(digits, radix).is_ok())
    };
    let begins = plain.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_decimal = || begins && plain.trim_end_matches('i').parse::<f64>().is_ok();
    (is_decimal() || is_whole("0x", 16) || is_whole("0b", 2) || is_whole("0o", 8)).then_some(length)
}

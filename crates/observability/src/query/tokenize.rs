//! Divides an expression into words.

use super::duration::{Written, duration};
use super::error::QueryError;
use super::token::{Token, Word};

/// Longer signs come before those that they begin with.
const SIGNS: [&str; 25] = [
    "==", "!=", ">=", "<=", "=~", "!~", "=", ">", "<", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", "[",
    "]", ",", ":", "@", "!",
];

/// Divides a text into words, the last of which is the end.
///
/// Errors: a text in quotes does not end, or there is a character that no expression has.
pub(super) fn tokenize(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    // Within brackets a colon is a sign; elsewhere it is part of a name.
    let mut is_in_brackets = false;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (word, length) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '"' | '\'' | '`' => quoted(text, at, first)?,
            '0'..='9' | '.' => number(text, at)?,
            'a'..='z' | 'A'..='Z' | '_' | ':' if !(first == ':' && is_in_brackets) => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (Word::Name(rest[..length].to_owned()), length)
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).ok_or_else(|| {
                    let shown: String = first.escape_debug().collect();
                    QueryError::new(at..at + first.len_utf8(), format!("`{shown}` is no part of PromQL"))
                })?;
                is_in_brackets = sign == "[" || is_in_brackets && sign != "]";
                (Word::Sign(sign), sign.len())
            }
        };
        tokens.push(Token { word, span: at..at + length });
        at += length;
    }
    tokens.push(Token { word: Word::End, span: at..at });
    Ok(tokens)
}

/// Reads a text in quotes and returns it with its length, quotes among it.
fn quoted(text: &str, at: usize, quote: char) -> Result<(Word, usize), QueryError> {
    let open =
        || QueryError::new(at..text.len(), format!("this text does not end: there is no second {quote}"));
    let inner = &text[at + 1..];
    if quote == '`' {
        let end = inner.find('`').ok_or_else(open)?;
        return Ok((Word::Text(inner[..end].to_owned()), end + 2));
    }
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((Word::Text(value), index + 2)),
            '\n' => return Err(open()),
            '\\' => {
                let start = at + 1 + index;
                let unknown = |length| QueryError::new(start..start + length, "no text has this escape");
                let (_, escape) = characters.next().ok_or_else(open)?;
                let plain = match escape {
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    '\\' | '\'' | '"' => escape,
                    'x' | 'u' | 'U' | '0'..='7' => {
                        let (digits, radix, skip) = match escape {
                            'x' => (2, 16, 2),
                            'u' => (4, 16, 2),
                            'U' => (8, 16, 2),
                            _ => (3, 8, 1),
                        };
                        let code = text.get(start + skip..start + skip + digits);
                        let code = code.filter(|code| code.chars().all(|c| c.is_digit(radix)));
                        let code = code.and_then(|code| u32::from_str_radix(code, radix).ok());
                        let decoded = code.and_then(char::from_u32).ok_or_else(|| unknown(2))?;
                        for _ in 0..digits + skip - 2 {
                            characters.next();
                        }
                        decoded
                    }
                    other => return Err(unknown(1 + other.len_utf8())),
                };
                value.push(plain);
            }
            _ => value.push(character),
        }
    }
    Err(open())
}

/// Reads a number or a duration and returns it with its length.
fn number(text: &str, at: usize) -> Result<(Word, usize), QueryError> {
    let rest = &text[at..];
    match duration(rest) {
        Some(Written { length, refused: Some(refused), .. }) => {
            return Err(QueryError::new(at..at + length, format!("`{}`: {refused}", &rest[..length])));
        }
        Some(Written { seconds, length, refused: None }) => return Ok((Word::Duration(seconds), length)),
        None => {}
    }
    let bytes = rest.as_bytes();
    let is_hexadecimal = rest.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("0x"));
    let is_part = |index: usize| match bytes[index] {
        b'+' | b'-' => !is_hexadecimal && matches!(bytes[index - 1], b'e' | b'E'),
        byte => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'),
    };
    let length = (1..bytes.len()).find(|index| !is_part(*index)).unwrap_or(bytes.len());
    let written = rest[..length].replace('_', "");
    let value = match is_hexadecimal {
        true => u64::from_str_radix(&written[2..], 16).ok().map(|value| value as f64),
        false => written.parse().ok(),
    };
    let value = value.ok_or_else(|| {
        QueryError::new(at..at + length, format!("`{}` is neither a number nor a duration", &rest[..length]))
    })?;
    Ok((Word::Number(value), length))
}

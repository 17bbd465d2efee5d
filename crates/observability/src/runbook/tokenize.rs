//! Cuts a sentence into words, numbers and signs, each with its place.

use super::number_words::with_numbers;
use super::token::{Token, TokenKind};
use crate::comparison::Comparison;

/// Returns the parts of a sentence. Blanks, periods, quotation marks, signs of code
/// and emoji are passed over.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sentence[at..].chars().next() {
        let rest = &sentence[at..];
        let (kind, length) = match first {
            c if c.is_whitespace() || is_ornament(c) => {
                at += first.len_utf8();
                continue;
            }
            '[' if footnote(rest).is_some() => {
                at += footnote(rest).unwrap_or_default();
                continue;
            }
            '0'..='9' => number(rest),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest),
            '.' => {
                at += 1;
                continue;
            }
            '>' | '<' | '≥' | '≤' | '＞' | '＜' => comparison(rest),
            '%' => (TokenKind::Percent, 1),
            '/' => (TokenKind::Slash, 1),
            '(' => (TokenKind::Open, 1),
            ')' => (TokenKind::Close, 1),
            ':' => (TokenKind::Colon, 1),
            ';' | ',' => (TokenKind::Separator, 1),
            '-' | '–' | '—' if is_between_blanks(sentence, at, first) => {
                (TokenKind::Separator, first.len_utf8())
            }
            '=' => (TokenKind::Equal, 1),
            '+' if follows_number(&tokens, at) => (TokenKind::Plus, 1),
            // A unit may stand right behind its number, and the next number right behind it:
            // "1h30m".
            c if c.is_alphabetic() && follows_number(&tokens, at) => {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                (TokenKind::Word(rest[..end].to_lowercase()), end)
            }
            c if c.is_alphabetic() => word_of(rest),
            c => (TokenKind::Unknown, c.len_utf8()),
        };
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    with_numbers(tokens)
}

/// Returns how many bytes the footnote has that a text begins with: `[^1]`. `None` if it begins
/// with none.
pub(super) fn footnote(text: &str) -> Option<usize> {
    const LONGEST: usize = 40;
    let label = text.strip_prefix("[^")?;
    let length = label
        .bytes()
        .take(LONGEST)
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))?;
    (length > 0 && label[length..].starts_with(']')).then_some(length + 3)
}

/// Quotation marks and emoji, other than those that say "no".
fn is_ornament(c: char) -> bool {
    match c {
        '"' | '`' | '“' | '”' | '„' | '«' | '»' | '\u{200d}' | '\u{fe0f}' => true,
        '⏸' | '⛔' | '❌' | '❎' | '✖' | '👎' | '💤' | '📴' | '🔇' | '🔕' | '🙅' | '🚫' => {
            false
        }
        c => matches!(u32::from(c), 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1_F000..=0x1_FAFF),
    }
}

fn is_between_blanks(sentence: &str, at: usize, sign: char) -> bool {
    let before = sentence[..at].chars().next_back();
    let behind = sentence[at + sign.len_utf8()..].chars().next();
    [before, behind].into_iter().all(|c| c.is_some_and(char::is_whitespace))
}

fn follows_number(tokens: &[Token], at: usize) -> bool {
    tokens.last().is_some_and(|last| last.span.end == at && matches!(last.kind, TokenKind::Number(_)))
}

fn number(rest: &str) -> (TokenKind, usize) {
    let bytes = rest.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    let mut group = 0;
    let mut digits = String::new();
    while digit(end) {
        digits.push(char::from(bytes[end]));
        end += 1;
        group += 1;
        // A sign or a blank before three digits groups thousands.
        let sign = rest[end..].chars().next().filter(|c| is_grouping(*c)).map_or(0, char::len_utf8);
        let is_group = sign > 0 && group <= 3 && (0..3).all(|n| digit(end + sign + n));
        if is_group && !digit(end + sign + 3) {
            end += sign;
            group = 0;
        }
    }
    let mut decimals = String::new();
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end += 1;
        while digit(end) {
            decimals.push(char::from(bytes[end]));
            end += 1;
        }
    }
    // "95th" is a word.
    if decimals.is_empty() && rest[end..].starts_with("th") {
        return (TokenKind::Word(format!("{digits}th")), end + 2);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 6 {
        return (TokenKind::Unknown, end);
    }
    match format!("{digits}{decimals:0<6}").parse() {
        Ok(millionths) => (TokenKind::Number(millionths), end),
        Err(_) => (TokenKind::Unknown, end),
    }
}

fn is_grouping(c: char) -> bool {
    matches!(c, ',' | '_' | '\'' | '’' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

fn comparison(rest: &str) -> (TokenKind, usize) {
    let (comparison, length) = if rest.starts_with(">=") {
        (Comparison::AtLeast, 2)
    } else if rest.starts_with("<=") {
        (Comparison::AtMost, 2)
    } else if rest.starts_with('≥') {
        (Comparison::AtLeast, '≥'.len_utf8())
    } else if rest.starts_with('≤') {
        (Comparison::AtMost, '≤'.len_utf8())
    } else if let Some(sign) = rest.chars().next().filter(|sign| matches!(sign, '>' | '＞')) {
        (Comparison::Above, sign.len_utf8())
    } else if rest.starts_with('＜') {
        (Comparison::Below, '＜'.len_utf8())
    } else {
        (Comparison::Below, 1)
    };
    (TokenKind::Compare(comparison), length)
}

fn word_of(rest: &str) -> (TokenKind, usize) {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\'' | '’');
    let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
    let text = rest[..end].trim_end_matches(['.', '_', '-', '\'', '’']);
    let word = text.to_lowercase();
    // "hasn't", "isn’t"
    let is_denied = ["n't", "n’t"].iter().any(|end| word.ends_with(end));
    (TokenKind::Word(if is_denied { "not".to_owned() } else { word }), text.len())
}

//! Cuts a sentence into words, numbers and signs, each with its place.

use std::ops::Range;

use crate::comparison::Comparison;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Its bytes within the sentence.
    pub(super) span: Range<usize>,
}

/// What a part of a sentence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word in small letters. Names of jobs are words too.
    Word(String),
    /// A number with at most six decimals, in millionths.
    Number(u64),
    /// `>`, `>=`, `<`, `<=`
    Compare(Comparison),
    Percent,
    Slash,
    Open,
    Close,
    Colon,
    /// `;` or a comma between words.
    Separator,
    /// Anything else.
    Unknown,
}

/// Returns the parts of a sentence. Blanks and periods are passed over.
pub(super) fn tokens(sentence: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sentence[at..].chars().next() {
        let rest = &sentence[at..];
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '0'..='9' => number(rest),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest),
            '.' => {
                at += 1;
                continue;
            }
            '>' | '<' | '≥' | '≤' => comparison(rest),
            '%' => (TokenKind::Percent, 1),
            '/' => (TokenKind::Slash, 1),
            '(' => (TokenKind::Open, 1),
            ')' => (TokenKind::Close, 1),
            ':' => (TokenKind::Colon, 1),
            ';' | ',' => (TokenKind::Separator, 1),
            // A unit may stand right behind its number, and the next number right behind it:
            // "1h30m".
            c if c.is_alphabetic() && follows_number(&tokens, at) => {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                (TokenKind::Word(rest[..end].to_lowercase()), end)
            }
            c if c.is_alphabetic() => word(rest),
            c => (TokenKind::Unknown, c.len_utf8()),
        };
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    tokens
}

fn follows_number(tokens: &[Token], at: usize) -> bool {
    tokens.last().is_some_and(|last| last.span.end == at && matches!(last.kind, TokenKind::Number(_)))
}

fn number(rest: &str) -> (TokenKind, usize) {
    let bytes = rest.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    let mut digits = String::new();
    while digit(end) {
        digits.push(char::from(bytes[end]));
        end += 1;
        // A comma before three digits groups thousands.
        if bytes.get(end) == Some(&b',') && (1..=3).all(|n| digit(end + n)) && !digit(end + 4) {
            end += 1;
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

fn comparison(rest: &str) -> (TokenKind, usize) {
    let (comparison, length) = if rest.starts_with(">=") {
        (Comparison::AtLeast, 2)
    } else if rest.starts_with("<=") {
        (Comparison::AtMost, 2)
    } else if rest.starts_with('≥') {
        (Comparison::AtLeast, '≥'.len_utf8())
    } else if rest.starts_with('≤') {
        (Comparison::AtMost, '≤'.len_utf8())
    } else if rest.starts_with('>') {
        (Comparison::Above, 1)
    } else {
        (Comparison::Below, 1)
    };
    (TokenKind::Compare(comparison), length)
}

fn word(rest: &str) -> (TokenKind, usize) {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\'' | '’');
    let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
    let text = rest[..end].trim_end_matches(['.', '_', '-', '\'', '’']);
    let word = text.to_lowercase();
    let kind = match NUMBERS.iter().find(|(name, _)| *name == word) {
        Some((_, number)) => TokenKind::Number(number * 1_000_000),
        None => TokenKind::Word(word),
    };
    (kind, text.len())
}

/// Numbers that people write as words. "One" is not among them: "more than one run" speaks of a run
/// rather than of a number.
const NUMBERS: [(&str, u64); 12] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
];

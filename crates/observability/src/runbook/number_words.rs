//! Numbers that people write in words.

use super::token::{Token, TokenKind};

const SMALL: [(&str, u64); 28] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

const HUNDRED: u64 = 100;
const LARGE: [(&str, u64); 2] = [("thousand", 1_000), ("million", 1_000_000)];

/// Returns the parts of a sentence with a number in place of the words of each.
///
/// "One" alone stays a word: "more than one run" speaks of a run rather than of a number. So does a
/// word before a colon, which is the name of a job.
pub(super) fn with_numbers(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match number_at(&tokens[at..]) {
            Some((number, length)) => {
                let span = tokens[at].span.start..tokens[at + length - 1].span.end;
                joined.push(Token { kind: TokenKind::Number(number * 1_000_000), span });
                at += length;
            }
            None => {
                joined.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    joined
}

/// Returns the number that some parts of a sentence begin with, and how many of them it has.
fn number_at(tokens: &[Token]) -> Option<(u64, usize)> {
    let word = |at: usize| tokens.get(at).and_then(Token::word).unwrap_or_default();
    // "a hundred", "one thousand"
    let is_one = matches!(word(0), "a" | "one") && multiplier(word(1)).is_some();
    let (mut total, mut part, mut used) = (0, is_one.then_some(1), usize::from(is_one));
    let mut below = u64::MAX;
    loop {
        let and = usize::from(used > 0 && word(used) == "and");
        let next = word(used + and);
        if let Some(number) = small(next) {
            let Some(sum) = (match part {
                None => Some(number),
                Some(part) => joined(part, number, and > 0),
            }) else {
                break;
            };
            part = Some(sum);
        } else if let (Some(by), Some(number), 0) = (multiplier(next), part, and) {
            if by == HUNDRED && number < HUNDRED {
                part = Some(number * HUNDRED);
            } else if by > HUNDRED && by < below {
                (total, part, below) = (total + number * by, None, by);
            } else {
                break;
            }
        } else {
            break;
        }
        used += and + 1;
    }
    let is_name = used == 1
        && tokens
            .get(1)
            .is_some_and(|next| next.kind == TokenKind::Colon && next.span.start == tokens[0].span.end);
    let is_number = used > 0 && !is_name && !(used == 1 && word(0) == "one");
    is_number.then(|| (total + part.unwrap_or(0), used))
}

/// Returns the sum of a number and the one behind it: "twenty five", "two hundred and five". `None`
/// where they are two numbers.
fn joined(before: u64, number: u64, has_and: bool) -> Option<u64> {
    let is_behind_hundreds = before >= HUNDRED && before.is_multiple_of(HUNDRED) && number < HUNDRED;
    let is_behind_tens = before % HUNDRED >= 20 && before.is_multiple_of(10) && (1..10).contains(&number);
    (is_behind_hundreds || (is_behind_tens && !has_and)).then_some(before + number)
}

/// Returns a number below a hundred that is one word: "twenty-five".
fn small(word: &str) -> Option<u64> {
    let of = |word: &str| SMALL.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    match word.split_once('-') {
        Some((tens, units)) => joined(of(tens)?, of(units)?, false),
        None => of(word),
    }
}

fn multiplier(word: &str) -> Option<u64> {
    let large = || LARGE.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    if word == "hundred" { Some(HUNDRED) } else { large() }
}

#[cfg(test)]
mod tests {
    use crate::runbook::tokenize::tokens;

    use super::*;

    #[track_caller]
    fn check(sentence: &str, expected: &str) {
        let shown = |token: Token| match token.kind {
            TokenKind::Number(number) => format!("{}", number / 1_000_000),
            _ => sentence[token.span].to_owned(),
        };
        let shown: Vec<String> = tokens(sentence).into_iter().map(shown).collect();
        assert_eq!(shown.join(" "), expected, "{sentence}");
    }

    #[test]
    fn numbers_in_words_are_numbers() {
        check("two failed runs", "2 failed runs");
        check("Twenty-five or forty five", "25 or 45");
        check("one hundred and twenty minutes", "120 minutes");
        check("a hundred, one thousand, a million", "100 , 1000 , 1000000");
        check("two thousand five hundred and one", "2501");
        check("three hundred seconds", "300 seconds");
        check("one hundred and growing", "100 and growing");
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        check("one run, a run, hundred", "one run , a run , hundred");
        check("ten: 5", "ten : 5");
        check("ten and two", "10 and 2");
        check("ten twenty", "10 20");
        check("twenty-ten", "twenty-ten");
        check("one million thousand", "1000000 thousand");
    }
}

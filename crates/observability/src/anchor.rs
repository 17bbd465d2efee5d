//! The anchors that GitHub makes of headings.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Returns the anchor that GitHub makes of a heading's text: small letters, digits, marks, `-` and
/// `_`, with a `-` for each space. Anything else, such as punctuation and emoji, is left out.
///
/// ```
/// use jobwatch_observability::anchor::slug;
///
/// assert_eq!(slug("Job Not Running (Stale)"), "job-not-running-stale");
/// ```
pub fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars().flat_map(char::to_lowercase) {
        match c {
            ' ' => slug.push('-'),
            '-' | '_' => slug.push(c),
            c if c.is_alphabetic() || is_digit(c) || is_mark(c) || is_connector(c) => slug.push(c),
            _ => {}
        }
    }
    slug
}

/// Digits of any script; fractions, circled and raised numbers are none.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (c.is_numeric() && !is_other_number(c))
}

/// Numbers that are no digits: the blocks that have them.
fn is_other_number(c: char) -> bool {
    matches!(u32::from(c),
        0xB2..=0xBE | 0x9F4..=0x9F9 | 0xB72..=0xB77 | 0xBF0..=0xBF2 | 0xC78..=0xC7E | 0xD58..=0xD5E
        | 0xD70..=0xD78 | 0xF2A..=0xF33 | 0x1369..=0x137C | 0x17F0..=0x17F9 | 0x19DA | 0x2070..=0x218B
        | 0x2460..=0x2793 | 0x2CFD | 0x3192..=0x3195 | 0x3220..=0x32BF | 0xA830..=0xA835
        | 0x1_0107..=0x1_0133 | 0x1_D2C0..=0x1_D378 | 0x1_F100..=0x1_F10C)
}

/// Marks that no letter is, by block: accents, variation selectors (which emoji leave behind),
/// enclosing keycaps.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x610..=0x61A | 0x64B..=0x65F | 0x93C | 0x94D
        | 0x9BC | 0x9CD | 0xE47..=0xE4E | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20F0
        | 0x302A..=0x302F | 0x3099..=0x309A | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0xE_0100..=0xE_01EF)
}

/// Signs that join words, beside `_`.
fn is_connector(c: char) -> bool {
    matches!(
        c,
        '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}'
    )
}

/// Gives the headings of one page their anchors, in order. A heading whose anchor is taken gets a
/// number behind it.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// Each anchor, by its hash, with the last number that was given to a heading of that text. A
    /// page may have a million headings; that two of their hashes are one by chance is next to
    /// impossible.
    taken: HashMap<u64, u32>,
}

impl Anchors {
    /// Returns the anchor of the next heading.
    pub fn next(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let Some(last) = self.taken.get(&hash(&slug)).copied() else {
            self.taken.insert(hash(&slug), 0);
            return slug;
        };
        let mut number = last + 1;
        let mut anchor = format!("{slug}-{number}");
        while self.taken.contains_key(&hash(&anchor)) {
            number += 1;
            anchor = format!("{slug}-{number}");
        }
        self.taken.insert(hash(&slug), number);
        self.taken.insert(hash(&anchor), 0);
        anchor
    }
}

fn hash(anchor: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    anchor.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headings: &[&str], expected: &[&str]) {
        let mut anchors = Anchors::default();
        let found: Vec<String> = headings.iter().map(|heading| anchors.next(heading)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn headings_become_anchors() {
        check(&["Job Failures"], &["job-failures"]);
        check(&["What's P95, really?"], &["whats-p95-really"]);
        check(&["Job Not Running (Stale)"], &["job-not-running-stale"]);
        check(&["a & b -- c_d"], &["a--b----c_d"]);
        check(&["Größe der Schlange"], &["größe-der-schlange"]);
        check(&["キューの長さ"], &["キューの長さ"]);
        check(&["1. First ½ ² ①"], &["1-first---"]);
    }

    #[test]
    fn emoji_leave_their_space_and_their_marks() {
        check(&["🚨 Job Failures"], &["-job-failures"]);
        check(&["Job 🚨 Failures 🔥"], &["job--failures-"]);
        check(&["⚠️ Stale"], &["\u{fe0f}-stale"]);
        check(&["1️⃣ Look"], &["1\u{fe0f}\u{20e3}-look"]);
        check(&["👩‍💻 Who"], &["-who"]);
        check(&[":rocket: Go"], &["rocket-go"]);
    }

    #[test]
    fn an_anchor_that_is_taken_gets_a_number() {
        check(&["A", "A", "A"], &["a", "a-1", "a-2"]);
        check(&["A", "A 1", "A"], &["a", "a-1", "a-2"]);
        check(&["A", "A", "A 1"], &["a", "a-1", "a-1-1"]);
        check(&["", ""], &["", "-1"]);
    }
}

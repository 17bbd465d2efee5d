//! The anchors that GitHub, GitLab and sites make of headings.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Who makes the anchors of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnchorStyle {
    /// GitHub. Small letters, digits, marks, `-` and `_` are kept, each space becomes a `-`, and
    /// anything else, such as punctuation and emoji, is left out. A heading whose anchor is taken
    /// gets the first number that is free. `{#…}` behind a heading is a part of its text.
    #[default]
    GitHub,
    /// GitLab, by the rules of its documentation ("Heading IDs and links"): as GitHub, but several
    /// `-` become one, digits alone get `anchor-` before them, and a number counts the headings of
    /// the same text.
    GitLab,
    /// A site that is made of the page, as by Hugo, Docusaurus, Jekyll or Gitea: as GitHub, but an
    /// anchor may be set by hand, as `{#…}` behind a heading, which is no part of its text.
    Site,
}

impl AnchorStyle {
    /// Returns the style of the page that a link leads to. GitLab's addresses have `/-/` behind the
    /// project, or `gitlab` in their host; GitHub's have `/blob/` behind the repository, or
    /// `github` in their host, and what is no address is taken for a file there. Whatever else has
    /// an address is a site, as are the pages of both.
    pub fn of(url: &str) -> Self {
        let Some((_, rest)) = url.split_once("://") else { return Self::GitHub };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.to_lowercase();
        if host.ends_with(".github.io") || host.ends_with(".gitlab.io") {
            Self::Site
        } else if host.contains("gitlab") || path.contains("/-/") {
            Self::GitLab
        } else if host.contains("github") || path.contains("/blob/") {
            Self::GitHub
        } else {
            Self::Site
        }
    }

    /// Returns whether `{#…}` behind a heading sets its anchor.
    pub(crate) fn is_set_by_hand(self) -> bool {
        self == Self::Site
    }

    /// Returns the anchor of the first heading with a text. Empty if nothing of it is kept.
    ///
    /// ```
    /// use jobwatch_observability::anchor::AnchorStyle;
    ///
    /// assert_eq!(AnchorStyle::GitHub.slug("Job Not Running (Stale)"), "job-not-running-stale");
    /// ```
    pub fn slug(self, heading: &str) -> String {
        let mut slug = String::with_capacity(heading.len());
        for c in heading.trim().chars().flat_map(char::to_lowercase) {
            match c {
                ' ' | '-' if self == Self::GitLab && slug.ends_with('-') => {}
                ' ' => slug.push('-'),
                '-' | '_' => slug.push(c),
                c if c.is_alphabetic() || is_digit(c) || is_mark(c) || is_connector(c) => slug.push(c),
                _ => {}
            }
        }
        if self == Self::GitLab && !slug.is_empty() && slug.chars().all(is_digit) {
            slug.insert_str(0, "anchor-");
        }
        slug
    }
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

/// Gives the headings of one page their anchors, in order.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    style: AnchorStyle,
    /// Each anchor, by its hash, with the last number that was given to a heading of that text. A
    /// page may have a million headings; that two of their hashes are one by chance is next to
    /// impossible.
    taken: HashMap<u64, u32>,
}

impl Anchors {
    /// Begins a page.
    pub fn new(style: AnchorStyle) -> Self {
        Self { style, taken: HashMap::new() }
    }

    /// Returns the anchor of the next heading.
    pub fn next(&mut self, heading: &str) -> String {
        let slug = self.style.slug(heading);
        let Some(last) = self.taken.get(&hash(&slug)).copied() else {
            self.taken.insert(hash(&slug), 0);
            return slug;
        };
        let mut number = last + 1;
        let mut anchor = format!("{slug}-{number}");
        if self.style != AnchorStyle::GitLab {
            while self.taken.contains_key(&hash(&anchor)) {
                number += 1;
                anchor = format!("{slug}-{number}");
            }
            self.taken.insert(hash(&anchor), 0);
        }
        self.taken.insert(hash(&slug), number);
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

    /// The anchors that GitHub and GitLab make of the headings of a page.
    #[track_caller]
    fn check(headings: &[&str], github: &[&str], gitlab: &[&str]) {
        for (style, expected) in [(AnchorStyle::GitHub, github), (AnchorStyle::GitLab, gitlab)] {
            let mut anchors = Anchors::new(style);
            let found: Vec<String> = headings.iter().map(|heading| anchors.next(heading)).collect();
            assert_eq!(found, expected, "{style:?}");
        }
    }

    #[track_caller]
    fn check_alike(heading: &str, expected: &str) {
        check(&[heading], &[expected], &[expected]);
    }

    #[test]
    fn headings_become_anchors() {
        check_alike("Job Failures", "job-failures");
        check_alike("What's P95, really?", "whats-p95-really");
        check_alike("Job Not Running (Stale)", "job-not-running-stale");
        check_alike("Größe der Schlange", "größe-der-schlange");
        check_alike("キューの長さ", "キューの長さ");
        check_alike("2.1 `BackgroundJobFailing`", "21-backgroundjobfailing");
        check_alike("3.5 in it (and parentheses)", "35-in-it-and-parentheses");
        check(&["1. First ½ ² ①"], &["1-first---"], &["1-first-"]);
    }

    #[test]
    fn several_hyphens_are_one_for_gitlab() {
        check(&["a & b -- c_d"], &["a--b----c_d"], &["a-b-c_d"]);
        check(&["Queues – growing"], &["queues--growing"], &["queues-growing"]);
        check(
            &["multiple  spaces and --- hyphens"],
            &["multiple--spaces-and-----hyphens"],
            &["multiple-spaces-and-hyphens"],
        );
    }

    #[test]
    fn digits_alone_are_no_anchor_for_gitlab() {
        check(&["2024", "2024"], &["2024", "2024-1"], &["anchor-2024", "anchor-2024-1"]);
        check_alike("2024-05", "2024-05");
    }

    #[test]
    fn emoji_leave_their_space_and_their_marks() {
        check_alike("🚨 Job Failures", "-job-failures");
        check(&["Job 🚨 Failures 🔥"], &["job--failures-"], &["job-failures-"]);
        check_alike("⚠️ Stale", "\u{fe0f}-stale");
        check_alike("1️⃣ Look", "1\u{fe0f}\u{20e3}-look");
        check_alike("👩‍💻 Who", "-who");
        check_alike(":rocket: Go", "rocket-go");
        check_alike("🚨", "");
    }

    #[test]
    fn an_anchor_that_is_taken_gets_a_number() {
        check(&["A", "A", "A"], &["a", "a-1", "a-2"], &["a", "a-1", "a-2"]);
        check(&["A", "A 1", "A"], &["a", "a-1", "a-2"], &["a", "a-1", "a-1"]);
        check(&["A", "A", "A 1"], &["a", "a-1", "a-1-1"], &["a", "a-1", "a-1"]);
        check(&["", ""], &["", "-1"], &["", "-1"]);
    }

    #[test]
    fn whose_page_it_is_is_known_by_its_address() {
        for (url, expected) in [
            ("https://github.com/clipper/clipper/blob/main/docs/jobs.md", AnchorStyle::GitHub),
            ("https://gitlab.com/clipper/clipper/-/blob/main/docs/jobs.md", AnchorStyle::GitLab),
            ("https://gitlab.clipper.example/docs/jobs.md", AnchorStyle::GitLab),
            ("https://git.clipper.example/web/clipper/-/wikis/jobs", AnchorStyle::GitLab),
            ("https://git.clipper.example/clipper/clipper/blob/main/docs/jobs.md", AnchorStyle::GitHub),
            ("https://github.clipper.example/clipper/clipper/wiki/jobs", AnchorStyle::GitHub),
            ("docs/runbooks/jobs.md", AnchorStyle::GitHub),
            ("", AnchorStyle::GitHub),
            ("https://docs.clipper.example/gitlab/jobs", AnchorStyle::Site),
            ("https://clipper.github.io/docs/jobs", AnchorStyle::Site),
            ("https://clipper.gitlab.io/docs/jobs", AnchorStyle::Site),
        ] {
            assert_eq!(AnchorStyle::of(url), expected, "{url}");
        }
    }
}

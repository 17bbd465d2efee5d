//! Comments.

use std::fmt;

use jobwatch_catalogue::text::is_control;

/// The text of a comment: one line, whatever it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment(String);

impl Comment {
    /// Makes a comment of a text. Line breaks, signs that turn the direction of writing and other
    /// control characters become spaces.
    pub fn new(text: &str) -> Self {
        // Most are plain: to look at their bytes is faster than at their characters.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        // A byte order mark is not text either, and readers of YAML refuse it.
        Self(text.replace(|c| is_control(c) || c == '\u{feff}', " "))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(Comment::new("a\u{85}b\u{feff}c").as_str(), "a b c");
        assert_eq!(Comment::new("a\u{202e}b\u{2066}c").as_str(), "a b c");
        assert_eq!(Comment::new("a\ngroups: []\r\n\u{2028}b\0").as_str(), "a groups: []   b ");
    }
}

//! How YAML files are written: comments above what they are about, expressions as blocks.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::rc::Rc;

use serde::{Serialize, Serializer};
use serde_saphyr::{CommentPosition, Commented, LitStr, SerializerOptions, SingleQuoted};

use crate::artifact::HeaderPlace;
use crate::text::{Comment, LabelValue, Template};

/// Where a file has its header.
pub(super) const HEADER: HeaderPlace = HeaderPlace::FirstLine { before: "# ", after: "" };

/// The longest line of a file that is a comment, in characters.
const LONGEST: usize = 100;

/// What stands before the text of a comment that is indented most deeply.
const BEFORE: usize = "          # ".len();

/// The longest line of a comment's text.
const WIDTH: usize = LONGEST - BEFORE;

/// Room for a file of rule tests, in bytes, so that it is not moved while it grows.
const USUAL_SIZE: usize = 1 << 17;

/// Returns the text of a file: a line about it, and a value.
///
/// # Errors
///
/// The writer refuses what YAML cannot hold; nothing that is written here is such.
pub(super) fn document<T: Serialize>(
    header: &Comment,
    value: &T,
) -> Result<String, serde_saphyr::ser::Error> {
    let mut text = Tidied(String::with_capacity(USUAL_SIZE));
    writeln!(text, "# {header}")?;
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options())?;
    let Tidied(mut text) = text;
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\n');
    Ok(text)
}

/// A text without the space that the writer leaves between the dash of an item and its comment,
/// which editors would remove. No other line ends with a space: see `fits_block`.
struct Tidied(String);

impl fmt::Write for Tidied {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if part.starts_with('\n') && self.0.ends_with("- ") {
            self.0.pop();
        }
        self.0.push_str(part);
        Ok(())
    }

    /// Indentation is written space by space.
    fn write_char(&mut self, c: char) -> fmt::Result {
        if c == '\n' {
            return self.write_str("\n");
        }
        self.0.push(c);
        Ok(())
    }
}

fn options() -> SerializerOptions {
    serde_saphyr::ser_options! {
        compact_list_indent: false,
        // Long texts stay in one line, and blocks are for expressions alone: Prometheus refuses a
        // block that begins with a tab.
        prefer_block_scalars: false,
        comment_position: CommentPosition::Above,
    }
}

/// The lines of a comment, which may stand above several values.
#[derive(Clone)]
pub(super) struct Lines(Rc<[String]>);

impl Lines {
    pub(super) fn of(comment: &Comment) -> Self {
        Self(wrapped(comment.as_str()).into())
    }
}

/// A value, and the comment above it if there is one.
pub(super) struct Explained<T> {
    value: T,
    comment: Option<Lines>,
}

impl<T> Explained<T> {
    pub(super) fn new(value: T, comment: &Comment) -> Self {
        Self::by(value, Lines::of(comment))
    }

    pub(super) const fn by(value: T, comment: Lines) -> Self {
        Self { value, comment: Some(comment) }
    }

    pub(super) const fn unexplained(value: T) -> Self {
        Self { value, comment: None }
    }
}

impl<T: Serialize> Serialize for Explained<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = self.comment.as_ref().map_or(&[][..], |lines| &lines.0);
        Below { lines, value: &self.value }.serialize(serializer)
    }
}

/// What stands below the first lines of a comment: the others, and the value.
struct Below<'a, T> {
    lines: &'a [String],
    value: &'a T,
}

impl<T: Serialize> Serialize for Below<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.lines.split_first() {
            Some((first, lines)) => {
                Commented(Below { lines, value: self.value }, first.clone()).serialize(serializer)
            }
            None => self.value.serialize(serializer),
        }
    }
}

/// A text that is a block if it has several lines, and if every reader agrees about such a block.
pub(super) struct Block<'t>(pub(super) Cow<'t, str>);

impl<'t> Block<'t> {
    /// A block of a whole file, whose last line ends.
    pub(super) fn inner(file: &'t str) -> Self {
        Self(Cow::Borrowed(file.trim_end_matches('\n')))
    }
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match fits_block(&self.0) {
            true => LitStr(&self.0).serialize(serializer),
            false => self.0.serialize(serializer),
        }
    }
}

/// A text in single quotes, as Prometheus' documentation writes series and their values, where it
/// has nothing that would have to be escaped.
pub(super) struct Quoted(pub(super) String);

impl Serialize for Quoted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Each byte is looked at, even behind one that decides: so compilers look at many at once.
        match self.0.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
            true => SingleQuoted(&self.0).serialize(serializer),
            false => self.0.serialize(serializer),
        }
    }
}

/// A text of a catalogue that may be a value in YAML.
pub(super) trait Text {
    /// Returns it as readers have it.
    fn as_text(&self) -> &str;
}

impl Text for LabelValue {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}

impl Text for Template {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}

impl<T: Text> Text for &T {
    fn as_text(&self) -> &str {
        (*self).as_text()
    }
}

/// Names and texts in the order they are read, which is not always that of the alphabet.
pub(super) struct Pairs<N, T>(pub(super) Vec<(N, T)>);

impl<N, T> Pairs<N, T> {
    /// Returns whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: AsRef<str>, T: Text> Serialize for Pairs<N, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name.as_ref(), text.as_text())))
    }
}

/// Returns whether a text is written as a block. Its first line decides about the indentation, so
/// that it begins with neither space nor tab. No line ends with a space, which editors would
/// remove, and the last one is not empty, because empty lines at the end of a document are cut off.
/// What a reader may take for the end of a line, or refuse, has to be escaped.
fn fits_block(text: &str) -> bool {
    let is_odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    text.contains('\n')
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with('\n')
        && !text.split('\n').any(|line| line.ends_with(char::is_whitespace))
        && !text.contains(is_odd)
}

/// Returns the lines of a comment.
fn wrapped(comment: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut width = 0;
    for word in comment.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if width + 1 + length <= WIDTH => {
                line.push(' ');
                line.push_str(word);
                width += 1 + length;
            }
            _ => {
                lines.push(word.to_owned());
                width = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests;

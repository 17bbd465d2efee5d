//! The value of a label, and where it stands in the source.

use std::ops::Range;

use super::piece::{Piece, small, source_of};

/// A value within a run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// The plain text. Line breaks of the source are in it.
    pub(super) text: String,
    /// Its bytes in the source, with the signs of emphasis and code that belong to it alone.
    pub(super) span: Range<usize>,
    /// Whether it stands in a heading or in the head of a table, which is never rewritten.
    pub(super) is_kept: bool,
    /// How another text is written here.
    pub(super) writing: Writing,
    /// What has to be replaced to give it another text, where that is not its span.
    pub(super) edit: Option<Box<Edit>>,
    pub(super) pieces: Box<[Piece]>,
    /// What somebody wrote within it that is no part of the text, or more than that, in order.
    pub(super) kept: Box<[Kept]>,
}

/// How a value is written in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Writing {
    #[default]
    Markdown,
    /// In HTML.
    Html,
    /// As it is, between quotes.
    Quoted,
    /// As it is, in quotes as soon as it has signs.
    Unquoted,
}

/// A part of the source that can be replaced by another text without breaking what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Range<usize>,
    /// Signs at the end of emphasis that begins before the value, to be written before the new
    /// text.
    pub(super) closing: Range<usize>,
    /// Signs at the start of emphasis that ends behind the value, to be written behind the new
    /// text.
    pub(super) opening: Range<usize>,
    /// The code span around it, with its signs.
    pub(super) code: Option<Range<usize>>,
}

/// A comment, a footnote, a struck text or a link within a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
    /// Whether it is a link, whose text is a part of the value.
    pub(super) is_link: bool,
}

impl Edit {
    pub(super) const fn plain(span: Range<usize>) -> Self {
        let at = span.start;
        Self { span, closing: at..at, opening: at..at, code: None }
    }
}

impl Field {
    /// Returns a field without a value at a place of the source.
    pub(super) fn empty(at: usize) -> Self {
        Self {
            text: String::new(),
            span: at..at,
            is_kept: false,
            writing: Writing::Markdown,
            edit: None,
            pieces: Box::default(),
            kept: Box::default(),
        }
    }

    /// Returns a field whose text stands in the source as it is.
    pub(super) fn raw(text: &str, start: usize, writing: Writing) -> Self {
        let span = start..start + text.len();
        let (first, last) = (small(span.start), small(span.end));
        let piece = Piece { at: 0, length: small(text.len()), start: first, end: last, is_exact: true };
        Self { text: text.to_owned(), span, writing, pieces: [piece].into(), ..Self::empty(start) }
    }

    /// Returns it as one that is never rewritten.
    pub(super) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// Returns it as one that is written like this.
    pub(super) fn written(self, writing: Writing) -> Self {
        Self { writing, ..self }
    }

    /// Returns the bytes in the source of a part of the text.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        if self.pieces.is_empty() {
            return self.span.clone();
        }
        source_of(&self.pieces, &range)
    }

    /// Returns what has to be replaced to give it another text.
    pub(super) fn edit(&self) -> Edit {
        self.edit.as_deref().map_or_else(|| Edit::plain(self.span.clone()), Edit::clone)
    }
}

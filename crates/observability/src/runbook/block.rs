//! The blocks of a page of Markdown.

use std::ops::Range;

use super::field::Writing;
use super::inline::Inline;

/// A block of a page.
pub(super) enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph, or the text of an item.
    Text(Inline),
    /// The term of a definition list.
    Term(Inline),
    /// The first text of a definition.
    Definition(Inline),
    /// The head of a table.
    Head(Vec<Cell>),
    /// A row of a table.
    Row(Vec<Cell>),
    /// The end of a table.
    TableEnd,
    /// Some bytes of HTML.
    Html(Range<usize>),
    /// Some bytes of front matter, without its fences.
    FrontMatter(Range<usize>),
}

/// A heading of a page.
pub(super) struct Heading {
    pub(super) title: Inline,
    /// What an anchor is made of: the title without what stands for images.
    pub(super) shown: String,
    /// The anchor that is set at it by hand, as `{#…}`, on a page that takes it.
    pub(super) id: Option<String>,
    /// From 1 on.
    pub(super) level: usize,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
}

/// A cell of a table.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: Inline,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
    /// Whether it is the title of a column or a row, which is never rewritten.
    pub(super) is_head: bool,
    /// How another text is written in it.
    pub(super) writing: Writing,
}

/// Cells of a row beyond these are passed over.
pub(super) const MOST_CELLS: usize = 100;

//! A table in HTML, as the tags that it is made of come along.

use std::ops::Range;

use super::block::{Block, Cell, MOST_CELLS};
use super::field::Writing;
use super::inline::Inline;

/// A table in HTML that is being read. There may be Markdown within its cells.
#[derive(Debug, Default)]
pub(super) struct HtmlTable {
    /// How many tables have begun, each in a cell of the one before. Only the first is read.
    depth: usize,
    has_rows: bool,
    cells: Vec<Cell>,
    cell: Option<OpenCell>,
}

/// A cell that has begun.
#[derive(Debug)]
struct OpenCell {
    /// Where its content begins in the source.
    start: usize,
    is_head: bool,
    writing: Writing,
}

impl HtmlTable {
    /// Returns whether a text that is read now stands in a cell.
    pub(super) const fn is_in_cell(&self) -> bool {
        self.cell.is_some()
    }

    /// Notes that there is Markdown in the cell.
    pub(super) fn has_markdown(&mut self) {
        self.cell.iter_mut().for_each(|cell| cell.writing = Writing::Markdown);
    }

    /// Begins or ends a table, given the text that was read so far and where the tag stands.
    pub(super) fn table(&mut self, is_end: bool, inline: &mut Inline, tag: Range<usize>) -> Vec<Block> {
        match (self.depth, is_end) {
            (0, true) => Vec::new(),
            (1, true) => self.end(inline, tag.start),
            (_, true) => {
                self.depth -= 1;
                Vec::new()
            }
            (_, false) => {
                self.depth += 1;
                Vec::new()
            }
        }
    }

    /// Begins or ends a row.
    pub(super) fn row(&mut self, inline: &mut Inline, tag: Range<usize>) -> Option<Block> {
        if self.depth == 1 { self.end_row(inline, tag.start) } else { None }
    }

    /// Begins or ends a cell.
    pub(super) fn cell(&mut self, is_end: bool, is_head: bool, inline: &mut Inline, tag: Range<usize>) {
        if self.depth == 1 {
            self.end_cell(inline, tag.start);
            if !is_end {
                self.cell = Some(OpenCell { start: tag.end, is_head, writing: Writing::Html });
            }
        }
    }

    /// Ends all tables at a place of the source.
    pub(super) fn end(&mut self, inline: &mut Inline, at: usize) -> Vec<Block> {
        if self.depth == 0 {
            return Vec::new();
        }
        let row = self.end_row(inline, at);
        let end = self.has_rows.then_some(Block::TableEnd);
        *self = Self::default();
        row.into_iter().chain(end).collect()
    }

    fn end_row(&mut self, inline: &mut Inline, at: usize) -> Option<Block> {
        self.end_cell(inline, at);
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return None;
        }
        let is_first = !std::mem::replace(&mut self.has_rows, true);
        Some(if is_first { Block::Head(cells) } else { Block::Row(cells) })
    }

    fn end_cell(&mut self, inline: &mut Inline, at: usize) {
        if let Some(OpenCell { start, is_head, writing }) = self.cell.take() {
            let cell = Cell { text: std::mem::take(inline), span: start..at.max(start), is_head, writing };
            if self.cells.len() < MOST_CELLS {
                self.cells.push(cell);
            }
        }
    }
}

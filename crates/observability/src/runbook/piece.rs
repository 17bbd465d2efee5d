//! Parts of a plain text that know their bytes in the source.

use std::ops::Range;

/// A part of the plain text and its bytes in the source. There may be a million of them, so that
/// they are kept small: a runbook that is read has no more than [`super::limits::MAX_SIZE`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) at: u32,
    pub(super) length: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether each byte of the text is a byte of the source; otherwise the whole stands for the
    /// whole, as an entity does.
    pub(super) is_exact: bool,
}

impl Piece {
    pub(super) const fn text(&self) -> Range<usize> {
        self.at as usize..self.at as usize + self.length as usize
    }

    /// Returns where the source of the text from `at` on begins.
    pub(super) const fn start_at(&self, at: usize) -> usize {
        self.start as usize + if self.is_exact { at - self.at as usize } else { 0 }
    }

    /// Returns where the source of the text up to `at` ends.
    pub(super) fn end_at(&self, at: usize) -> usize {
        let is_within = self.is_exact && at < self.text().end;
        if is_within { self.start as usize + at.saturating_sub(self.at as usize) } else { self.end as usize }
    }
}

/// A place in a runbook that is read fits into four bytes.
pub(super) fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Returns the number of the piece that has a byte of the text.
pub(super) fn piece_at(pieces: &[Piece], at: usize) -> usize {
    pieces.partition_point(|piece| piece.at as usize <= at).saturating_sub(1)
}

pub(super) fn source_of(pieces: &[Piece], range: &Range<usize>) -> Range<usize> {
    if range.is_empty() {
        let end = pieces[piece_at(pieces, range.start.saturating_sub(1))].end_at(range.start);
        return end..end;
    }
    let first = &pieces[piece_at(pieces, range.start)];
    let last = &pieces[piece_at(pieces, range.end - 1)];
    first.start_at(range.start)..last.end_at(range.end)
}

//! The plain text of a paragraph, an item or a cell, and where each part of it stands in the
//! source.

use std::ops::Range;

use super::field::{Edit, Field, Kept, Writing};
use super::piece::{Piece, piece_at, small, source_of};

/// A run of inline text: what is left when emphasis, code spans, links, escapes and entities are
/// read. Lines end in `\n`.
#[derive(Debug, Clone, Default)]
pub(super) struct Inline {
    pub(super) text: String,
    /// How another text is written in it.
    pub(super) writing: Writing,
    pieces: Vec<Piece>,
    marks: Vec<Mark>,
    /// The marks that are open, by number.
    open: Vec<usize>,
    /// How many marks are open beyond those.
    passed_over: usize,
    /// Where line breaks stand that are shown, sorted.
    hard_breaks: Vec<usize>,
    /// The bytes in the source of what is no text, each with its place in the text, sorted.
    apart: Vec<(usize, Range<usize>)>,
}

/// Emphasis, a code span, a link: the text that it is around, and its bytes in the source with its
/// signs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    text: Range<usize>,
    source: Range<usize>,
    kind: MarkKind,
    /// The mark that it stands within.
    parent: Option<usize>,
}

/// What a part of a text is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkKind {
    Emphasis,
    Link,
    Code,
}

/// Marks that stand within more others than this are passed over.
const DEEPEST: usize = 100;

impl Inline {
    /// Adds a text that the parser read from some bytes of the source.
    pub(super) fn push_text(&mut self, text: &str, span: Range<usize>, source: &str) {
        let is_exact = source.get(span.clone()) == Some(text);
        let covered = self.pieces.last().map_or(0, |piece| piece.end as usize);
        let is_escaped =
            is_exact && span.start > covered && source.as_bytes().get(span.start - 1) == Some(&b'\\');
        match text.chars().next().map(char::len_utf8) {
            Some(length) if is_escaped => {
                self.push(&text[..length], span.start - 1..span.start + length, false);
                self.push(&text[length..], span.start + length..span.end, true);
            }
            _ => self.push(text, span, is_exact),
        }
    }

    /// Adds a code span.
    pub(super) fn push_code(&mut self, text: &str, span: Range<usize>, source: &str) {
        let raw = source.get(span.clone()).unwrap_or_default();
        let ticks = raw.bytes().take_while(|byte| *byte == b'`').count();
        let inner = raw.get(ticks..raw.len().saturating_sub(ticks)).unwrap_or_default();
        let start = span.start + ticks;
        // A blank on either side belongs to the signs; a line break within is read as one.
        let blank = usize::from(inner.len() == text.len() + 2);
        let (at, end) = match inner.find(text) {
            Some(found) => (start + found, start + found + text.len()),
            None => (start + blank, start + inner.len() - blank),
        };
        let from = self.text.len();
        self.push(text, at..end, end - at == text.len());
        self.marks.push(Mark {
            text: from..self.text.len(),
            source: span,
            kind: MarkKind::Code,
            parent: self.open.last().copied(),
        });
    }

    /// Adds what stands in the text and is none of it, as a comment or a footnote.
    pub(super) fn push_apart(&mut self, span: Range<usize>) {
        self.apart.push((self.text.len(), span));
    }

    /// Adds a line break.
    pub(super) fn push_break(&mut self, span: Range<usize>, is_hard: bool) {
        if is_hard {
            self.hard_breaks.push(self.text.len());
        }
        self.push("\n", span, false);
    }

    fn push(&mut self, text: &str, source: Range<usize>, is_exact: bool) {
        if text.is_empty() {
            return;
        }
        let (at, length) = (small(self.text.len()), small(text.len()));
        self.text.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if is_exact && last.is_exact && last.end == small(source.start) => {
                last.length += length;
                last.end += length;
            }
            _ => {
                let (start, end) = (small(source.start), small(source.end));
                self.pieces.push(Piece { at, length, start, end, is_exact });
            }
        }
    }

    /// Begins emphasis or a link that has these bytes.
    pub(super) fn open(&mut self, kind: MarkKind, source: Range<usize>) {
        if self.open.len() == DEEPEST {
            self.passed_over += 1;
            return;
        }
        let (at, parent) = (self.text.len(), self.open.last().copied());
        self.open.push(self.marks.len());
        self.marks.push(Mark { text: at..at, source, kind, parent });
    }

    /// Ends what was begun last.
    pub(super) fn close(&mut self) {
        if self.passed_over > 0 {
            self.passed_over -= 1;
        } else if let Some(mark) = self.open.pop() {
            self.marks[mark].text.end = self.text.len();
        }
    }

    /// Returns where emphasis ends that begins at this byte of the text. `None` if none begins
    /// there.
    pub(super) fn emphasis_at(&self, at: usize) -> Option<usize> {
        let first = self.marks.partition_point(|mark| mark.text.start < at);
        let mark =
            self.marks.get(first).filter(|mark| mark.text.start == at && mark.kind != MarkKind::Code)?;
        Some(mark.text.end)
    }

    /// Returns whether this byte of the text stands in a code span that begins before it.
    pub(super) fn is_within_code(&self, at: usize) -> bool {
        let first = self.marks.partition_point(|mark| mark.text.start < at);
        self.around(first).any(|mark| mark.kind == MarkKind::Code && mark.text.end > at)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether a line break at this byte of the text is shown as one.
    pub(super) fn is_hard_break(&self, at: usize) -> bool {
        self.hard_breaks.binary_search(&at).is_ok()
    }

    /// Returns a part of the text as a value, without the blanks around it.
    pub(super) fn field(&self, range: Range<usize>) -> Field {
        let raw = &self.text[range.clone()];
        let start = range.start + (raw.len() - raw.trim_start().len());
        let range = start..start + raw.trim().len();
        if range.is_empty() {
            return Field::empty(self.behind(self.text[..start].trim_end().len())).written(self.writing);
        }
        let first = self.piece_at(range.start);
        let last = self.piece_at(range.end - 1) + 1;
        let pieces = &self.pieces[first..last];
        let inner = source_of(pieces, &range);
        let mut span = inner.clone();
        let is_within = |mark: &&Mark| range.start <= mark.text.start && mark.text.end <= range.end;
        for mark in self.marks_over(&range).filter(is_within) {
            span = span.start.min(mark.source.start)..span.end.max(mark.source.end);
        }
        let edit = self.edit(&range, inner);
        let text = self.text[range.clone()].to_owned();
        let begin = small(range.start);
        let rebased = |piece: &Piece| {
            // Only the first piece begins before the value.
            let cut = begin.saturating_sub(piece.at);
            Piece {
                at: piece.at.saturating_sub(begin),
                length: piece.length - cut,
                start: if piece.is_exact { piece.start + cut } else { piece.start },
                end: piece.end,
                is_exact: piece.is_exact,
            }
        };
        let kept = self.kept(&range, &edit.span);
        let is_plain = edit == Edit::plain(span.clone());
        let edit = (!is_plain).then(|| Box::new(edit));
        let pieces = pieces.iter().map(rebased).collect();
        Field { text, span, is_kept: false, writing: self.writing, edit, pieces, kept }
    }

    /// Returns what somebody wrote within a part of the text that is more than its words.
    fn kept(&self, range: &Range<usize>, edited: &Range<usize>) -> Box<[Kept]> {
        let first = self.apart.partition_point(|(at, _)| *at < range.start);
        let apart =
            self.apart[first..].iter().take_while(|(at, _)| *at <= range.end).map(|(_, span)| (span, false));
        let links = self
            .marks_over(range)
            .filter(|mark| mark.kind == MarkKind::Link)
            .map(|mark| (&mark.source, true));
        let within =
            apart.chain(links).filter(|(span, _)| edited.start <= span.start && span.end <= edited.end);
        let mut kept: Vec<Kept> =
            within.map(|(span, is_link)| Kept { span: span.clone(), is_link }).collect();
        kept.sort_by_key(|kept| kept.span.start);
        kept.into()
    }

    fn edit(&self, range: &Range<usize>, inner: Range<usize>) -> Edit {
        let Edit { mut span, mut closing, mut opening, mut code } = Edit::plain(inner);
        for mark in self.marks_over(range) {
            let begins_before = mark.text.start < range.start;
            let ends_behind = mark.text.end > range.end;
            if mark.text.start <= range.start && mark.text.end >= range.end {
                code = code.or((mark.kind == MarkKind::Code).then(|| mark.source.clone()));
            } else if begins_before {
                closing = self.source_end(mark.text.end)..mark.source.end;
                // Signs do not end emphasis behind a blank.
                span.start = span.start.min(self.behind(self.text[..range.start].trim_end().len()));
                span.end = span.end.max(mark.source.end);
            } else if ends_behind {
                opening = mark.source.start..self.source_start(mark.text.start);
                span.end = span.end.max(self.before(range.end + blanks(&self.text[range.end..])));
            } else {
                span = span.start.min(mark.source.start)..span.end.max(mark.source.end);
            }
        }
        Edit { span, closing, opening, code }
    }

    /// Returns the marks that have a part of the text: those that begin within it, and those that
    /// it begins within.
    fn marks_over(&self, range: &Range<usize>) -> impl Iterator<Item = &Mark> {
        let first = self.marks.partition_point(|mark| mark.text.start < range.start);
        let last = self.marks.partition_point(|mark| mark.text.start < range.end);
        let around = self.around(first).filter(|mark| mark.text.end > range.start);
        around.chain(&self.marks[first..last])
    }

    /// Returns the mark before a number, and those that it stands within.
    fn around(&self, number: usize) -> impl Iterator<Item = &Mark> {
        std::iter::successors(number.checked_sub(1), |at| self.marks[*at].parent).map(|at| &self.marks[at])
    }

    /// Returns the place in the source behind some text and the signs that end there.
    fn behind(&self, at: usize) -> usize {
        let before = self.marks.partition_point(|mark| mark.text.start < at);
        let ends = self.around(before).filter(|mark| mark.text.end == at);
        ends.map(|mark| mark.source.end).max().unwrap_or(0).max(self.source_end(at))
    }

    /// Returns the place in the source before some text and the signs that begin there, or in the
    /// blanks before it.
    fn before(&self, at: usize) -> usize {
        let blanks = self.text[..at].trim_end().len();
        let first = self.marks.partition_point(|mark| mark.text.start < blanks);
        let begins = self.marks[first..].iter().take_while(|mark| mark.text.start <= at);
        begins.map(|mark| mark.source.start).min().unwrap_or(usize::MAX).min(self.source_start(at))
    }

    fn source_start(&self, at: usize) -> usize {
        match self.pieces.get(self.piece_at(at)) {
            Some(piece) if piece.text().end > at => piece.start_at(at),
            Some(piece) => piece.end as usize,
            None => 0,
        }
    }

    fn source_end(&self, at: usize) -> usize {
        match self.pieces.get(self.piece_at(at.saturating_sub(1))) {
            Some(piece) if at > piece.text().start => piece.end_at(at),
            Some(piece) => piece.start as usize,
            None => 0,
        }
    }

    fn piece_at(&self, at: usize) -> usize {
        piece_at(&self.pieces, at)
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

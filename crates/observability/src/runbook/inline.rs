//! The plain text of a paragraph, an item or a cell, and where each part of it stands in the
//! source.

use std::ops::Range;

/// A run of inline text: what is left when emphasis, code spans, links, escapes and entities are
/// read. Lines end in `\n`.
#[derive(Debug, Clone, Default)]
pub(super) struct Inline {
    pub(super) text: String,
    pieces: Vec<Piece>,
    marks: Vec<Mark>,
    /// The marks that are open, by number.
    open: Vec<usize>,
    /// How many marks are open beyond those.
    passed_over: usize,
    /// Where line breaks stand that are shown, sorted.
    hard_breaks: Vec<usize>,
}

/// A part of the plain text and its bytes in the source. There may be a million of them, so that
/// they are kept small: a runbook that is read has no more than [`super::limits::MAX_SIZE`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    at: u32,
    length: u32,
    start: u32,
    end: u32,
    /// Whether each byte of the text is a byte of the source; otherwise the whole stands for the
    /// whole, as an entity does.
    is_exact: bool,
}

/// Emphasis, a code span, a link: the text that it is around, and its bytes in the source with its
/// signs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    text: Range<usize>,
    source: Range<usize>,
    is_code: bool,
    /// The mark that it stands within.
    parent: Option<usize>,
}

/// Marks that stand within more others than this are passed over.
const DEEPEST: usize = 100;

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
    edit: Option<Box<Edit>>,
    pieces: Box<[Piece]>,
}

/// How a value is written in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Markdown,
    /// In a cell of a table in HTML.
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
            is_code: true,
            parent: self.open.last().copied(),
        });
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
    pub(super) fn open(&mut self, source: Range<usize>) {
        if self.open.len() == DEEPEST {
            self.passed_over += 1;
            return;
        }
        let (at, parent) = (self.text.len(), self.open.last().copied());
        self.open.push(self.marks.len());
        self.marks.push(Mark { text: at..at, source, is_code: false, parent });
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
        let mark = self.marks.get(first).filter(|mark| mark.text.start == at && !mark.is_code)?;
        Some(mark.text.end)
    }

    /// Returns whether this byte of the text stands in a code span that begins before it.
    pub(super) fn is_within_code(&self, at: usize) -> bool {
        let first = self.marks.partition_point(|mark| mark.text.start < at);
        self.around(first).any(|mark| mark.is_code && mark.text.end > at)
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
            return Field::empty(self.behind(self.text[..start].trim_end().len()));
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
        let is_plain = edit == Edit::plain(span.clone());
        let edit = (!is_plain).then(|| Box::new(edit));
        let pieces = pieces.iter().map(rebased).collect();
        Field { text, span, is_kept: false, writing: Writing::Markdown, edit, pieces }
    }

    fn edit(&self, range: &Range<usize>, inner: Range<usize>) -> Edit {
        let Edit { mut span, mut closing, mut opening, mut code } = Edit::plain(inner);
        for mark in self.marks_over(range) {
            let begins_before = mark.text.start < range.start;
            let ends_behind = mark.text.end > range.end;
            if mark.text.start <= range.start && mark.text.end >= range.end {
                code = code.or(mark.is_code.then(|| mark.source.clone()));
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

impl Piece {
    const fn text(&self) -> Range<usize> {
        self.at as usize..self.at as usize + self.length as usize
    }

    /// Returns where the source of the text from `at` on begins.
    const fn start_at(&self, at: usize) -> usize {
        self.start as usize + if self.is_exact { at - self.at as usize } else { 0 }
    }

    /// Returns where the source of the text up to `at` ends.
    fn end_at(&self, at: usize) -> usize {
        let is_within = self.is_exact && at < self.text().end;
        if is_within { self.start as usize + at.saturating_sub(self.at as usize) } else { self.end as usize }
    }
}

impl Edit {
    const fn plain(span: Range<usize>) -> Self {
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

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// A place in a runbook that is read fits into four bytes.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Returns the number of the piece that has a byte of the text.
fn piece_at(pieces: &[Piece], at: usize) -> usize {
    pieces.partition_point(|piece| piece.at as usize <= at).saturating_sub(1)
}

fn source_of(pieces: &[Piece], range: &Range<usize>) -> Range<usize> {
    if range.is_empty() {
        let end = pieces[piece_at(pieces, range.start.saturating_sub(1))].end_at(range.start);
        return end..end;
    }
    let first = &pieces[piece_at(pieces, range.start)];
    let last = &pieces[piece_at(pieces, range.end - 1)];
    first.start_at(range.start)..last.end_at(range.end)
}

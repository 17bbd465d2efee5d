//! Cuts HTML into tags and texts, as far as tables and headings need it.

use std::ops::Range;

/// Some HTML, put together from pieces of the source.
#[derive(Debug, Default)]
pub(super) struct Html {
    pub(super) text: String,
    /// Where each piece begins in the text, and where in the source.
    pieces: Vec<(usize, usize)>,
}

impl Html {
    /// Adds a piece that stands at a place of the source.
    pub(super) fn push(&mut self, text: &str, start: usize) {
        self.pieces.push((self.text.len(), start));
        self.text.push_str(text);
    }

    /// Returns the bytes in the source of a part of the text that is not empty.
    pub(super) fn source(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let piece = self.pieces.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
            self.pieces.get(piece).map_or(at, |(begin, start)| start + at - begin)
        };
        place(span.start)..place(span.end - 1) + 1
    }
}

/// A part of some HTML and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    pub(super) span: Range<usize>,
}

/// What a part of some HTML is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    Table {
        is_end: bool,
    },
    Row,
    /// A cell, in a head if it is a `th`.
    Cell {
        is_end: bool,
        is_head: bool,
    },
    /// A heading, of a level from 1 to 6.
    Heading {
        level: u8,
        is_end: bool,
    },
    /// What begins a new line: `br`.
    Break,
    /// What begins or ends a text of its own: `p`, `li` and the like.
    Block,
    /// The definition of a term: `dd`.
    Definition {
        is_end: bool,
    },
    /// Code, scripts and styles.
    Raw {
        is_end: bool,
    },
    Comment,
    /// The start of anything else that ends: `b`, `code`, `a`.
    Begin {
        /// Where that is among the parts.
        end: usize,
    },
    /// The end of something that began.
    End,
    /// Text, of one line and its line break.
    Text,
    /// `&gt;` and the like.
    Entity,
}

/// Longer tags are text.
const LONGEST_TAG: usize = 2_000;

/// The longest entity is `&CounterClockwiseContourIntegral;`.
const LONGEST_ENTITY: usize = 40;

/// What begins within more others than these is passed over.
const DEEPEST: usize = 100;

const BLOCKS: [&str; 14] = [
    "article",
    "blockquote",
    "details",
    "div",
    "dl",
    "dt",
    "figure",
    "hr",
    "li",
    "ol",
    "p",
    "section",
    "summary",
    "ul",
];

const RAW: [&str; 4] = ["pre", "script", "style", "textarea"];

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// Returns the parts of some HTML, in order.
pub(super) fn parts(html: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // What has begun in this cell: its name, and its place among the parts.
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        let (kind, length) = if let Some(comment) = rest.strip_prefix("<!--") {
            (PartKind::Comment, comment.find("-->").map_or(rest.len(), |end| end + "<!---->".len()))
        } else if let Some((name, is_end, length)) = tag(rest) {
            let kind = kind(name, is_end);
            match kind {
                Some(PartKind::Table { .. } | PartKind::Row | PartKind::Cell { .. }) => open.clear(),
                None if !is_end && open.len() < DEEPEST => open.push((name, parts.len())),
                _ => {}
            }
            let begun = open.iter().rposition(|(begun, _)| is_end && begun.eq_ignore_ascii_case(name));
            let kind = kind.or_else(|| {
                let (_, begin) = *open.get(begun?)?;
                open.truncate(begun?);
                parts[begin].kind = PartKind::Begin { end: parts.len() };
                Some(PartKind::End)
            });
            // What has no end is nothing.
            (kind.unwrap_or(PartKind::Begin { end: 0 }), length)
        } else if let Some(length) = entity(rest) {
            (PartKind::Entity, length)
        } else {
            let is_sign = |c: char| matches!(c, '<' | '&' | '\n');
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let length = rest[first..].find(is_sign).map_or(rest.len(), |end| first + end);
            let length = rest[..length].find('\n').map_or(length, |_| 0);
            (PartKind::Text, length + usize::from(rest[length..].starts_with('\n')))
        };
        parts.push(Part { kind, span: at..at + length });
        at += length;
    }
    parts
}

/// Returns what a tag is by its name alone. `None` of what goes on until its end.
fn kind(name: &str, is_end: bool) -> Option<PartKind> {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    match () {
        () if is("table") => Some(PartKind::Table { is_end }),
        () if is("tr") => Some(PartKind::Row),
        () if is("td") || is("th") => Some(PartKind::Cell { is_end, is_head: is("th") }),
        () if HEADINGS.into_iter().any(is) => {
            let level = (1..).zip(HEADINGS).find(|(_, heading)| is(heading)).map_or(1, |(level, _)| level);
            Some(PartKind::Heading { level, is_end })
        }
        () if is("br") => Some(PartKind::Break),
        () if is("dd") => Some(PartKind::Definition { is_end }),
        () if BLOCKS.into_iter().any(is) => Some(PartKind::Block),
        () if RAW.into_iter().any(is) => Some(PartKind::Raw { is_end }),
        () => None,
    }
}

/// Returns whether a heading that begins before these parts ends in them, before anything else
/// begins that has a place of its own on the page.
pub(super) fn ends_heading(parts: &[Part]) -> bool {
    let next = parts.iter().find(|part| {
        matches!(
            part.kind,
            PartKind::Heading { .. } | PartKind::Table { .. } | PartKind::Row | PartKind::Cell { .. }
        )
    });
    next.is_some_and(|part| matches!(part.kind, PartKind::Heading { is_end: true, .. }))
}

/// Returns the name of the tag that a text begins with, whether it is one that ends something, and
/// how many bytes it has.
fn tag(text: &str) -> Option<(&str, bool, usize)> {
    let inner = text.strip_prefix('<')?;
    let (inner, is_end) = inner.strip_prefix('/').map_or((inner, false), |inner| (inner, true));
    let length = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let start = text.len() - inner.len() + length;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().take(LONGEST_TAG).skip(start) {
        match (byte, quote) {
            (b'>', None) => return Some((&inner[..length], is_end, at + 1)),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(begin)) if byte == begin => quote = None,
            _ => {}
        }
    }
    None
}

/// Returns how many bytes the entity has that a text begins with.
fn entity(text: &str) -> Option<usize> {
    let name = text.strip_prefix('&')?;
    let length = name.bytes().take(LONGEST_ENTITY).position(|c| !(c.is_ascii_alphanumeric() || c == b'#'))?;
    (length > 0 && name[length..].starts_with(';')).then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of some HTML, each in brackets, with a sign for what it is.
    #[track_caller]
    fn check(html: &str, expected: &str) {
        let sign = |part: &Part| match part.kind {
            PartKind::Table { .. } => "T",
            PartKind::Row => "R",
            PartKind::Cell { .. } => "C",
            PartKind::Heading { is_end: false, .. } => "H",
            PartKind::Heading { is_end: true, .. } => "h",
            PartKind::Break => "B",
            PartKind::Block => "P",
            PartKind::Definition { .. } => "D",
            PartKind::Raw { .. } => "X",
            PartKind::Comment => "!",
            PartKind::Begin { end: 0 } => "?",
            PartKind::Begin { .. } => "+",
            PartKind::End => "-",
            PartKind::Text => "t",
            PartKind::Entity => "&",
        };
        let shown: String =
            parts(html).iter().map(|part| format!("{}[{}]", sign(part), &html[part.span.clone()])).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn tags_and_texts_are_told_apart() {
        check("<Table a='>'><tr>", "T[<Table a='>'>]R[<tr>]");
        check("<td>a &gt; <b>b</b></td>", "C[<td>]t[a ]&[&gt;]t[ ]+[<b>]t[b]-[</b>]C[</td>]");
        check("<th>a<br/>b\n c", "C[<th>]t[a]B[<br/>]t[b\n]t[ c]");
        check("a < b & c &; <", "t[a ]t[< b ]t[& c ]t[&; ]t[<]");
        check("<!-- <td> -->x<!-- y", "![<!-- <td> -->]t[x]![<!-- y]");
        check("<p>a<pre>b</pre>", "P[<p>]t[a]X[<pre>]t[b]X[</pre>]");
        check(
            "<b><i>x</b></i><td><u>y<td></u>",
            "+[<b>]?[<i>]t[x]-[</b>]?[</i>]C[<td>]?[<u>]t[y]C[<td>]?[</u>]",
        );
        check("<H4 id=x>a<br>b</h4><h7>", "H[<H4 id=x>]t[a]B[<br>]t[b]h[</h4>]?[<h7>]");
        check("<td\n>x", "C[<td\n>]t[x]");
        check("<a href=\"x", "t[<a href=\"x]");
        check("é<é>&é;\r\n", "t[é]t[<é>]t[&é;\r\n]");
    }

    #[test]
    fn whatever_there_is_takes_time_in_step_with_its_length() {
        for text in ["<a '", "<!--", "&aaaaaaaa", "<b>", "</b>", "<td>", "<", "\n"] {
            let html = text.repeat(60_000);
            assert!(parts(&html).len() <= 120_000);
        }
    }
}

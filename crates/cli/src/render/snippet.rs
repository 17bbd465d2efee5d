//! A message with the line it is about: the text at fault is underlined.
//!
//! The renderer is given that one line, and of a long line a part. It looks at all it is given,
//! which takes long where thousands of messages are about one large file.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, Title};

use crate::lines::Lines;

/// A line that has more bytes than this on one side of what is at fault is cut there.
const MOST_BESIDE: usize = 120;

/// How many bytes of a text at fault are underlined.
const MOST_UNDERLINED: usize = 160;

/// How many characters of a message are shown: it may quote a file at length.
const MOST_CHARACTERS: usize = 1000;

/// What is shown under the message.
pub(super) struct Shown<'a> {
    pub(super) path: &'a Path,
    pub(super) lines: &'a Lines<'a>,
    pub(super) span: Range<usize>,
    /// What stands beside the underlined text.
    pub(super) label: Option<String>,
    /// What to do about it.
    pub(super) hint: Option<&'a str>,
}

/// Renders a message, the line that it is about, and a hint.
pub(super) fn render(title: Title<'_>, shown: &Shown<'_>) -> String {
    let window = Window::around(shown.lines.text(), &shown.span);
    let position = shown.lines.position(shown.span.start);
    let mut annotation = AnnotationKind::Primary.span(window.span.clone());
    if let Some(label) = &shown.label {
        annotation = annotation.label(short(label));
    }
    let path = shown.path.display().to_string();
    let snippet = Snippet::source(&shown.lines.text()[window.bytes.clone()])
        .line_start(position.line)
        .annotation(annotation);
    let mut head = String::new();
    let group = match window.is_cut {
        false => title.element(snippet.path(path)),
        // Of a part of a line, the renderer cannot know the column: it is told where that is, and
        // then shown the part.
        true => {
            let origin = Origin::path(path).line(position.line).char_column(position.column);
            let told = Renderer::styled().render(&[title.element(origin)]);
            // The arrow stands where it does above whole lines: behind the width of the line
            // number.
            let (message, arrow) = told.rsplit_once('\n').unwrap_or_default();
            let width = position.line.to_string().len();
            head = format!("{message}\n{:width$}{arrow}\n", "");
            Group::with_level(Level::ERROR).element(snippet)
        }
    };
    let mut groups = vec![group];
    if let Some(hint) = shown.hint.filter(|hint| !hint.is_empty()) {
        groups.push(Group::with_title(Level::HELP.secondary_title(short(hint))));
    }
    format!("{head}{}\n", Renderer::styled().render(&groups))
}

/// Renders a message about no place in a file, and a hint.
pub(super) fn render_bare(title: Title<'_>, hint: Option<&str>) -> String {
    let mut groups = vec![Group::with_title(title)];
    if let Some(hint) = hint {
        groups.push(Group::with_title(Level::HELP.secondary_title(short(hint))));
    }
    format!("{}\n", Renderer::styled().render(&groups))
}

/// Returns a text as a terminal may show it: cut if it is too long to be read, without characters
/// that control a terminal.
pub(super) fn short(text: &str) -> String {
    let harmless = |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    let mut short: String = text.chars().take(MOST_CHARACTERS).map(harmless).collect();
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}

/// The part of a text that is shown.
#[derive(Debug, PartialEq, Eq)]
struct Window {
    /// Which bytes of the text.
    bytes: Range<usize>,
    /// Which bytes of these are underlined.
    span: Range<usize>,
    /// Whether the beginning of the line is missing.
    is_cut: bool,
}

impl Window {
    /// The line that a span begins in, as much of it as can be read.
    fn around(text: &str, span: &Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let furthest = text.floor_char_boundary(start.saturating_sub(MOST_BESIDE));
        const ENDS: [char; 2] = ['\n', '\r'];
        let (from, is_cut) = match text[furthest..start].rfind(ENDS) {
            Some(end) => (furthest + end + 1, false),
            None => (furthest, furthest > 0 && !text[..furthest].ends_with(ENDS)),
        };
        let end = span.end.clamp(start, start.saturating_add(MOST_UNDERLINED).min(text.len()));
        let end = text.floor_char_boundary(end);
        let end = text[start..end].find(ENDS).map_or(end, |length| start + length);
        let furthest = text.ceil_char_boundary(end.saturating_add(MOST_BESIDE).min(text.len()));
        let to = text[end..furthest].find(ENDS).map_or(furthest, |length| end + length);
        Self { bytes: from..to, span: start - from..end - from, is_cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_and_controls_no_terminal() {
        assert_eq!(short("a\u{1b}[31m\tb\nc"), "a\u{fffd}[31m\u{fffd}b\nc");
        assert_eq!(short(&"é".repeat(5000)), format!("{}…", "é".repeat(MOST_CHARACTERS)));
    }

    #[test]
    fn a_window_is_one_line_and_of_a_long_line_a_part() {
        let long = format!("{}é{}", "a".repeat(500), "b".repeat(500));
        let exact = format!("x\n{}z\n", "a".repeat(MOST_BESIDE));
        for (text, span, bytes, inner, is_cut) in [
            ("ab\ncd\nef", 3..4, 3..5, 0..1, false),
            ("ab\ncd\nef", 4..8, 3..5, 1..2, false),
            ("ab\ncd\nef", 8..8, 6..8, 2..2, false),
            ("ab\rcd\r\nef", 3..8, 3..5, 0..2, false),
            ("ab\n", 3..3, 3..3, 0..0, false),
            ("", 0..9, 0..0, 0..0, false),
            (long.as_str(), 500..502, 380..622, 120..122, true),
            (long.as_str(), 501..502, 380..622, 120..122, true),
            (long.as_str(), 0..1002, 0..280, 0..160, false),
            (exact.as_str(), 122..123, 2..123, 120..121, false),
        ] {
            assert_eq!(Window::around(text, &span), Window { bytes, span: inner, is_cut }, "{span:?}");
        }
    }
}

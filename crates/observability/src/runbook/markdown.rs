//! Reads Markdown into blocks of plain text that know their place in the source.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::block::{Block, Cell, Heading, MOST_CELLS};
use super::field::Writing;
use super::html::{Html, Part, PartKind, ends_heading, parts};
use super::html_table::HtmlTable;
use super::inline::{Inline, MarkKind};
use crate::anchor::AnchorStyle;

/// Hands the blocks of a text over, in order. Code blocks are passed over. `{#…}` behind a heading
/// is its anchor on pages that take it for that, and else a part of its text.
pub(super) fn blocks(text: &str, style: AnchorStyle, take: impl FnMut(Block)) {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    options.set(Options::ENABLE_HEADING_ATTRIBUTES, style.is_set_by_hand());
    let text = with_line_feeds(text);
    let mut reader = Reader {
        source: &text,
        take,
        inline: Inline::default(),
        is_passed_over: false,
        definition: false,
        heading: None,
        images: 0,
        struck: 0,
        cells: Vec::new(),
        is_in_head: false,
        html: Html::default(),
        html_table: HtmlTable::default(),
    };
    for (event, span) in Parser::new_ext(&text, options).into_offset_iter() {
        reader.event(event, span);
    }
    reader.end_html_table(text.len());
}

/// Returns a text with a line feed for each carriage return that ends a line alone, which the
/// parser passes over in places. Each byte stays where it is.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let is_alone = |at: usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    if !text.match_indices('\r').any(|(at, _)| is_alone(at)) {
        return Cow::Borrowed(text);
    }
    let parts = text.split("\r\n").map(|part| part.replace('\r', "\n"));
    Cow::Owned(parts.collect::<Vec<_>>().join("\r\n"))
}

struct Reader<'t, F> {
    source: &'t str,
    take: F,
    /// The text that is being read.
    inline: Inline,
    /// Whether a code block or front matter is being passed over.
    is_passed_over: bool,
    /// Whether a definition has begun that has no text yet.
    definition: bool,
    /// The heading that is being read.
    heading: Option<Heading>,
    /// How many images the text stands in.
    images: usize,
    /// How many times the text is struck through: it counts no longer.
    struck: usize,
    /// The cells of the row that is being read.
    cells: Vec<Cell>,
    is_in_head: bool,
    /// The HTML that is being read.
    html: Html,
    html_table: HtmlTable,
}

impl<F: FnMut(Block)> Reader<'_, F> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(_) | Event::Code(_) if self.is_passed_over => {}
            Event::Text(text) | Event::Code(text) if self.struck > 0 => self.show(&text),
            Event::Text(text) => {
                self.show(&text);
                self.html_table.has_markdown();
                self.inline.push_text(&text, span, self.source);
            }
            Event::Code(text) => {
                self.show(&text);
                self.html_table.has_markdown();
                self.inline.push_code(&text, span, self.source);
            }
            Event::SoftBreak => self.inline.push_break(span, false),
            Event::HardBreak => self.inline.push_break(span, true),
            Event::InlineHtml(html) => {
                if is_line_break(&html) {
                    self.inline.push_break(span.clone(), true);
                } else {
                    self.html.push(&html, span.start);
                    self.end_html(false);
                }
                (self.take)(Block::Html(span));
            }
            Event::Html(html) => {
                self.html.push(&html, span.start);
                (self.take)(Block::Html(span));
            }
            Event::FootnoteReference(_) if !self.is_passed_over => self.inline.push_apart(span),
            _ => {}
        }
    }

    /// Reads headings, tables, and what stands in their cells, from the HTML so far, and of a block
    /// of HTML the texts beside them. A heading that does not end in it is none.
    fn end_html(&mut self, is_block: bool) {
        let html = std::mem::take(&mut self.html);
        let parts = parts(&html.text);
        let (mut is_in_heading, mut is_raw) = (false, false);
        for (number, part) in parts.iter().enumerate() {
            let (text, span) = (&html.text[part.span.clone()], html.source(&part.span));
            match part.kind {
                PartKind::Table { is_end } => {
                    self.text(span.start);
                    let blocks = self.html_table.table(is_end, &mut self.inline, span);
                    blocks.into_iter().for_each(&mut self.take);
                }
                PartKind::Row => {
                    self.html_table.row(&mut self.inline, span).into_iter().for_each(&mut self.take);
                }
                PartKind::Cell { is_end, is_head } => {
                    self.html_table.cell(is_end, is_head, &mut self.inline, span);
                }
                PartKind::Heading { level, is_end: false }
                    if !self.html_table.is_in_cell() && ends_heading(&parts[number + 1..]) =>
                {
                    is_in_heading = true;
                    self.begin_heading(level.into(), None, span);
                }
                PartKind::Heading { is_end: true, .. } if is_in_heading => {
                    is_in_heading = false;
                    self.end_heading(span.end);
                }
                PartKind::Comment => {
                    if !is_block || !self.inline.is_empty() || self.html_table.is_in_cell() {
                        self.inline.push_apart(span);
                    }
                }
                _ if is_in_heading || self.html_table.is_in_cell() => self.html_part(number, &parts, &html),
                PartKind::Raw { is_end } => is_raw = !is_end,
                _ if is_raw || !is_block => {}
                PartKind::Block | PartKind::Heading { .. } => self.text(span.start),
                PartKind::Definition { is_end } => {
                    self.text(span.start);
                    self.definition = !is_end;
                }
                PartKind::Text if self.inline.is_empty() && text.trim().is_empty() => {}
                _ => {
                    self.inline.writing = Writing::Html;
                    self.html_part(number, &parts, &html);
                }
            }
        }
        if is_block && !self.html_table.is_in_cell() {
            self.text(self.source.len());
            self.definition = false;
        }
    }

    /// Reads a part of a text in HTML.
    fn html_part(&mut self, number: usize, parts: &[Part], html: &Html) {
        let Part { kind, span } = &parts[number];
        let (text, span) = (&html.text[span.clone()], html.source(span));
        match *kind {
            PartKind::Begin { end } if end > number => {
                self.inline.open(MarkKind::Emphasis, span.start..html.source(&parts[end].span).end);
            }
            PartKind::Begin { .. } => {}
            PartKind::End => self.inline.close(),
            PartKind::Text => {
                self.show(text);
                // The parser tells a line break as one sign, whatever it is in the source.
                let line = text.trim_end_matches(['\r', '\n']);
                let end = (span.start + line.len()).min(span.end);
                self.inline.push_text(line, span.start..end, self.source);
                self.inline.push_text(&text[line.len()..], end..span.end, self.source);
            }
            PartKind::Entity => {
                let decoded = Parser::new(text).filter_map(|event| match event {
                    Event::Text(text) => Some(String::from(text)),
                    _ => None,
                });
                let decoded = decoded.collect::<String>();
                self.show(&decoded);
                self.inline.push_text(&decoded, span, self.source);
            }
            _ => self.inline.push_break(span, true),
        }
    }

    /// Ends a table in HTML that has no end of its own.
    fn end_html_table(&mut self, at: usize) {
        self.html_table.end(&mut self.inline, at).into_iter().for_each(&mut self.take);
    }

    fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. } => {
                self.images += usize::from(matches!(tag, Tag::Image { .. }));
                if self.struck == 0 {
                    let is_link = matches!(tag, Tag::Link { .. } | Tag::Image { .. });
                    self.inline.open(if is_link { MarkKind::Link } else { MarkKind::Emphasis }, span);
                }
            }
            Tag::Strikethrough => {
                self.struck += 1;
                self.inline.push_apart(span);
            }
            Tag::Heading { id, level, .. } => {
                self.end_html_table(span.start);
                self.begin_heading(level as usize, id.map(|id| id.to_string()), span);
            }
            Tag::Table(_) => {
                self.end_html_table(span.start);
                self.text(span.start);
            }
            Tag::TableHead => self.is_in_head = true,
            Tag::CodeBlock(_) => {
                self.text(span.start);
                self.is_passed_over = true;
            }
            Tag::MetadataBlock(_) => {
                self.is_passed_over = true;
                (self.take)(Block::FrontMatter(span));
            }
            Tag::DefinitionListDefinition => {
                self.text(span.start);
                self.definition = true;
            }
            // ": > 60%" is read as a quotation; in a definition that is a sign of the sentence.
            Tag::BlockQuote(_) if self.definition => {
                self.inline.push_text(">", span.start..span.start + 1, self.source)
            }
            Tag::Paragraph if self.definition => {}
            _ => self.text(span.start),
        }
    }

    fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => {
                self.images -= usize::from(tag == TagEnd::Image);
                if self.struck == 0 {
                    self.inline.close();
                }
            }
            TagEnd::Strikethrough => self.struck -= 1,
            TagEnd::Heading(_) => self.end_heading(span.end),
            TagEnd::HtmlBlock => self.end_html(true),
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.is_passed_over = false,
            TagEnd::TableCell => {
                let (text, is_head) = (std::mem::take(&mut self.inline), self.is_in_head);
                let cell = Cell { text, span, is_head, writing: Writing::Markdown };
                if self.cells.len() < MOST_CELLS {
                    self.cells.push(cell);
                }
            }
            TagEnd::TableHead => {
                self.is_in_head = false;
                (self.take)(Block::Head(std::mem::take(&mut self.cells)));
            }
            TagEnd::TableRow => (self.take)(Block::Row(std::mem::take(&mut self.cells))),
            TagEnd::Table => (self.take)(Block::TableEnd),
            TagEnd::DefinitionListTitle => (self.take)(Block::Term(std::mem::take(&mut self.inline))),
            TagEnd::DefinitionListDefinition => {
                self.text(span.end);
                self.definition = false;
            }
            _ => self.text(span.end),
        }
    }

    fn begin_heading(&mut self, level: usize, id: Option<String>, span: Range<usize>) {
        self.text(span.start);
        self.heading = Some(Heading { title: Inline::default(), shown: String::new(), id, level, span });
    }

    fn end_heading(&mut self, end: usize) {
        let title = std::mem::take(&mut self.inline);
        if let Some(Heading { shown, id, level, span, .. }) = self.heading.take() {
            let span = span.start..end.max(span.end);
            (self.take)(Block::Heading(Heading { title, shown, id, level, span }));
        }
    }

    /// Adds to what an anchor is made of.
    fn show(&mut self, text: &str) {
        if let Some(heading) = self.heading.as_mut().filter(|_| self.images == 0) {
            heading.shown.push_str(text);
        }
    }

    /// Hands over the text that was read up to a place of the source. In a cell it goes on in
    /// another line.
    fn text(&mut self, at: usize) {
        if self.html_table.is_in_cell() {
            return self.inline.push_break(at..at, true);
        }
        if self.inline.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.inline);
        let is_definition = std::mem::take(&mut self.definition);
        (self.take)(if is_definition { Block::Definition(text) } else { Block::Text(text) });
    }
}

fn is_line_break(html: &str) -> bool {
    let name = html.trim_matches(['<', '>', '/', ' ']);
    name.eq_ignore_ascii_case("br")
}

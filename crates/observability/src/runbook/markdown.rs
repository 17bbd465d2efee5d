//! Reads Markdown into blocks of plain text that know their place in the source.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::inline::Inline;

/// A block of a page.
pub(super) enum Block {
    /// A heading, with the anchor that is set at it by hand.
    Heading { title: Inline, id: Option<String> },
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
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: Inline,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
}

/// Cells of a row beyond these are passed over.
const MOST_CELLS: usize = 100;

/// Hands the blocks of a text over, in order. Code blocks and front matter are passed over.
pub(super) fn blocks(text: &str, take: impl FnMut(Block)) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader {
        source: text,
        take,
        inline: Inline::default(),
        is_passed_over: false,
        definition: false,
        heading_id: None,
        cells: Vec::new(),
    };
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, span);
    }
}

struct Reader<'t, F> {
    source: &'t str,
    take: F,
    /// The text that is being read.
    inline: Inline,
    /// Whether a code block or front matter is being read.
    is_passed_over: bool,
    /// Whether a definition has begun that has no text yet.
    definition: bool,
    heading_id: Option<String>,
    /// The cells of the row that is being read.
    cells: Vec<Cell>,
}

impl<F: FnMut(Block)> Reader<'_, F> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(_) | Event::Code(_) if self.is_passed_over => {}
            Event::Text(text) => self.inline.push_text(&text, span, self.source),
            Event::Code(text) => self.inline.push_code(&text, span, self.source),
            Event::SoftBreak => self.inline.push_break(span, false),
            Event::HardBreak => self.inline.push_break(span, true),
            Event::InlineHtml(html) => {
                if is_line_break(&html) {
                    self.inline.push_break(span.clone(), true);
                }
                (self.take)(Block::Html(span));
            }
            Event::Html(_) => (self.take)(Block::Html(span)),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. } => self.inline.open(span),
            Tag::Heading { id, .. } => {
                self.text();
                self.heading_id = id.map(|id| id.to_string());
            }
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => {
                self.text();
                self.is_passed_over = true;
            }
            Tag::DefinitionListDefinition => {
                self.text();
                self.definition = true;
            }
            // ": > 60%" is read as a quotation; in a definition that is a sign of the sentence.
            Tag::BlockQuote(_) if self.definition => {
                self.inline.push_text(">", span.start..span.start + 1, self.source)
            }
            Tag::Paragraph if self.definition => {}
            _ => self.text(),
        }
    }

    fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => self.inline.close(),
            TagEnd::Heading(_) => {
                let block =
                    Block::Heading { title: std::mem::take(&mut self.inline), id: self.heading_id.take() };
                (self.take)(block);
            }
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.is_passed_over = false,
            TagEnd::TableCell => {
                let cell = Cell { text: std::mem::take(&mut self.inline), span };
                if self.cells.len() < MOST_CELLS {
                    self.cells.push(cell);
                }
            }
            TagEnd::TableHead => (self.take)(Block::Head(std::mem::take(&mut self.cells))),
            TagEnd::TableRow => (self.take)(Block::Row(std::mem::take(&mut self.cells))),
            TagEnd::Table => (self.take)(Block::TableEnd),
            TagEnd::DefinitionListTitle => (self.take)(Block::Term(std::mem::take(&mut self.inline))),
            TagEnd::DefinitionListDefinition => {
                self.text();
                self.definition = false;
            }
            _ => self.text(),
        }
    }

    /// Hands over the text that was read so far.
    fn text(&mut self) {
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

//! Reads Markdown into blocks of plain text that know their place in the source.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

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
    /// The anchor that is set at it by hand, as `{#…}`.
    pub(super) id: Option<String>,
    /// From 1 on.
    pub(super) level: usize,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: Inline,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
}

/// Cells of a row beyond these are passed over.
const MOST_CELLS: usize = 100;

/// Hands the blocks of a text over, in order. Code blocks are passed over.
pub(super) fn blocks(text: &str, take: impl FnMut(Block)) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
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
    };
    for (event, span) in Parser::new_ext(&text, options).into_offset_iter() {
        reader.event(event, span);
    }
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
                self.inline.push_text(&text, span, self.source);
            }
            Event::Code(text) => {
                self.show(&text);
                self.inline.push_code(&text, span, self.source);
            }
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
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. } => {
                self.images += usize::from(matches!(tag, Tag::Image { .. }));
                if self.struck == 0 {
                    self.inline.open(span);
                }
            }
            Tag::Strikethrough => self.struck += 1,
            Tag::Heading { id, level, .. } => {
                self.text();
                self.heading = Some(Heading {
                    title: Inline::default(),
                    shown: String::new(),
                    id: id.map(|id| id.to_string()),
                    level: level as usize,
                    span,
                });
            }
            Tag::CodeBlock(_) => {
                self.text();
                self.is_passed_over = true;
            }
            Tag::MetadataBlock(_) => {
                self.is_passed_over = true;
                (self.take)(Block::FrontMatter(span));
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
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => {
                self.images -= usize::from(tag == TagEnd::Image);
                if self.struck == 0 {
                    self.inline.close();
                }
            }
            TagEnd::Strikethrough => self.struck -= 1,
            TagEnd::Heading(_) => {
                let title = std::mem::take(&mut self.inline);
                if let Some(heading) = self.heading.take() {
                    (self.take)(Block::Heading(Heading { title, ..heading }));
                }
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

    /// Adds to what an anchor is made of.
    fn show(&mut self, text: &str) {
        if let Some(heading) = self.heading.as_mut().filter(|_| self.images == 0) {
            heading.shown.push_str(text);
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

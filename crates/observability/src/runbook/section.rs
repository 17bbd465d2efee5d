//! Finds what a runbook says about each alert: a name, a severity and a threshold, as labelled
//! lines, in tables, in headings or in front matter.

use std::ops::Range;
use std::rc::Rc;

use super::block::{self, Block};
use super::entry::{Entry, Heading, Kind, Said, Values, entries, name};
use super::extent::goes_on;
use super::field::Field;
use super::front_matter;
use super::ignore::{Ignore, comments, placed};
use super::inline::Inline;
use super::label::{Label, Labelled, label, labels};
use super::markdown::blocks;
use super::names::{Names, bare};
use super::severities::severities;
use super::table::{Row, Table};
use super::value_of::value_of;
use crate::anchor::{AnchorStyle, Anchors};

/// What a runbook says.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    /// What it says about alerts, in order.
    pub(super) entries: Vec<Entry>,
    /// Which findings it suppresses.
    pub(super) ignores: Vec<Ignore>,
}

/// Reads a runbook, given the names of the alerts.
pub(super) fn read(text: &str, style: AnchorStyle, names: &Names<'_>) -> Contents {
    let top = Open::new(0, None);
    let mut reader = Reader {
        text,
        names,
        anchors: Anchors::new(style),
        open: vec![top],
        pending: None,
        table: None,
        entries: Vec::new(),
        headings: Vec::new(),
        comments: Vec::new(),
    };
    blocks(text, style, |block| reader.block(block));
    reader.close(0);
    let Reader { mut entries, headings, comments, .. } = reader;
    entries.sort_by_key(Entry::start);
    Contents { entries, ignores: placed(text, comments, &headings) }
}

struct Reader<'t> {
    text: &'t str,
    names: &'t Names<'t>,
    anchors: Anchors,
    /// The sections that have begun, each within the one before it.
    open: Vec<Open>,
    /// The label that stood alone, so that its value is what follows.
    pending: Option<Pending>,
    table: Option<Table>,
    entries: Vec<Entry>,
    /// The bytes of each heading.
    headings: Vec<Range<usize>>,
    comments: Vec<Range<usize>>,
}

/// A section that has begun.
struct Open {
    /// That of its heading; 0 of what stands above the first.
    level: usize,
    heading: Option<Rc<Heading>>,
    said: Vec<Said>,
    /// Whether it says which alert it is about.
    is_named: bool,
    /// The numbers of the alerts that it named last.
    about: Vec<usize>,
    /// What it has said since.
    values: Values,
    /// Whether all that is said stands in front matter.
    is_front_matter: bool,
}

impl Open {
    fn new(level: usize, heading: Option<Rc<Heading>>) -> Self {
        let (said, about) = (Vec::new(), Vec::new());
        Self {
            level,
            heading,
            said,
            is_named: false,
            about,
            values: Values::default(),
            is_front_matter: false,
        }
    }

    fn say(&mut self, said: Said, names: &Names<'_>) {
        if let Said::Field(Label::Alert, name) = &said {
            self.is_named = true;
            self.about = names.named([name.text.as_str()].into_iter());
        }
        self.values.note(&said);
        self.said.push(said);
    }
}

/// A label that stood alone.
#[derive(Clone, Copy)]
struct Pending {
    label: Label,
    /// Whether it is the heading of the section that began last: its value belongs to the section
    /// around that.
    is_heading: bool,
    /// Whether a colon promised a value that is missing so far.
    has_colon: bool,
    /// Whether other fields stand before it in its paragraph.
    follows_fields: bool,
}

impl Reader<'_> {
    fn block(&mut self, block: Block) {
        let pending = self.pending.take();
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Text(text) | Block::Term(text) => self.paragraph(&text, pending),
            Block::Definition(text) => match pending {
                Some(pending) => self.promised(pending, &text),
                None => self.paragraph(&text, None),
            },
            Block::Head(head) => {
                self.table = Some(Table::new(&head, self.text, self.names));
            }
            Block::Row(row) => match self.table.as_mut().map(|table| table.row(&row, self.text)) {
                Some(Row::OfSection(fields)) => self.fields(fields),
                Some(Row::OfAlert(fields)) => {
                    let said = fields.into_iter().map(|(label, field)| Said::Field(label, field)).collect();
                    let heading = self.open.last().and_then(|open| open.heading.clone());
                    self.entries.extend(entries(said, heading.as_ref(), Kind::Row));
                }
                None => {}
            },
            Block::TableEnd => {
                let fields = self.table.take().map(Table::end).unwrap_or_default();
                self.fields(fields);
            }
            Block::Html(span) => {
                self.comments.extend(comments(self.text, span));
                self.pending = pending;
            }
            Block::FrontMatter(span) => {
                let fields = front_matter::fields(self.text, span);
                let is_about_alert = |(label, field): &(Label, Field)| {
                    *label == Label::Alert && self.names.are_in(&field.text)
                };
                if fields.iter().any(is_about_alert) {
                    let mut is_named = false;
                    for (label, field) in fields {
                        let is_name = label == Label::Alert;
                        self.say(match is_name && is_named {
                            true => Said::Also(field),
                            false => Said::Field(label, field),
                        });
                        is_named |= is_name;
                    }
                    self.open.last_mut().into_iter().for_each(|open| open.is_front_matter = true);
                }
            }
        }
    }

    fn fields(&mut self, fields: Vec<(Label, Field)>) {
        for (label, field) in fields {
            self.field(label, field);
        }
    }

    fn field(&mut self, label: Label, field: Field) {
        let label = match label {
            Label::Alerts if field.text.is_empty() || self.names.are_in(&field.text) => Label::Alert,
            Label::Alerts => return,
            label => label,
        };
        self.say(Said::Field(label, field));
    }

    fn say(&mut self, said: Said) {
        // Whoever names once more what all is about anyway begins nothing new.
        if let Said::Mention(name) = &said
            && let Some(open) = self.open.iter().rev().find(|open| open.is_named)
            && self.names.named([name.text.as_str()].into_iter()).iter().any(|one| open.about.contains(one))
        {
            return;
        }
        if let Some(open) = self.open.last_mut() {
            open.is_front_matter = false;
            open.say(said, self.names);
        }
    }

    fn heading(&mut self, heading: block::Heading) {
        let block::Heading { title, shown, id, level, span } = heading;
        self.headings.push(span);
        let made = self.anchors.next(&shown);
        self.close(level);
        let whole = title.field(0..title.text.len()).kept();
        // "Severity" as a heading within an alert's section says what follows.
        if let Some(label) = label(&title.text).filter(|_| self.is_named()) {
            let is_heading = false;
            self.pending = Some(Pending { label, is_heading, has_colon: false, follows_fields: false });
            return;
        }
        let about = self.names.named([title.text.as_str()].into_iter());
        let names_alert = !about.is_empty();
        let heading = Heading { title: whole, anchor: id.unwrap_or(made), names_alert };
        let heading = Some(Rc::new(heading));
        let mut open = Open { is_named: names_alert, about, ..Open::new(level, heading) };
        // Front matter is about the page, and so is its first heading.
        if let [top] = self.open.as_mut_slice()
            && top.is_front_matter
        {
            open.said = std::mem::take(&mut top.said);
            open.about = std::mem::take(&mut top.about);
            open.values = top.values;
            open.is_named = true;
            (top.is_named, top.is_front_matter) = (false, false);
        }
        if let [Labelled { label, value, .. }] = labels(&title.text, |at| title.emphasis_at(at)).as_slice() {
            let field = value_of(*label, &title, *value..title.text.len()).kept();
            if *label == Label::Alert || self.is_named() {
                open.say(Said::Field(*label, field), self.names);
            }
        }
        self.open.push(open);
        // "Alert" as a heading may be the label of the name that stands below it; "Alerts" is that
        // of a chapter.
        let is_of_one =
            |label: &Label| *label == Label::Alert && !title.text.trim_end().ends_with(['s', ')']);
        self.pending = label(&title.text).filter(is_of_one).map(|label| Pending {
            label,
            is_heading: true,
            has_colon: false,
            follows_fields: false,
        });
    }

    /// Returns whether a section that has begun says which alert it is about.
    fn is_named(&self) -> bool {
        self.open.iter().any(|open| open.is_named)
    }

    /// Takes in a text: the value of the label that stood alone before it, the name of an alert, a
    /// label that stands alone, or lines with labels.
    fn paragraph(&mut self, text: &Inline, pending: Option<Pending>) {
        let trimmed = text.text.trim();
        if let Some(pending) = pending.filter(|pending| self.is_value(trimmed, *pending)) {
            self.promised(pending, text);
        } else if self.names.has(bare(trimmed)) {
            self.say(Said::Mention(text.field(0..text.text.len())));
        } else {
            let promised = self.lines(text);
            let alone = label(trimmed);
            let (has_colon, follows_fields) = (promised.is_some(), alone.is_none());
            let is_heading = false;
            self.pending =
                alone.or(promised).map(|label| Pending { label, is_heading, has_colon, follows_fields });
        }
    }

    /// Takes in the value of a label that stood alone, in place of none.
    fn promised(&mut self, pending: Pending, text: &Inline) {
        let said = self.open.last_mut().filter(|_| pending.has_colon).map(|open| &mut open.said);
        said.and_then(Vec::pop);
        if pending.is_heading {
            self.open.pop();
        }
        self.field(pending.label, value_of(pending.label, text, 0..text.text.len()));
    }

    /// Returns whether a text is the value of the label that stood alone before it.
    fn is_value(&self, text: &str, pending: Pending) -> bool {
        let is_value = match pending.label {
            Label::Alert if pending.is_heading => self.names.has(bare(text)),
            Label::Alert | Label::Alerts => self.names.are_in(text),
            Label::Severity => self.is_named() && (!pending.has_colon || severities(text).is_some()),
            Label::Threshold => {
                let begins = |c: char| c.is_ascii_digit() || matches!(c, '>' | '<' | '≥' | '≤');
                let is_stated = match pending.follows_fields {
                    // What follows some fields may as well be about something else.
                    true => text.starts_with(begins),
                    false => !pending.has_colon || text.contains(|c: char| c.is_ascii_digit()),
                };
                self.is_named() && is_stated
            }
        };
        is_value && labels(text, |_| None).is_empty()
    }

    /// Takes the labelled values out of the lines of a text. Returns the label that it ends in,
    /// without its value.
    fn lines(&mut self, text: &Inline) -> Option<Label> {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.text.split('\n') {
            let mut labelled = labels(line, |at| Some(text.emphasis_at(start + at)?.saturating_sub(start)));
            labelled.retain(|label| !text.is_within_code(start + label.name));
            lines.push((start, line, labelled));
            start += line.len() + 1;
        }
        for (number, (start, line, labelled)) in lines.iter().enumerate() {
            let before = labelled.first().map_or(0..0, |first| *start..start + first.start);
            if self.names.has(bare(&text.text[before.clone()])) {
                self.say(Said::Mention(text.field(before)));
            }
            for (at, Labelled { label, value, .. }) in labelled.iter().enumerate() {
                let next = labelled.get(at + 1);
                let mut end = start + next.map_or(line.len(), |next| next.start);
                let start = start + value;
                if *label == Label::Threshold && next.is_none() {
                    for (next, line, labelled) in &lines[number + 1..] {
                        let is_over = text.is_hard_break(next - 1) || !labelled.is_empty();
                        if is_over || !goes_on(&text.text[start..end], line) {
                            break;
                        }
                        end = next + line.len();
                    }
                }
                let value = text.text[start..end].trim_end_matches(['\\', ' ']);
                let end = start + value.len();
                self.field(*label, value_of(*label, text, start..end));
            }
        }
        let last = lines.last().and_then(|(_, line, labelled)| Some((line, labelled.last()?)));
        last.filter(|(line, last)| line[last.value..].trim().is_empty()).map(|(_, last)| last.label)
    }

    /// Ends the sections of this level and of those below.
    fn close(&mut self, level: usize) {
        while let Some(open) = self.open.pop_if(|last| last.level >= level) {
            self.end(open);
        }
    }

    /// Turns what is said in a section into entries. One that does not say which alert it is about
    /// belongs to the section around it that does.
    fn end(&mut self, open: Open) {
        let Open { heading, mut said, .. } = open;
        let named = heading.as_ref().filter(|heading| heading.names_alert);
        let around = self.open.iter().rev().find(|open| open.is_named).map(|open| open.values);
        name(&mut said, named.map(|_| Values::default()).or(around));
        let is_empty = said.is_empty();
        let has_name = said.iter().any(|said| matches!(said, Said::Field(Label::Alert, _)));
        if let Some(named) = named.filter(|named| !has_name || self.begins_before(named, &said)) {
            said.insert(0, Said::Field(Label::Alert, named.title.clone()));
            let kind = if is_empty { Kind::Heading } else { Kind::Section };
            self.entries.extend(entries(said, heading.as_ref(), kind));
            return;
        }
        let around = self.open.iter_mut().rev().find(|open| open.is_named).filter(|_| !has_name);
        match around {
            Some(around) => {
                said.iter().for_each(|said| around.values.note(said));
                around.said.extend(said);
            }
            None => self.entries.extend(entries(said, heading.as_ref(), Kind::Section)),
        }
    }

    /// Returns whether a section says something about the alerts of its heading before it names
    /// another.
    fn begins_before(&self, heading: &Heading, said: &[Said]) -> bool {
        let first = said.iter().enumerate().find_map(|(at, said)| match said {
            Said::Field(Label::Alert, name) => Some((at, name)),
            _ => None,
        });
        let named = |field: &Field| self.names.named([field.text.as_str()].into_iter());
        first.is_some_and(|(at, name)| {
            let own = named(&heading.title);
            at > 0 && !named(name).iter().any(|alert| own.contains(alert))
        })
    }
}

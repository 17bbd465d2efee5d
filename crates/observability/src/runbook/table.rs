//! Finds fields in tables: a row for each alert, or a label and its value in each row.

use super::block::Cell;
use super::field::{Field, Writing};
use super::inline::Inline;
use super::label::{Label, label};
use super::names::Names;
use super::severities::severities;
use super::value_of::value_of;

/// A table that is being read.
///
/// A head that labels a column of alerts and another one has a row for each alert. One that labels
/// severity and threshold alone has the fields of its section where it has a single row. Otherwise
/// the first two cells of a row are a label and its value, and the head is such a row where other
/// rows have labels too and its value is one: a table of response times by severity has no field.
pub(super) struct Table {
    kind: Kind,
    /// The head as a label and its value, until a row shows that it is one.
    head: Option<(Label, Field)>,
}

enum Kind {
    /// A row for each alert.
    Alerts(Vec<Option<Label>>),
    /// Columns without names, and how many rows there were.
    Columns(Vec<Option<Label>>, Vec<(Label, Field)>, usize),
    /// A label and its value in each row.
    Pairs,
    /// Something else.
    Other,
}

/// What the row of a table says.
pub(super) enum Row {
    /// All about one alert.
    OfAlert(Vec<(Label, Field)>),
    /// Fields of the section that the table stands in.
    OfSection(Vec<(Label, Field)>),
}

impl Table {
    /// Begins a table with its head.
    pub(super) fn new(head: &[Cell], source: &str, names: &Names<'_>) -> Self {
        let labels: Vec<Option<Label>> = head.iter().map(|cell| label_of(&cell.text)).collect();
        let has_alert = labels.contains(&Some(Label::Alert));
        let head = pair(head, source);
        let is_value = |(label, field): &(Label, Field)| match label {
            Label::Alert | Label::Alerts => names.are_in(&field.text),
            Label::Severity => severities(&field.text).is_some(),
            Label::Threshold => false,
        };
        let kind = match labels.iter().flatten().count() {
            0 => Kind::Pairs,
            1 if head.as_ref().is_some_and(is_value) => Kind::Pairs,
            1 if has_alert => Kind::Pairs,
            1 => Kind::Other,
            _ if has_alert => Kind::Alerts(labels),
            _ => Kind::Columns(labels, Vec::new(), 0),
        };
        Self { kind, head: head.filter(is_value) }
    }

    /// Returns the fields of a row.
    pub(super) fn row(&mut self, row: &[Cell], source: &str) -> Row {
        match &mut self.kind {
            Kind::Alerts(labels) => Row::OfAlert(labelled(labels, row, source)),
            Kind::Columns(labels, fields, rows) => {
                *rows += 1;
                *fields = if *rows == 1 { labelled(labels, row, source) } else { Vec::new() };
                Row::OfSection(Vec::new())
            }
            Kind::Pairs => {
                let pair = pair(row, source);
                let head = if pair.is_some() { self.head.take() } else { None };
                Row::OfSection(head.into_iter().chain(pair).collect())
            }
            Kind::Other => Row::OfSection(Vec::new()),
        }
    }

    /// Ends a table, and returns fields of its section that only its end tells.
    pub(super) fn end(self) -> Vec<(Label, Field)> {
        match self.kind {
            Kind::Columns(_, fields, 1) => fields,
            _ => Vec::new(),
        }
    }
}

fn label_of(text: &Inline) -> Option<Label> {
    label(&text.text).map(|label| if label == Label::Alerts { Label::Alert } else { label })
}

fn labelled(labels: &[Option<Label>], row: &[Cell], source: &str) -> Vec<(Label, Field)> {
    let labelled = labels.iter().zip(row);
    labelled.filter_map(|(label, cell)| Some(((*label)?, value((*label)?, cell, source)))).collect()
}

fn pair(row: &[Cell], source: &str) -> Option<(Label, Field)> {
    let [name, cell, ..] = row else { return None };
    let label = label_of(&name.text)?;
    Some((label, value(label, cell, source)))
}

fn value(label: Label, cell: &Cell, source: &str) -> Field {
    let field = match cell.text.text.trim().is_empty() {
        true => empty(cell, source),
        false => value_of(label, &cell.text, 0..cell.text.text.len()),
    };
    let field = if cell.is_head { field.kept() } else { field };
    field.written(cell.writing)
}

/// Returns the value of a cell without text.
fn empty(cell: &Cell, source: &str) -> Field {
    let raw = source.get(cell.span.clone()).unwrap_or_default();
    if cell.writing == Writing::Html {
        return Field::empty(if raw.trim().is_empty() { cell.span.start } else { cell.span.end });
    }
    let at = cell.span.start + (raw.len() - raw.trim_start().len());
    let blank = |c: char| matches!(c, ' ' | '\t');
    let is_between_bars = source[..at].trim_end_matches(blank).ends_with('|')
        && source[at..].trim_start_matches(blank).starts_with('|');
    // A row may end before all columns have a cell: there is no place to write to.
    if is_between_bars { Field::empty(at) } else { Field::empty(at).kept() }
}

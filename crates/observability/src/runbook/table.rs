//! Finds fields in tables: a row for each alert, or a label and its value in each row.

use super::inline::{Field, Inline};
use super::label::{Label, label, sentence};
use super::markdown::Cell;

/// A table that is being read.
///
/// A head with at least two labels names columns. Otherwise the first two cells of a row are a
/// label and its value. A head that begins with a label is such a row only where other rows have
/// labels too: a table of response times by severity has none.
pub(super) struct Table {
    columns: Vec<Option<Label>>,
    /// The head as a label and its value.
    head: Option<(Label, Field)>,
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
    pub(super) fn new(head: &[Cell], source: &str) -> Self {
        let columns = head.iter().map(|cell| label(&cell.text.text)).collect();
        Self { columns, head: pair(head, source) }
    }

    /// Returns the fields of a row.
    pub(super) fn row(&mut self, row: &[Cell], source: &str) -> Row {
        if self.columns.iter().flatten().count() > 1 {
            let labelled = self.columns.iter().zip(row);
            let fields =
                labelled.filter_map(|(label, cell)| Some(((*label)?, value((*label)?, cell, source))));
            return Row::OfAlert(fields.collect());
        }
        let pair = pair(row, source);
        let head = if pair.is_some() { self.head.take() } else { None };
        Row::OfSection(head.into_iter().chain(pair).collect())
    }
}

fn pair(row: &[Cell], source: &str) -> Option<(Label, Field)> {
    let [name, cell, ..] = row else { return None };
    let label = label(&name.text.text)?;
    Some((label, value(label, cell, source)))
}

fn value(label: Label, cell: &Cell, source: &str) -> Field {
    if cell.text.text.trim().is_empty() {
        let raw = source.get(cell.span.clone()).unwrap_or_default();
        return Field::empty(cell.span.start + (raw.len() - raw.trim_start().len()));
    }
    whole(label, &cell.text)
}

/// Returns a text as the value of a label.
pub(super) fn whole(label: Label, text: &Inline) -> Field {
    match label {
        Label::Threshold => text.field(sentence(&text.text)),
        _ => text.field(0..text.text.len()),
    }
}

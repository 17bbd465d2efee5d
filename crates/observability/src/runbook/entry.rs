//! What a runbook says about alerts, put together from what is said in a section.

use std::rc::Rc;

use super::field::Field;
use super::label::Label;

/// What a runbook says about an alert or, where it names several at once, about each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where the alerts are named. Nowhere in a section that does not say what it is about.
    pub(super) names: Vec<Field>,
    /// More than one if it repeats itself.
    pub(super) severities: Vec<Field>,
    /// More than one if it repeats itself.
    pub(super) thresholds: Vec<Field>,
    /// The heading that it stands under. `None` above the first.
    pub(super) heading: Option<Rc<Heading>>,
    pub(super) kind: Kind,
}

/// How much of a section an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Fields of a section.
    Section,
    /// A heading that names the alert, with no field under it.
    Heading,
    /// A row of a table of alerts.
    Row,
}

/// A heading that something is said under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) title: Field,
    /// Where a link to it leads. Empty if no link can.
    pub(super) anchor: String,
    /// Whether it names an alert.
    pub(super) names_alert: bool,
}

impl Entry {
    /// Returns the place of its first field.
    pub(super) fn start(&self) -> usize {
        let fields = self.names.iter().chain(&self.severities).chain(&self.thresholds);
        fields.map(|field| field.span.start).min().unwrap_or(0)
    }
}

/// Something that is said in a section.
pub(super) enum Said {
    Field(Label, Field),
    /// Another name for the fields that follow, beside the one before it.
    Also(Field),
    /// The name of an alert, alone in a paragraph, an item or a term. It names what the fields
    /// right behind it are about, if nothing else does.
    Mention(Field),
}

/// Which values were said since an alert was named.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values {
    severity: bool,
    threshold: bool,
}

impl Values {
    /// Notes what is said next.
    pub(super) fn note(&mut self, said: &Said) {
        match said {
            Said::Field(Label::Severity, _) => self.severity = true,
            Said::Field(Label::Threshold, _) => self.threshold = true,
            Said::Field(Label::Alert | Label::Alerts, _) | Said::Also(_) => *self = Self::default(),
            Said::Mention(_) => {}
        }
    }

    /// Returns whether a value of this kind was said already.
    const fn has(self, said: &Said) -> bool {
        match said {
            Said::Field(Label::Severity, _) => self.severity,
            Said::Field(Label::Threshold, _) => self.threshold,
            _ => false,
        }
    }
}

/// Makes names of the mentions that have fields right behind them, or a label without a value right
/// before them, and drops the others. Where an alert is named already, only a field that it has
/// already is about the one that is mentioned. `above` is what was said about the alert that is
/// named above, if one is.
pub(super) fn name(said: &mut Vec<Said>, above: Option<Values>) {
    let is_name = |said: &Said| matches!(said, Said::Field(Label::Alert, field) if !field.text.is_empty());
    let is_named = above.is_some() || said.iter().any(is_name);
    let mut named: Vec<Said> = Vec::with_capacity(said.len());
    let mut values = above.unwrap_or_default();
    let mut follows_label = false;
    let mut rest = std::mem::take(said).into_iter().peekable();
    while let Some(next) = rest.next() {
        let next = match next {
            Said::Mention(field) => {
                let has_fields =
                    matches!(rest.peek(), Some(Said::Field(Label::Severity | Label::Threshold, _)));
                let is_another = !is_named || rest.peek().is_some_and(|next| values.has(next));
                if follows_label {
                    Said::Also(field)
                } else if has_fields && is_another {
                    Said::Field(Label::Alert, field)
                } else {
                    continue;
                }
            }
            Said::Field(label, field) => {
                follows_label = label == Label::Alert && field.text.is_empty();
                Said::Field(label, field)
            }
            Said::Also(field) => Said::Also(field),
        };
        values.note(&next);
        named.push(next);
    }
    *said = named;
}

/// Turns what is said into entries: each name starts another, and values before
/// the first name belong to it.
pub(super) fn entries(said: Vec<Said>, heading: Option<&Rc<Heading>>, kind: Kind) -> Vec<Entry> {
    let new = || Entry {
        names: Vec::new(),
        severities: Vec::new(),
        thresholds: Vec::new(),
        heading: heading.cloned(),
        kind,
    };
    let mut entries: Vec<Entry> = vec![new()];
    for said in said {
        let Some(entry) = entries.last_mut() else { continue };
        match said {
            Said::Field(Label::Severity, field) => entry.severities.push(field),
            Said::Field(Label::Threshold, field) => entry.thresholds.push(field),
            Said::Field(Label::Alert | Label::Alerts, field) if entry.names.is_empty() => {
                entry.names.push(field);
            }
            Said::Field(Label::Alert | Label::Alerts, field) => {
                entries.push(Entry { names: vec![field], ..new() });
            }
            Said::Also(field) => {
                // The label before it may have had no value of its own.
                if entry.names.first().is_some_and(|name| name.text.is_empty()) {
                    entry.names.clear();
                }
                entry.names.push(field);
            }
            Said::Mention(_) => {}
        }
    }
    entries.retain(|entry| {
        !entry.names.is_empty() || !entry.severities.is_empty() || !entry.thresholds.is_empty()
    });
    entries
}

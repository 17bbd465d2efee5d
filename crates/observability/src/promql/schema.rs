//! Which series there are, with their labels and units: what the checker of expressions is told.

use std::collections::BTreeMap;

use crate::quantity::Unit;

/// The series that expressions may read.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    series: BTreeMap<&'static str, SeriesSchema>,
    /// Labels that a series may be grouped by though it lacks them: they are empty then, which does
    /// no harm.
    optional: Vec<String>,
    /// Labels of every scraped series whose value is known, as the selector of a service has them.
    target: BTreeMap<String, String>,
}

/// What is known about the series of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesSchema {
    /// Whether its values grow, come and go, or count within buckets.
    pub kind: SeriesKind,
    /// What its values measure.
    pub unit: Unit,
    /// Its labels, with their values where those are a closed set.
    pub labels: Vec<LabelSchema>,
    /// Whether it also has the labels that Prometheus adds to what it scrapes, as `instance`.
    pub is_scraped: bool,
}

/// How the values of a series behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKind {
    /// They come and go.
    Gauge,
    /// They only grow until a restart, so that they mean nothing as they are.
    Counter,
    /// They are counters of the buckets of a histogram, which observes values of this unit.
    Buckets(Unit),
}

/// A label of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSchema {
    /// Its name.
    pub name: String,
    /// The values that it has, or `None` if there may be any.
    pub values: Option<Vec<&'static str>>,
}

impl Schema {
    /// A schema without series.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a series.
    pub fn insert(&mut self, name: &'static str, series: SeriesSchema) {
        self.series.insert(name, series);
    }

    /// Says that series may be grouped by a label that they lack.
    pub fn allow_missing(&mut self, label: impl Into<String>) {
        self.optional.push(label.into());
    }

    /// Says that every scraped series has a label with this value.
    pub fn fix_target_label(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.target.insert(label.into(), value.into());
    }

    /// Returns what is known about a series. `None` if there is no such series.
    pub fn series(&self, name: &str) -> Option<&SeriesSchema> {
        self.series.get(name)
    }

    pub(super) fn optional_labels(&self) -> impl Iterator<Item = &str> {
        self.optional.iter().map(String::as_str)
    }

    pub(super) fn is_optional(&self, label: &str) -> bool {
        self.optional.iter().any(|optional| optional == label)
    }

    pub(super) fn target(&self) -> &BTreeMap<String, String> {
        &self.target
    }
}

impl SeriesSchema {
    /// A series with these labels, whose values may be anything.
    pub fn new(kind: SeriesKind, unit: Unit, labels: &[&str]) -> Self {
        let label = |&name: &&str| LabelSchema { name: name.to_owned(), values: None };
        Self { kind, unit, labels: labels.iter().map(label).collect(), is_scraped: false }
    }
}

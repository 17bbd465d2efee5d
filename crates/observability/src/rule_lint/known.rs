//! What is known beside the rules themselves.

use std::collections::HashMap;
use std::time::Duration;

use super::yielded::Yielded;
use crate::model::Model;
use crate::promql::SeriesSchema;
use crate::query::Node;

/// How often series are scraped unless somebody says otherwise. Few scrape more often, so that no
/// range is called too short that may be long enough.
pub const DEFAULT_SCRAPE_INTERVAL: Duration = Duration::from_secs(15);

/// What is known beside the rules themselves.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// How often series are scraped, and the rules are evaluated.
    pub scrape_interval: Duration,
    /// For how long Prometheus keeps samples. `None` if nobody has said.
    pub retention: Option<Duration>,
    /// The models of the catalogues whose jobs the rules may be about.
    pub models: &'a [Model<'a>],
    /// The runbook: the name of its file, and its text. `None` if there is none to look into.
    pub runbook: Option<(&'a str, &'a str)>,
}

impl Default for Facts<'_> {
    /// Nothing is known: [`DEFAULT_SCRAPE_INTERVAL`] holds.
    fn default() -> Self {
        Self { scrape_interval: DEFAULT_SCRAPE_INTERVAL, retention: None, models: &[], runbook: None }
    }
}

impl<'a> Facts<'a> {
    /// Returns what catalogues say about a series. `None` if they know no such series.
    pub(super) fn series(&self, name: &str) -> Option<&'a SeriesSchema> {
        self.models.iter().find_map(|model| model.schema().series(name))
    }
}

/// What is known about the series that an expression reads.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// What is known beside the rules.
    pub(super) facts: &'a Facts<'a>,
    /// What the rules record, by name. `None` while it is not yet worked out.
    pub(super) recorded: HashMap<String, Option<Yielded>>,
    /// How each series is recorded that one rule alone records, without labels of its own.
    pub(super) recordings: HashMap<&'a str, Recording<'a>>,
    /// The number of the rule that is followed, and of its group.
    pub(super) reader: (usize, usize),
}

/// A rule that records a series.
#[derive(Debug)]
pub(super) struct Recording<'a> {
    /// Its number among all rules, and that of its group.
    pub(super) place: (usize, usize),
    /// What it records.
    pub(super) query: &'a Node,
}

impl<'a> Known<'a> {
    /// Returns what is recorded as a series, where it is recorded at the very time at which it is
    /// read: by an earlier rule of the same group.
    pub(super) fn recorded_together(&self, name: &str) -> Option<&'a Node> {
        let recording = self.recordings.get(name)?;
        let ((rule, group), (reader, of_reader)) = (recording.place, self.reader);
        (group == of_reader && rule < reader).then_some(recording.query)
    }
}

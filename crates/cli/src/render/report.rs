//! What a check has found, with the texts that it was found in: the same for every format.

use std::ops::Range;
use std::path::Path;

use jobwatch_catalogue::yaml::Position;
use jobwatch_observability::findings::{Finding, Source};

use crate::lines::Lines;
use crate::number::grouped;
use crate::working_folder::WorkingFolder;

/// What was checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The catalogue's path and text.
    pub(crate) catalogue: (&'a Path, &'a str),
    /// The runbook's path and text.
    pub(crate) runbook: (&'a Path, &'a str),
    /// How many jobs the catalogue has.
    pub(crate) jobs: usize,
    /// How many alerts it has.
    pub(crate) alerts: usize,
    /// The folder that the command was called in.
    pub(crate) here: &'a WorkingFolder,
}

/// What was found, and what it was found in.
pub(crate) struct Report<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) findings: &'a [Finding],
    listed: Vec<&'a Finding>,
    catalogue: Lines<'a>,
    runbook: Lines<'a>,
}

/// The text that a finding is about, and where it is.
#[derive(Debug)]
pub(crate) struct Excerpt<'a> {
    /// The path of the file, as seen from the working folder.
    pub(crate) path: &'a Path,
    /// The text of the file.
    pub(crate) lines: &'a Lines<'a>,
    /// The bytes at fault. Empty where something is missing.
    pub(crate) span: Range<usize>,
    /// The first character at fault.
    pub(crate) start: Position,
    /// The first character behind those at fault.
    pub(crate) end: Position,
}

impl<'a> Report<'a> {
    /// A report that lists so many findings at most: those that fail the check before others, in
    /// the order they were found in.
    pub(crate) fn new(findings: &'a [Finding], subject: Subject<'a>, most: usize) -> Self {
        let failing = findings.iter().filter(|finding| finding.fails()).count();
        let (mut failing_left, mut others_left) = (most, most.saturating_sub(failing));
        let is_listed = |finding: &&Finding| {
            let left = if finding.fails() { &mut failing_left } else { &mut others_left };
            let is_listed = *left > 0;
            *left = left.saturating_sub(1);
            is_listed
        };
        Self {
            listed: findings.iter().filter(is_listed).collect(),
            catalogue: Lines::new(subject.catalogue.1),
            runbook: Lines::new(subject.runbook.1),
            findings,
            subject,
        }
    }

    /// Returns the findings to show.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &'a Finding> {
        self.listed.iter().copied()
    }

    /// Returns how many more findings there are, in words, or `None` if all are listed.
    pub(crate) fn more(&self) -> Option<String> {
        let more = self.findings.len() - self.listed.len();
        (more > 0).then(|| format!("and {} more", grouped(more)))
    }

    /// Returns the text that a finding is about.
    pub(crate) fn excerpt(&self, finding: &Finding) -> Excerpt<'_> {
        let (path, lines) = match finding.location.source {
            Source::Catalogue => (self.subject.catalogue.0, &self.catalogue),
            Source::Runbook => (self.subject.runbook.0, &self.runbook),
        };
        let span = finding.location.position.span.clone();
        let (start, end) = (lines.position(span.start), lines.position(span.end));
        Excerpt { path, lines, span, start, end }
    }
}

impl Excerpt<'_> {
    /// Returns the text at fault.
    pub(crate) fn text(&self) -> &str {
        self.lines.text().get(self.span.clone()).unwrap_or_default()
    }
}

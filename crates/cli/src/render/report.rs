//! What a check has found, with the texts that it was found in: the same for every format.

use std::ops::Range;
use std::path::Path;

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::Position;
use jobwatch_observability::findings::{Finding, Source};

use crate::lines::Lines;
use crate::number::grouped;
use crate::working_folder::WorkingFolder;

/// A catalogue that was checked, with its runbook.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The catalogue.
    pub(crate) catalogue: &'a Catalogue,
    /// The catalogue's path and text.
    pub(crate) source: (&'a Path, &'a str),
    /// The runbook's path and text.
    pub(crate) runbook: (&'a Path, &'a str),
    /// How many alerts the catalogue has, without those that are switched off for all jobs.
    pub(crate) alerts: usize,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
}

/// What was found, and what it was found in.
pub(crate) struct Report<'a> {
    pub(crate) subjects: &'a [Subject<'a>],
    /// The folder that the command was called in.
    pub(crate) here: &'a WorkingFolder,
    /// The lines of each subject's catalogue and runbook.
    lines: Vec<(Lines<'a>, Lines<'a>)>,
    /// The findings that are shown, each with the number of its subject.
    listed: Vec<(usize, &'a Finding)>,
}

/// A finding that is shown.
pub(crate) struct Listed<'a> {
    pub(crate) finding: &'a Finding,
    /// The catalogue that it was found out about.
    pub(crate) catalogue: &'a Catalogue,
    /// The text that it is about.
    pub(crate) excerpt: Excerpt<'a>,
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
    pub(crate) fn new(subjects: &'a [Subject<'a>], here: &'a WorkingFolder, most: usize) -> Self {
        let numbered = |(number, subject): (usize, &'a Subject<'a>)| {
            subject.findings.iter().map(move |finding| (number, finding))
        };
        let all = || subjects.iter().enumerate().flat_map(numbered);
        let failing = all().filter(|(_, finding)| finding.fails()).count();
        let (mut failing_left, mut others_left) = (most, most.saturating_sub(failing));
        let is_listed = |(_, finding): &(usize, &Finding)| {
            let left = if finding.fails() { &mut failing_left } else { &mut others_left };
            let is_listed = *left > 0;
            *left = left.saturating_sub(1);
            is_listed
        };
        let lines = |subject: &Subject<'a>| (Lines::new(subject.source.1), Lines::new(subject.runbook.1));
        Self {
            listed: all().filter(is_listed).collect(),
            lines: subjects.iter().map(lines).collect(),
            subjects,
            here,
        }
    }

    /// Returns the findings to show.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Listed<'_>> {
        self.listed.iter().map(|&(number, finding)| Listed {
            finding,
            catalogue: self.subjects[number].catalogue,
            excerpt: self.excerpt(number, finding),
        })
    }

    /// Returns all findings.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.subjects.iter().flat_map(|subject| &subject.findings)
    }

    /// Returns how many more findings there are, in words, or `None` if all are listed.
    pub(crate) fn more(&self) -> Option<String> {
        let more = self.findings().count() - self.listed.len();
        (more > 0).then(|| format!("and {} more", grouped(more)))
    }

    fn excerpt(&self, number: usize, finding: &Finding) -> Excerpt<'_> {
        let (subject, (catalogue, runbook)) = (&self.subjects[number], &self.lines[number]);
        let (path, lines) = match finding.location.source {
            Source::Catalogue => (subject.source.0, catalogue),
            Source::Runbook => (subject.runbook.0, runbook),
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

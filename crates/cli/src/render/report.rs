//! What a check has found, with the texts that it was found in: the same for every format.

use std::ops::Range;
use std::path::Path;

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::Position;
use jobwatch_observability::findings::{Finding, Source};

use crate::lines::Lines;
use crate::number::{counted, grouped};
use crate::working_folder::WorkingFolder;

/// What was checked: a catalogue with its runbook, or a file of rules.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The catalogue. `None` where rules were looked at.
    pub(crate) catalogue: Option<&'a Catalogue>,
    /// The texts that were read, each with its path.
    texts: Vec<(Source, &'a Path, &'a str)>,
    /// What was checked, in words.
    pub(crate) checked: String,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Subject<'a> {
    /// A catalogue and its runbook, each with its path and its text. `alerts` is how many alerts
    /// the catalogue has, without those that are switched off for all jobs.
    pub(crate) fn of_catalogue(
        catalogue: &'a Catalogue,
        source: (&'a Path, &'a str),
        runbook: (&'a Path, &'a str),
        alerts: usize,
        findings: Vec<Finding>,
    ) -> Self {
        let checked = format!(
            "{} for {} against {}",
            counted(alerts, "alert", "alerts"),
            counted(catalogue.jobs().len(), "job", "jobs"),
            runbook.0.display()
        );
        let texts = vec![(Source::Catalogue, source.0, source.1), (Source::Runbook, runbook.0, runbook.1)];
        Self { catalogue: Some(catalogue), texts, checked, findings }
    }

    /// A file of so many rules, with its path and its text.
    pub(crate) fn of_rules((path, text): (&'a Path, &'a str), rules: usize, findings: Vec<Finding>) -> Self {
        let checked = format!("{} in {}", counted(rules, "rule", "rules"), path.display());
        Self { catalogue: None, texts: vec![(Source::Rules, path, text)], checked, findings }
    }

    /// Returns the path of the text that stands for the whole.
    pub(crate) fn path(&self) -> &'a Path {
        self.texts.first().map_or(Path::new(""), |(_, path, _)| path)
    }
}

/// What was found, and what it was found in.
pub(crate) struct Report<'a> {
    pub(crate) subjects: &'a [Subject<'a>],
    /// The folder that the command was called in.
    pub(crate) here: &'a WorkingFolder,
    /// The lines of each subject's texts.
    lines: Vec<Vec<Lines<'a>>>,
    /// The findings that are shown, each with the number of its subject.
    listed: Vec<(usize, &'a Finding)>,
}

/// A finding that is shown.
pub(crate) struct Listed<'a> {
    pub(crate) finding: &'a Finding,
    /// The catalogue that it was found out about, if it is about one.
    pub(crate) catalogue: Option<&'a Catalogue>,
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
        let lines =
            |subject: &Subject<'a>| subject.texts.iter().map(|(_, _, text)| Lines::new(text)).collect();
        Self {
            listed: all().filter(is_listed).collect(),
            lines: subjects.iter().map(lines).collect(),
            subjects,
            here,
        }
    }

    /// Returns the findings to show.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Listed<'_>> {
        self.listed.iter().map(|listed| self.shown(listed))
    }

    /// Returns the findings to show about one of the subjects.
    pub(crate) fn listed_of(&self, subject: usize) -> impl Iterator<Item = Listed<'_>> {
        let of_subject = self.listed.iter().filter(move |(number, _)| *number == subject);
        of_subject.map(|listed| self.shown(listed))
    }

    fn shown(&self, &(number, finding): &(usize, &'a Finding)) -> Listed<'_> {
        Listed { finding, catalogue: self.subjects[number].catalogue, excerpt: self.excerpt(number, finding) }
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
        let texts = &self.subjects[number].texts;
        let which = texts.iter().position(|(source, _, _)| *source == finding.location.source);
        // What is about none of the texts is shown at the first.
        let which = which.unwrap_or_default();
        let (path, lines) = (texts[which].1, &self.lines[number][which]);
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

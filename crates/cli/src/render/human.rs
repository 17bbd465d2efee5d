//! For people: the text at fault underlined, what was expected, and what to do.

use std::path::Path;
use std::time::{Duration, Instant};

use annotate_snippets::Level;
use jobwatch_observability::findings::{Finding, Level as FindingLevel};
use similar::{Algorithm, DiffTag};

use super::report::{Excerpt, Listed, Report, Subject};
use super::snippet::{Shown, render, short};
use crate::lines::lines;
use crate::number::{counted, grouped};

/// How many findings are shown.
pub(crate) const MOST: usize = 50;

/// Shows the findings of a report and, for each catalogue, a summary of all.
pub(crate) fn report(report: &Report<'_>) -> String {
    let mut text = String::new();
    for Listed { finding, excerpt, .. } in report.listed() {
        match &finding.suppressed {
            Some(reason) => text.push_str(&suppressed(&excerpt, finding, reason)),
            None => text.push_str(&shown(&excerpt, finding)),
        }
        text.push('\n');
    }
    if let Some(more) = report.more() {
        text.push_str(&format!("{more}\n\n"));
    }
    text.extend(report.subjects.iter().map(summary));
    text
}

fn shown(excerpt: &Excerpt<'_>, finding: &Finding) -> String {
    let level = match finding.level() {
        FindingLevel::Error => Level::ERROR,
        FindingLevel::Warning => Level::WARNING,
        FindingLevel::Note => Level::NOTE,
    };
    let title = level.primary_title(short(&finding.message)).id(finding.code.as_str());
    let expected = finding.expected.as_ref().filter(|expected| !expected.contains('\n'));
    let label = expected.map(|expected| format!("expected {expected}"));
    let hint = Some(finding.hint.as_str());
    render(
        title,
        &Shown { path: excerpt.path, lines: excerpt.lines, span: excerpt.span.clone(), label, hint },
    )
}

fn suppressed(excerpt: &Excerpt<'_>, finding: &Finding, reason: &str) -> String {
    let (code, message, reason) = (finding.code, short(&finding.message), short(reason.trim()));
    let (path, line) = (excerpt.path.display(), excerpt.start.line);
    format!("suppressed[{code}]: {message}\n  --> {path}:{line}\n  because: {reason}\n")
}

/// Returns one line that says what was checked and what was found.
fn summary(subject: &Subject<'_>) -> String {
    let findings = &subject.findings;
    let open = |level| findings.iter().filter(|f| f.suppressed.is_none() && f.level() == level).count();
    let suppressed = findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    let counts = [
        (open(FindingLevel::Error), "error", "errors"),
        (open(FindingLevel::Warning), "warning", "warnings"),
        (open(FindingLevel::Note), "note", "notes"),
        (suppressed, "suppressed", "suppressed"),
    ];
    let found: Vec<String> = counts
        .into_iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| counted(number, one, many))
        .collect();
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    format!("checked {}: {found}\n", subject.checked)
}

/// For how long lines that were mended are looked for; then whole parts are told as mended.
const PATIENCE: Duration = Duration::from_millis(500);

/// Says which lines of the runbook were mended, the first [`MOST`] of them.
pub(crate) fn fixed(path: &Path, old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(old).collect(), lines(new).collect());
    let numbers: Vec<usize> = if old.len() == new.len() {
        (0..new.len()).filter(|number| old[*number] != new[*number]).collect()
    } else {
        // A sentence that ran over several lines has one now.
        let until = Some(Instant::now() + PATIENCE);
        let changes = similar::capture_diff_slices_deadline(Algorithm::Myers, &old, &new, until);
        let changed = changes.into_iter().filter(|change| change.tag() != DiffTag::Equal);
        changed.flat_map(|change| change.new_range()).collect()
    };
    let mut mended = numbers.into_iter();
    let mut text = String::new();
    for number in mended.by_ref().take(MOST) {
        let line = short(new[number].trim());
        text.push_str(&format!("fixed {}:{}: {line}\n", path.display(), number + 1));
    }
    let more = mended.count();
    if more > 0 {
        text.push_str(&format!("and {} more\n", grouped(more)));
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use jobwatch_catalogue::{Catalogue, JobSpec};

    use super::*;
    use crate::working_folder::WorkingFolder;

    #[test]
    fn a_sentence_that_ran_over_two_lines_is_one_fixed_line() {
        let shown = fixed(Path::new("r.md"), "a\nb\nc\nd\ne\n", "a\nB\nd\nE\n");
        assert_snapshot!(shown, @"
        fixed r.md:2: B
        fixed r.md:4: E
        ");
    }

    #[test]
    fn a_return_alone_ends_a_line_that_was_fixed() {
        let shown = fixed(Path::new("r.md"), "a\rb\r\nc\rd", "a\rB\r\nc\rD");
        assert_snapshot!(shown, @r"
        fixed r.md:2: B
        fixed r.md:4: D
        ");
    }

    #[test]
    fn one_is_not_many() {
        let here = WorkingFolder::find().unwrap();
        let (source, runbook) = ((Path::new("c.yaml"), ""), (Path::new("r.md"), ""));
        let summary = |jobs: &[&str], alerts| {
            let job = |name: &&str| JobSpec::every(*name, Duration::from_secs(60));
            let catalogue = jobs.iter().map(job).fold(Catalogue::builder("shop"), |all, job| all.job(job));
            let catalogue = catalogue.build().unwrap();
            let subject = Subject::of_catalogue(&catalogue, source, runbook, alerts, Vec::new());
            report(&Report::new(&[subject], &here, MOST))
        };
        assert_snapshot!(summary(&["a"], 1), @"checked 1 alert for 1 job against r.md: nothing found");
        assert_snapshot!(summary(&["a", "b"], 1000), @"checked 1,000 alerts for 2 jobs against r.md: nothing found");
    }
}

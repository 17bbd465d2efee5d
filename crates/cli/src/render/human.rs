//! For people: the text at fault underlined, what was expected, and what to do.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use jobwatch_observability::alerts::alerts;
use jobwatch_observability::finding::{self, Finding};

use super::Report;
use crate::error::Error;

/// Shows all findings and a summary.
pub(crate) fn report(report: &Report<'_>) -> String {
    let mut text = String::new();
    for finding in report.findings {
        match &finding.accepted {
            Some(reason) => text.push_str(&accepted(report, finding, reason)),
            None => text.push_str(&shown(report, finding)),
        }
        text.push('\n');
    }
    text.push_str(&summary(report));
    text
}

fn shown(report: &Report<'_>, finding: &Finding) -> String {
    let path = report.file(finding);
    let level = match finding.level() {
        finding::Level::Error => Level::ERROR,
        finding::Level::Warning => Level::WARNING,
        finding::Level::Note => Level::NOTE,
    };
    let label = finding.expected.as_ref().filter(|expected| !expected.contains('\n'));
    let label = label.map(|expected| format!("expected {expected}"));
    let mut annotation = AnnotationKind::Primary.span(finding.location.span.clone());
    if let Some(label) = &label {
        annotation = annotation.label(label);
    }
    let snippet = Snippet::source(report.text(finding)).path(&path).annotation(annotation);
    let group = level.primary_title(&finding.message).id(finding.code.as_str()).element(snippet);
    let mut groups: Vec<Group<'_>> = vec![group];
    if !finding.hint.is_empty() {
        groups.push(Group::with_title(Level::HELP.secondary_title(&finding.hint)));
    }
    format!("{}\n", Renderer::styled().render(&groups))
}

fn accepted(report: &Report<'_>, finding: &Finding, reason: &str) -> String {
    let code = finding.code;
    let place = format!("{}:{}", report.file(finding), finding.location.line);
    format!("accepted[{code}]: {}\n  --> {place}\n  because: {}\n", finding.message, reason.trim())
}

/// One line that says what was checked and what was found.
fn summary(report: &Report<'_>) -> String {
    let catalogue = &report.catalogue.catalogue;
    let open = |level| report.findings.iter().filter(|f| f.accepted.is_none() && f.level() == level).count();
    let accepted = report.findings.iter().filter(|finding| finding.accepted.is_some()).count();
    let counts = [
        (open(finding::Level::Error), "error", "errors"),
        (open(finding::Level::Warning), "warning", "warnings"),
        (open(finding::Level::Note), "note", "notes"),
        (accepted, "accepted", "accepted"),
    ];
    let found: Vec<String> = counts
        .into_iter()
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, one, many)| format!("{number} {}", if number == 1 { one } else { many }))
        .collect();
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    let jobs = catalogue.jobs().len();
    format!(
        "checked {} alerts for {jobs} {} against {}: {found}\n",
        alerts(catalogue).len(),
        if jobs == 1 { "job" } else { "jobs" },
        report.runbook_path.display()
    )
}

/// Shows why a command could not run.
pub(crate) fn error(error: &Error) -> String {
    if let Error::Catalogue { path, text, error: problems } = error {
        let mut shown: String =
            problems.problems.iter().map(|problem| catalogue_problem(path, text, problem)).collect();
        shown.push_str(&format!("{error}: nothing was written\n"));
        return shown;
    }
    let title = error.to_string();
    let mut groups = vec![Group::with_title(Level::ERROR.primary_title(&title))];
    let hint = error.hint();
    if let Some(hint) = &hint {
        groups.push(Group::with_title(Level::HELP.secondary_title(hint)));
    }
    format!("{}\n", Renderer::styled().render(&groups))
}

fn catalogue_problem(path: &Path, text: &str, problem: &jobwatch_catalogue::yaml::YamlProblem) -> String {
    let path = path.display().to_string();
    let annotation = AnnotationKind::Primary.span(problem.position.span.clone());
    let snippet = Snippet::source(text).path(&path).annotation(annotation);
    let mut groups = vec![Level::ERROR.primary_title(&problem.message).element(snippet)];
    if let Some(hint) = &problem.hint {
        groups.push(Group::with_title(Level::HELP.secondary_title(hint)));
    }
    format!("{}\n\n", Renderer::styled().render(&groups))
}

/// Says which lines of the runbook were mended.
pub(crate) fn fixed(path: &Path, old: &str, new: &str) -> String {
    let mut text = String::new();
    for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        if old != new {
            text.push_str(&format!("fixed {}:{}: {}\n", path.display(), number + 1, new.trim()));
        }
    }
    text
}

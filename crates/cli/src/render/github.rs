//! Workflow commands, which GitHub shows on the lines they are about.

use std::path::Path;

use jobwatch_observability::findings::Level;

use super::reason::{Place, Reason};
use super::report::{Excerpt, Listed, Report};
use crate::files::is_standard_input;
use crate::working_folder::WorkingFolder;

pub(crate) fn report(report: &Report<'_>) -> String {
    let mut text = String::new();
    for Listed { finding, excerpt, .. } in report.listed() {
        let command = match finding.level() {
            _ if finding.suppressed.is_some() => "notice",
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut message = finding.message.clone();
        match &finding.suppressed {
            Some(reason) => message.push_str(&format!("\nSuppressed: {}", reason.trim())),
            None => message.push_str(&format!("\n{}", finding.hint)),
        }
        let title = property(finding.code.as_str());
        let place = place(&excerpt, report.here);
        text.push_str(&format!("::{command} {place}title={title}::{}\n", data(&message)));
    }
    if let Some(more) = report.more() {
        text.push_str(&format!("::notice::{more}\n"));
    }
    text
}

/// Shows why the command could not run, on the lines of texts that cannot be read.
pub(crate) fn failed(reasons: &[Reason<'_>], here: Option<&WorkingFolder>) -> String {
    let command = |reason: &Reason<'_>| {
        let at = |place: &Place<'_>| {
            let file = file(place.path, here?)?;
            Some(format!("{file}line={},col={},", place.start.line, place.start.column))
        };
        let place = reason.place.as_ref().and_then(at).unwrap_or_default();
        format!("::error {place}title=could not run::{}\n", data(&reason.text()))
    };
    reasons.iter().map(command).collect()
}

/// Returns the file and where in it the text at fault is. Nothing for standard input, which is no
/// file.
fn place(excerpt: &Excerpt<'_>, here: &WorkingFolder) -> String {
    file(excerpt.path, here).map_or_else(String::new, |file| format!("{file}{},", region(excerpt)))
}

/// Returns the file alone. `None` for standard input, which is none.
fn file(path: &Path, here: &WorkingFolder) -> Option<String> {
    // GitHub looks for files from the root of the repository.
    let shown = || here.in_repository(path).unwrap_or_else(|| path.display().to_string());
    (!is_standard_input(path)).then(|| format!("file={},", property(&shown())))
}

/// Returns where the text at fault is. GitHub takes columns only where they are of one line.
fn region(Excerpt { start, end, .. }: &Excerpt<'_>) -> String {
    match start.line == end.line {
        true => {
            format!("line={},endLine={},col={},endColumn={}", start.line, end.line, start.column, end.column)
        }
        false => format!("line={},endLine={}", start.line, end.line),
    }
}

/// Returns what stands behind the colons: line breaks and percent signs are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns what stands before them: colons and commas are escaped as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

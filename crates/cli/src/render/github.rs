//! Workflow commands, which GitHub shows on the lines they are about.

use jobwatch_observability::findings::Level;

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

/// Returns the file and where in it the text at fault is. Nothing for standard input, which is no
/// file.
fn place(excerpt: &Excerpt<'_>, here: &WorkingFolder) -> String {
    if is_standard_input(excerpt.path) {
        return String::new();
    }
    // GitHub looks for files from the root of the repository.
    let file = here.in_repository(excerpt.path);
    let file = file.unwrap_or_else(|| excerpt.path.display().to_string());
    format!("file={},{},", property(&file), region(excerpt))
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

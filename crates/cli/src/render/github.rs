//! Workflow commands, which GitHub shows on the lines they are about.

use std::path::Path;

use jobwatch_catalogue::yaml::YamlProblem;
use jobwatch_observability::findings::Level;

use super::error::MOST_PROBLEMS;
use super::report::{Excerpt, Listed, Report};
use crate::error::Error;
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
pub(crate) fn error(error: &Error) -> String {
    if let Error::Several(errors) = error {
        return errors.iter().map(self::error).collect();
    }
    let command = |place: &str, message: &str, hint: Option<&str>| {
        let message = hint.map_or_else(|| message.to_owned(), |hint| format!("{message}\n{hint}"));
        format!("::error {place}title=could not run::{}\n", data(&message))
    };
    let Error::Problems { path, error: problems, .. } = error else {
        return command("", &error.to_string(), error.hint().as_deref());
    };
    let here = WorkingFolder::find().ok();
    let of_problem = |problem: &YamlProblem| {
        let file = here.as_ref().map_or_else(String::new, |here| file(path, here));
        let at = format!("line={},col={},", problem.position.line, problem.position.column);
        let place = if file.is_empty() { file } else { file + &at };
        command(&place, &problem.message, problem.hint.as_deref())
    };
    problems.problems.iter().take(MOST_PROBLEMS).map(of_problem).collect()
}

/// Returns the file and where in it the text at fault is. Nothing for standard input, which is no
/// file.
fn place(excerpt: &Excerpt<'_>, here: &WorkingFolder) -> String {
    let file = file(excerpt.path, here);
    if file.is_empty() { file } else { format!("{file}{},", region(excerpt)) }
}

/// Returns the file alone. Nothing for standard input, which is none.
fn file(path: &Path, here: &WorkingFolder) -> String {
    if is_standard_input(path) {
        return String::new();
    }
    // GitHub looks for files from the root of the repository.
    let file = here.in_repository(path).unwrap_or_else(|| path.display().to_string());
    format!("file={},", property(&file))
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

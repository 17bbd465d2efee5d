//! Workflow commands, which GitHub shows on the lines they are about.

use jobwatch_observability::finding::Level;

use super::Report;

pub(crate) fn report(report: &Report<'_>) -> String {
    let mut text = String::new();
    for finding in report.findings {
        let command = match finding.level() {
            _ if finding.accepted.is_some() => "notice",
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut message = finding.message.clone();
        match &finding.accepted {
            Some(reason) => message.push_str(&format!("\nAccepted: {}", reason.trim())),
            None => message.push_str(&format!("\n{}", finding.hint)),
        }
        text.push_str(&format!(
            "::{command} file={},line={},col={},title={}::{}\n",
            property(&report.file(finding)),
            finding.location.line,
            finding.location.column,
            property(finding.code.as_str()),
            data(&message)
        ));
    }
    text
}

/// What stands behind the colons: line breaks and percent signs are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands before them: colons and commas are escaped as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

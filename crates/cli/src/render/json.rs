//! Findings for programs.

use jobwatch_catalogue::Catalogue;
use serde::Serialize;

use super::report::{Listed, Report};

#[derive(Serialize)]
struct WireFinding<'a> {
    code: &'a str,
    severity: &'a str,
    catalogue: Option<&'a str>,
    alert: Option<&'a str>,
    rule: Option<&'a str>,
    job: Option<&'a str>,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
    expected: Option<&'a str>,
    found: Option<&'a str>,
    hint: &'a str,
    suppressed: Option<&'a str>,
}

/// Returns the findings of a report as a list of objects. Lines and columns count from one, columns
/// in characters; the end is behind the last character.
pub(crate) fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let findings: Vec<WireFinding<'_>> = report.listed().map(wire).collect();
    Ok(serde_json::to_string_pretty(&findings)? + "\n")
}

fn wire<'a>(Listed { finding, catalogue, excerpt }: Listed<'a>) -> WireFinding<'a> {
    WireFinding {
        code: finding.code.as_str(),
        severity: finding.level().as_str(),
        catalogue: catalogue.map(Catalogue::name),
        alert: finding.alert.as_ref().map(|alert| alert.as_str()),
        rule: finding.rule.as_deref(),
        job: finding.job.as_ref().map(AsRef::as_ref),
        file: excerpt.path.display().to_string(),
        line: excerpt.start.line,
        column: excerpt.start.column,
        end_line: excerpt.end.line,
        end_column: excerpt.end.column,
        message: &finding.message,
        expected: finding.expected.as_deref(),
        found: finding.found.as_deref(),
        hint: &finding.hint,
        suppressed: finding.suppressed.as_deref(),
    }
}

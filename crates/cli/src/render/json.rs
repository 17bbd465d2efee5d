//! Findings for programs.

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::findings::Level;
use serde::Serialize;

use super::reason::{self, Reason};
use super::report::{Listed, Report};

#[derive(Serialize)]
struct WireFinding<'a> {
    code: &'a str,
    severity: &'a str,
    catalogue: Option<&'a str>,
    alert: Option<&'a str>,
    rule: Option<&'a str>,
    job: Option<&'a str>,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
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

/// Returns why the command could not run as such a list, with `could-not-run` for a code. What is
/// about no text has no file and no line.
pub(crate) fn failed(reasons: &[Reason<'_>]) -> Result<String, serde_json::Error> {
    let findings: Vec<WireFinding<'_>> = reasons.iter().map(wire_reason).collect();
    Ok(serde_json::to_string_pretty(&findings)? + "\n")
}

fn wire_reason<'a>(reason: &'a Reason<'_>) -> WireFinding<'a> {
    let place = reason.place.as_ref();
    WireFinding {
        code: reason::CODE,
        severity: Level::Error.as_str(),
        catalogue: None,
        alert: None,
        rule: None,
        job: None,
        file: place.map(|place| place.path.display().to_string()),
        line: place.map(|place| place.start.line),
        column: place.map(|place| place.start.column),
        end_line: place.map(|place| place.end.line),
        end_column: place.map(|place| place.end.column),
        message: &reason.message,
        expected: None,
        found: None,
        hint: reason.hint.as_deref().unwrap_or_default(),
        suppressed: None,
    }
}

fn wire<'a>(Listed { finding, catalogue, excerpt }: Listed<'a>) -> WireFinding<'a> {
    WireFinding {
        code: finding.code.as_str(),
        severity: finding.level().as_str(),
        catalogue: catalogue.map(Catalogue::name),
        alert: finding.alert.as_ref().map(|alert| alert.as_str()),
        rule: finding.rule.as_deref(),
        job: finding.job.as_ref().map(AsRef::as_ref),
        file: Some(excerpt.path.display().to_string()),
        line: Some(excerpt.start.line),
        column: Some(excerpt.start.column),
        end_line: Some(excerpt.end.line),
        end_column: Some(excerpt.end.column),
        message: &finding.message,
        expected: finding.expected.as_deref(),
        found: finding.found.as_deref(),
        hint: &finding.hint,
        suppressed: finding.suppressed.as_deref(),
    }
}

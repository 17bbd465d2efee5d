//! SARIF 2.1.0, which code scanning services read.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jobwatch_catalogue::yaml::Position;
use jobwatch_observability::check::all_codes;
use jobwatch_observability::findings::{Code, Finding};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::reason::{Place, Reason};
use super::report::{Excerpt, Listed, Report};
use crate::files::is_standard_input;
use crate::working_folder::WorkingFolder;

/// What paths are relative to: whoever reads the log puts the root of the repository in its place.
const ROOT: &str = "%SRCROOT%";

/// What stands for standard input: a reference of a scheme of its own, so that nobody takes it for
/// a file of the repository.
const STANDARD_INPUT: &str = "stdin:";

/// The fingerprint that code scanning looks at to tell a finding that moved from a new one.
const FINGERPRINT: &str = "primaryLocationLineHash";

/// How many bytes of a hash are written.
const FINGERPRINT_BYTES: usize = 16;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
struct Run<'a> {
    tool: Tool,
    #[serde(rename = "originalUriBaseIds")]
    base_ids: BTreeMap<&'static str, Base>,
    #[serde(rename = "columnKind")]
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invocations: Vec<Invocation>,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Base {
    description: Text<'static>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: OwnedText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<'static>,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: OwnedText,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct OwnedText {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

/// Returns the findings of a report as a log. How many it leaves off is a notification of the
/// invocation.
pub(crate) fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let codes = all_codes();
    let mut seen = HashMap::new();
    let notify = |text| {
        let more = Notification { level: "warning", message: OwnedText { text }, locations: Vec::new() };
        Invocation { execution_successful: true, tool_execution_notifications: vec![more] }
    };
    let invocations = report.more().map(notify).into_iter().collect();
    let results = report.listed().map(|listed| result(report.here, listed, &codes, &mut seen)).collect();
    log(&codes, invocations, results)
}

/// Returns why the command could not run as notifications of an invocation without success.
pub(crate) fn failed(
    reasons: &[Reason<'_>],
    here: Option<&WorkingFolder>,
) -> Result<String, serde_json::Error> {
    let notify = |reason: &Reason<'_>| {
        let location = |place: &Place<'_>| Some(location(place.path, here?, &place.start, &place.end));
        Notification {
            level: "error",
            message: OwnedText { text: reason.text() },
            locations: reason.place.as_ref().and_then(location).into_iter().collect(),
        }
    };
    let tool_execution_notifications = reasons.iter().map(notify).collect();
    let invocation = Invocation { execution_successful: false, tool_execution_notifications };
    log(&all_codes(), vec![invocation], Vec::new())
}

fn log(
    codes: &[Code],
    invocations: Vec<Invocation>,
    results: Vec<SarifResult<'_>>,
) -> Result<String, serde_json::Error> {
    let root = Text { text: "The root of the repository, or the folder that the command was called in." };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "jobwatch",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: codes.iter().map(|code| rule(*code)).collect(),
                },
            },
            base_ids: BTreeMap::from([(ROOT, Base { description: root })]),
            column_kind: "unicodeCodePoints",
            invocations,
            results,
        }],
    };
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

fn rule(code: Code) -> Rule {
    Rule {
        id: code.as_str(),
        short_description: Text { text: code.summary },
        help: Help { text: code.summary, markdown: code.explanation },
        default_configuration: Configuration { level: code.level.as_str() },
    }
}

fn result<'a>(
    here: &WorkingFolder,
    Listed { finding, excerpt, .. }: Listed<'a>,
    codes: &[Code],
    seen: &mut HashMap<String, usize>,
) -> SarifResult<'a> {
    let hint = if finding.hint.is_empty() { String::new() } else { format!("\n{}", finding.hint) };
    SarifResult {
        rule_id: finding.code.as_str(),
        rule_index: codes.iter().position(|code| *code == finding.code),
        level: finding.code.level.as_str(),
        message: OwnedText { text: format!("{}{hint}", finding.message) },
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint(finding, &excerpt, seen))]),
        locations: [location(excerpt.path, here, &excerpt.start, &excerpt.end)],
        suppressions: finding
            .suppressed
            .iter()
            .map(|suppressed| Suppression {
                kind: if suppressed.is_in_source { "inSource" } else { "external" },
                justification: suppressed.trim(),
            })
            .collect(),
    }
}

/// Returns a part of a file, from its first character to the first behind it.
fn location(path: &Path, here: &WorkingFolder, start: &Position, end: &Position) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact_location(path, here),
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            },
        },
    }
}

/// Returns what stays the same when lines are added above a finding: what it is about and the text
/// at fault. A number tells findings apart that are alike.
fn fingerprint(finding: &Finding, excerpt: &Excerpt<'_>, seen: &mut HashMap<String, usize>) -> String {
    let alert = finding.alert.as_ref().map(|alert| alert.as_str());
    let alert = alert.or(finding.rule.as_deref()).unwrap_or_default();
    let job: &str = finding.job.as_ref().map_or("", AsRef::as_ref);
    let mut hash = Sha256::new();
    for part in [finding.code.as_str(), alert, job, excerpt.text()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let hash: String = digest.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let number = seen.entry(hash.clone()).or_default();
    *number += 1;
    format!("{hash}:{number}")
}

/// Returns a path as a reference that SARIF allows: relative to the root of the repository, or of
/// the scheme `file`. Standard input is no file, and has [`STANDARD_INPUT`].
fn artifact_location(path: &Path, here: &WorkingFolder) -> ArtifactLocation {
    if is_standard_input(path) {
        return ArtifactLocation { uri: STANDARD_INPUT.to_owned(), uri_base_id: None };
    }
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    if let Some(inside) = here.in_repository(path) {
        return ArtifactLocation {
            uri: utf8_percent_encode(&inside, KEPT).to_string(),
            uri_base_id: Some(ROOT),
        };
    }
    let outside = here.absolute(path).display().to_string().replace('\\', "/");
    let slash = if outside.starts_with('/') { "" } else { "/" };
    ArtifactLocation {
        uri: format!("file://{slash}{}", utf8_percent_encode(&outside, KEPT)),
        uri_base_id: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jobwatch_catalogue::{Catalogue, JobSpec};
    use jobwatch_observability::findings::{Level, Location as At, Source};

    use super::super::report::Subject;
    use super::*;

    #[test]
    fn a_finding_of_a_code_that_is_not_listed_points_at_no_rule() {
        let code = Code { name: "of-your-own", level: Level::Note, summary: "", explanation: "" };
        let finding = Finding {
            code,
            alert: None,
            job: None,
            rule: None,
            location: At { source: Source::Runbook, position: Position::START },
            message: "Found.".to_owned(),
            expected: None,
            found: None,
            hint: String::new(),
            suppressed: None,
        };
        let here = WorkingFolder::find().unwrap();
        let (source, runbook) = ((Path::new("c.yaml"), ""), (Path::new("r.md"), ""));
        let job = JobSpec::every("a", Duration::from_secs(60));
        let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
        let subjects = [Subject::of_catalogue(&catalogue, source, runbook, 1, vec![finding])];
        let log = super::report(&Report::new(&subjects, &here, 1)).unwrap();
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        let result = &log["runs"][0]["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&"of-your-own".into(), &"note".into()));
        assert!(result.get("ruleIndex").is_none(), "{result}");
    }
}

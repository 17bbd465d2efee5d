//! Builds findings about a runbook.

use std::ops::Range;

use jobwatch_catalogue::suggestion::nearest;

use super::alert_view::job_name;
use super::codes;
use super::expected::{Expected, told};
use super::judge::Difference;
use super::lines::Lines;
use crate::findings::{Code, Finding};

/// Returns a finding about some bytes of the runbook.
pub(super) fn finding(
    lines: &Lines<'_>,
    code: Code,
    alert: Option<&Expected<'_>>,
    span: Range<usize>,
    message: String,
) -> Finding {
    Finding {
        code,
        alert: alert.map(|expected| expected.alert.id),
        job: None,
        rule: None,
        location: lines.location(span),
        message,
        expected: None,
        found: None,
        hint: String::new(),
        suppressed: None,
    }
}

/// Returns the finding that a sentence differs from its alert.
pub(super) fn difference(
    lines: &Lines<'_>,
    alert: &Expected<'_>,
    difference: Difference,
    span: Range<usize>,
) -> Finding {
    let Difference { code, message, expected, found, hint, job, .. } = difference;
    Finding {
        job: job.and_then(|job| job_name(&job)),
        expected: Some(expected),
        found: Some(found).filter(|found| !found.is_empty()),
        hint,
        ..finding(lines, code, Some(alert), span, message)
    }
}

/// Returns the finding that a section lacks a field.
pub(super) fn missing_field(
    lines: &Lines<'_>,
    alert: &Expected<'_>,
    span: Range<usize>,
    label: &str,
    value: String,
) -> Finding {
    let message = format!("the section of {} does not state its {}", alert.alert.name, label.to_lowercase());
    Finding {
        hint: format!("add a line `**{label}**: {value}`"),
        expected: Some(value),
        ..finding(lines, codes::FIELD_MISSING, Some(alert), span, message)
    }
}

/// Returns the finding that a section is about an alert that does not exist.
pub(super) fn unknown<'n>(
    lines: &Lines<'_>,
    names: impl Iterator<Item = &'n str>,
    span: Range<usize>,
    name: &str,
) -> Finding {
    let near = nearest(name, names);
    let hint = match near {
        Some(near) => format!("did you mean `{near}`? `jobwatch list alerts` shows all"),
        None => "remove the section, or name one of the alerts that `jobwatch list alerts` shows".to_owned(),
    };
    let name = told(name);
    Finding {
        hint,
        found: Some(name.clone()),
        ..finding(lines, codes::ALERT_UNKNOWN, None, span, format!("there is no alert {name}"))
    }
}

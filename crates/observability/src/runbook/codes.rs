//! The kinds of findings about a runbook.

use crate::findings::{Code, Level};

/// An alert has no section in the runbook.
pub const SECTION_MISSING: Code = code(
    "runbook-section-missing",
    Level::Error,
    "An alert has no section in the runbook.",
    include_str!("../findings/explanations/runbook-section-missing.md"),
);

/// A section of the runbook is about an alert that does not exist.
pub const ALERT_UNKNOWN: Code = code(
    "runbook-alert-unknown",
    Level::Error,
    "A section of the runbook is about an alert that does not exist.",
    include_str!("../findings/explanations/runbook-alert-unknown.md"),
);

/// A section of the runbook is about an alert that the catalogue switches off.
pub const ALERT_OFF: Code = code(
    "runbook-alert-off",
    Level::Error,
    "A section of the runbook is about an alert that the catalogue switches off.",
    include_str!("../findings/explanations/runbook-alert-off.md"),
);

/// Two sections of the runbook are about the same alert.
pub const SECTION_DUPLICATE: Code = code(
    "runbook-section-duplicate",
    Level::Error,
    "Two sections of the runbook are about the same alert.",
    include_str!("../findings/explanations/runbook-section-duplicate.md"),
);

/// A section of the runbook lacks its severity or its threshold.
pub const FIELD_MISSING: Code = code(
    "runbook-field-missing",
    Level::Error,
    "A section of the runbook lacks its severity or its threshold.",
    include_str!("../findings/explanations/runbook-field-missing.md"),
);

/// The runbook states another severity than the rule.
pub const SEVERITY_DIFFERS: Code = code(
    "runbook-severity-differs",
    Level::Error,
    "The runbook states another severity than the rule.",
    include_str!("../findings/explanations/runbook-severity-differs.md"),
);

/// The runbook states another threshold than the rule.
pub const THRESHOLD_DIFFERS: Code = code(
    "runbook-threshold-differs",
    Level::Error,
    "The runbook states another threshold than the rule.",
    include_str!("../findings/explanations/runbook-threshold-differs.md"),
);

/// The runbook states its threshold in another unit than the rule.
pub const UNIT_DIFFERS: Code = code(
    "runbook-unit-differs",
    Level::Error,
    "The runbook states its threshold in another unit than the rule.",
    include_str!("../findings/explanations/runbook-unit-differs.md"),
);

/// The runbook states another time for which the condition has to hold than the rule.
pub const DURATION_DIFFERS: Code = code(
    "runbook-duration-differs",
    Level::Error,
    "The runbook states another time for which the condition has to hold than the rule.",
    include_str!("../findings/explanations/runbook-duration-differs.md"),
);

/// The runbook compares in another direction than the rule.
pub const COMPARISON_DIFFERS: Code = code(
    "runbook-comparison-differs",
    Level::Error,
    "The runbook compares in another direction than the rule.",
    include_str!("../findings/explanations/runbook-comparison-differs.md"),
);

/// The runbook states a condition of another kind than the rule.
pub const CONDITION_DIFFERS: Code = code(
    "runbook-condition-differs",
    Level::Error,
    "The runbook states a condition of another kind than the rule.",
    include_str!("../findings/explanations/runbook-condition-differs.md"),
);

/// A threshold in the runbook is written in a form that the check does not know.
pub const THRESHOLD_UNREADABLE: Code = code(
    "runbook-threshold-unreadable",
    Level::Error,
    "A threshold in the runbook is written in a form that the check does not know.",
    include_str!("../findings/explanations/runbook-threshold-unreadable.md"),
);

/// An alert stands under no heading of the runbook that a link can lead to.
pub const ANCHOR_BROKEN: Code = code(
    "runbook-anchor-broken",
    Level::Error,
    "An alert stands under no heading of the runbook that a link can lead to.",
    include_str!("../findings/explanations/runbook-anchor-broken.md"),
);

/// The runbook states another threshold for a job than the rule.
pub const JOB_THRESHOLD_DIFFERS: Code = code(
    "runbook-job-threshold-differs",
    Level::Error,
    "The runbook states another threshold for a job than the rule.",
    include_str!("../findings/explanations/runbook-job-threshold-differs.md"),
);

/// The rule has another threshold for a job, and the runbook does not say so.
pub const JOB_THRESHOLD_UNSTATED: Code = code(
    "runbook-job-threshold-unstated",
    Level::Note,
    "The rule has another threshold for a job, and the runbook does not say so.",
    include_str!("../findings/explanations/runbook-job-threshold-unstated.md"),
);

/// The runbook is too large or too deeply nested to be read, or has more findings than are told.
pub const TOO_MUCH: Code = code(
    "runbook-too-much",
    Level::Error,
    "The runbook is too large or too deeply nested to be read, or has more findings than are told.",
    include_str!("../findings/explanations/runbook-too-much.md"),
);

/// A comment in the runbook ignores a finding without a reason.
pub const IGNORE_WITHOUT_REASON: Code = code(
    "runbook-ignore-without-reason",
    Level::Error,
    "A comment in the runbook ignores a finding without a reason.",
    include_str!("../findings/explanations/runbook-ignore-without-reason.md"),
);

/// A comment in the runbook ignores a finding of a code that does not exist.
pub const IGNORE_UNKNOWN: Code = code(
    "runbook-ignore-unknown",
    Level::Error,
    "A comment in the runbook ignores a finding of a code that does not exist.",
    include_str!("../findings/explanations/runbook-ignore-unknown.md"),
);

/// A comment in the runbook ignores a finding that does not occur.
pub const IGNORE_UNUSED: Code = code(
    "runbook-ignore-unused",
    Level::Warning,
    "A comment in the runbook ignores a finding that does not occur.",
    include_str!("../findings/explanations/runbook-ignore-unused.md"),
);

/// Every kind, in the order in which they are listed.
pub const ALL: [Code; 19] = [
    SECTION_MISSING,
    ALERT_UNKNOWN,
    ALERT_OFF,
    SECTION_DUPLICATE,
    FIELD_MISSING,
    SEVERITY_DIFFERS,
    THRESHOLD_DIFFERS,
    UNIT_DIFFERS,
    DURATION_DIFFERS,
    COMPARISON_DIFFERS,
    CONDITION_DIFFERS,
    THRESHOLD_UNREADABLE,
    ANCHOR_BROKEN,
    JOB_THRESHOLD_DIFFERS,
    JOB_THRESHOLD_UNSTATED,
    IGNORE_WITHOUT_REASON,
    IGNORE_UNKNOWN,
    IGNORE_UNUSED,
    TOO_MUCH,
];

const fn code(name: &'static str, level: Level, summary: &'static str, explanation: &'static str) -> Code {
    Code { name, level, summary, explanation }
}

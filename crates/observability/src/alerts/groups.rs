//! The groups that the standard alerts stand in.

use crate::definition::AlertGroup;

/// The eight alerts about jobs that a runbook promises.
pub(super) const PAIRS: AlertGroup = AlertGroup {
    suffix: "",
    comment: "Job alerts in four pairs of warning and critical: failing, stale, slow, backed up.",
};

/// The alert about items.
pub(super) const ITEM_GROUP: AlertGroup = AlertGroup {
    suffix: "items",
    comment: "Item alert: executions succeed, but much of what they handle fails.",
};

/// What nobody resolves.
pub(super) const ESCALATION: AlertGroup = AlertGroup {
    suffix: "escalation",
    comment: "Escalation: a warning that goes on firing pages. Each rule tests what its warning tests, and \
              waits longer.",
};

/// What the pairs cannot see.
pub(super) const RUNTIME: AlertGroup = AlertGroup {
    suffix: "runtime",
    comment: "Alerts for what the pairs cannot see: a rare job that keeps failing, an execution that never \
              ends, a job that exposes nothing.",
};

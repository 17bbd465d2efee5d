//! Warnings that nobody resolves: another rule tests each of them, and waits longer.

use std::collections::HashSet;

use jobwatch_catalogue::JobName;

use super::alert::Alert;
use crate::alerts::unresolved::UNRESOLVED;
use crate::definition::AlertName;
use crate::promql::Expr;
use crate::scope::Scope;
use crate::severity::Severity;

/// The shortest time after which a warning escalates, in seconds: since when the condition of a
/// rule holds whose `for` is shorter, Prometheus forgets at a restart
/// (`--rules.alert.for-grace-period`).
pub const SHORTEST: u64 = 10 * 60;

/// A warning that escalates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// The warning.
    pub warning: AlertName,
    /// For how many seconds its condition has to hold: until it fires, and then as long as nobody
    /// has to be woken.
    pub hold: u64,
    /// What is tested: what the warning tests, of the jobs for which it escalates. The labels of
    /// jobs are not joined yet.
    pub expression: Expr,
}

/// Returns the warnings that escalate, in the order of their definitions. None if the catalogue
/// switches escalation off.
pub(super) fn of_alerts(alerts: &[Alert], scope: &Scope<'_>) -> Vec<Escalation> {
    let Some(unresolved) = unresolved(alerts) else { return Vec::new() };
    alerts.iter().filter_map(|alert| of_alert(alert, unresolved, scope)).collect()
}

/// Returns whether an alert escalates for a job.
pub(super) fn escalates(alerts: &[Alert], alert: &Alert, job: &JobName) -> bool {
    let is_escalated = |unresolved: &Alert| unresolved.name() != alert.name() && unresolved.watches(job);
    let is_warning = || alert.watches(job) && alert.severity_of(job) == Severity::Warning;
    unresolved(alerts).is_some_and(is_escalated) && is_warning()
}

fn unresolved(alerts: &[Alert]) -> Option<&Alert> {
    alerts.iter().find(|alert| alert.name() == UNRESOLVED.name)
}

fn of_alert(alert: &Alert, unresolved: &Alert, scope: &Scope<'_>) -> Option<Escalation> {
    if alert.name() == unresolved.name() {
        return None;
    }
    let others: HashSet<&JobName> = alert.severities().values().flatten().collect();
    let is_warning = |job: &JobName| (alert.severity == Severity::Warning) != others.contains(job);
    let expression = alert.escalated(scope, |job| is_warning(job) && unresolved.watches(job))?;
    Some(Escalation { warning: alert.name(), hold: alert.hold.saturating_add(unresolved.hold), expression })
}

//! `BackgroundJobUnresolved`: a warning goes on firing, and nobody resolves it.

use jobwatch_catalogue::metric::JOB_CONSECUTIVE_FAILURES;

use super::consecutive_failures::CONSECUTIVE_FAILURES;
use super::groups::ESCALATION;
use crate::definition::{AT_LEAST, AlertDefinition, AlertName, Comparison, Condition, Texts};
use crate::promql::Expr;
use crate::scenario::{Check, Sample, Scenario, Series, Stage};
use crate::sentence::Form;
use crate::sentence::words::{GOING_ON, UNRESOLVED as NOT_RESOLVED, WARNINGS};
use crate::series::CATALOGUED;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobUnresolved");

/// A warning goes on firing, and nobody resolves it.
///
/// It has a rule for each warning, which tests the same and waits for [`AlertDefinition::hold`]
/// longer ([`crate::model::Escalation`]): Prometheus knows after a restart since when the condition
/// of a rule holds, but not since when another alert fires.
pub const UNRESOLVED: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Unresolved Warning",
    group: ESCALATION,
    hold: 30 * 60,
    watches: AlertDefinition::every_job,
    value: CATALOGUED,
    comparison: Comparison::Above,
    parameters: &[],
    earlier: None,
    inhibits: &[],
    condition: every_job,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "what no job does",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    // In braces: what the warning says, its name, and for how long it has been firing.
    texts: Texts {
        summary: "Unresolved for {for}: {said}",
        description: "{said} {warning} has been firing for {for}.",
        fires: "while a warning goes on firing",
    },
    panels: &["Unresolved Warnings"],
    form: Form {
        template: "A warning unresolved",
        needs: &[WARNINGS, NOT_RESOLVED],
        allows: &[GOING_ON],
        ..Form::STATE
    },
    scenarios,
    firing: |_| None,
};

/// The jobs whose warnings escalate.
fn every_job(condition: &Condition<'_>) -> Expr {
    condition.value().into()
}

/// Failures in a row, with a success between two bouts that are too short, and in the end.
fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let warning = CONSECUTIVE_FAILURES.name;
    let Some(failures) = stage.count(warning, AT_LEAST).filter(|_| stage.escalates(warning)) else {
        return Vec::new();
    };
    let step = stage.step();
    let takes = stage.step_from(stage.hold(warning) + stage.hold(NAME));
    let (first, second) = (3 * step, 4 * step + takes);
    let resolved = second + takes + 2 * step;
    let samples = [(0, 0), (first, failures), (first + takes, 0), (second, failures), (resolved, 0)];
    let samples = samples.map(|(from, value)| (from, Sample::Value(value)));
    let says = "A warning resolves just in time, then it does not, and then it does after all.";
    let escalates = second + takes;
    let checks = [
        Check::silent(first + takes, NAME),
        Check::silent(escalates - step, NAME),
        Check::fires(escalates, NAME),
        Check::silent(resolved, NAME),
    ];
    let scenario = Scenario::new("unresolved", says)
        .series([Series::held(JOB_CONSECUTIVE_FAILURES.name, &[], samples)])
        .check(checks)
        .step_at_most(stage.hold(NAME) / 2);
    vec![scenario]
}

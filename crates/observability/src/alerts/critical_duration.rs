//! `BackgroundJobCriticalDuration`: the 95th percentile of the duration is very high.

use super::groups::PAIRS;
use super::high_duration::HIGH_DURATION;
use super::slowness::{SLOW_FORM, SLOW_TEXTS, below_the_lowest_bucket, out_of_reach, slow};
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy, Texts};
use crate::quantity::Quantity;
use crate::scenario::{Firing, Scenario, Sides, Stage, sides_of_p95, slow_firing};
use crate::series::DURATION_P95;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobCriticalDuration");
const SIDES: Sides = Sides { above: "p95-above-critical", below: "p95-below-critical" };

/// The 95th percentile of the duration is very high.
pub const CRITICAL_DURATION: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Critical Job Duration",
    group: PAIRS,
    hold: 10 * 60,
    watches: AlertDefinition::every_job,
    value: DURATION_P95,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Duration(600),
        most: None,
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_execution_duration_seconds:p95_critical_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[HIGH_DURATION.name],
    condition: slow,
    labels: AlertDefinition::no_labels,
    out_of_reach,
    takes: "executions of more than {above}",
    exceeded_when_healthy: below_the_lowest_bucket,
    texts: Texts { summary: "{job} takes far too long", ..SLOW_TEXTS },
    panels: &["Job Duration (P95)"],
    form: SLOW_FORM,
    scenarios,
    firing,
};

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    sides_of_p95(stage, NAME, &SIDES)
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    slow_firing(stage, NAME)
}

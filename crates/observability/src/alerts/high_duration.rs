//! `BackgroundJobHighDuration`: the 95th percentile of the duration is high.

use super::groups::PAIRS;
use super::slowness::{SLOW_FORM, SLOW_TEXTS, below_the_lowest_bucket, out_of_reach, slow};
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy};
use crate::quantity::Quantity;
use crate::scenario::{Firing, Scenario, Sides, Stage, sides_of_p95, slow_firing};
use crate::series::DURATION_P95;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobHighDuration");
const SIDES: Sides = Sides { above: "p95-above-warning", below: "p95-below-warning" };

/// The 95th percentile of the duration is high.
pub const HIGH_DURATION: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "High Job Duration",
    group: PAIRS,
    hold: 15 * 60,
    watches: AlertDefinition::every_job,
    value: DURATION_P95,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Duration(300),
        most: None,
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_execution_duration_seconds:p95_warning_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: slow,
    labels: AlertDefinition::no_labels,
    out_of_reach,
    takes: "executions of more than {above}",
    exceeded_when_healthy: below_the_lowest_bucket,
    texts: SLOW_TEXTS,
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

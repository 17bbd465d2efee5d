//! `BackgroundJobNotRunning`: no execution has succeeded for a while.

use jobwatch_catalogue::JobSpec;

use super::groups::PAIRS;
use super::staleness::{STALE_FORM, STALE_TEXTS, rounded_up, stale, too_short};
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy};
use crate::quantity::Quantity;
use crate::scenario::{Firing, Scenario, Stage, stale_firing, stale_scenarios};
use crate::series::TIME_SINCE_LAST_SUCCESS;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobNotRunning");

/// No execution has succeeded for a while.
pub const NOT_RUNNING: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Job Not Running (Stale)",
    group: PAIRS,
    hold: 0,
    watches: AlertDefinition::every_job,
    value: TIME_SINCE_LAST_SUCCESS,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Duration(2 * 3_600),
        most: None,
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_time_since_last_success_seconds:warning_threshold",
        in_force: None,
        for_job: overdue_after,
    }],
    earlier: None,
    inhibits: &[],
    condition: stale,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {above}",
    exceeded_when_healthy: too_short,
    texts: STALE_TEXTS,
    panels: &["Time Since Last Success", "Job Execution Status Overview"],
    form: STALE_FORM,
    scenarios,
    firing,
};

/// How long a job may go without success. The stated threshold is a floor: a job that could succeed
/// more rarely than that while nothing is wrong gets two intervals and one allowed run time, so
/// that one execution may fail without anybody being told.
fn overdue_after(stated: Quantity, job: &JobSpec) -> Quantity {
    let Quantity::Duration(floor) = stated else { return stated };
    let gap = job.schedule().longest_gap().as_secs();
    let two_gaps = job.schedule().longest_span(2).as_secs();
    let timeout = job.timeout().as_secs();
    if gap + timeout < floor && two_gaps <= floor {
        return stated;
    }
    Quantity::Duration(rounded_up(two_gaps + timeout).max(floor))
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    stale_scenarios(stage, NAME)
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    stale_firing(stage, NAME)
}

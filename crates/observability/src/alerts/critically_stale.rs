//! `BackgroundJobCriticallyStale`: no execution has succeeded for far too long.

use jobwatch_catalogue::JobSpec;

use super::groups::PAIRS;
use super::not_running::NOT_RUNNING;
use super::staleness::{STALE_FORM, STALE_TEXTS, rounded_up, stale, too_short};
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy, Texts};
use crate::quantity::Quantity;
use crate::scenario::{Firing, Scenario, Stage, stale_firing, stale_scenarios};
use crate::series::TIME_SINCE_LAST_SUCCESS;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobCriticallyStale");

/// No execution has succeeded for far too long.
pub const CRITICALLY_STALE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Job Critically Stale",
    group: PAIRS,
    hold: 0,
    watches: AlertDefinition::every_job,
    value: TIME_SINCE_LAST_SUCCESS,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Duration(24 * 3_600),
        most: None,
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_time_since_last_success_seconds:critical_threshold",
        in_force: None,
        for_job: long_overdue_after,
    }],
    earlier: None,
    inhibits: &[NOT_RUNNING.name],
    condition: stale,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {above}",
    exceeded_when_healthy: too_short,
    texts: Texts { summary: "{job} has not succeeded for far too long", ..STALE_TEXTS },
    panels: &["Time Since Last Success"],
    form: STALE_FORM,
    scenarios,
    firing,
};

/// How long a job may go without success before it is critical: the stated threshold, or for a job
/// that may not even be overdue by then, three gaps of its schedule and one allowed run time, and
/// always more than it takes for the warning.
fn long_overdue_after(stated: Quantity, job: &JobSpec) -> Quantity {
    let Quantity::Duration(floor) = stated else { return stated };
    let gaps = |number| job.schedule().longest_span(number).as_secs();
    let timeout = job.timeout().as_secs();
    if gaps(2) + timeout <= floor {
        return stated;
    }
    let warning = rounded_up(gaps(2) + timeout);
    Quantity::Duration(rounded_up(gaps(3) + timeout).max(rounded_up(warning + 1)).max(floor))
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    stale_scenarios(stage, NAME)
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    stale_firing(stage, NAME)
}

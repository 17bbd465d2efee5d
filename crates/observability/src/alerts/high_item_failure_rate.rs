//! `BackgroundJobHighItemFailureRate`: the failure ratio of the items is above its threshold.

use jobwatch_catalogue::label::{ItemStatus, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;

use super::critical_failure_rate::above_the_whole;
use super::groups::ITEM_GROUP;
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy, Texts, exceeded};
use crate::lookback::Lookback;
use crate::quantity::{self, Quantity};
use crate::scenario::{Check, Firing, Scenario, Series, Stage, THOUSAND, part_above, part_below};
use crate::scope::WatchedJob;
use crate::sentence::Form;
use crate::sentence::words::{FAILURE, ITEMS};
use crate::series::FAILED_ITEM_RATIO;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobHighItemFailureRate");

/// The failure ratio of the items is above its threshold.
pub const HIGH_ITEM_FAILURE_RATE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "High Item Failure Rate",
    group: ITEM_GROUP,
    hold: 15 * 60,
    watches: has_items,
    value: FAILED_ITEM_RATIO,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Ratio(200_000),
        most: Some(Quantity::Ratio(quantity::WHOLE)),
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_items_failed:ratio_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach: above_the_whole,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} fails for many of its items",
        description: "{value} of the items that {job} attempted failed, over the last {window} (threshold: \
                      {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Failure Ratio of Items"],
    form: Form { template: "> {above} item failure rate", needs: &[ITEMS, FAILURE], ..Form::ABOVE },
    scenarios,
    firing,
};

fn has_items(job: &WatchedJob<'_>) -> bool {
    job.spec.items().is_some()
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.millionths(NAME, ABOVE) else { return Vec::new() };
    let silent = || vec![Check::silent(stage.fires_at(NAME, stage.step()) + stage.step(), NAME)];
    let onset = || Check::onset(stage, NAME, stage.step());
    let above_it = part_above(above).map(|failing| share("items-above", failing, above).check(onset()));
    let below_it = part_below(above).map(|failing| share("items-below", failing, above).check(silent()));
    let longest_step = stage.step_for_rates(Lookback::Long);
    above_it.into_iter().chain(below_it).map(|scenario| scenario.step_at_most(longest_step)).collect()
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    stage.millionths(NAME, ABOVE).filter(|&above| above < quantity::WHOLE)?;
    let at = stage.fires_at(NAME, stage.step());
    let series = [items(ItemStatus::Failed, 1)];
    Some(Firing::new(NAME, at, 1.0, series).step_at_most(stage.step_for_rates(Lookback::Long)))
}

/// A share of the items fails. Five times as many are skipped, which were not attempted.
fn share(name: &'static str, failing: u64, above: u64) -> Scenario {
    let says = format!(
        "{failing} of {THOUSAND} attempted items fail, where {} may; five times as many are skipped.",
        Quantity::Ratio(above)
    );
    Scenario::new(name, says).series([
        items(ItemStatus::Failed, failing),
        items(ItemStatus::Success, THOUSAND - failing),
        items(ItemStatus::Skipped, 5 * THOUSAND),
    ])
}

fn items(status: ItemStatus, by: u64) -> Series {
    Series::growing(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], by)
}

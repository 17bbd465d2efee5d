//! `BackgroundJobCriticalQueueSize`: the queue is very long.

use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;

use super::groups::PAIRS;
use super::queue_growing::{QUEUE_GROWING, has_queue};
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Parameter, SetBy, Texts, exceeded};
use crate::quantity::Quantity;
use crate::scenario::{Check, Firing, Sample, Scenario, Series, Stage};
use crate::sentence::Form;
use crate::sentence::words::{ITEMS, QUEUE};
use crate::series::QUEUE_SIZE;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobCriticalQueueSize");

/// The queue is very long.
pub const CRITICAL_QUEUE_SIZE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Critical Queue Size",
    group: PAIRS,
    hold: 10 * 60,
    watches: has_queue,
    value: QUEUE_SIZE,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Count(1000),
        most: None,
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_queue_size:critical_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[QUEUE_GROWING.name],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} is far behind: its queue is very long",
        description: "{value} items wait for {job} (threshold: {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Job Queue Sizes"],
    form: Form { template: "Queue size > {above}", needs: &[QUEUE], allows: &[ITEMS], ..Form::ABOVE },
    scenarios,
    firing,
};

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.count(NAME, ABOVE) else { return Vec::new() };
    let longer = above.saturating_add(1);
    let fires = stage.fires_at(NAME, stage.start());
    let seen_by_two = |name, says: String, length: u64| {
        let says = Scenario::new(name, says).at_once();
        says.series([queue(stage, length)]).series([queue(stage, length / 2)])
    };
    vec![
        seen_by_two("queue-too-long", format!("The queue has a length of {longer}, above {above}."), longer)
            .check(Check::onset(stage, NAME, stage.start())),
        seen_by_two(
            "queue-just-short-enough",
            format!(
                "The queue has a length of {above}, and two replicas see it: that is one queue, not two."
            ),
            above,
        )
        .check([Check::silent(fires, NAME)]),
    ]
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let length = stage.count(NAME, ABOVE)?.saturating_add(1);
    let at = stage.fires_at(NAME, stage.start());
    Some(Firing::new(NAME, at, length as f64, [queue(stage, length)]).at_once())
}

fn queue(stage: &Stage<'_>, length: u64) -> Series {
    Series::held(JOB_QUEUE_SIZE.name, &[], [(stage.start(), Sample::Value(length))])
}

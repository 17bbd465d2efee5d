//! `BackgroundJobConsecutiveFailures`: several executions in a row failed, however rarely the job
//! runs.

use jobwatch_catalogue::metric::{JOB_CONSECUTIVE_FAILURES, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS};

use super::groups::RUNTIME;
use crate::definition::{
    AT_LEAST, AlertDefinition, AlertName, Comparison, Parameter, SetBy, Texts, exceeded,
};
use crate::quantity::Quantity;
use crate::scenario::{
    Check, Firing, Sample, Scenario, Series, Stage, every_run_fails, old_replica, one_run_fails,
};
use crate::sentence::words::{FAILURE, IN_A_ROW};
use crate::sentence::{Blank, Form, Spoken, Stands};
use crate::series;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobConsecutiveFailures");
/// More failures in a row than anybody waits for.
const MOST_FAILURES: Quantity = Quantity::Count(1_000);

/// Several executions in a row failed, however rarely the job runs.
pub const CONSECUTIVE_FAILURES: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Consecutive Failures",
    group: RUNTIME,
    hold: 0,
    watches: AlertDefinition::every_job,
    value: series::CONSECUTIVE_FAILURES,
    comparison: Comparison::AtLeast,
    parameters: &[Parameter {
        key: AT_LEAST,
        default: Quantity::Count(3),
        most: Some(MOST_FAILURES),
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_consecutive_failures:threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "at least {at_least}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} fails again and again",
        description: "The last {value} executions of {job} failed (threshold: {threshold} in a row).",
        fires: "{thresholds}",
    },
    panels: &["Failures in a Row"],
    form: Form {
        template: ">= {at_least} failed runs in a row",
        needs: &[IN_A_ROW, FAILURE],
        allows: &[&["times"]],
        parameters: &[Blank { name: AT_LEAST, stands: Stands::Compared, spoken: Spoken::Plain }],
        comparison_may_be_unsaid: true,
        ..Form::ABOVE
    },
    scenarios,
    firing,
};

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(at_least) = stage.count(NAME, AT_LEAST) else { return Vec::new() };
    let mut all = vec![enough(stage, at_least), too_few(stage, at_least), old_replica(stage, at_least)];
    for failures in every_run_fails(stage) {
        if !failures.contract_only && at_least <= failures.runs {
            let at = stage.fires_at(NAME, failures.enough);
            all.push(failures.scenario.check([Check::fires(at, NAME)]));
        }
    }
    if at_least > 1 {
        all.extend(
            one_run_fails(stage)
                .map(|(scenario, moments)| scenario.check(moments.map(|at| Check::silent(at, NAME)))),
        );
    }
    all
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let failures = stage.count(NAME, AT_LEAST)?;
    let from_start = [(stage.start(), Sample::Value(failures))];
    let series = Series::held(JOB_CONSECUTIVE_FAILURES.name, &[], from_start);
    Some(Firing::new(NAME, stage.fires_at(NAME, stage.start()), failures as f64, [series]).at_once())
}

/// When the last failure is known.
fn from(stage: &Stage<'_>) -> u64 {
    3 * stage.step()
}

fn enough(stage: &Stage<'_>, at_least: u64) -> Scenario {
    in_a_row(stage, "failures-enough", at_least).check(Check::onset(stage, NAME, from(stage)))
}

fn too_few(stage: &Stage<'_>, at_least: u64) -> Scenario {
    let at = stage.fires_at(NAME, from(stage));
    in_a_row(stage, "failures-too-few", at_least.saturating_sub(1)).check([Check::silent(at, NAME)])
}

fn in_a_row(stage: &Stage<'_>, name: &'static str, number: u64) -> Scenario {
    let before = (0, Sample::Value(number.saturating_sub(1)));
    let series = [
        Series::constant(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, &[], 1),
        Series::held(JOB_CONSECUTIVE_FAILURES.name, &[], [before, (from(stage), Sample::Value(number))]),
    ];
    let says = format!("After a success, {number} executions in a row have failed.");
    Scenario::new(name, says).series(series).at_once()
}

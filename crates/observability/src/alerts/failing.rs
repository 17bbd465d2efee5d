//! `BackgroundJobFailing`: executions fail at more than a given rate.

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::{RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;

use super::groups::PAIRS;
use crate::definition::{
    ABOVE, AlertDefinition, AlertName, Comparison, OutOfReach, Parameter, SetBy, Texts, exceeded,
};
use crate::lookback::Lookback;
use crate::quantity::{Quantity, WHOLE};
use crate::scenario::{Check, Firing, Scenario, Series, Stage, every_run_fails};
use crate::sentence::words::FAILURE;
use crate::sentence::{Blank, Form, Spoken, Stands};
use crate::series::FAILED_EXECUTION_RATE;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobFailing");

/// Executions fail at more than a given rate.
pub const FAILING: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Job Failures",
    group: PAIRS,
    hold: 5 * 60,
    watches: AlertDefinition::every_job,
    value: FAILED_EXECUTION_RATE,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::PerSecond(100_000),
        most: None,
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_execution_failed:rate_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach,
    takes: "more than {above} failed executions a second",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} fails often",
        description: "{value} executions of {job} failed a second, over the last {window} (threshold: \
                      {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Failure Rate by Job"],
    form: Form {
        template: "> {above}",
        needs: &[FAILURE],
        parameters: &[Blank {
            name: ABOVE,
            stands: Stands::Compared,
            spoken: Spoken::NumberOf("failures/sec"),
        }],
        ..Form::ABOVE
    },
    scenarios,
    firing,
};

/// A job runs at most once an interval.
fn out_of_reach(threshold: Quantity, job: &JobSpec) -> Option<OutOfReach> {
    let Quantity::PerSecond(threshold) = threshold else { return None };
    let interval = job.schedule().shortest_gap().as_secs().max(1);
    let highest = WHOLE / interval;
    let times = match u128::from(threshold) * u128::from(interval) / u128::from(WHOLE) {
        0 | 1 => "just too rarely".to_owned(),
        times => format!("{times} times too rarely"),
    };
    (highest <= threshold).then(|| OutOfReach {
        highest,
        because: format!("runs at most {} times a second ({times})", three_digits(1.0 / interval as f64)),
    })
}

/// A number with three significant digits.
fn three_digits(value: f64) -> String {
    let decimals = (2.0 - value.log10().floor()).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.threshold(NAME, ABOVE) else { return Vec::new() };
    let longest_step = stage.step_for_rates(Lookback::Short);
    let rates = sides(stage, above).into_iter().chain(in_bursts(stage, above));
    rates.map(|scenario| scenario.step_at_most(longest_step)).chain(too_rare(stage, above)).collect()
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let by = just_above(stage, stage.threshold(NAME, ABOVE)?)?;
    let at = stage.fires_at(NAME, whole_lookback(stage));
    let value = by as f64 / stage.step() as f64;
    let firing = Firing::new(NAME, at, value, [failures(by)]).at_the_latest();
    Some(firing.step_at_most(stage.step_for_rates(Lookback::Short)))
}

/// A little more and a little less than the threshold.
fn sides(stage: &Stage<'_>, above: Quantity) -> Vec<Scenario> {
    let until = stage.fires_at(NAME, whole_lookback(stage)) + stage.step();
    let (Some(more), Some(less)) = (just_above(stage, above), just_below(stage, above)) else {
        return Vec::new();
    };
    let mut sides = vec![
        Scenario::new("rate-above", format!("Executions fail at slightly more than {above}."))
            .series([failures(more)])
            .check([Check::fires(until, NAME)]),
        Scenario::new("rate-below", format!("Executions fail at slightly less than {above}."))
            .series([failures(less)])
            .check([Check::silent(until, NAME)]),
    ];
    let half = more.div_ceil(2);
    if half <= less {
        let says = "The same, seen by two replicas, each of which fails at half the rate. What counts is \
                    the sum of both.";
        sides.push(
            Scenario::new("rate-above-by-two-replicas", says)
                .series([failures(half)])
                .series([failures(half)])
                .check([Check::fires(until, NAME)]),
        );
    }
    sides
}

/// All failures of an interval at once, where that is not every step.
fn in_bursts(stage: &Stage<'_>, above: Quantity) -> Option<Scenario> {
    let Quantity::PerSecond(millionths) = above else { return None };
    if stage.interval() < 2 * stage.step() || stage.lookback(Lookback::Short) < 2 * stage.interval() {
        return None;
    }
    let burst = 3 * u128::from(millionths) * u128::from(stage.interval()) / u128::from(2 * WHOLE);
    let burst = u64::try_from(burst).unwrap_or(u64::MAX / 1000) + 1;
    let until = stage.fires_at(NAME, whole_lookback(stage)) + stage.step();
    let says = format!("Executions fail at half more than {above}, all those of an interval at once.");
    let failures = Series::staircase(JOB_EXECUTION_TOTAL.name, &[failed()], stage.interval(), burst);
    let checks = [until - stage.step(), until].map(|at| Check::fires(at, NAME));
    Some(Scenario::new("rate-in-bursts", says).series([failures]).check(checks))
}

/// Every run fails, but the job does not run often enough.
fn too_rare(stage: &Stage<'_>, above: Quantity) -> Vec<Scenario> {
    every_run_fails(stage)
        .into_iter()
        .filter(|failures| above.as_f64() > 1.2 / failures.cycle as f64)
        .map(|failures| {
            let at = stage.fires_at(NAME, failures.enough);
            failures.scenario.check([Check::silent(at, NAME)])
        })
        .collect()
}

/// The fewest failures a step that are more than a threshold.
fn just_above(stage: &Stage<'_>, above: Quantity) -> Option<u64> {
    let Quantity::PerSecond(millionths) = above else { return None };
    let a_step = u128::from(millionths) * u128::from(stage.step()) / u128::from(WHOLE);
    Some(u64::try_from(a_step).unwrap_or(u64::MAX / 2) + 1)
}

/// The most failures a step that are less than a threshold.
fn just_below(stage: &Stage<'_>, above: Quantity) -> Option<u64> {
    let Quantity::PerSecond(millionths) = above else { return None };
    let a_step = (u128::from(millionths) * u128::from(stage.step())).div_ceil(u128::from(WHOLE));
    Some(u64::try_from(a_step).unwrap_or(u64::MAX / 2).saturating_sub(1))
}

fn whole_lookback(stage: &Stage<'_>) -> u64 {
    stage.step_from(stage.lookback(Lookback::Short))
}

fn failures(by: u64) -> Series {
    Series::growing(JOB_EXECUTION_TOTAL.name, &[failed()], by)
}

fn failed() -> (&'static str, &'static str) {
    (STATUS, RunStatus::Failed.as_str())
}

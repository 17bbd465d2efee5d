//! `BackgroundJobStuck`: an execution has been in progress for longer than it may take.

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::metric::{JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS};

use super::groups::RUNTIME;
use crate::definition::{AlertDefinition, AlertName, Comparison, Parameter, SetBy, TIMEOUT, Texts, exceeded};
use crate::quantity::Quantity;
use crate::scenario::{Check, Course, Firing, Sample, Scenario, Series, Stage};
use crate::sentence::words::{GOING_ON, IN_PROGRESS};
use crate::sentence::{Blank, Form, Spoken, Stands, Time};
use crate::series;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobStuck");

/// An execution has been in progress for longer than it may take.
pub const STUCK: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Stuck Job",
    group: RUNTIME,
    hold: 60,
    watches: AlertDefinition::every_job,
    value: series::IN_PROGRESS,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: TIMEOUT,
        default: Quantity::Duration(0),
        most: None,
        may_be_zero: false,
        set_by: SetBy::Nobody,
        series: "job_name:job_timeout_seconds:info",
        in_force: Some(&series::TIMEOUT),
        for_job: timeout,
    }],
    earlier: None,
    inhibits: &[],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {timeout}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} does not come to an end",
        description: "An execution of {job} has been in progress for {value} (it may take {threshold}).",
        fires: "while an execution takes longer than the job may",
    },
    panels: &["Running Now"],
    form: Form {
        template: "A run in progress for longer than its {timeout}",
        needs: &[IN_PROGRESS],
        allows: &[GOING_ON],
        parameters: &[Blank { name: TIMEOUT, stands: Stands::Compared, spoken: Spoken::Plain }],
        comparison_may_be_unsaid: true,
        time: Time::AfterFor,
        ..Form::ABOVE
    },
    scenarios,
    firing,
};

fn timeout(_: Quantity, job: &JobSpec) -> Quantity {
    Quantity::Duration(job.timeout().as_secs())
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(timeout) = stage.seconds(NAME, TIMEOUT) else { return Vec::new() };
    let ends = stage.start() + timeout;
    let late = stage.step_after(ends);
    let may_take = Quantity::Duration(timeout);
    let does_not_end = format!(
        "An execution is in progress for longer than {may_take}, beside one of another replica that has \
         only begun."
    );
    let may_take_longer = "The same, where the environment has given executions twice the time.";
    let in_time = format!("An execution ends within {may_take}.");
    vec![
        Scenario::new("run-does-not-end", does_not_end)
            .series([in_progress(stage.start(), None)])
            .series([in_progress(ends, None)])
            .check(Check::onset(stage, NAME, late))
            .at_once(),
        Scenario::new("run-may-take-longer", may_take_longer)
            .series([
                in_progress(stage.start(), None),
                Series::constant(JOB_TIMEOUT_SECONDS.name, &[], 2 * timeout),
            ])
            .check(Check::onset(stage, NAME, stage.step_after(ends + timeout)))
            .at_once(),
        Scenario::new("run-ends-in-time", in_time)
            .series([in_progress(stage.start(), Some(ends))])
            .check([
                Check::silent(stage.step_from(ends) - stage.step(), NAME),
                Check::silent(stage.fires_at(NAME, late), NAME),
            ])
            .at_once(),
    ]
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let at = stage.fires_at(NAME, stage.step_after(stage.start() + stage.seconds(NAME, TIMEOUT)?));
    let timeout = Series::constant(JOB_TIMEOUT_SECONDS.name, &[], stage.timeout());
    let series = [in_progress(stage.start(), None), timeout];
    Some(Firing::new(NAME, at, (at - stage.start()) as f64, series).going_on(Course::Passing).at_once())
}

fn in_progress(since: u64, ends: Option<u64>) -> Series {
    let samples = [(0, 0), (since, since)].into_iter().chain(ends.map(|ends| (ends, 0)));
    let samples = samples.map(|(from, value)| (from, Sample::Value(value)));
    Series::held(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, &[], samples)
}

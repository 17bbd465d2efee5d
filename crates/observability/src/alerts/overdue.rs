//! `BackgroundJobOverdue`: a due time has passed, the allowed run time too, and no execution has
//! succeeded since.

use jobwatch_catalogue::label::RunStatus;
use jobwatch_catalogue::metric::{
    JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS,
};

use super::groups::RUNTIME;
use super::not_running::NOT_RUNNING;
use crate::definition::{ABOVE, AlertDefinition, AlertName, Comparison, Condition, Parameter, SetBy, Texts};
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::Quantity;
use crate::scenario::{Check, Course, Firing, Process, Scenario, Series, Stage, of_others};
use crate::scope::{ALERTNAME, ALERTS, ALERTSTATE};
use crate::sentence::words::{OVERDUE as LATE, SUCCESS};
use crate::sentence::{Form, Time};
use crate::series;
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobOverdue");

/// A due time has passed, the allowed run time too, and no execution has succeeded since.
///
/// The threshold is what may come between without anything being wrong: clocks that differ by half
/// a minute, a lease that runs out before another replica takes over, the delay at the start of a
/// process, and a scrape.
pub const OVERDUE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Overdue Job",
    group: RUNTIME,
    hold: 60,
    watches: AlertDefinition::every_job,
    value: series::OVERDUE,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Duration(2 * 60),
        most: None,
        may_be_zero: false,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_success_overdue_seconds:threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: overdue,
    labels: AlertDefinition::no_labels,
    out_of_reach: AlertDefinition::within_reach,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} should have succeeded by now",
        description: "A success of {job} is overdue by {value}, beyond its due time and timeout \
                      (threshold: {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Overdue Successes", "Job Execution Status Overview"],
    form: Form {
        template: "Success overdue for > {above}",
        needs: &[SUCCESS, LATE],
        time: Time::AfterFor,
        ..Form::ABOVE
    },
    scenarios,
    firing,
};

/// Who is told that a job has not run for hours need not be told that it is overdue. Whoever was
/// paged is not to take that for the end of it.
fn overdue(condition: &Condition<'_>) -> Expr {
    if condition.escalates {
        return condition.exceeded();
    }
    let not_running = condition
        .scope
        .recorded(ALERTS)
        .equal(ALERTNAME, NOT_RUNNING.name.as_str())
        .equal(ALERTSTATE, "firing");
    let same_job = Matching::on(condition.scope.group_by());
    condition.exceeded().matched(Operator::Unless, same_job, not_running)
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(grace) = stage.seconds(NAME, ABOVE) else { return Vec::new() };
    let late = Late { stage, grace };
    vec![late.starts(), late.stops(), late.fails(), late.moot(), late.timeout_lengthened()]
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    let overdue_from = stage.start() + stage.timeout();
    let at = stage.fires_at(NAME, stage.step_after(overdue_from + stage.seconds(NAME, ABOVE)?));
    // Not stale as well, which would make it moot.
    let scheduled = Series::constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, &[], at);
    let series = due_at_start(stage).into_iter().chain([scheduled]);
    let fires = [(ALERTNAME, NOT_RUNNING.name.as_str()), (ALERTSTATE, "firing")];
    let told_of_others = of_others(stage, ALERTS, &fires, 1);
    let firing = Firing::new(NAME, at, (at - overdue_from) as f64, series).beside(told_of_others);
    Some(firing.going_on(Course::Passing).at_once())
}

/// A success is awaited for the start of the simulation.
fn due_at_start(stage: &Stage<'_>) -> [Series; 2] {
    [
        Series::constant(JOB_SUCCESS_DUE_TIMESTAMP_SECONDS.name, &[], stage.start()),
        Series::constant(JOB_TIMEOUT_SECONDS.name, &[], stage.timeout()),
    ]
}

struct Late<'a> {
    stage: &'a Stage<'a>,
    /// For how many seconds a success may be overdue.
    grace: u64,
}

impl Late<'_> {
    /// That the alert fires on time when no run succeeds since a moment, and none is to succeed
    /// before a due time, unless a job that has not run for as long is told before.
    fn onset(&self, since: u64, due: u64, timeout: u64) -> Vec<Check> {
        let holds_from = self.stage.step_after(due + timeout + self.grace);
        let fires = self.stage.fires_at(NAME, holds_from);
        if self.moot_from(since).is_some_and(|moot| moot <= fires) {
            return vec![Check::silent(fires, NAME)];
        }
        Check::onset(self.stage, NAME, holds_from)
    }

    /// When a job fires as one that does not run, without a success since a moment. `None` if there
    /// is no such alert.
    fn moot_from(&self, since: u64) -> Option<u64> {
        let stage = self.stage;
        let stale = stage.step_after(since + stage.staleness(NOT_RUNNING.name)?);
        let intervals = 2 * stage.tolerated_interval(NOT_RUNNING.name, stage.longest_gap());
        Some(stage.fires_at(NOT_RUNNING.name, stale.max(stage.step_from(since + intervals))))
    }

    /// A process whose job succeeds once, and when that was.
    fn once(&self) -> (Process, u64) {
        let duration = self.stage.usual_duration();
        let runs = self.stage.runs().then(1, duration, RunStatus::Success);
        (self.stage.process(runs), self.stage.first_run() + duration)
    }

    fn starts(&self) -> Scenario {
        let stage = self.stage;
        let holds_from = stage.step_after(stage.start() + stage.timeout() + self.grace);
        Scenario::new("overdue", "A due time and the time that an execution may take pass without a success.")
            .series(due_at_start(stage))
            .check(Check::onset(stage, NAME, holds_from))
            .at_once()
    }

    fn stops(&self) -> Scenario {
        let (process, since) = self.once();
        let due = self.stage.first_run() + self.stage.interval();
        Scenario::new("overdue-stops", "The job succeeds once, and its next due time passes.")
            .process(process)
            .check(self.onset(since, due, self.stage.timeout()))
    }

    fn fails(&self) -> Scenario {
        let stage = self.stage;
        let says = "Every execution of a new job fails. A success is awaited for its first due time.";
        Scenario::new("overdue-fails", says)
            .process(stage.steady(stage.usual_duration(), RunStatus::Failed))
            .check(self.onset(stage.expected_since(), stage.first_run(), stage.timeout()))
    }

    fn moot(&self) -> Scenario {
        let (process, since) = self.once();
        let says = "The job succeeds once. Once it fires as one that does not run, nobody need be told that \
                    it is overdue.";
        Scenario::new("overdue-moot", says)
            .process(process)
            .check(self.moot_from(since).map(|at| Check::silent(at, NAME)))
    }

    fn timeout_lengthened(&self) -> Scenario {
        let (process, since) = self.once();
        let due = self.stage.first_run() + self.stage.interval();
        let timeout = 2 * self.stage.timeout();
        let says = "The job succeeds once. The environment has given executions twice the time.";
        Scenario::new("overdue-timeout-lengthened", says)
            .process(process.timeout(timeout))
            .check(self.onset(since, due, timeout))
    }
}

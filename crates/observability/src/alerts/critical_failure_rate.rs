//! `BackgroundJobCriticalFailureRate`: the failure ratio of the executions is above its threshold.

use std::time::Duration;

use jobwatch_catalogue::label::{RunStatus, STATUS};
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;
use jobwatch_catalogue::{JobSpec, duration};

use super::failing::FAILING;
use super::groups::PAIRS;
use crate::definition::{
    ABOVE, AlertDefinition, AlertName, Comparison, Condition, OutOfReach, Parameter, SetBy, Texts,
};
use crate::lookback::{Lookback, is_uneven};
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::{self, Quantity};
use crate::scenario::{
    Check, Failures, Firing, Runs, Sample, Scenario, Series, Stage, THOUSAND, every_run_fails,
    of_another_catalogue, of_others, part_above, part_below, three_of_five_runs_fail,
};
use crate::scope::{ALERTNAME, ALERTS, ALERTSTATE, LOOKBACK, WINDOW};
use crate::sentence::Form;
use crate::sentence::words::FAILURE;
use crate::series::{EXECUTIONS, FAILED_EXECUTION_RATIO, FAILED_EXECUTIONS, counted};
use crate::severity::Severity;

const NAME: AlertName = AlertName::new("BackgroundJobCriticalFailureRate");
const NONE: Quantity = Quantity::Count(0);
/// After so many short lookbacks without failures it takes the short one to notice some.
const WELL_FOR: u64 = 8;
/// So many executions are a ratio.
const THREE: u64 = 3;
/// One in two, in millionths.
const ONE_OF_TWO: u64 = 500_000;
/// Less than six of eight, in millionths, whatever an increase is extrapolated to.
const TWO_OF_THREE: u64 = 670_000;

/// The failure ratio of the executions is above its threshold.
pub const CRITICAL_FAILURE_RATE: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Critical,
    heading: "Critical Failure Rate",
    group: PAIRS,
    hold: 5 * 60,
    watches: |job| job.holds_two_executions(),
    value: FAILED_EXECUTION_RATIO,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Ratio(500_000),
        most: Some(Quantity::Ratio(quantity::WHOLE)),
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_execution_failed:ratio_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[FAILING.name],
    condition: most_of_several_failed,
    labels: AlertDefinition::no_labels,
    out_of_reach: above_the_whole,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} fails most of the time",
        description: "{value} of the executions of {job} failed lately (threshold: {threshold}).",
        fires: "{thresholds}",
    },
    panels: &["Failure Ratio of Executions", "Job Success Rate", "Job Execution Status Overview"],
    form: Form { template: "> {above} failure rate", needs: &[FAILURE], ..Form::ABOVE },
    scenarios,
    firing,
};

/// The ratio is above the threshold, and there is evidence: at least three executions, or two
/// failures. A job that is due rarely has recovered when none has failed in two intervals and some
/// ended.
fn most_of_several_failed(condition: &Condition<'_>) -> Expr {
    let counted = |series, lookback| counted(condition.scope, series, lookback);
    let by_job = || Matching::on(condition.scope.group_by());
    let at_least = |series, least| {
        counted(series, Lookback::Long).binary(Operator::GreaterOrEqual, Quantity::Count(least))
    };
    let evidence = at_least(&EXECUTIONS, THREE).or(at_least(&FAILED_EXECUTIONS, 2));
    let exceeded = condition.exceeded().or(still_at_threshold(condition));
    let exceeded = exceeded.matched(Operator::And, by_job(), evidence);
    if !condition.any_job(|job| Lookback::Recent.suits(job)) {
        return exceeded;
    }
    let none_failed = counted(&FAILED_EXECUTIONS, Lookback::Recent).binary(Operator::Equal, NONE);
    exceeded.matched(Operator::Unless, by_job(), none_failed)
}

/// The ratio is at the threshold, and the alert fires. Of the six executions of a window, three in
/// five are three or four, in turn: without this, it would begin anew each time. What is only
/// pending may be half that seemed more for a moment, as one execution left the window.
fn still_at_threshold(condition: &Condition<'_>) -> Expr {
    let Some(&threshold) = condition.operands.first() else { return Expr::Nothing };
    let failing = Expr::from(condition.value()).binary(Operator::Greater, NONE);
    let at_threshold = condition.compared(failing, Operator::GreaterOrEqual, threshold);
    let alerts = condition.scope.recorded(ALERTS);
    let fires = alerts.equal(ALERTNAME, NAME.as_str()).equal(ALERTSTATE, "firing");
    at_threshold.matched(Operator::And, Matching::on(condition.scope.group_by()), fires)
}

/// A ratio is never above one.
pub(super) fn above_the_whole(threshold: Quantity, _: &JobSpec) -> Option<OutOfReach> {
    let because = || "cannot fail in more than all cases".to_owned();
    (threshold >= Quantity::Ratio(quantity::WHOLE)).then(|| OutOfReach { highest: 0, because: because() })
}

fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.millionths(NAME, ABOVE) else { return Vec::new() };
    let mut all = Vec::new();
    let fires = stage.fires_at(NAME, stage.step());
    if let Some(failing) = part_above(above) {
        let onset = Check::onset(stage, NAME, stage.step());
        all.extend(shares(failing, above, "ratio-above", "ratio-above-by-two-replicas", &onset));
    }
    if let Some(failing) = part_below(above) {
        let silent = [Check::silent(fires + stage.step(), NAME)];
        all.extend(shares(failing, above, "ratio-below", "ratio-below-by-two-replicas", &silent));
    }
    all.extend(just_half(stage, above));
    if above < quantity::WHOLE {
        all.extend(every_run_fails(stage).map(|failures| {
            let at = stage.fires_at(NAME, failures.enough);
            // It goes on between two executions, however long each takes.
            let between = stage.step_from(at + failures.cycle / 2);
            let between = (failures.cycle > stage.interval()).then(|| Check::fires(between, NAME));
            let second = second_failure(stage, &failures).map(|at| Check::fires(at, NAME));
            failures.scenario.check([Check::fires(at, NAME)]).check(between).check(second)
        }));
        all.extend(turns_bad(stage, above));
        all.extend(turns_good(stage));
        all.extend(first_run_fails(stage, above));
        all.extend(recovers(stage, above));
        all.extend(rests(stage, above));
        all.extend(goes_on_at_just_half(stage, above));
    }
    all.extend(one_slow_run_in_three_fails(stage, above));
    let longest_step = stage.step_for_rates(Lookback::Long);
    all.into_iter().map(|scenario| scenario.step_at_most(longest_step)).collect()
}

fn firing(stage: &Stage<'_>) -> Option<Firing> {
    stage.millionths(NAME, ABOVE).filter(|&above| above < quantity::WHOLE)?;
    let at = stage.fires_at(NAME, stage.step());
    let series = [executions(RunStatus::Failed, THOUSAND)];
    let recent = [(LOOKBACK, Lookback::Recent.as_str())];
    let none_recent =
        [EXECUTIONS.name, FAILED_EXECUTIONS.name].map(|name| of_others(stage, name, &recent, 0));
    let none_recent = none_recent.into_iter().flatten().filter(|_| Lookback::Recent.suits(stage.job()));
    let firing = Firing::new(NAME, at, 1.0, series).beside(none_recent);
    Some(firing.step_at_most(stage.step_for_rates(Lookback::Long)))
}

/// A share of the runs fails, seen by one process and by two.
fn shares(
    failing: u64,
    above: u64,
    by_one: &'static str,
    by_two: &'static str,
    checks: &[Check],
) -> [Scenario; 2] {
    let says = format!("{failing} of {THOUSAND} executions fail, where {} may.", Quantity::Ratio(above));
    let sum = if checks.iter().any(|check| !check.firing.is_empty()) {
        " What counts is the sum of both."
    } else {
        ""
    };
    let failures = |by| executions(RunStatus::Failed, by);
    let successes = |by| executions(RunStatus::Success, by);
    let replicas = format!("The same, seen by two replicas: one fails always, the other now and then.{sum}");
    let by_other = failing / 3;
    [
        Scenario::new(by_one, says).series([failures(failing), successes(THOUSAND - failing)]),
        Scenario::new(by_two, replicas)
            .series([failures(failing - by_other), successes(0)])
            .series([failures(by_other), successes(THOUSAND - failing)]),
    ]
    .map(|scenario| scenario.check(checks.iter().cloned()))
}

/// When two failures are enough, which have been seen from the first on. `None` if a third is known
/// by then.
fn second_failure(stage: &Stage<'_>, failures: &Failures) -> Option<u64> {
    let second = stage.first_run() + failures.cycle + failures.duration;
    let fires = stage.fires_at(NAME, stage.step_from(second));
    (!failures.contract_only && fires < second + failures.cycle).then_some(fires)
}

/// As many executions fail as may. That is told apart from more where the ratio is exact, as one in
/// two is.
fn just_half(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    if above != ONE_OF_TWO {
        return None;
    }
    let half = |status| executions(status, THOUSAND / 2);
    let says = "One of two executions fails.";
    Some(
        Scenario::new("ratio-at", says)
            .series([half(RunStatus::Failed), half(RunStatus::Success)])
            .check([Check::silent(stage.fires_at(NAME, stage.step()) + stage.step(), NAME)]),
    )
}

/// A job that fails in three of five runs. It fires from the fifth on, and has no break, unless it
/// has to hold for longer than more than half of a window do.
fn goes_on_at_just_half(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    let is_told = above == ONE_OF_TWO && !is_uneven(stage.job()) && stage.hold(NAME) <= stage.interval();
    let (scenario, ended) = three_of_five_runs_fail(stage).filter(|_| is_told)?;
    let fires = stage.fires_at(NAME, *ended.get(4)?);
    let later = ended.into_iter().filter(|&ended| ended > fires);
    Some(scenario.check([fires].into_iter().chain(later).map(|at| Check::fires(at, NAME))))
}

/// A job that was well for long and now always fails, which is noticed over the short lookback,
/// where the job has one.
fn turns_bad(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    let [short, long] = [Lookback::Short, Lookback::Long].map(|lookback| stage.lookback(lookback));
    if short == long {
        return None;
    }
    let well = long.min(WELL_FOR * short).div_ceil(stage.interval());
    let enough = short.div_ceil(stage.interval()).saturating_mul(above) / quantity::WHOLE + 1;
    let duration = stage.usual_duration();
    let runs = stage.runs().then(well, duration, RunStatus::Success).then_always(duration, RunStatus::Failed);
    let before = stage.first_run() + well * stage.interval();
    let last = before + (enough - 1) * stage.interval() + duration;
    let says =
        format!("Executions succeed for long, and then each fails. It takes {enough} of them to be sure.");
    Some(
        Scenario::new("turns-bad", says)
            .process(stage.process(runs))
            .check([
                Check::silent(stage.step_from(before), NAME),
                Check::fires(stage.fires_at(NAME, stage.step_from(last)), NAME),
            ])
            .step_at_most(stage.step_for_rates(Lookback::Short)),
    )
}

/// A job that always failed and now succeeds, in a new process that exposes no failures yet. It is
/// judged over the short lookback, where the job has one.
fn turns_good(stage: &Stage<'_>) -> Option<Scenario> {
    let [short, long] = [Lookback::Short, Lookback::Long].map(|lookback| stage.lookback(lookback));
    if short == long {
        return None;
    }
    let fires = stage.fires_at(NAME, stage.first_run() + THREE * stage.interval());
    let failing = long.max(fires).div_ceil(stage.interval());
    let duration = stage.usual_duration();
    let runs =
        stage.runs().then(failing, duration, RunStatus::Failed).then_always(duration, RunStatus::Success);
    let before = stage.step_from(stage.first_run() + failing * stage.interval());
    let after = before + 2 * stage.step();
    let says = "Every execution fails, until another process takes over. It exposes the contract's \
                metrics alone, so no failures, and succeeds.";
    Some(
        Scenario::new("turns-good-contract-only", says)
            .process(stage.process(runs).contract_only().restarted(before..after))
            .check([
                Check::fires(before, NAME),
                Check::silent(stage.step_from(after + short) + stage.step(), NAME),
            ])
            .step_at_most(stage.step_for_rates(Lookback::Short)),
    )
}

/// The very first execution fails, which is no ratio yet.
fn first_run_fails(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    let (interval, duration) = (stage.interval(), stage.usual_duration());
    let before_next = stage.first_run() + interval;
    let seen = stage.fires_at(NAME, stage.step_from(stage.first_run() + duration));
    if seen >= before_next {
        return None;
    }
    let runs = stage.runs().then(1, duration, RunStatus::Failed).then_always(duration, RunStatus::Success);
    let later = [before_next + interval, before_next + 2 * interval].map(|moment| stage.step_from(moment));
    let later = later.into_iter().filter(|_| above >= ONE_OF_TWO);
    const SCENARIO: &str = "first-run-fails";
    let evidence_of_another = [EXECUTIONS, FAILED_EXECUTIONS].map(|series| {
        let labels = [(LOOKBACK, Lookback::Long.as_str())];
        of_another_catalogue(stage, SCENARIO, series.name, &labels, THOUSAND)
    });
    Some(
        Scenario::new(SCENARIO, "The very first execution fails, and the others succeed.")
            .process(stage.process(runs))
            .beside(evidence_of_another)
            .check([seen].into_iter().chain(later).map(|at| Check::silent(at, NAME))),
    )
}

/// A job that is due rarely fails so often that its ratio stays above the threshold for long, and
/// recovers.
fn recovers(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    let recent = stage.lookback(Lookback::Recent);
    if !Lookback::Recent.suits(stage.job()) || recent < 2 * stage.interval() || above > TWO_OF_THREE {
        return None;
    }
    // Of two executions in a short memory, one that failed is no more than may. Where a job is due
    // at uneven times, more than two take their turn until none of the recent ones has failed.
    if stage.lookback(Lookback::Long) < THREE * stage.interval() || is_uneven(stage.job()) {
        return None;
    }
    let duration = stage.usual_duration();
    let runs = stage
        .runs()
        .then(1, duration, RunStatus::Success)
        .then(6, duration, RunStatus::Failed)
        .then_always(duration, RunStatus::Success);
    let ends = |run: u64| stage.step_from(stage.first_run() + run * stage.interval() + duration);
    if stage.fires_at(NAME, ends(3)) > ends(6) {
        return None;
    }
    let settled = stage.step_from(recent - 2 * stage.interval());
    let says = "Six executions fail in a row, and the next ones succeed. It takes two of them to be sure.";
    Some(
        Scenario::new("recovers", says)
            .process(stage.process(runs))
            .check([
                Check::fires(ends(6), NAME),
                Check::fires(ends(7), NAME),
                Check::silent(ends(8) + settled + stage.step(), NAME),
                Check::silent(ends(9) - stage.step(), NAME),
                Check::silent(ends(9) + stage.step(), NAME),
            ])
            .step_at_most(stage.interval() / 4),
    )
}

/// The same job rests, while it fails and when it has recovered. Its ratio is above the threshold
/// all the time.
fn rests(stage: &Stage<'_>, above: u64) -> Vec<Scenario> {
    const FAILURES: u64 = 4;
    let (recent, interval) = (stage.lookback(Lookback::Recent), stage.interval());
    let ends = |run: u64| stage.step_from(stage.first_run() + run * interval);
    let resting = |last: u64| stage.fires_at(NAME, stage.step_after(ends(last) + recent));
    let is_still_above = stage.lookback(Lookback::Long) > resting(FAILURES) - ends(FAILURES - 3);
    let is_judged = Lookback::Recent.suits(stage.job()) && recent >= 2 * interval && above <= TWO_OF_THREE;
    if !is_judged || !is_still_above {
        return Vec::new();
    }
    let counted = |status: RunStatus, ends: Vec<u64>| {
        let samples = [0].into_iter().chain(ends).zip(0..).map(|(at, count)| (at, Sample::Value(count)));
        Series::held(JOB_EXECUTION_TOTAL.name, &[(STATUS, status.as_str())], samples)
    };
    let failed = || counted(RunStatus::Failed, (0..FAILURES).map(ends).collect());
    let window = duration::format(Duration::from_secs(recent));
    let labels = [(LOOKBACK, Lookback::Recent.as_str()), (WINDOW, &window)];
    const RECOVERED: &str = "recovers-and-rests";
    let of_another = of_another_catalogue(stage, RECOVERED, FAILED_EXECUTIONS.name, &labels, THOUSAND);
    let failed_alone =
        Scenario::new("fails-and-rests", "Four executions fail in a row, and then the job rests.");
    let recovered =
        Scenario::new(RECOVERED, "Four executions fail in a row, one succeeds, and then the job rests.");
    let both = [
        failed_alone.series([failed()]).check([Check::fires(resting(FAILURES - 1), NAME)]),
        recovered
            .series([failed(), counted(RunStatus::Success, vec![ends(FAILURES)])])
            .beside([of_another])
            .check([Check::silent(resting(FAILURES), NAME)]),
    ];
    let longest_step = stage.memory().min(interval / 3);
    both.map(|scenario| scenario.step_at_most(longest_step)).into()
}

/// One execution in three fails, each so slow that only the long lookback holds several.
fn one_slow_run_in_three_fails(stage: &Stage<'_>, above: u64) -> Option<Scenario> {
    const FAILURES: u64 = 4;
    let duration = stage.nearly_timeout();
    let cycle = stage.cycle(duration);
    if cycle == stage.interval() || duration == stage.timeout() || above < ONE_OF_TWO {
        return None;
    }
    let runs = stage.runs().then(2, duration, RunStatus::Success);
    let fail = |runs: Runs, _| {
        runs.then(1, duration, RunStatus::Success).then(1, duration, RunStatus::Failed).then(
            1,
            duration,
            RunStatus::Success,
        )
    };
    let runs = (0..FAILURES).fold(runs, fail);
    let failed = |number: u64| stage.step_from(stage.first_run() + 3 * (number + 1) * cycle + duration);
    let says = "Executions take nearly all the time they may, and one of three fails.";
    let moments = [0, FAILURES - 1].map(|number| stage.fires_at(NAME, failed(number) + stage.step()));
    Some(
        Scenario::new("one-slow-run-in-three-fails", says)
            .process(stage.process(runs))
            .check(moments.map(|at| Check::silent(at, NAME))),
    )
}

fn executions(status: RunStatus, by: u64) -> Series {
    Series::growing(JOB_EXECUTION_TOTAL.name, &[(STATUS, status.as_str())], by)
}

//! Jobs that are well, and nobody is told about.

use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS_BUCKET,
    JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
    JOB_ITEMS_PROCESSED_TOTAL, JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, JOB_NEXT_DUE_TIMESTAMP_SECONDS,
    JOB_QUEUE_SIZE, JOB_SCHEDULE_INTERVAL_SECONDS, JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS,
};

use super::described::{Check, Scenario};
use super::neighbour::wrong_in_another_catalogue;
use super::process::{Process, bound_label};
use super::series::Series;
use super::stage::Stage;
use crate::alert_name::AlertName;
use crate::lookback::Lookback;

/// How many intervals a healthy job is watched for.
const INTERVALS: u64 = 5;
/// For how many steps a healthy job is watched at most to see that it is not overdue.
const MOST_STEPS: u64 = 160;

/// Returns the scenarios about a job's life in which no alert at all fires.
pub fn job_life(stage: &Stage<'_>) -> Vec<Scenario> {
    let until = long_enough(stage);
    let healthy = || stage.steady(stage.usual_duration(), RunStatus::Success);
    let moments = moments(stage, until);
    let mut all = vec![
        fine(stage, "healthy", "Every execution succeeds, on schedule.", healthy(), &moments),
        fine(
            stage,
            "healthy-contract-only",
            "The same, in a process that exposes the contract's metrics alone.",
            healthy().contract_only(),
            &moments,
        ),
    ]
    .into_iter()
    .map(|scenario| {
        // It is two steps from the start to the first run, in which the job must not become
        // overdue.
        let longest_step = stage.never_overdue_within() / 2;
        scenario.step_at_most(longest_step.min(stage.step_for_life(Lookback::Short)))
    })
    .collect::<Vec<_>>();
    let (scenario, end) = slow(stage);
    all.push(scenario.check(self::moments(stage, end).map(Check::nothing_fires)));
    all.extend(restarts(stage));
    all.extend(away(stage));
    all.extend(stage.labels_elsewhere().map(|elsewhere| wrong_elsewhere(stage, elsewhere)));
    all.extend(wrong_copy(stage));
    all.extend(wrong_in_another_catalogue(stage));
    all
}

/// Returns the scenario in which every run takes nearly all the time it may, and when the last one
/// is looked at.
///
/// Alerts about long runs add what they make of it, and except themselves from the check that
/// nothing fires.
pub(super) fn slow(stage: &Stage<'_>) -> (Scenario, u64) {
    let duration = stage.nearly_timeout();
    let until = stage.first_run() + stage.cycle(duration).saturating_mul(INTERVALS) + duration;
    let until = stage.step_from(until);
    let runs = stage
        .runs()
        .then(1, stage.usual_duration().min(duration), RunStatus::Success)
        .then_always(duration, RunStatus::Success);
    let says = "Every execution but the first takes nearly all the time it may, and succeeds. That is slow at most, and not overdue.";
    let scenario = Scenario::new("slow", says)
        .process(stage.process(runs))
        .until(until)
        .step_at_most(stage.step_for_rates(Lookback::Long).min(stage.never_overdue_within() / 2));
    // Between two successes there is such a run, and the time until it is due.
    let between = duration + stage.interval();
    (except_overdue(stage, scenario, between), until)
}

/// Returns a scenario with successes that are so many seconds apart, without the alerts that call
/// that too long.
fn except_overdue(stage: &Stage<'_>, scenario: Scenario, between: u64) -> Scenario {
    let is_overdue = |name: &AlertName| stage.staleness(*name).is_some_and(|seconds| seconds < between);
    stage.alerts().filter(is_overdue).fold(scenario, Scenario::except)
}

/// Returns a process that restarts, once where it knows the last success and once where it has
/// forgotten.
fn restarts(stage: &Stage<'_>) -> Vec<Scenario> {
    // In the middle of an interval, so that no run is cut off.
    let third = stage.first_run() + 2 * stage.interval() + stage.interval() / 2;
    let down = stage.step_after(third);
    let up = down + 2 * stage.step();
    let until = long_enough(stage).max(up + 4 * stage.step());
    let healthy = || stage.steady(stage.usual_duration(), RunStatus::Success).restarted(down..up);
    let moments = [up, up + stage.step(), up + 3 * stage.step(), until];
    let says = "The process restarts: counters begin again at zero, the last success is known as before.";
    let known = fine(stage, "restarted", says, healthy(), &moments);
    let says =
        "A process that exposes the contract's metrics alone restarts, and has forgotten the last success.";
    // Forgetting the last success does no harm only while the rules remember it.
    let forgotten = fine(stage, "restarted-contract-only", says, healthy().contract_only(), &moments)
        .step_at_most(stage.memory());
    let Some(longest_step) = restart_fits(stage) else { return Vec::new() };
    [known, forgotten].map(|scenario| scenario.step_at_most(longest_step)).into()
}

/// Returns the scenarios in which the job was paused, or disabled, for so long that it would be
/// stale, and is back.
fn away(stage: &Stage<'_>) -> [Scenario; 2] {
    let interval = stage.interval();
    let goes = stage.step_from(stage.first_run() + interval + interval / 2);
    let back = stage.step_after(goes + stage.shortest_staleness().max(2 * interval));
    let due = stage.first_run() + (back - stage.first_run()).div_ceil(interval) * interval;
    let duration = stage.usual_duration();
    let moments = [back, stage.step_from(due), stage.step_from(due + duration)];
    let process = || stage.steady(duration, RunStatus::Success);
    let says = |away: &str| {
        format!(
            "The job is {away} until it would have been stale for long, and runs again. Nothing fires then."
        )
    };
    let scenario = |name, says, process| {
        let scenario = Scenario::new(name, says).process(process);
        except_overdue(stage, scenario, stage.longest_gap() + duration)
            .check(moments.map(Check::nothing_fires))
            .step_at_most(stage.never_overdue_within() / 4)
    };
    [
        scenario("paused", says("paused"), process().paused(goes..back)),
        scenario("disabled-for-long", says("disabled"), process().disabled(goes..back)),
    ]
}

/// Returns the scenario in which the job is well, and nothing is right with the same job elsewhere.
fn wrong_elsewhere(stage: &Stage<'_>, elsewhere: Vec<(String, String)>) -> Scenario {
    Scenario::new("wrong elsewhere", "The job is well, and the same job elsewhere is not.")
        .process(stage.steady(stage.usual_duration(), RunStatus::Success))
        .beside(wrong(elsewhere))
        .check([Check::nothing_fires(three_intervals(stage))])
        .step_at_most(stage.never_overdue_within() / 2)
        .alone()
}

/// Returns the scenario in which the job is well, and nothing is right with another copy of it.
/// `None` if there are no copies.
fn wrong_copy(stage: &Stage<'_>) -> Option<Scenario> {
    let name = "wrong copy";
    let labels = stage.labels_of_copy(name)?;
    let scenario = Scenario::new(name, "The job is well, and another copy of it is not.")
        .process(stage.steady(stage.usual_duration(), RunStatus::Success))
        .beside(wrong(labels))
        .check([Check::nothing_fires(three_intervals(stage))])
        .step_at_most(stage.never_overdue_within() / 2);
    Some(scenario)
}

fn three_intervals(stage: &Stage<'_>) -> u64 {
    stage.step_from(stage.first_run() + 3 * stage.interval())
}

/// Returns the series of a job with which nothing is right.
fn wrong(labels: Vec<(String, String)>) -> impl Iterator<Item = Series> {
    let constant = |name, value| Series::constant(name, &[], value);
    let longer_than_all = DURATION_BUCKETS_SECONDS.len();
    let bucket =
        |index, by| Series::growing(JOB_EXECUTION_DURATION_SECONDS_BUCKET, &[(LE, bound_label(index))], by);
    let wrong = [
        Series::growing(JOB_EXECUTION_TOTAL.name, &[(STATUS, RunStatus::Failed.as_str())], 1_000),
        bucket(longer_than_all - 1, 0),
        bucket(longer_than_all, 1_000),
        Series::growing(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, ItemStatus::Failed.as_str())], 1_000),
        constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, 1),
        constant(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, 1),
        constant(JOB_CONSECUTIVE_FAILURES.name, 1_000),
        constant(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, 1),
        constant(JOB_SUCCESS_DUE_TIMESTAMP_SECONDS.name, 1),
        constant(JOB_TIMEOUT_SECONDS.name, 1),
        constant(JOB_QUEUE_SIZE.name, 1_000_000),
    ];
    wrong.into_iter().map(move |series| series.labelled(labels.clone()))
}

/// Returns the longest step at which a restart, which takes two steps, does not make the job
/// overdue. `None` if there is none.
fn restart_fits(stage: &Stage<'_>) -> Option<u64> {
    let overdue = stage.shortest_staleness();
    let between_runs = if stage.interval() < overdue { stage.interval() / 8 } else { 0 };
    let lost_run = overdue.saturating_sub(stage.interval().saturating_mul(2)).saturating_sub(1) / 4;
    // What came due in those two steps is seen to have succeeded one step later.
    let lost_run = lost_run.min(stage.may_be_late_by().unwrap_or(u64::MAX) / 3);
    let step = between_runs.max(lost_run);
    let step = step.min(stage.step_for_life(Lookback::Short)).min(stage.never_overdue_within() / 2);
    (step > 0).then_some(step)
}

/// Returns the scenario in which nothing fires, but for alerts that would even if each execution
/// succeeded on schedule.
fn fine(stage: &Stage<'_>, name: &'static str, says: &str, process: Process, moments: &[u64]) -> Scenario {
    let scenario = Scenario::new(name, format!("{says} Nothing fires."))
        .process(process)
        .check(moments.iter().copied().map(Check::nothing_fires));
    except_overdue(stage, scenario, stage.interval() + stage.usual_duration())
}

/// Returns until when a healthy job is watched: through several intervals, and past the time after
/// which it would be overdue, unless that takes very many steps.
fn long_enough(stage: &Stage<'_>) -> u64 {
    let overdue = stage.shortest_staleness().min(MOST_STEPS * stage.step());
    stage.step_from(stage.first_run() + overdue.max(INTERVALS * stage.interval()) + stage.interval())
}

/// Returns several moments, among them those at which the last success is as long ago as it can be.
fn moments(stage: &Stage<'_>, until: u64) -> [u64; 4] {
    let due = |intervals: u64| {
        let due = stage.first_run() + intervals * stage.interval();
        due / stage.step() * stage.step()
    };
    let half = (until - stage.first_run()) / 2 / stage.interval();
    let mut moments = [due(1), due(half.max(2)), due(half.max(2) + 1), until];
    moments.sort_unstable();
    moments
}

/// Returns the scenario in which a replica ran the job once, long ago, and then failed so many
/// times, beside one that runs it well now.
pub fn old_replica(stage: &Stage<'_>, failures: u64) -> Scenario {
    let enough = stage.shortest_staleness().min(MOST_STEPS * stage.step()).max(3 * stage.interval());
    let until = stage.step_from(stage.first_run() + enough + stage.interval());
    let status = |status: RunStatus| [(STATUS, status.as_str())];
    let old = [
        Series::constant(JOB_EXECUTION_TOTAL.name, &status(RunStatus::Success), 1),
        Series::constant(JOB_EXECUTION_TOTAL.name, &status(RunStatus::Failed), failures),
        Series::constant(JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name, &[], 1),
        Series::constant(JOB_CONSECUTIVE_FAILURES.name, &[], failures),
        Series::constant(JOB_SCHEDULE_INTERVAL_SECONDS.name, &[], stage.longest_gap()),
        Series::constant(JOB_TIMEOUT_SECONDS.name, &[], stage.timeout()),
        Series::constant(JOB_NEXT_DUE_TIMESTAMP_SECONDS.name, &[], 1 + stage.interval()),
        Series::constant(JOB_SUCCESS_DUE_TIMESTAMP_SECONDS.name, &[], 1 + stage.interval()),
    ];
    let says =
        "One replica knows only of an old success and of failures after it, while another runs the job well.";
    let scenario = Scenario::new("old-replica", says)
        .series(old)
        .process(stage.steady(stage.usual_duration(), RunStatus::Success))
        .check([Check::nothing_fires(until)]);
    except_overdue(stage, scenario, stage.interval() + stage.usual_duration())
}

//! Jobs that are well, and nobody is told about.

use jobwatch_catalogue::label::RunStatus;
use jobwatch_catalogue::metric::DURATION_BUCKETS_SECONDS;
use jobwatch_catalogue::{AlertName, Quantity};

use super::process::{Process, bucket_of};
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;

use AlertName::{BackgroundJobCriticalDuration, BackgroundJobHighDuration};

/// How many intervals a healthy job is watched for.
const INTERVALS: u64 = 5;

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let until = long_enough(stage);
    let healthy = || stage.process(until, stage.usual_duration(), RunStatus::Success);
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
        slow(stage),
    ];
    if restarts_fit(stage) {
        all.extend(restarts(stage));
    }
    all
}

/// Whether a restart, which takes two steps, is short enough that the job is not late because of it.
pub(super) fn restarts_fit(stage: &Stage<'_>) -> bool {
    let lost = if stage.interval() > 8 * stage.step { 0 } else { 4 * stage.step + stage.interval() };
    stage.interval() + lost < late(stage)
}

/// A process that restarts, once where it knows the last success and once where it has forgotten.
pub(super) fn restarts(stage: &Stage<'_>) -> Vec<Situation> {
    // In the middle of an interval, so that no execution is cut off.
    let third = stage.first_run() + 2 * stage.interval() + stage.interval() / 2;
    let down = stage.step_after(third);
    let up = down + 2 * stage.step;
    let until = long_enough(stage).max(up + 4 * stage.step);
    let healthy = || stage.process(until, stage.usual_duration(), RunStatus::Success).restarted(down..up);
    let moments = [up, up + stage.step, up + 3 * stage.step, until];
    let mut all = vec![fine(
        stage,
        "restarted",
        "The process restarts: counters begin again at zero, the last success is known as before.",
        healthy(),
        &moments,
    )];
    // Forgetting the last success does no harm only while the rules remember it.
    if stage.remembers() {
        all.push(fine(
            stage,
            "restarted-contract-only",
            "A process that exposes the contract's metrics alone restarts, and has forgotten the last success.",
            healthy().contract_only(),
            &moments,
        ));
    }
    all
}

fn fine(
    stage: &Stage<'_>,
    namespace: &'static str,
    says: &str,
    process: Process<'_>,
    moments: &[u64],
) -> Situation {
    let until = moments.iter().copied().max().unwrap_or(0);
    Situation::new(namespace, format!("{says} Nothing fires."))
        .process(process.series(stage.step, until))
        .check(moments.iter().map(|&at| Check::silent(at, &AlertName::ALL)))
}

/// Executions that take nearly all the time they may. That they are slow is said, and nothing else.
fn slow(stage: &Stage<'_>) -> Situation {
    let duration = stage.timeout() - (stage.timeout() / 100).clamp(1, 30).min(stage.timeout() - 1);
    let cycle = duration.div_ceil(stage.interval()).max(1) * stage.interval();
    let until = stage.step_from(stage.first_run() + INTERVALS * cycle + duration);
    let runs = stage.runs(until, |number| {
        (if number == 0 { stage.usual_duration().min(duration) } else { duration }, RunStatus::Success)
    });
    let others: Vec<AlertName> = AlertName::ALL
        .into_iter()
        .filter(|name| !matches!(name, BackgroundJobHighDuration | BackgroundJobCriticalDuration))
        .collect();
    let mut checks: Vec<Check> =
        moments(stage, until).map(|at| Check::silent(at, &others)).into_iter().collect();
    for name in [BackgroundJobHighDuration, BackgroundJobCriticalDuration] {
        let Some(Condition::DurationP95 { above: Quantity::Duration(threshold) }) = stage.condition(name)
        else {
            continue;
        };
        let bucket = bucket_of(duration);
        let bound = |index: usize| DURATION_BUCKETS_SECONDS.get(index).copied();
        let shortest = bucket.checked_sub(1).and_then(bound).unwrap_or(0.0);
        let longest = bound(bucket).unwrap_or(shortest);
        if shortest >= threshold as f64 && bound(bucket).is_some() {
            checks.push(Check::fires(until, name));
        } else if longest <= threshold as f64 {
            checks.push(Check::silent(until, &[name]));
        }
    }
    Situation::new(
        "slow",
        "Every execution but the first takes nearly all the time it may, and succeeds. That is slow at most, and not late.",
    )
    .process(Process::new(stage.job, stage.start(), runs).series(stage.step, until))
    .check(checks)
}

/// Until when a healthy job is watched: through several intervals, and past the time after which it would be late.
fn long_enough(stage: &Stage<'_>) -> u64 {
    stage.step_from(stage.first_run() + late(stage).max(INTERVALS * stage.interval()) + stage.interval())
}

/// Several moments, among them those at which the last success is as long ago as it can be.
fn moments(stage: &Stage<'_>, until: u64) -> [u64; 4] {
    let due = |intervals: u64| {
        let due = stage.first_run() + intervals * stage.interval();
        due / stage.step * stage.step
    };
    let half = (until - stage.first_run()) / 2 / stage.interval();
    let mut moments = [due(1), due(half.max(2)), due(half.max(2) + 1), until];
    moments.sort_unstable();
    moments
}

/// The seconds without success after which the job is late.
fn late(stage: &Stage<'_>) -> u64 {
    match stage.condition(AlertName::BackgroundJobNotRunning) {
        Some(Condition::NoSuccess { longer_than: Quantity::Duration(seconds) }) => seconds,
        _ => 0,
    }
}

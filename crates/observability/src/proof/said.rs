//! Simulations in which everything is wrong at once, to hold against each other what alerts say and what they should say.

use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS, JOB_EXECUTION_TOTAL,
    JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS,
    JOB_ITEMS_PROCESSED_TOTAL, JOB_QUEUE_SIZE,
};
use jobwatch_catalogue::{AlertName, Quantity};

use super::process::bound_label;
use super::series::{Sample, Series};
use super::simulation::{Said, Simulation};
use super::situation::{Situation, Stage};
use crate::condition::Condition;
use crate::signals::{Span, window_of};

const NAMESPACE: &str = "here";
const NAME: &str = "what the alerts say";

/// What the alerts about executions say that need many of them.
pub(super) fn about_runs(stage: &Stage<'_>) -> Simulation {
    let highest = DURATION_BUCKETS_SECONDS.last().copied().unwrap_or(0.0);
    let window = stage.step_from(window_of(stage.job, Span::Short));
    let mut failures = 1;
    let mut firing: Vec<(AlertName, u64, Value)> = Vec::new();
    for name in AlertName::ALL {
        match stage.condition(name) {
            Some(Condition::FailureRate { above: Quantity::PerSecond(millionths) }) => {
                failures = millionths.saturating_mul(stage.step) / 1_000_000 + 1;
                firing.push((name, window, Value::Of(failures as f64 / stage.step as f64)));
            }
            Some(Condition::FailureRatio { above } | Condition::ItemFailureRatio { above })
                if above < Quantity::Ratio(1_000_000) =>
            {
                firing.push((name, stage.step, Value::Of(1.0)));
            }
            Some(Condition::NoSuccess { longer_than: Quantity::Duration(seconds) }) => {
                firing.push((name, stage.step_after(stage.start() + seconds), Value::TimeSinceStart));
            }
            Some(Condition::DurationP95 { above: Quantity::Duration(seconds) })
                if (seconds as f64) < highest =>
            {
                firing.push((name, stage.step, Value::Of(highest)));
            }
            _ => {}
        }
    }
    let at = firing.iter().map(|&(name, from, _)| stage.fires_at(name, from)).max().unwrap_or(0);
    let bucket = format!("{}_bucket", JOB_EXECUTION_DURATION_SECONDS.name);
    let top = DURATION_BUCKETS_SECONDS.len();
    let status = |status: &'static str| [(STATUS, status)];
    let series = vec![
        stage.growing(JOB_EXECUTION_TOTAL.name, &status(RunStatus::Failed.as_str()), failures, at),
        stage.growing(&bucket, &[(LE, &bound_label(top - 1))], 0, at),
        stage.growing(&bucket, &[(LE, &bound_label(top))], 1, at),
        stage.growing(JOB_ITEMS_PROCESSED_TOTAL.name, &status(ItemStatus::Failed.as_str()), 1, at),
        stage.constant(JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name, stage.start(), at),
    ];
    let says = "Everything is wrong about the job's executions.";
    simulation(stage, says, series, at, firing)
}

/// What the alerts say that look at the present.
pub(super) fn about_states(stage: &Stage<'_>) -> Simulation {
    let mut firing: Vec<(AlertName, u64, Value)> = Vec::new();
    let mut series = Vec::new();
    let (mut long, mut factor, mut failures) = (0, 0, 0);
    for name in AlertName::ALL {
        match stage.condition(name) {
            Some(Condition::QueueGrowing {
                above: Quantity::Count(above),
                growth: Quantity::Ratio(growth),
                over: Quantity::Duration(over),
            }) if stage.alert(name).is_some_and(|alert| alert.hold + stage.step < over) => {
                long = above.max(long);
                factor = growth.div_ceil(1_000_000) + 2;
                firing.push((name, stage.step_from(over) + stage.step, Value::Queue));
            }
            Some(Condition::QueueSize { above: Quantity::Count(above) }) => {
                long = above.max(long);
                firing.push((name, stage.start(), Value::Queue));
            }
            Some(Condition::ConsecutiveFailures { at_least: Quantity::Count(at_least) }) => {
                failures = at_least;
                firing.push((name, stage.start(), Value::Of(at_least as f64)));
            }
            Some(Condition::Stuck { timeout: Some(Quantity::Duration(timeout)) }) => {
                firing.push((name, stage.step_after(stage.start() + timeout), Value::TimeSinceStart));
            }
            _ => {}
        }
    }
    let at = firing.iter().map(|&(name, from, _)| stage.fires_at(name, from)).max().unwrap_or(0);
    let jump = at - stage.fires_at(AlertName::BackgroundJobQueueGrowing, 0);
    let (before, after) = (long + 1, (long + 1) * factor.max(1));
    if stage.job.queue().is_some() {
        series.push(stage.series(JOB_QUEUE_SIZE.name, &[], at, |now| {
            Sample::Value(if now < jump { before } else { after })
        }));
    }
    series.push(stage.constant(JOB_CONSECUTIVE_FAILURES.name, failures, at));
    series.push(stage.constant(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, stage.start(), at));
    let firing = firing
        .into_iter()
        .map(|(name, from, value)| match value {
            Value::Queue => (name, from, Value::Of(after as f64)),
            value => (name, from, value),
        })
        .collect();
    simulation(stage, "Everything is wrong about the job's present state.", series, at, firing)
}

/// The value of an alert at the moment that counts.
enum Value {
    Of(f64),
    TimeSinceStart,
    Queue,
}

fn simulation(
    stage: &Stage<'_>,
    says: &str,
    series: Vec<Series>,
    at: u64,
    firing: Vec<(AlertName, u64, Value)>,
) -> Simulation {
    let situation = Situation::new(NAMESPACE, says).process(series);
    let mut simulation = Simulation::new(NAME, vec![situation]);
    simulation.said = firing
        .into_iter()
        .map(|(alert, _, value)| {
            let value = match value {
                Value::Of(value) => value,
                Value::TimeSinceStart | Value::Queue => (at - stage.start()) as f64,
            };
            Said { at, alert, namespace: Some(NAMESPACE), value }
        })
        .collect();
    simulation
}

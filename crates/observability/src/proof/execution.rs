//! Executions that fail in a row, and those that do not end.

use jobwatch_catalogue::metric::{JOB_CONSECUTIVE_FAILURES, JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS};
use jobwatch_catalogue::{AlertName, Quantity};

use super::series::Sample;
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;

use AlertName::{BackgroundJobConsecutiveFailures as Consecutive, BackgroundJobStuck as Stuck};

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let mut all = consecutive(stage);
    all.extend(stuck(stage));
    all
}

fn consecutive(stage: &Stage<'_>) -> Vec<Situation> {
    let Some(Condition::ConsecutiveFailures { at_least: Quantity::Count(at_least) }) =
        stage.condition(Consecutive)
    else {
        return Vec::new();
    };
    let from = 3 * stage.step;
    let onset = stage.onset(Consecutive, from);
    let until = onset[1].at;
    let failures = |number: u64| {
        vec![stage.series(JOB_CONSECUTIVE_FAILURES.name, &[], until, |now| {
            Sample::Value(if now < from { number.saturating_sub(1) } else { number })
        })]
    };
    let fewer = at_least.saturating_sub(1);
    vec![
        Situation::new("failures-enough", format!("{at_least} executions in a row have failed."))
            .process(failures(at_least))
            .check(onset),
        Situation::new("failures-too-few", format!("{fewer} executions in a row have failed."))
            .process(failures(fewer))
            .check([Check::silent(until, &[Consecutive])]),
    ]
}

fn stuck(stage: &Stage<'_>) -> Vec<Situation> {
    let Some(Condition::Stuck { timeout: Some(figure @ Quantity::Duration(timeout)) }) =
        stage.condition(Stuck)
    else {
        return Vec::new();
    };
    let since = stage.start();
    let onset = stage.onset(Stuck, stage.step_after(since + timeout));
    let until = onset[1].at;
    let ends = since + timeout;
    let in_progress = |ends: u64| {
        vec![stage.series(JOB_IN_PROGRESS_SINCE_TIMESTAMP_SECONDS.name, &[], until, |now| {
            Sample::Value(if now >= since && now < ends { since } else { 0 })
        })]
    };
    vec![
        Situation::new("run-does-not-end", format!("An execution is in progress for longer than {figure}."))
            .process(in_progress(u64::MAX))
            .check(onset),
        Situation::new("run-ends-in-time", format!("An execution ends within {figure}."))
            .process(in_progress(ends))
            .check([
                Check::silent(stage.step_from(ends) - stage.step, &[Stuck]),
                Check::silent(until, &[Stuck]),
            ]),
    ]
}

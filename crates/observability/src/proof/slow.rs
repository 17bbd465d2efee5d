//! Executions that take long.

use jobwatch_catalogue::label::LE;
use jobwatch_catalogue::metric::{DURATION_BUCKETS_SECONDS, JOB_EXECUTION_DURATION_SECONDS};
use jobwatch_catalogue::{AlertName, Quantity};

use super::process::bound_label;
use super::series::Series;
use super::situation::{Check, Situation, Stage};
use crate::condition::Condition;

use AlertName::{BackgroundJobCriticalDuration as Critical, BackgroundJobHighDuration as High};

/// Of a hundred executions, so many more or fewer than five decide on which side of a bound the 95th percentile lies.
const MANY: u64 = 6;
const FEW: u64 = 4;

pub(super) fn situations(stage: &Stage<'_>) -> Vec<Situation> {
    let mut all = sides(stage, High, "p95-above-warning", "p95-below-warning");
    all.extend(sides(stage, Critical, "p95-above-critical", "p95-below-critical"));
    all
}

fn sides(stage: &Stage<'_>, name: AlertName, above: &'static str, below: &'static str) -> Vec<Situation> {
    let Some(Condition::DurationP95 { above: figure @ Quantity::Duration(seconds) }) = stage.condition(name)
    else {
        return Vec::new();
    };
    let onset = stage.onset(name, stage.step);
    let until = onset[1].at + stage.step;
    let mut all = Vec::new();
    let longer = DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound < seconds as f64) + 1;
    if longer < DURATION_BUCKETS_SECONDS.len() {
        let says = format!("{MANY} of 100 executions take longer than {figure}.");
        all.push(
            Situation::new(above, says).process(buckets(stage, longer - 1, longer, MANY, until)).check(onset),
        );
    }
    let longest = DURATION_BUCKETS_SECONDS.partition_point(|&bound| bound <= seconds as f64);
    if let Some(shorter) = longest.checked_sub(1) {
        let says = format!("{FEW} of 100 executions take longer than {figure}.");
        all.push(
            Situation::new(below, says)
                .process(buckets(stage, shorter, DURATION_BUCKETS_SECONDS.len(), FEW, until))
                .check([Check::silent(until, &[name])]),
        );
    }
    all
}

/// Executions, of a hundred of which so many are longer than one bound and no longer than another.
fn buckets(stage: &Stage<'_>, shorter: usize, longer: usize, many: u64, until: u64) -> Vec<Series> {
    let name = format!("{}_bucket", JOB_EXECUTION_DURATION_SECONDS.name);
    let mut bounds = vec![(shorter, 100 - many), (longer, 100)];
    if longer < DURATION_BUCKETS_SECONDS.len() {
        bounds.push((DURATION_BUCKETS_SECONDS.len(), 100));
    }
    bounds
        .into_iter()
        .map(|(bound, by)| stage.growing(&name, &[(LE, &bound_label(bound))], by, until))
        .collect()
}

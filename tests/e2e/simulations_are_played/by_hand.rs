//! Series that scenarios describe by what they do, as a thousand failures an hour, and no process
//! has made. They have to be such as a process exposes nevertheless.

use std::collections::BTreeSet;

use jobwatch_catalogue::label::LE;
use jobwatch_catalogue::metric::{JOB_EXECUTION_DURATION_SECONDS_BUCKET, Metric, MetricKind};
use jobwatch_observability::scenario::{Exposed, Sample, SampledSeries, Scenario};

use super::compare::key;
use super::exposed::Key;

/// Returns what no process exposes, a line for each series: a name or labels that the runtime does
/// not know, a counter that falls, a bucket that holds less than a shorter one.
pub(super) fn impossible(scenario: &Scenario, step: u64, known: &BTreeSet<Key>) -> Vec<String> {
    let mut all = Vec::new();
    for replica in &scenario.replicas {
        let Exposed::Series(_) = replica else { continue };
        let series = replica.sampled(step, scenario.end());
        for one in &series {
            let key = key(one);
            if !known.contains(&key) {
                all.push(format!("{key:?}, which the runtime does not expose"));
            }
            if only_grows(&one.name) && values(one).is_some_and(|values| !values.is_sorted()) {
                all.push(format!("{key:?}, which counts, and falls: {}", one.values()));
            }
        }
        all.extend(buckets_that_hold_too_little(&series));
    }
    all
}

fn only_grows(name: &str) -> bool {
    let is_counter = |metric: &Metric| metric.kind == MetricKind::Counter && metric.name == name;
    name == JOB_EXECUTION_DURATION_SECONDS_BUCKET || Metric::all().any(is_counter)
}

/// The values of a series. `None` if it is not always there: what comes after may be another's.
fn values(series: &SampledSeries) -> Option<Vec<u64>> {
    let value = |sample: &Sample| match sample {
        Sample::Value(value) => Some(*value),
        Sample::Nothing => None,
    };
    series.samples.iter().map(value).collect()
}

fn buckets_that_hold_too_little(series: &[SampledSeries]) -> Vec<String> {
    let bound = |series: &SampledSeries| {
        let bound = series.labels.iter().find(|(label, _)| label == LE)?.1.parse::<f64>().ok()?;
        Some((bound, values(series)?))
    };
    let buckets = series.iter().filter(|series| series.name == JOB_EXECUTION_DURATION_SECONDS_BUCKET);
    let mut buckets: Vec<(f64, Vec<u64>)> = buckets.filter_map(bound).collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let holds_less = |(shorter, longer): (&u64, &u64)| longer < shorter;
    let wrong = buckets.windows(2).filter(|pair| pair[0].1.iter().zip(&pair[1].1).any(holds_less));
    wrong
        .map(|pair| format!("a bucket of {} s that holds less than that of {} s", pair[1].0, pair[0].0))
        .collect()
}

//! A simulation, held against what the runtime exposed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use jobwatch_catalogue::label::{ItemStatus, LE, RunStatus, STATUS};
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS_BUCKET, JOB_EXECUTION_DURATION_SECONDS_SUM, JOB_EXECUTION_SKIPPED_TOTAL,
    JOB_EXECUTION_TOTAL, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_ITEMS_PROCESSED_TOTAL,
    JOB_LAST_SUCCESS_TIMESTAMP_SECONDS, Metric, MetricUnit,
};
use jobwatch_observability::scenario::{Sample, SampledSeries};

use super::exposed::{Exposed, Key};

/// A run starts and ends a few milliseconds after the second that the simulation knows: the
/// runtime's clock has fractions, promtool's series have none.
const FRACTION: f64 = 0.1;

/// Series that the runtime exposes and that simulations leave out, because no rule reads them: the
/// dashboard alone does. The test fails when a rule does, too.
pub(crate) const READ_BY_NO_RULE: [&str; 3] = [
    JOB_EXECUTION_DURATION_SECONDS_SUM,
    "job_execution_duration_seconds_count",
    JOB_EXECUTION_SKIPPED_TOTAL.name,
];

/// What is known about how a simulation was played.
pub(crate) struct Circumstances<'a> {
    pub(crate) beginning: DateTime<Utc>,
    pub(crate) step: u64,
    /// From this moment on the calendar of the job knows other due times than the simulation.
    pub(crate) even_until: u64,
    /// The process exposes the contract's metrics alone, as somebody else's library would.
    pub(crate) contract_only: bool,
    /// The job of the runtime was first scheduled earlier, for the sake of its due times.
    pub(crate) is_anchored: bool,
    pub(crate) simulated: &'a [SampledSeries],
}

/// Returns what differs, a line for each series.
pub(crate) fn differences(of: &Circumstances<'_>, exposed: &Exposed) -> Vec<String> {
    let mut played: BTreeMap<Key, Vec<Option<f64>>> = exposed.0.clone();
    if of.contract_only {
        played = as_of_another_library(played);
    }
    let compared = usize::try_from((of.even_until.saturating_sub(1) / of.step).min(1_000_000)).unwrap() + 1;
    let simulated: BTreeMap<Key, Vec<Option<f64>>> =
        of.simulated.iter().map(|series| (key(series), expected(series, of))).collect();
    let mut all = Vec::new();
    for (key, samples) in &simulated {
        if of.is_anchored && key.0 == JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS.name {
            continue;
        }
        match played.get(key) {
            None => all.push(format!("{} is simulated, and the runtime does not expose it", shown(key))),
            Some(played) => all.extend(different(of, key, samples, played, compared)),
        }
    }
    for (key, samples) in played.iter().filter(|(key, _)| !simulated.contains_key(*key)) {
        if key.0 == JOB_EXECUTION_DURATION_SECONDS_BUCKET {
            let implied = implied(key, &simulated, samples.len());
            all.extend(different(of, key, &implied, samples, compared));
        } else if !READ_BY_NO_RULE.contains(&key.0.as_str()) && !is_skipped_items(key) {
            all.push(format!("{} is exposed by the runtime, and not simulated", shown(key)));
        }
    }
    all
}

/// Items that needed nothing done were not attempted: no rule reads them.
pub(crate) fn is_skipped_items((name, labels): &Key) -> bool {
    let status = labels.get(STATUS).map(String::as_str);
    name == JOB_ITEMS_PROCESSED_TOTAL.name && status == Some(ItemStatus::Skipped.as_str())
}

/// The series, without the labels that all series of a process have.
pub(crate) fn key(series: &SampledSeries) -> Key {
    let labels = series.labels.iter().map(|(label, value)| (label.to_string(), value.to_string()));
    (series.name.to_string(), labels.collect())
}

/// Whether a metric is a moment, and not a number of something.
pub(crate) fn is_timestamp(name: &str) -> bool {
    Metric::all().any(|metric| metric.name == name && metric.unit == MetricUnit::Timestamp)
}

fn expected(series: &SampledSeries, of: &Circumstances<'_>) -> Vec<Option<f64>> {
    let is_timestamp = is_timestamp(&series.name);
    let value = |value: u64| match value {
        0 => 0.0,
        moment if is_timestamp => moment as f64 + of.beginning.timestamp() as f64,
        value => value as f64,
    };
    let sample = |sample: &Sample| match sample {
        Sample::Value(number) => Some(value(*number)),
        Sample::Nothing => None,
    };
    series.samples.iter().map(sample).collect()
}

/// What a library would expose that knows the contract alone: failures from the first on, and no
/// success before there is one.
fn as_of_another_library(played: BTreeMap<Key, Vec<Option<f64>>>) -> BTreeMap<Key, Vec<Option<f64>>> {
    let contract = |name: &str| {
        Metric::CONTRACT.iter().any(|metric| name.starts_with(metric.name))
            && !READ_BY_NO_RULE.contains(&name)
    };
    let counts = [JOB_EXECUTION_TOTAL.name, JOB_ITEMS_PROCESSED_TOTAL.name];
    let from_the_first_on = |(name, labels): &Key| {
        let failed = labels.get(STATUS).is_some_and(|status| status == RunStatus::Failed.as_str());
        failed && counts.contains(&name.as_str()) || name == JOB_LAST_SUCCESS_TIMESTAMP_SECONDS.name
    };
    let projected = played.into_iter().filter(|((name, _), _)| contract(name)).map(|(key, samples)| {
        let hides_zero = from_the_first_on(&key);
        let samples: Vec<_> =
            samples.into_iter().map(|sample| sample.filter(|value| !(hides_zero && *value == 0.0))).collect();
        (key, samples)
    });
    projected.filter(|(_, samples)| samples.iter().any(Option::is_some)).collect()
}

/// A bucket that a simulation leaves out holds what the next shorter one does that it has: no
/// execution is of a length in between.
fn implied(key: &Key, simulated: &BTreeMap<Key, Vec<Option<f64>>>, length: usize) -> Vec<Option<f64>> {
    let bound = |key: &Key| key.1.get(LE).and_then(|bound| bound.parse::<f64>().ok());
    let is_shorter = |other: &&Key| other.0 == key.0 && bound(other) < bound(key);
    let shorter = simulated.keys().filter(is_shorter).max_by(|a, b| bound(a).partial_cmp(&bound(b)).unwrap());
    let any = simulated.keys().find(|other| other.0 == key.0);
    match (shorter.and_then(|key| simulated.get(key)), any.and_then(|key| simulated.get(key))) {
        (Some(samples), _) => samples.clone(),
        (None, Some(any)) => any.iter().map(|sample| sample.map(|_| 0.0)).collect(),
        (None, None) => vec![None; length],
    }
}

/// How a series differs, with the first step at which it does.
fn different(
    of: &Circumstances<'_>,
    key: &Key,
    simulated: &[Option<f64>],
    played: &[Option<f64>],
    compared: usize,
) -> Option<String> {
    let length = simulated.len().min(compared);
    let is_close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < FRACTION,
        (None, None) => true,
        _ => false,
    };
    let at = |samples: &[Option<f64>], place: usize| samples.get(place).copied().flatten();
    let wrong: Vec<usize> =
        (0..length).filter(|&place| !is_close(at(simulated, place), at(played, place))).collect();
    let first = *wrong.first()?;
    let beginning = of.beginning.timestamp() as f64;
    let seconds = |value: Option<f64>| match value {
        None => "nothing".to_owned(),
        Some(value) if value > 1e9 => format!("{:.3} s", value - beginning),
        Some(value) => format!("{value}"),
    };
    Some(format!(
        "{} at {} s: simulated {}, and the runtime exposes {} ({} of {length} samples differ)",
        shown(key),
        first as u64 * of.step,
        seconds(at(simulated, first)),
        seconds(at(played, first)),
        wrong.len(),
    ))
}

fn shown((name, labels): &Key) -> String {
    let labels: BTreeSet<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{name}{{{}}}", labels.into_iter().collect::<Vec<_>>().join(", "))
}

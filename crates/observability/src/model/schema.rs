//! Which series the rules and panels of a catalogue may read.

use jobwatch_catalogue::label::{
    INSTANCE, ItemStatus, JOB, JOB_NAME, LE, NAMESPACE, REASON, RunStatus, STATUS, SkipReason,
};
use jobwatch_catalogue::metric::{
    JOB_EXECUTION_DURATION_SECONDS, JOB_EXECUTION_DURATION_SECONDS_BUCKET,
    JOB_EXECUTION_DURATION_SECONDS_SUM, JOB_ITEMS_PROCESSED_TOTAL, Metric, MetricKind, MetricUnit,
    PROCESS_START_TIME_SECONDS,
};

use super::job_labels::JobLabels;
use super::recording::RecordingRule;
use crate::promql::{LabelSchema, Schema, SeriesKind, SeriesSchema};
use crate::quantity::Unit;
use crate::scope::{ALERTNAME, ALERTS, ALERTS_FOR_STATE, ALERTSTATE, CATALOGUE, SERVICE, SEVERITY, Scope};

/// Returns the series of a catalogue: what its processes expose, what its rules record, and its
/// alerts.
pub(super) fn schema<'r>(
    scope: &Scope<'_>,
    of_alerts: &JobLabels,
    recorded: impl Iterator<Item = &'r RecordingRule>,
) -> Schema {
    let mut schema = Schema::new();
    schema.allow_missing(NAMESPACE);
    schema.allow_missing(INSTANCE);
    for &label in scope.grouping_labels() {
        schema.allow_missing(label);
    }
    for (label, value) in scope.catalogue().selector() {
        schema.fix_target_label(label, value);
    }
    for metric in Metric::all() {
        let is_durations = *metric == JOB_EXECUTION_DURATION_SECONDS;
        let series = if is_durations { JOB_EXECUTION_DURATION_SECONDS_BUCKET } else { metric.name };
        schema.insert(series, of_metric(metric));
    }
    let scraped =
        |kind, unit, labels| SeriesSchema { is_scraped: true, ..SeriesSchema::new(kind, unit, labels) };
    let sum = scraped(SeriesKind::Counter, Unit::Seconds, &[JOB_NAME]);
    schema.insert(JOB_EXECUTION_DURATION_SECONDS_SUM, sum);
    let start = scraped(SeriesKind::Gauge, Unit::Timestamp, &[INSTANCE, JOB]);
    schema.insert(PROCESS_START_TIME_SECONDS, start);
    for rule in recorded {
        let labels: Vec<&str> = rule.labels.iter().map(String::as_str).chain([CATALOGUE]).collect();
        schema.insert(rule.series, SeriesSchema::new(SeriesKind::Gauge, rule.unit, &labels));
    }
    let mut labels = vec![ALERTNAME, SEVERITY, SERVICE, CATALOGUE, JOB_NAME, NAMESPACE];
    labels.extend(scope.grouping_labels());
    labels.extend(of_alerts.common.keys().chain(&of_alerts.by_job).map(String::as_str));
    let since = SeriesSchema::new(SeriesKind::Gauge, Unit::Timestamp, &labels);
    schema.insert(ALERTS_FOR_STATE, since);
    labels.push(ALERTSTATE);
    schema.insert(ALERTS, SeriesSchema::new(SeriesKind::Gauge, Unit::Number, &labels));
    schema
}

fn of_metric(metric: &'static Metric) -> SeriesSchema {
    let observed = match metric.unit {
        MetricUnit::Count => Unit::Count,
        MetricUnit::Seconds => Unit::Seconds,
        MetricUnit::Timestamp => Unit::Timestamp,
    };
    let (kind, unit) = match metric.kind {
        MetricKind::Histogram => (SeriesKind::Buckets(observed), Unit::Count),
        MetricKind::Counter => (SeriesKind::Counter, observed),
        MetricKind::Gauge => (SeriesKind::Gauge, observed),
    };
    let label = |&name: &&str| LabelSchema { name: name.to_owned(), values: values_of(metric, name) };
    let mut labels: Vec<LabelSchema> = metric.labels.iter().map(label).collect();
    if metric.kind == MetricKind::Histogram {
        labels.push(LabelSchema { name: LE.to_owned(), values: None });
    }
    SeriesSchema { kind, unit, labels, is_scraped: true }
}

/// Returns the values that a label of a metric has, where they are a closed set.
fn values_of(metric: &Metric, label: &str) -> Option<Vec<&'static str>> {
    match label {
        STATUS if *metric == JOB_ITEMS_PROCESSED_TOTAL => {
            Some(ItemStatus::ALL.map(ItemStatus::as_str).to_vec())
        }
        STATUS => Some(RunStatus::ALL.map(RunStatus::as_str).to_vec()),
        REASON => Some(SkipReason::ALL.map(SkipReason::as_str).to_vec()),
        _ => None,
    }
}

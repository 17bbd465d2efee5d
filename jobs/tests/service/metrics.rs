//! A scrape of the service against the metric contract.

use std::collections::{BTreeMap, BTreeSet};

use clipper_jobs::service;
use e2e::promtool;
use jobwatch_catalogue::label::{ItemStatus, RunStatus, SkipReason};
use jobwatch_catalogue::metric::{
    DURATION_BUCKETS_SECONDS, JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS, JOB_NEXT_DUE_TIMESTAMP_SECONDS,
    JOB_SCHEDULE_INTERVAL_SECONDS, JOB_SUCCESS_DUE_TIMESTAMP_SECONDS, JOB_TIMEOUT_SECONDS, Metric,
    MetricKind, PROCESS_START_TIME_SECONDS,
};

use crate::process::Service;

/// A metric as it is exposed.
#[derive(Debug, Default)]
struct Exposed {
    kind: String,
    help: String,
    /// Its samples: name, labels and value.
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// Reads the text format, as far as the service uses it: no timestamps, and no label value that
/// needs an escape.
fn read(text: &str) -> BTreeMap<String, Exposed> {
    let mut metrics: BTreeMap<String, Exposed> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            help.clone_into(&mut metrics.entry(name.to_owned()).or_default().help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
        {
            kind.clone_into(&mut metrics.entry(name.to_owned()).or_default().kind);
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let pairs =
                labels.strip_suffix('}').unwrap().split(',').filter(|pair| !pair.is_empty()).map(|pair| {
                    let (label, value) = pair.split_once('=').unwrap();
                    (label.to_owned(), value.trim_matches('"').to_owned())
                });
            let metric = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
                metrics
                    .get(name.strip_suffix(suffix)?)
                    .is_some_and(|found| found.kind == "histogram")
                    .then_some(())?;
                name.strip_suffix(suffix)
            });
            let of = metrics.get_mut(metric.unwrap_or(name)).unwrap();
            of.samples.push((name.to_owned(), pairs.collect(), value.parse().unwrap()));
        }
    }
    metrics
}

/// The label names of a metric's samples.
fn labels(exposed: &Exposed) -> BTreeSet<&str> {
    let names = exposed.samples.iter().flat_map(|(_, labels, _)| labels.keys().map(String::as_str));
    names.filter(|name| *name != "le").collect()
}

/// What is known of a job before it has run.
const OF_SCHEDULE: [&Metric; 5] = [
    &JOB_SCHEDULE_INTERVAL_SECONDS,
    &JOB_TIMEOUT_SECONDS,
    &JOB_FIRST_SCHEDULED_TIMESTAMP_SECONDS,
    &JOB_NEXT_DUE_TIMESTAMP_SECONDS,
    &JOB_SUCCESS_DUE_TIMESTAMP_SECONDS,
];

#[tokio::test]
async fn every_metric_of_the_contract_is_exposed_for_every_job_from_the_start_and_no_other() {
    let service = Service::start(&[]).await;
    let text = service.metrics().await;
    let metrics = read(&text);

    let kind = |metric: &Metric| match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    };
    let start: (&str, BTreeSet<&str>) =
        ("Start time of the process, in seconds since the epoch.", BTreeSet::new());
    let of_process = [(PROCESS_START_TIME_SECONDS, ("gauge", start.0, start.1))];
    let expected: BTreeMap<_, _> = Metric::all()
        .map(|metric| (metric.name, (kind(metric), metric.help, metric.labels.iter().copied().collect())))
        .chain(of_process)
        .collect();
    let found: BTreeMap<_, _> = metrics
        .iter()
        .map(|(name, found)| (name.as_str(), (found.kind.as_str(), found.help.as_str(), labels(found))))
        .collect();
    assert_eq!(found, expected);

    for job in service::catalogue().unwrap().jobs() {
        let name = job.name().as_str();
        for metric in Metric::all() {
            let samples = metrics[metric.name].samples.iter();
            let of: Vec<_> = samples.filter(|(_, labels, _)| labels["job_name"] == name).collect();
            let expected = match metric.name {
                "job_execution_total" => RunStatus::ALL.len(),
                "job_items_processed_total" => ItemStatus::ALL.len(),
                "job_execution_skipped_total" => SkipReason::ALL.len(),
                // The finite buckets, the infinite one, sum and count.
                "job_execution_duration_seconds" => DURATION_BUCKETS_SECONDS.len() + 3,
                "job_queue_size" => usize::from(job.queue().is_some()),
                _ => 1,
            };
            assert_eq!(of.len(), expected, "{} of {name}", metric.name);
            // What a schedule says is known before anything has run.
            if !OF_SCHEDULE.contains(&metric) {
                assert!(of.iter().all(|(.., value)| *value == 0.0), "{of:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_killed_process_comes_back_with_the_last_success_and_counts_from_zero() {
    const SUCCESS: &str = r#"job_last_success_timestamp_seconds{job_name="hot_score_refresh"}"#;
    const EXECUTIONS: &str = r#"job_execution_total{job_name="hot_score_refresh",status="success"}"#;
    let service = Service::start(&[]).await;
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");
    let success = service.sample(SUCCESS).await.unwrap();
    assert!(success > 0.0);
    assert_eq!(service.sample(EXECUTIONS).await, Some(1.0));

    let service = Service::start_in(service.kill(), &[]).await;
    assert_eq!(service.sample(SUCCESS).await, Some(success));
    assert_eq!(service.sample(EXECUTIONS).await, Some(0.0));
}

#[tokio::test]
async fn promtool_finds_nothing_in_a_scrape_before_and_after_a_run() {
    let service = Service::start(&[]).await;
    let check = async || {
        let verdict = promtool::check_metrics(&service.metrics().await);
        assert!(verdict.passed && verdict.output.is_empty(), "{}", verdict.output);
    };
    check().await;
    assert_eq!(service.run("reputation_tasks").await.0, "succeeded");
    check().await;
    let sum = r#"job_execution_duration_seconds_count{job_name="reputation_tasks"}"#;
    assert_eq!(service.sample(sum).await, Some(1.0));
}

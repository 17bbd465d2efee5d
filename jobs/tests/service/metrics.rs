//! What the service exposes from its first moment, held against the contract.

use std::collections::{BTreeMap, BTreeSet};

use e2e::promtool;
use e2e::repository::{self, CLIPPER};
use jobwatch_catalogue::label::{ItemStatus, RunStatus, SkipReason};
use jobwatch_catalogue::metric::{Metric, MetricKind};

use crate::process::Service;

/// The series of a scrape without their values: name and labels, but for the buckets' bounds.
fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

fn labels(series: &str) -> BTreeMap<String, String> {
    let Some((_, labels)) = series.trim_end_matches('}').split_once('{') else { return BTreeMap::new() };
    let pairs = labels.split(',').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

#[tokio::test]
async fn every_series_of_the_contract_is_there_from_the_start_and_no_other_one() {
    let service = Service::start(&[]).await;
    let text = service.metrics().await;

    let verdict = promtool::check_metrics(&text);
    assert!(verdict.passed && verdict.output.is_empty(), "{}", verdict.output);

    let types: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let contract: Vec<&Metric> = Metric::all().collect();
    for (name, found) in &types {
        let metric = contract.iter().find(|metric| metric.name == *name);
        let expected = match metric.unwrap_or_else(|| panic!("{name} is not of the contract")).kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        };
        assert_eq!(*found, expected, "{name}");
    }

    let found = series(&text);
    let catalogue = repository::catalogue(CLIPPER);
    for metric in &contract {
        let suffix = if metric.kind == MetricKind::Histogram { "_count" } else { "" };
        let begin = format!("{}{suffix}{{", metric.name);
        let of_metric: Vec<&String> = found.iter().filter(|series| series.starts_with(&begin)).collect();
        for series in &of_metric {
            let names: Vec<String> = labels(series).into_keys().collect();
            let mut expected = metric.labels.to_vec();
            expected.sort();
            assert_eq!(names, expected, "{series}");
        }
        for job in catalogue.jobs() {
            let of_job =
                of_metric.iter().filter(|series| labels(series)["job_name"] == job.name().as_str()).count();
            let expected = match metric.name {
                // Nobody knows it before a success, and counting a queue takes a moment.
                "job_last_success_timestamp_seconds" | "job_queue_size" => continue,
                "job_execution_total" => RunStatus::ALL.len(),
                "job_items_processed_total" => ItemStatus::ALL.len(),
                "job_execution_skipped_total" => SkipReason::ALL.len(),
                _ => 1,
            };
            assert_eq!(of_job, expected, "{} of {}", metric.name, job.name());
        }
    }
    let counted = text
        .lines()
        .filter(|line| line.starts_with("job_execution_total{") || line.starts_with("job_items_"));
    assert!(counted.clone().count() > 0 && counted.clone().all(|line| line.ends_with(" 0")), "{text}");
}

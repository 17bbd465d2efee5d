use insta::assert_snapshot;
use jobwatch_catalogue::metric::JOB_QUEUE_SIZE;
use prometheus::{Encoder, IntGauge, TextEncoder};

use super::*;
use crate::job::error::JobError;
use crate::job::outcome::{Ended, Report};

fn catalogue() -> Catalogue {
    let minute = Duration::from_secs(60);
    Catalogue::builder("test")
        .job(JobSpec::every("busy", minute).items("things").queue("things"))
        .job(JobSpec::every("idle", minute).enabled(false))
        .build()
        .unwrap()
}

/// What is exposed, but for the buckets.
fn exposed(registry: &Registry) -> String {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| !line.contains("_bucket")).map(|line| format!("{line}\n")).collect()
}

/// The samples that are not zero.
fn counted(registry: &Registry) -> String {
    let sample = |line: &&str| !line.starts_with('#') && !line.ends_with(" 0");
    exposed(registry).lines().filter(sample).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_series_is_there_from_the_start() {
    let registry = Registry::new();
    Metrics::register(&catalogue(), &registry).unwrap();
    assert_snapshot!(exposed(&registry));
}

#[test]
fn a_run_is_counted_once_by_its_outcome() {
    let registry = Registry::new();
    let metrics = Metrics::register(&catalogue(), &registry).unwrap();
    let busy = metrics.job(&JobName::new("busy").unwrap()).unwrap();
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let second = Duration::from_secs(1);
    let failed = Outcome::of(Ended::Returned(Err(JobError::permanent("no"))), None);
    busy.restore(at(1_000), Some(at(2_000)), 4);
    busy.started(at(3_000));
    busy.ended(&failed, second, at(3_001));
    assert_snapshot!(counted(&registry), @r#"
    job_consecutive_failures{job_name="busy"} 5
    job_execution_duration_seconds_sum{job_name="busy"} 1
    job_execution_duration_seconds_count{job_name="busy"} 1
    job_execution_total{job_name="busy",status="failed"} 1
    job_first_scheduled_timestamp_seconds{job_name="busy"} 1000
    job_last_success_timestamp_seconds{job_name="busy"} 2000
    job_schedule_interval_seconds{job_name="busy"} 60
    job_timeout_seconds{job_name="busy"} 900
    job_timeout_seconds{job_name="idle"} 900
    "#);
    let report = Report { succeeded: 7, failed: 2, skipped: 1 };
    busy.ended(&Outcome::of(Ended::Returned(Ok(report)), None), second, at(4_000));
    busy.ended(&Outcome::of(Ended::Dropped, None), second, at(5_000));
    busy.skipped(SkipReason::Missed, 3);
    busy.queue_size(12);
    assert_snapshot!(counted(&registry), @r#"
    job_execution_duration_seconds_sum{job_name="busy"} 2
    job_execution_duration_seconds_count{job_name="busy"} 2
    job_execution_skipped_total{job_name="busy",reason="missed"} 3
    job_execution_total{job_name="busy",status="failed"} 1
    job_execution_total{job_name="busy",status="success"} 1
    job_first_scheduled_timestamp_seconds{job_name="busy"} 1000
    job_items_processed_total{job_name="busy",status="failed"} 2
    job_items_processed_total{job_name="busy",status="skipped"} 1
    job_items_processed_total{job_name="busy",status="success"} 7
    job_last_success_timestamp_seconds{job_name="busy"} 4000
    job_queue_size{job_name="busy"} 12
    job_schedule_interval_seconds{job_name="busy"} 60
    job_timeout_seconds{job_name="busy"} 900
    job_timeout_seconds{job_name="idle"} 900
    "#);
}

#[test]
fn a_registry_that_has_a_metric_already_is_left_as_it_was() {
    let registry = Registry::new();
    let theirs = IntGauge::new(JOB_QUEUE_SIZE.name, "theirs").unwrap();
    registry.register(Box::new(theirs)).unwrap();
    let error = Metrics::register(&catalogue(), &registry).unwrap_err();
    assert_eq!(error.metric, JOB_QUEUE_SIZE.name);
    assert_eq!(registry.gather().len(), 1);
}

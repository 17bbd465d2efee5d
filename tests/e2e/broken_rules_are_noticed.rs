//! The proof can fail: each of these mistakes in the rules makes a generated test fail.

use std::time::Duration;

use e2e::promtool;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_observability::artifact::{Artifact, artifacts};

const RULES: &str = ".rules.yaml";

/// One job with everything that a job can have. Its windows are 1h and 1h30m.
fn catalogue() -> Catalogue {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let job = JobSpec::every("embed", minutes(10)).timeout(minutes(20)).items("clips").queue("clips");
    Catalogue::builder("test").job(job).build().unwrap()
}

/// Breaks the rules in one way after another and sees that some test fails each time.
#[track_caller]
fn check(mistakes: &[(&str, &str)]) {
    let artifacts = artifacts(&catalogue()).unwrap();
    let unnoticed: Vec<String> = mistakes
        .iter()
        .filter(|(right, wrong)| !is_noticed(&artifacts, right, wrong))
        .map(|(right, wrong)| format!("`{right}` -> `{wrong}`"))
        .collect();
    assert!(unnoticed.is_empty(), "no test failed for: {unnoticed:#?}");
}

#[track_caller]
fn is_noticed(artifacts: &[Artifact], right: &str, wrong: &str) -> bool {
    // The tests of states take a tenth of the time of the others, so they have the first go.
    [".states.yaml", ".runs.yaml"].into_iter().any(|kind| {
        let broken: Vec<Artifact> = artifacts
            .iter()
            .filter(|artifact| artifact.path.ends_with(kind) || artifact.path.ends_with(RULES))
            .map(|artifact| broken(artifact, right, wrong))
            .collect();
        let verdicts = promtool::test_rules(&broken);
        let failed = verdicts.into_iter().find(|verdict| !verdict.passed);
        // What Prometheus cannot read proves nothing: it has to be another answer that fails the test.
        assert!(
            failed.as_ref().is_none_or(|verdict| verdict.output.contains("got:")),
            "`{wrong}` makes no rule: {failed:?}"
        );
        failed.is_some()
    })
}

#[track_caller]
fn broken(artifact: &Artifact, right: &str, wrong: &str) -> Artifact {
    if !artifact.path.ends_with(RULES) {
        return artifact.clone();
    }
    assert!(artifact.text.contains(right), "no rule has `{right}`:\n{}", artifact.text);
    Artifact { text: artifact.text.replace(right, wrong), ..artifact.clone() }
}

#[test]
fn a_threshold_that_is_off() {
    check(&[
        ("> 0.1\n", "> 0.11\n"),
        ("> 0.1\n", "> 0.09\n"),
        ("> 0.5\n", "> 0.502\n"),
        ("> 0.5\n", "> 0.498\n"),
        ("> 7200\n", "> 7500\n"),
        ("> 7200\n", "> 6900\n"),
        ("> 86400\n", "> 86700\n"),
        ("> 86400\n", "> 86100\n"),
        ("> 300\n", "> 600\n"),
        ("> 600\n", "> 300\n"),
        ("> 600\n", "> 900\n"),
        ("> 100\n", "> 99\n"),
        ("> 100\n", "> 101\n"),
        ("> 1000\n", "> 999\n"),
        ("> 1000\n", "> 1001\n"),
        ("> 0.2\n", "> 0.202\n"),
        ("> 0.2\n", "> 0.198\n"),
        (">= 3\n", ">= 4\n"),
        (">= 3\n", ">= 2\n"),
        ("> 1200\n", "> 1260\n"),
        ("> 1200\n", "> 1140\n"),
    ]);
}

#[test]
fn a_duration_that_is_off() {
    check(&[
        ("for: 5m", "for: 10m"),
        ("for: 15m", "for: 10m"),
        ("for: 10m", "for: 11m"),
        ("for: 10m", "for: 9m"),
        ("for: 1m", "for: 2m"),
        ("offset 10m", "offset 5m"),
        ("[1h]", "[5m]"),
        ("[1h30m]", "[15m]"),
    ]);
}

#[test]
fn series_that_are_put_together_wrongly() {
    check(&[
        ("sum by (namespace, job_name) (", "max by (namespace, job_name) ("),
        ("sum by (namespace, job_name) (", "sum by (job_name) ("),
        ("max by (namespace, job_name) (job_queue_size", "sum by (namespace, job_name) (job_queue_size"),
        (
            "max by (namespace, job_name) (job_last_success_timestamp_seconds",
            "min by (namespace, job_name) (job_last_success_timestamp_seconds",
        ),
        ("status=~\"failed|success\"", "status=~\"failed|skipped|success\""),
        (", status=\"failed\"}", "}"),
        ("histogram_quantile(\n            0.95", "histogram_quantile(\n            0.9"),
        ("1.5 *", "1.4 *"),
        ("1.5 *", "1.6 *"),
    ]);
}

#[test]
fn an_exception_that_is_lost() {
    check(&[
        // A disabled job is late.
        ("== 0)", "== 1)"),
        // A job is late within two intervals.
        ("2 * job_name:job_schedule_interval_seconds:max", "0 * job_name:job_schedule_interval_seconds:max"),
        // A replica's old count of failures counts.
        ("< on (namespace, job_name)", "> on (namespace, job_name)"),
        // A process without failures has no ratio, or one that restarts forgets.
        (
            "job_last_success_timestamp_seconds{job_name=\"embed\"} > 0",
            "job_last_success_timestamp_seconds{job_name=\"embed\"} > 1e9",
        ),
        // A job that never succeeded is not late.
        ("time() * group", "0 * time() * group"),
        // A job that is missing is not noticed, or one that is there is.
        ("unless on (job_name)", "and on (job_name)"),
    ]);
}

#[test]
fn words_that_are_wrong() {
    check(&[
        ("(threshold: 2h)", "(threshold: 3h)"),
        ("humanizePercentage", "humanize"),
        ("#stuck-job", "#stuck"),
    ]);
}

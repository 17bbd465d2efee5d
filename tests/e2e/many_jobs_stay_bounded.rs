use std::fs;
use std::sync::LazyLock;
use std::time::Duration;

use e2e::generated::rule_file;
use e2e::prometheus::Prometheus;
use e2e::promtool;
use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use jobwatch_observability::artifact::Artifact;

/// Jobs of which each has its own threshold of staleness, duration and queue.
fn catalogue(jobs: u64) -> Catalogue {
    let above = |above: String| ThresholdOverride::new().set("above", above);
    let job = |number: u64| {
        JobSpec::every(format!("job_{number}"), Duration::from_secs(300))
            .timeout(Duration::from_secs(120))
            .queue("orders")
            .threshold("BackgroundJobNotRunning", above(format!("{}s", 7_200 + number)))
            .threshold("BackgroundJobHighDuration", above(format!("{}s", 100 + number)))
            .threshold("BackgroundJobCriticalQueueSize", above(format!("{}", 1_000 + number)))
    };
    let jobs = (0..jobs).map(job);
    jobs.fold(Catalogue::builder("test"), |builder, job| builder.job(job)).build().unwrap()
}

/// Jobs that are all alike.
fn alike(jobs: u64) -> Catalogue {
    let job = |number: u64| JobSpec::every(format!("job_{number}"), Duration::from_secs(300)).queue("orders");
    let jobs = (0..jobs).map(job);
    jobs.fold(Catalogue::builder("test"), |builder, job| builder.job(job)).build().unwrap()
}

/// The rules of 8,000 jobs with thresholds of their own.
static MANY: LazyLock<Artifact> = LazyLock::new(|| rule_file(&catalogue(8_000)));

fn number_of_rules(file: &Artifact) -> usize {
    let is_rule = |line: &&str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.starts_with("record: ") || line.starts_with("alert: ")
    };
    file.text.lines().filter(is_rule).count()
}

/// Those of jobs whose last two executions are evidence name each job twice more.
#[test]
fn the_rules_of_a_thousand_jobs_stay_below_500_kilobytes() {
    for catalogue in [alike(1_000), catalogue(1_000)] {
        let size = rule_file(&catalogue).text.len();
        assert!(size < 500_000, "{size} bytes");
    }
}

#[test]
fn the_rules_of_8000_jobs_with_thresholds_of_their_own_are_as_many_and_as_long_for_each_job() {
    let (few, many) = (rule_file(&catalogue(1_000)), MANY.clone());
    assert_eq!(number_of_rules(&few), number_of_rules(&many));
    let (few_bytes, many_bytes) = (few.text.len(), many.text.len());
    // Names and thresholds of more digits are a little longer.
    assert!(many_bytes < 9 * few_bytes, "{few_bytes} bytes for 1,000 jobs, {many_bytes} for 8,000");

    let verdicts = promtool::check_rules(&[many]);
    assert_eq!(verdicts.len(), 1);
    assert!(verdicts[0].passed, "{}", verdicts[0].output);
}

/// Prometheus gives an expression two minutes. A chain of as many constants in one piece would take
/// longer.
#[test]
fn prometheus_evaluates_the_rules_of_8000_jobs_with_thresholds_of_their_own() {
    let rules = &*MANY;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.rules.yaml");
    fs::write(&path, &rules.text).unwrap();
    let prometheus = Prometheus::start(9, &path);

    let healths = prometheus.wait_for("/api/v1/rules", |body| {
        let groups = body["data"]["groups"].as_array()?;
        let rules = groups.iter().filter_map(|group| group["rules"].as_array()).flatten();
        let healths: Vec<String> = rules.map(|rule| rule["health"].to_string()).collect();
        (!healths.is_empty() && healths.iter().all(|health| health != "\"unknown\"")).then_some(healths)
    });
    assert_eq!(healths.len(), number_of_rules(rules));
    assert!(healths.iter().all(|health| health == "\"ok\""), "{healths:?}");

    // Groups are evaluated side by side, so that one may find what another records a moment later.
    let becomes = |query: &str, value: &str| {
        prometheus.wait_for(&format!("/api/v1/query?query={query}"), |body| {
            (body["data"]["result"].get(0)?["value"][1] == value).then_some(())
        });
    };
    becomes("count(job_name:job_catalogued:info==1)", "8000");
    becomes("count(job_name:job_execution_duration_seconds:p95_warning_threshold)", "8000");
    let threshold = "job_name:job_time_since_last_success_seconds:warning_threshold";
    for (job, seconds) in [("job_0", "7200"), ("job_63", "7263"), ("job_64", "7264"), ("job_7999", "15199")] {
        becomes(&format!("{threshold}%7Bjob_name='{job}'%7D"), seconds);
    }
    becomes("count(ALERTS%7Balertname='BackgroundJobMetricsAbsent'%7D)", "8000");
}

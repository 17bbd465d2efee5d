//! The rule tests can fail: each of these mistakes in a rule makes one of them fail.

use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

use e2e::generated;
use e2e::promtool;
use e2e::rules::{RuleFile, following};
use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use jobwatch_observability::artifact::Artifact;
use serde_yaml::Value;

/// A mistake: the series or alert whose rule has it, what is right, and what is written instead.
type Mistake = (&'static str, &'static str, &'static str);

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// One job with everything that a job can have. Its windows are 1h and 1h30m.
fn one_job() -> Catalogue {
    let job = JobSpec::every("embed", minutes(10)).timeout(minutes(20)).items("clips").queue("clips");
    Catalogue::builder("test").job(job).build().unwrap()
}

/// A job that is due so rarely that its last two executions are evidence.
fn hourly_job() -> Catalogue {
    let job = JobSpec::every("report", minutes(60)).timeout(minutes(30));
    Catalogue::builder("test").job(job).build().unwrap()
}

/// Two jobs that differ in every threshold that may differ.
fn two_jobs() -> Catalogue {
    let above = |above: &str| ThresholdOverride::new().set("above", above);
    let own = JobSpec::every("own", minutes(10))
        .timeout(minutes(30))
        .items("clips")
        .queue("clips")
        .threshold("BackgroundJobNotRunning", above("3h"))
        .threshold("BackgroundJobHighDuration", above("7m"))
        .threshold("BackgroundJobCriticalQueueSize", above("500"))
        .threshold("BackgroundJobConsecutiveFailures", ThresholdOverride::new().set("at_least", "5"));
    let job = JobSpec::every("embed", minutes(10)).timeout(minutes(20)).items("clips").queue("clips");
    Catalogue::builder("test").job(job).job(own).build().unwrap()
}

/// Breaks the rules in one way after another and sees that some test fails each time.
#[track_caller]
fn check(catalogue: &Catalogue, mistakes: &[Mistake]) {
    let files = generated::files(catalogue);
    let rules = generated::rules(&files);
    let mut simulations = simulations(&files);
    let unnoticed: Vec<String> = mistakes
        .iter()
        .filter(|mistake| !is_noticed(&broken(rules, mistake), &mut simulations, mistake))
        .map(|(rule, right, wrong)| format!("{rule}: `{right}` -> `{wrong}`"))
        .collect();
    assert!(unnoticed.is_empty(), "no test failed for: {unnoticed:#?}");
}

/// The generated tests, each simulation in a file of its own: one that fails is enough. Those of
/// states take a tenth of the time of the others, so they have the first go.
fn simulations(files: &[Artifact]) -> Vec<Artifact> {
    let kinds = [".states.yaml", ".runs.yaml", ".late.yaml"];
    let of_kind = |kind| files.iter().filter(move |file| file.path.as_str().ends_with(kind));
    kinds.into_iter().flat_map(of_kind).flat_map(apart).collect()
}

/// The simulations of a file.
fn apart(file: &Artifact) -> Vec<Artifact> {
    let mut whole: Value = serde_yaml::from_str(&file.text).unwrap();
    let Value::Sequence(tests) = mem::take(&mut whole["tests"]) else { panic!("no tests: {file:?}") };
    let alone = |test| {
        whole["tests"] = Value::Sequence(vec![test]);
        Artifact { text: serde_yaml::to_string(&whole).unwrap(), ..file.clone() }
    };
    tests.into_iter().map(alone).collect()
}

/// Asks one simulation after another: those about an alert that reads what is wrong come first, and
/// that which noticed the last mistake before the others.
#[track_caller]
fn is_noticed(rules: &Artifact, simulations: &mut [Artifact], mistake: &Mistake) -> bool {
    let alerts = alerts_that_read(&rules.text, mistake.0);
    let asks = |simulation: &Artifact| alerts.iter().any(|alert| simulation.text.contains(alert.as_str()));
    simulations.sort_by_key(|simulation| !asks(simulation));
    let fails = |simulation: &Artifact| {
        let verdicts = promtool::test_rules(&[rules.clone(), simulation.clone()]);
        let [verdict] = verdicts.as_slice() else { panic!("one simulation, not {}", verdicts.len()) };
        // A rule that Prometheus cannot read shows nothing: it has to be another answer that fails
        // the test.
        assert!(verdict.passed || verdict.output.contains("got:"), "{mistake:?} makes no rule: {verdict:?}");
        !verdict.passed
    };
    let Some(place) = simulations.iter().position(fails) else { return false };
    simulations[..=place].rotate_right(1);
    true
}

/// What a simulation says that asks about an alert that reads a series or is it, by itself or by
/// way of others.
fn alerts_that_read(rules: &str, rule: &str) -> BTreeSet<String> {
    let name = rule.split_once(" of ").map_or(rule, |(_, warning)| warning);
    let found = RuleFile::read(rules);
    following(name, &found.reads()).into_iter().map(|alert| format!("alertname=\"{alert}\"")).collect()
}

/// The rule file with the mistake. What is right stands once in the rule, so that there is one
/// mistake.
#[track_caller]
fn broken(file: &Artifact, (rule, right, wrong): &Mistake) -> Artifact {
    let text = &file.text;
    // Of the rules that escalate, each is known by its warning.
    let (name, mark) = rule
        .split_once(" of ")
        .map_or((*rule, String::new()), |(name, warning)| (name, format!("escalates: {warning}\n")));
    let begins = [format!("record: {name}\n"), format!("alert: {name}\n")];
    let until = text.find(&mark).unwrap_or_else(|| panic!("there is no rule {rule}:\n{text}"));
    let found = begins.iter().find_map(|begin| match mark.is_empty() {
        true => text.find(begin.as_str()),
        false => text[..until].rfind(begin.as_str()),
    });
    let begin = found.unwrap_or_else(|| panic!("there is no rule {rule}:\n{text}"));
    let following = ["record: ", "alert: "].iter().filter_map(|next| text[begin + 1..].find(next)).min();
    let end = following.map_or(text.len(), |length| begin + 1 + length);
    let found = text[begin..end].matches(right).count();
    assert_eq!(found, 1, "`{right}` in the rule {rule}:\n{}", &text[begin..end]);
    let rule = text[begin..end].replace(right, wrong);
    Artifact { text: [&text[..begin], &rule, &text[end..]].concat(), ..file.clone() }
}

const FAILING: &str = "BackgroundJobFailing";
const FAILURE_RATE: &str = "BackgroundJobCriticalFailureRate";
const NOT_RUNNING: &str = "BackgroundJobNotRunning";
const STALE: &str = "BackgroundJobCriticallyStale";
const HIGH_DURATION: &str = "BackgroundJobHighDuration";
const CRITICAL_DURATION: &str = "BackgroundJobCriticalDuration";
const QUEUE_GROWING: &str = "BackgroundJobQueueGrowing";
const QUEUE_SIZE: &str = "BackgroundJobCriticalQueueSize";
const ITEMS: &str = "BackgroundJobHighItemFailureRate";
const CONSECUTIVE: &str = "BackgroundJobConsecutiveFailures";
const STUCK: &str = "BackgroundJobStuck";
const OVERDUE: &str = "BackgroundJobOverdue";
const ABSENT: &str = "BackgroundJobMetricsAbsent";

const FAILED_RATE: &str = "job_name:job_execution_failed:rate";
const EXECUTIONS: &str = "job_name:job_execution:increase";
const FAILED: &str = "job_name:job_execution_failed:increase";
const RATIO: &str = "job_name:job_execution_failed:ratio";
const ITEM_RATIO: &str = "job_name:job_items_failed:ratio";
const FAILED_ITEMS: &str = "job_name:job_items_failed:increase";
const P95: &str = "job_name:job_execution_duration_seconds:p95";
const LAST_DURATION: &str = "job_name:job_execution_duration_seconds:max";
const LAST_SUCCESS: &str = "job_name:job_last_success_timestamp_seconds:max";
const FIRST_SCHEDULED: &str = "job_name:job_first_scheduled_timestamp_seconds:min";
const SUCCESS_DUE: &str = "job_name:job_success_due_timestamp_seconds:max";
const TIME_SINCE: &str = "job_name:job_time_since_last_success_seconds:min";
const FAILURES: &str = "job_name:job_consecutive_failures:max";
const QUEUE: &str = "job_name:job_queue_size:max";
const IN_PROGRESS: &str = "job_name:job_in_progress_seconds:max";

#[test]
fn a_threshold_that_is_off() {
    check(
        &one_job(),
        &[
            (FAILING, "> 0.1\n", "> 0.11\n"),
            (FAILING, "> 0.1\n", "> 0.09\n"),
            (FAILURE_RATE, "> 0.5\n", "> 0.502\n"),
            (FAILURE_RATE, "> 0.5\n", "> 0.498\n"),
            (NOT_RUNNING, "> 7200\n", "> 7500\n"),
            (NOT_RUNNING, "> 7200\n", "> 6900\n"),
            // A day is simulated in steps of a quarter of an hour.
            (STALE, "> 86400\n", "> 87300\n"),
            (STALE, "> 86400\n", "> 85500\n"),
            (HIGH_DURATION, "> 300\n", "> 600\n"),
            (CRITICAL_DURATION, "> 600\n", "> 300\n"),
            (CRITICAL_DURATION, "> 600\n", "> 900\n"),
            (QUEUE_GROWING, "> 100\n", "> 99\n"),
            (QUEUE_GROWING, "> 100\n", "> 101\n"),
            (QUEUE_SIZE, "> 1000\n", "> 999\n"),
            (QUEUE_SIZE, "> 1000\n", "> 1001\n"),
            (ITEMS, "> 0.2\n", "> 0.202\n"),
            (ITEMS, "> 0.2\n", "> 0.198\n"),
            (CONSECUTIVE, ">= 3\n", ">= 4\n"),
            (CONSECUTIVE, ">= 3\n", ">= 2\n"),
            (STUCK, "> 1200\n", "> 1260\n"),
            (STUCK, "> 1200\n", "> 1140\n"),
            (OVERDUE, "> 120\n", "> 180\n"),
            (OVERDUE, "> 120\n", "> 60\n"),
        ],
    );
}

#[test]
fn evidence_that_is_too_little_or_forgotten() {
    check(
        &hourly_job(),
        &[
            (FAILURE_RATE, ">= 3\n", ">= 1\n"),
            (FAILURE_RATE, ">= 2\n", ">= 1\n"),
            (FAILURE_RATE, "lookback=\"recent\"} == 0", "lookback=\"recent\"} >= 0"),
            (FAILURE_RATE, "lookback=\"recent\"} == 0", "lookback=\"recent\"} < 0"),
            (FAILED, "[2h2m]", "[1h]"),
            (HIGH_DURATION, "<= 300", "<= 0"),
            (LAST_DURATION, "job_name=\"report\"}[30m]", "job_name=\"report\"}[6h]"),
        ],
    );
}

#[test]
fn items_that_are_too_few_or_that_failed_before() {
    check(
        &one_job(),
        &[
            (ITEM_RATIO, ">= 3", ">= 2"),
            (ITEM_RATIO, ">= 3", ">= 4"),
            (ITEMS, "== 0", ">= 0"),
            (ITEMS, "== 0", "< 0"),
            (FAILED_ITEMS, "status=\"failed\"}[30m]", "status=\"failed\"}[1h]"),
            (FAILED_ITEMS, "status=\"failed\"}[30m]", "status=\"failed\"}[10m]"),
            // A job at rest is forgotten.
            (FAILED_ITEMS, "and on", "unless on"),
        ],
    );
}

#[test]
fn a_threshold_of_one_job_that_is_off() {
    const NOT_RUNNING_ABOVE: &str = "job_name:job_time_since_last_success_seconds:warning_threshold";
    const TIMEOUT: &str = "job_name:job_timeout_seconds:info";
    const QUEUE_ABOVE: &str = "job_name:job_queue_size:critical_threshold";
    const FAILURES_AT_LEAST: &str = "job_name:job_consecutive_failures:threshold";
    const DURATION_ABOVE: &str = "job_name:job_execution_duration_seconds:p95_warning_threshold";
    check(
        &two_jobs(),
        &[
            (NOT_RUNNING_ABOVE, "10800 *", "11100 *"),
            (NOT_RUNNING_ABOVE, "7200 *", "6900 *"),
            (TIMEOUT, "1200 *", "1260 *"),
            (TIMEOUT, "1800 *", "1740 *"),
            (QUEUE_ABOVE, "500 *", "501 *"),
            (QUEUE_ABOVE, "1000 *", "999 *"),
            (FAILURES_AT_LEAST, "5 *", "4 *"),
            (DURATION_ABOVE, "420 *", "600 *"),
            // Every job gets the threshold of one.
            (QUEUE_ABOVE, ", job_name=\"own\"", ""),
            // Rule and threshold do not meet.
            (
                QUEUE_SIZE,
                "job_queue_size:critical_threshold{catalogue=\"",
                "job_consecutive_failures:threshold{catalogue=\"",
            ),
            (CONSECUTIVE, ">= on (job_name)", "> on (job_name)"),
        ],
    );
}

#[test]
fn a_duration_that_is_off() {
    check(
        &one_job(),
        &[
            (FAILING, "for: 5m", "for: 10m"),
            (HIGH_DURATION, "for: 15m", "for: 10m"),
            (CRITICAL_DURATION, "for: 10m", "for: 11m"),
            (QUEUE_SIZE, "for: 10m", "for: 9m"),
            (STUCK, "for: 1m", "for: 2m"),
            (OVERDUE, "for: 1m", "for: 2m"),
            (QUEUE_GROWING, "offset 10m", "offset 5m"),
            (FAILED_RATE, "[1h]", "[5m]"),
            (EXECUTIONS, "[1h]", "[5m]"),
            (P95, "[1h30m]", "[15m]"),
        ],
    );
}

#[test]
fn series_that_are_put_together_wrongly() {
    const SUM: &str = "sum by (namespace, job_name) (";
    // The short window alone: the long one stands in the same rule.
    const SUM_SHORT: &str =
        "sum by (namespace, job_name) (increase(job_execution_total{job_name=\"embed\"}[1h]";
    const MAX_SHORT: &str =
        "max by (namespace, job_name) (increase(job_execution_total{job_name=\"embed\"}[1h]";
    const FAILED_SUM_SHORT: &str = "sum by (namespace, job_name) (
                    increase(job_execution_total{job_name=\"embed\", status=\"failed\"}[1h]";
    const FAILED_MAX_SHORT: &str = "max by (namespace, job_name) (
                    increase(job_execution_total{job_name=\"embed\", status=\"failed\"}[1h]";
    check(
        &one_job(),
        &[
            (FAILED_RATE, SUM, "sum by (job_name) ("),
            // Two replicas fail together.
            (FAILED_RATE, SUM, "max by (namespace, job_name) ("),
            (EXECUTIONS, SUM_SHORT, MAX_SHORT),
            (FAILED, FAILED_SUM_SHORT, FAILED_MAX_SHORT),
            // The oldest execution in progress is the one that is stuck.
            (IN_PROGRESS, "min by", "max by"),
            (QUEUE, "max by", "sum by"),
            // A replica awaits a success that another has had.
            (SUCCESS_DUE, "max by", "min by"),
            (
                LAST_SUCCESS,
                "max by (namespace, job_name) (job_last",
                "min by (namespace, job_name) (job_last",
            ),
            (ITEM_RATIO, "status=~\"failed|success\"", "status=~\"failed|skipped|success\""),
            (P95, "0.95,", "0.9,"),
            // A queue that swings grows each time.
            (QUEUE_GROWING, "max_over_time", "min_over_time"),
            (QUEUE_GROWING, "[1h]", "[10m]"),
            (QUEUE_GROWING, "1.5 *", "1.4 *"),
            (QUEUE_GROWING, "1.5 *", "1.6 *"),
            // The two windows of a job are told apart.
            (EXECUTIONS, "\"lookback\", \"short\"", "\"lookback\", \"brief\""),
        ],
    );
}

#[test]
fn a_count_that_only_a_quick_or_a_slow_job_shows() {
    let job = |interval, timeout| {
        let job =
            JobSpec::every("embed", Duration::from_secs(interval)).timeout(Duration::from_secs(timeout));
        Catalogue::builder("test").job(job).build().unwrap()
    };
    // Only a job that runs often can fail often enough for a rate.
    check(&job(5, 4), &[(FAILED_RATE, ", status=\"failed\"}", "}")]);
    // The short window of a job that takes an hour holds fewer than three executions.
    let long = [(EXECUTIONS, "[4h]", "[15m]"), (FAILED, "[4h]", "[15m]"), (RATIO, ">= 3)", ">= 9)")];
    check(&job(600, 3_600), &long);
    // Of six executions, three in five are just half now and then.
    check(&job(300, 120), &[(FAILURE_RATE, "> 0) >= 0.5", "> 0) > 0.5")]);
    // A new process that exposes no failures has none in its short window, which counts then.
    const NONE: &str = "0 * job_name:job_execution:increase{";
    const NOTHING: &str = "0 * job_name:job_execution:increase{lookback=\"none\", ";
    check(&job(60, 900), &[(FAILED, NONE, NOTHING)]);
}

#[test]
fn an_exception_that_is_lost() {
    check(
        &one_job(),
        &[
            // A disabled job is late.
            (TIME_SINCE, "== 0)", "== 1)"),
            // A job is late within two intervals.
            (NOT_RUNNING, "2 * job_name:", "0 * job_name:"),
            // A replica's old count of failures counts.
            (FAILURES, "< on (namespace, job_name)", "> on (namespace, job_name)"),
            // The last success is not known.
            (LAST_SUCCESS, "{job_name=\"embed\"} > 0", "{job_name=\"embed\"} > 1e9"),
            // A job that was paused is stale when it is back.
            (TIME_SINCE, "job_name:job_success_due_timestamp_seconds:max{", "job_name:job_catalogued:info{"),
            // One that is paused is overdue.
            (SUCCESS_DUE, "> 0", ">= 0"),
            // A job that does not run is overdue, too.
            (OVERDUE, "alertstate=\"firing\"", "alertstate=\"pending\""),
            // The environment has no say in how long an execution may take.
            (STUCK, "unless\n", "or\n"),
            // A job that never succeeded is not late.
            (FIRST_SCHEDULED, "time() * group", "0 * time() * group"),
            // A job that is missing is not noticed, or one that is there is.
            (ABSENT, "unless on (job_name)", "and on (job_name)"),
        ],
    );
}

/// Staging's failures are production's.
#[test]
fn a_namespace_that_is_not_the_catalogues() {
    const OWN: &str = "namespace=~\"shop|\", ";
    let job = JobSpec::every("embed", minutes(10)).timeout(minutes(20));
    let catalogue = Catalogue::builder("test").namespace("shop").job(job).build().unwrap();
    check(&catalogue, &[(FAILED_RATE, OWN, ""), (IN_PROGRESS, OWN, "")]);
}

/// A warning pages too early, too late, never, or to nobody.
#[test]
fn an_escalation_that_is_wrong() {
    const QUEUE: &str = "BackgroundJobUnresolved of BackgroundJobQueueGrowing";
    const SLOW: &str = "BackgroundJobUnresolved of BackgroundJobHighDuration";
    const STALE: &str = "BackgroundJobUnresolved of BackgroundJobNotRunning";
    const FAILS: &str = "BackgroundJobUnresolved of BackgroundJobConsecutiveFailures";
    const LATE: &str = "BackgroundJobUnresolved of BackgroundJobOverdue";
    check(
        &one_job(),
        &[
            (QUEUE, "for: 30m", "for: 15m"),
            (SLOW, "for: 45m", "for: 15m"),
            (SLOW, "> 300\n", "> 99999\n"),
            (STALE, "for: 30m", "for: 36m"),
            (STALE, "> 7200\n", "> 9900\n"),
            (FAILS, "for: 30m", "for: 25m"),
            (FAILS, "severity: critical", "severity: warning"),
            (FAILS, ">= 3\n", ">= 4\n"),
            (LATE, "for: 31m", "for: 36m"),
            (LATE, "escalates: BackgroundJobOverdue", "escalates: BackgroundJobLate"),
            (LATE, "Unresolved for 30m: ", "Unresolved for 1h: "),
        ],
    );
}

#[test]
fn words_that_are_wrong() {
    check(
        &one_job(),
        &[
            (NOT_RUNNING, "(threshold: 2h)", "(threshold: 3h)"),
            (FAILURE_RATE, "humanizePercentage", "humanize"),
            (STUCK, "#stuck-job", "#stuck"),
        ],
    );
}

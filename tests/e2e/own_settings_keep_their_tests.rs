//! Whatever a team sets, the rule tests that are generated for it pass.

use e2e::generated::files;
use e2e::promtool::{self, Verdict};
use jobwatch_catalogue::yaml;

/// Catalogues as they may be set, each with what is odd about it: the tests generated for each hold
/// in Prometheus.
#[track_caller]
fn check(settings: &[(&str, &str)]) {
    for (odd, catalogue) in settings {
        let catalogue = format!("name: odd\nservice: team\n{catalogue}");
        let catalogue = yaml::parse(&catalogue).unwrap_or_else(|error| panic!("{odd}: {error}")).catalogue;
        let verdicts = promtool::test_rules(&files(&catalogue));
        assert!(!verdicts.is_empty(), "{odd}: no test was generated");
        let failed = |verdict: &&Verdict| !verdict.passed;
        let report =
            verdicts.iter().filter(failed).map(|failed| format!("{}:\n{}", failed.path, failed.output));
        let report: Vec<String> = report.collect();
        assert!(report.is_empty(), "{odd}: {}", report.join("\n"));
    }
}

#[test]
fn a_threshold_below_what_the_schedule_takes_is_excepted_where_nothing_else_is_wrong() {
    check(&[
        (
            "less than a night, in working hours",
            "jobs:
- name: sync
  summary: Works.
  cron: '*/10 8-18 * * MON-FRI'
  timeout: 10m
  alerts: {BackgroundJobNotRunning: {above: 6h}}",
        ),
        (
            "critical after less than a night, in working hours",
            "jobs:
- name: sync
  summary: Works.
  cron: '*/10 8-18 * * MON-FRI'
  timeout: 10m
  alerts: {BackgroundJobCriticallyStale: {above: 12h}}",
        ),
        (
            "less than the interval",
            "jobs:
- name: sync
  summary: Works.
  interval: 1h
  alerts: {BackgroundJobNotRunning: {above: 30m}}",
        ),
        (
            "a few seconds of an hour",
            "jobs:
- name: sync
  summary: Works.
  interval: 1h
  alerts: {BackgroundJobNotRunning: {above: 1m}, BackgroundJobCriticallyStale: {above: 2m}}",
        ),
    ]);
}

#[test]
fn a_critical_alert_that_is_a_warning_escalates_beside_its_pair() {
    check(&[
        (
            "often",
            "alerts: {BackgroundJobCriticallyStale: {severity: warning}}
jobs: [{name: sync, summary: Works., interval: 10m}]",
        ),
        (
            "nightly",
            "alerts: {BackgroundJobCriticallyStale: {severity: warning}}
jobs: [{name: sync, summary: Works., cron: '0 3 * * *'}]",
        ),
        (
            "about durations and queues",
            "alerts:
  BackgroundJobCriticalDuration: {severity: warning}
  BackgroundJobCriticalQueueSize: {severity: warning}
  BackgroundJobCriticalFailureRate: {severity: warning}
  BackgroundJobMetricsAbsent: {severity: warning}
jobs: [{name: sync, summary: Works., interval: 5m, queue: mails, items: mails}]",
        ),
    ]);
}

#[test]
fn a_ratio_is_expected_when_it_has_held_for_as_long_as_it_has_to() {
    check(&[
        (
            "for two hours",
            "alerts: {BackgroundJobCriticalFailureRate: {for: 2h}}
jobs: [{name: sync, summary: Works., interval: 10m}]",
        ),
        (
            "for three days",
            "alerts: {BackgroundJobCriticalFailureRate: {for: 3d}}
jobs: [{name: sync, summary: Works., interval: 10m}]",
        ),
    ]);
}

#[test]
fn a_memory_of_two_executions_is_no_memory_of_three() {
    check(&[
        (
            "nightly, for two days",
            "retention: 2d
jobs: [{name: backup, summary: Works., cron: '0 3 * * *'}]",
        ),
        (
            "twice a day, for one",
            "retention: 1d
jobs: [{name: backup, summary: Works., interval: 12h}]",
        ),
    ]);
}

#[test]
fn due_times_may_be_uneven_and_a_restart_may_lose_one_only_if_its_success_may_be_that_late() {
    check(&[
        ("twice in an hour", "jobs: [{name: report, summary: Works., cron: '0 2,3 * * *'}]"),
        (
            "thrice a day",
            "namespace: prod
jobs: [{name: report, summary: Works., cron: '0 2,6,18 * * *'}]",
        ),
        (
            "morning and evening",
            "namespace: prod
jobs: [{name: report, summary: Works., cron: '0 9,17 * * *'}]",
        ),
        (
            "at uneven times",
            "namespace: prod
jobs:
- name: report
  summary: Works.
  cron: ['42 12 * * 7', '36 18 * * *', '33 1 * * *', '0 17 5 * * *']
  timeout: 11m
  items: things",
        ),
        (
            "stale after many days",
            "namespace: prod
alerts:
  BackgroundJobNotRunning: {above: 12d}
  BackgroundJobOverdue: {for: 0s, above: 20m}
jobs: [{name: backup, summary: Works., cron: '@daily'}]",
        ),
    ]);
}

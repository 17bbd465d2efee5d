//! Values that are followed through expressions, and conditions.

use insta::assert_snapshot;

use super::{about, found};

#[test]
fn comparisons_that_may_hold_are_no_finding() {
    for expression in [
        "sum(rate(a_total{b=\"x\"}[5m])) / sum(rate(a_total[5m])) > 0.99",
        "sum(rate(a_total[5m])) / sum(rate(b_total[5m])) > 1",
        "a / b > 1",
        "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 100000",
        "up == 0",
        "count(up == 1) < 2",
        "absent_over_time(up[5m]) == 1",
        "vector(1)",
        "vector(1) > 0",
        "hour() > 22 and on () up == 0",
        "a - a offset 5m < 0",
        "rate(job_execution_total{job_name=\"mails\"}[10m]) > 0.01",
        "rate(job_execution_total{job_name=~\"m.*\"}[10m]) > 10",
        "histogram_quantile(0.9, rate(job_execution_duration_seconds_bucket{job_name=\"mails\"}[1h])) > 800",
        "min(up) by (job) < 1",
        "sum(increase(errors_total[5m])) > 1000",
        "ALERTS{severity=\"info\"}",
        "changes(process_start_time_seconds[15m]) > 2",
        "a > 5 and a < 9",
        "abs(delta(a[5m])) > 0",
        "1 - sum(rate(a_total{b=\"x\"}[5m])) / sum(rate(a_total[5m])) < 0.99",
        "topk(3, a) > 5",
        "a unless b",
        "clamp(a, 0, 5) > 4",
        "hour() >= 23 and on () up == 0",
        "rate(sum by (x) (a_total)[5m:1m]) > 1",
        "rate((a - b)[5m:1m]) > 1",
        "max_over_time(rate(a_total[5m])[14d:1h]) > 1",
    ] {
        assert_eq!(about(expression), "", "{expression}");
    }
}

#[test]
fn comparisons_that_cannot_hold_say_why() {
    let all = [
        "sum by (b) (rate(a_total{c=\"x\"}[5m])) / sum by (b) (rate(a_total[5m])) * 100 > 100",
        "rate(a_total{b=\"x\"}[5m]) / (rate(a_total{b=\"x\"}[5m]) + ignoring (b) rate(a_total{b=\"y\"}[5m])) > 1",
        "up < 0",
        "up > bool 1 == 2",
        "count(a) < 1",
        "5 < up",
        "hour() > 23",
        "(a > 5) < 3",
        "a > 5 and a < 3",
        "rate(job_execution_total{job_name=\"reports\"}[2h]) > 0.1",
        "sum(increase(job_execution_total[2h])) > 1000",
        "histogram_quantile(0.9, sum by (le) (rate(job_execution_duration_seconds_bucket{job_name=\"mails\"}[1h]))) > 900",
        "rate(a_total[5m]) < 0",
        "sum(increase(a_total[5m])) >= 0",
        "clamp_max(a, 5) > 6",
    ]
    .map(|expression| format!("{expression}\n{}\n", about(expression)));
    assert_snapshot!(all.join("\n"), @r#"
    sum by (b) (rate(a_total{c="x"}[5m])) / sum by (b) (rate(a_total[5m])) * 100 > 100
    rule-comparison-never-holds `sum by (b) (rate(a_total{c="x"}[5m])) / sum by (b) (rate(a_total[5m])) * 100 > 100` this never holds: `sum by (b) (rate(a_total{c="x"}[5m])) / sum by (b) (rate(a_total[5m])) * 100` is from 0 to 100: a part is no more than its whole

    rate(a_total{b="x"}[5m]) / (rate(a_total{b="x"}[5m]) + ignoring (b) rate(a_total{b="y"}[5m])) > 1
    rule-sides-never-match `rate(a_total{b="x"}[5m]) / (rate(a_total{b="x"}[5m]) + ignoring (b) rate(a_total{b="y"}[5m]))` the sides of `/` never have the same `b`: the left one has `x` and the right one does not have it, so that nothing comes of it

    up < 0
    rule-comparison-never-holds `up < 0` this never holds: `up` is from 0 to 1

    up > bool 1 == 2
    rule-comparison-never-holds `up > bool 1 == 2` this never holds: `up > bool 1` is from 0 to 1

    count(a) < 1
    rule-comparison-never-holds `count(a) < 1` this never holds: `count(a)` is never below 1

    5 < up
    rule-comparison-never-holds `5 < up` this never holds: `up` is from 0 to 1

    hour() > 23
    rule-comparison-never-holds `hour() > 23` this never holds: `hour()` is from 0 to 23

    (a > 5) < 3
    rule-comparison-never-holds `(a > 5) < 3` this never holds: `a > 5` is never below 5

    a > 5 and a < 3
    rule-comparison-never-holds `a > 5 and a < 3` both never hold at once: nothing is > 5 and < 3

    rate(job_execution_total{job_name="reports"}[2h]) > 0.1
    rule-comparison-never-holds `rate(job_execution_total{job_name="reports"}[2h]) > 0.1` this never holds: `rate(job_execution_total{job_name="reports"}[2h])` is from 0 to 0.0005: no job that it reads is due more often than each 1h

    sum(increase(job_execution_total[2h])) > 1000
    rule-comparison-never-holds `sum(increase(job_execution_total[2h])) > 1000` this never holds: `sum(increase(job_execution_total[2h]))` is from 0 to 302.5: no job that it reads is due more often than each 1m

    histogram_quantile(0.9, sum by (le) (rate(job_execution_duration_seconds_bucket{job_name="mails"}[1h]))) > 900
    rule-comparison-never-holds `histogram_quantile(0.9, sum by (le) (rate(job_execution_duration_seconds_bucket{job_name="mails"}[1h]))) > 900` this never holds: `histogram_quantile(0.9, sum by (le) (rate(job_execution_duration_seconds_bucket{…` is from 0 to 900: no job that it reads may run for longer, and the bucket that the longest can reach ends at 15m

    rate(a_total[5m]) < 0
    rule-comparison-never-holds `rate(a_total[5m]) < 0` this never holds: `rate(a_total[5m])` is never below 0

    sum(increase(a_total[5m])) >= 0
    rule-comparison-always-holds `sum(increase(a_total[5m])) >= 0` this always holds, wherever there are samples at all

    clamp_max(a, 5) > 6
    rule-comparison-never-holds `clamp_max(a, 5) > 6` this never holds: `clamp_max(a, 5)` is never above 5
    "#);
}

#[test]
fn conditions_and_counters_are_followed() {
    let all = [
        "up",
        "sum(rate(a_total[5m]))",
        "a > 5 or b",
        "count(a > 5)",
        "max_over_time(a_total[5m]) > 5",
        "a_total / 2 > 5",
        "sum by (job) (a_total) > 5",
        "a_total - a_total offset 1h > 5",
        "rate(sum(a_total)[5m:]) > 5",
        "rate(up[5m]) > 0",
        "irate(a_total[20s]) > 5",
    ]
    .map(|expression| format!("{expression}\n{}\n", about(expression)));
    assert_snapshot!(all.join("\n"), @"
    up
    rule-alert-without-comparison `up` this alert has no condition: it fires for whatever series there are

    sum(rate(a_total[5m]))
    rule-alert-without-comparison `sum(rate(a_total[5m]))` this alert has no condition: it fires for whatever series there are

    a > 5 or b
    rule-alert-without-comparison `a > 5 or b` this alert has no condition: it fires for whatever series there are

    count(a > 5)


    max_over_time(a_total[5m]) > 5
    rule-counter-compared `max_over_time(a_total[5m])` `max_over_time(a_total[5m])` is a counter: once it is beyond a threshold, it stays there until a restart

    a_total / 2 > 5
    rule-counter-compared `a_total / 2` `a_total / 2` is a counter: once it is beyond a threshold, it stays there until a restart

    sum by (job) (a_total) > 5
    rule-counter-compared `sum by (job) (a_total)` `sum by (job) (a_total)` is a counter: once it is beyond a threshold, it stays there until a restart

    a_total - a_total offset 1h > 5


    rate(sum(a_total)[5m:]) > 5


    rate(up[5m]) > 0
    rule-rate-of-gauge `rate(up[5m])` `up[5m]` is no counter: `rate` takes each fall of it for a restart

    irate(a_total[20s]) > 5
    rule-range-too-short `a_total[20s]` this range of 20s often holds a single sample, where two are needed: series are scraped each 15s
    ");
}

/// `reports` is due each hour and may take half of it.
#[test]
fn a_range_of_one_interval_is_empty_at_times() {
    let over = |range: &str| {
        about(&format!(
            "increase(job_execution_total{{job_name=\"reports\", status=\"failed\"}}[{range}]) > 0"
        ))
    };
    assert_snapshot!(over("1h"), @r#"rule-range-too-short `job_execution_total{job_name="reports", status="failed"}[1h]` this range of 1h is empty at times: `reports` is due each 1h, and a run may take 30m longer than the one before"#);
    assert_eq!(over("90m"), "", "a run that takes all it may after one that took nothing is in the range");
    let remembered =
        about("(increase(job_execution_total{job_name=\"reports\"}[1h]) or last_over_time(recent[1h])) > 0");
    assert_eq!(remembered, "", "what was last there is taken while the range is empty");
    let recorded = |range: &str, series: &str| {
        let expression = format!(
            "increase(job_execution_total{{job_name=\"reports\"}}[{range}]) > 0 or last_over_time({series}[1h])"
        );
        let file = format!("groups:\n- name: g\n  rules:\n  - record: recent\n    expr: '{expression}'\n");
        found(&[&file]).remove(0).iter().map(|finding| finding.code.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(recorded("30m", "recent"), "", "what is recorded anew holds until another run ends");
    assert_eq!(recorded("30m", "other"), "rule-range-too-short", "an hour of something else is too short");
}

#[test]
fn what_lies_within_something_else_is_followed() {
    for (expression, code) in [
        ("hour() > 23", "rule-comparison-never-holds"),
        ("day_of_week() > 6 and on () a == 0", "rule-comparison-never-holds"),
        ("clamp(a, 0, 5) > 6", "rule-comparison-never-holds"),
        ("rate((up)[5m:1m]) > 1", "rule-rate-of-gauge"),
        ("rate(max by (x) (up)[5m:1m]) > 1", "rule-rate-of-gauge"),
        ("max_over_time(rate(a_total[8d])[8d:1h]) > 1", "rule-range-beyond-retention"),
        ("max_over_time((a offset 14d)[2d:1h]) > 1", "rule-range-beyond-retention"),
        ("a{b=~\"^(c|d)$\"} > 1", "rule-regex-useless"),
    ] {
        let found = about(expression);
        assert!(found.lines().any(|line| line.starts_with(code)), "{expression}: {found}");
    }
}

//! Mistakes of one kind, in the forms in which they are written, and what looks alike and is none.

use insta::assert_snapshot;

use super::{about, alert, found, shown};

/// Returns the codes of what is found in a file.
fn codes(text: &str) -> Vec<&'static str> {
    found(&[text]).remove(0).iter().map(|finding| finding.code.name).collect()
}

#[track_caller]
fn are_found(code: &str, expressions: &[&str]) {
    for expression in expressions {
        let found = about(expression);
        assert!(found.lines().any(|line| line.starts_with(code)), "{expression}: {found}");
    }
}

#[track_caller]
fn are_left_alone(expressions: &[&str]) {
    for expression in expressions {
        assert_eq!(about(expression), "", "{expression}");
    }
}

#[test]
fn a_part_is_no_more_than_its_whole_however_it_is_scaled() {
    are_found(
        "rule-comparison-never-holds",
        &[
            "100 * sum(rate(a_total{b=\"x\"}[5m])) / sum(rate(a_total[5m])) > 100",
            "sum(rate(a_total{b=\"x\"}[5m])) * 100 / sum(rate(a_total[5m])) > 100",
            "sum(rate(a_total{b=\"x\"}[5m])) / (sum(rate(a_total[5m])) / 100) > 100",
            "(sum(rate(a_total{b=\"x\"}[5m])) or vector(0)) / sum(rate(a_total[5m])) > 1",
            "sum(rate(a_total{b=\"x\"}[5m])) / (sum(rate(a_total[5m])) > 0) > 1",
            "(sum(rate(a_total[5m])) - sum(rate(b_total[5m]))) / sum(rate(a_total[5m])) > 1",
            "sum by (c, d) (rate(a_total{b=\"x\"}[5m])) / ignoring (d) group_left () sum by (c) (rate(a_total[5m])) > 1",
            "count(up == 0) / count(up) > 1",
            "100 * count(up == 0) / count(up) > 100",
            "sum(up) / count(up) > 1",
            "sum by (job) (up == bool 0) / count by (job) (up) > 1",
            "1 - sum(up) / count(up) < 0",
        ],
    );
    are_left_alone(&[
        "100 * sum(rate(a_total{b=\"x\"}[5m])) / sum(rate(a_total[5m])) > 99",
        "sum(rate(a_total[5m])) / sum(rate(a_total{b=\"x\"}[5m])) > 1",
        "sum(rate(a_total{b=\"x\"}[5m])) / sum(rate(a_total{b=\"y\"}[5m])) > 1",
        "sum(rate(a_total{b=\"x\"}[5m])) / on (c) group_right () sum by (c, d) (rate(a_total[5m])) > 1",
        "sum(a) / count(a) > 1",
        "sum(up) / count(up == 1) > 1",
        "sum(up * 5) / count(up) > 1",
        "count(count by (a, b) (c)) / count(count by (a) (c)) > 1",
        "sum(rate(a_total[5m])) / avg(rate(a_total[5m])) > 1",
        "(sum(a) - sum(b)) / sum(a) > 1",
    ]);
}

#[test]
fn what_is_recorded_at_one_time_is_followed_into_its_rules() {
    let of = |group: &str, second: &str| {
        format!(
            "groups:\n- name: g\n  rules:\n  - {{record: 'job:b:rate5m', expr: 'sum by (job) (rate(a_total{{b=\"x\"}}[5m]))'}}\n  \
             - {{record: 'job:a:rate5m', expr: 'sum by (job) (rate({second}[5m]))'}}\n{group}  \
             - {{alert: A, expr: 'job:b:rate5m / job:a:rate5m > 1', annotations: {{runbook: x}}}}\n"
        )
    };
    assert_eq!(codes(&of("", "a_total")), ["rule-comparison-never-holds"]);
    assert_eq!(codes(&of("", "c_total")), [""; 0]);
    // What another group reads of them may be of two moments.
    assert_eq!(codes(&of("- name: h\n  rules:\n", "a_total")), ["rule-recorded-elsewhere"]);
}

#[test]
fn what_another_group_records_is_told_once_with_its_age() {
    let of = |interval: &str, series: &str| {
        format!(
            "groups:\n- name: one\n  {interval}rules:\n  - {{record: '{series}:sum', expr: 'sum by (job) (a)'}}\n  \
             - {{record: '{series}:max', expr: 'max by (job) (a)'}}\n- name: two\n  {interval}rules:\n  \
             - {{alert: A, expr: '{series}:sum > 5', annotations: {{runbook: x}}}}\n  \
             - {{alert: B, expr: '{series}:max > 5 and {series}:sum > 1', annotations: {{runbook: x}}}}\n  \
             - {{alert: C, expr: 'max_over_time({series}:max[1h]) > 5', annotations: {{runbook: x}}}}\n"
        )
    };
    assert_snapshot!(shown(&of("", "job:a")), @"
    rule-recorded-elsewhere 8:23 `job:a:sum`
      A: `job:a:sum` is recorded by the group `one`, which is evaluated at another moment: what is read is up to one evaluation old (1m unless Prometheus is told otherwise), as are 1 more of its series
      put both rules into one group if they have to agree about the moment, or let `for` be well above that
    ");
    let said = shown(&of("interval: 2m\n  ", "job:a"));
    assert!(said.contains("up to one evaluation old (2m)"), "{said}");
    assert_eq!(shown(&of("", "job_name:job_queue_size")), "", "generated groups stand apart on purpose");
}

#[test]
fn what_two_groups_record_is_late_where_its_own_rule_comes_later() {
    let text = "groups:\n- name: one\n  rules: [{record: a, expr: sum(c)}]\n- name: two\n  rules:\n  - {record: b, expr: a > 5}\n  - {record: a, expr: max(c)}\n";
    assert_eq!(codes(text), ["rule-recorded-later"]);
}

#[test]
fn comparisons_that_no_value_fulfils_are_found() {
    are_found(
        "rule-comparison-never-holds",
        &[
            "a > a",
            "sum by (b) (rate(c[5m])) < sum by (b) (rate(c[5m]))",
            "a % 10 > 10",
            "a == NaN",
            "NaN < a",
            "3 > a and a > 5",
            "a > 5 and on (b) c > 1 and a < 3",
            "day_of_week() == 7 and on () a > 1",
        ],
    );
    are_found("rule-comparison-always-holds", &["a != NaN"]);
    are_left_alone(&[
        // What is no number differs from itself.
        "a != a",
        "a >= a offset 5m",
        "a{b=\"x\"} > a",
        "a > on (b) group_left () a",
        "a % 10 > 9",
        "a > 5 and on (b) a < 3",
        "a > 5 or a < 3",
        "3 < a and a < 5",
    ]);
}

#[test]
fn counters_are_followed_through_what_leaves_them_counters() {
    are_found(
        "rule-counter-compared",
        &[
            "sum(errors_total) / sum(requests_total) > 0.1",
            "100 * sum(errors_total) / (sum(errors_total) + sum(others_total)) > 5",
            "1 - sum(successes_total) / sum(requests_total) > 0.1",
            "request_duration_seconds_sum / request_duration_seconds_count > 0.5",
            "request_duration_seconds_count > 5",
            "a_total - 5 > 100",
            "5 + a_total > 100",
            "100 * a_total > 100",
            "a_total + b_total > 100",
            "avg_over_time(a_total[5m]) > 5",
            "round(a_total) > 5",
            "5 < a_total",
        ],
    );
    are_left_alone(&[
        "increase(errors_total[5m]) / increase(requests_total[5m]) > 0.1",
        "created_total - deleted_total > 5",
        "a_total - a_total offset 5m > 5",
        "replica_count > 5",
        "time() - seen_total > 5",
        "rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m]) > 5",
        "delta(a_total[5m]) > 5",
        "a_total / limit > 0.9",
        // That there was something at all, beside another condition.
        "a_expiration_seconds_count{job=\"a\"} > 0 and b > 5",
        "count(a_total) > 5",
    ]);
}

#[test]
fn ranges_hold_as_many_samples_as_their_functions_need() {
    are_found(
        "rule-range-too-short",
        &[
            "avg_over_time(up[10s]) < 1",
            "max_over_time(a[10s]) > 1",
            "absent_over_time(a[10s]) == 1",
            "increase(a[10s:5s]) > 1",
            "rate(sum by (x) (a_total)[15s:15s]) > 1",
            "deriv(sum(a)[5m:5m]) > 1",
            "max_over_time(sum(a)[1m:5m]) > 1",
            "stddev_over_time(a[20s]) > 1",
        ],
    );
    are_left_alone(&[
        "avg_over_time(up[15s]) < 1",
        "max_over_time(a[20s]) > 1",
        "rate(a_total[30s]) > 1",
        "max_over_time(sum(a)[5m:5m]) > 1",
        "max_over_time(a[10s:5s]) > 1",
        "deriv(sum(a)[10m:5m]) > 1",
        "max_over_time(rate(a_total[1m])[1m:30s]) > 1",
        "rate(sum(a_total)[5m:]) > 1",
    ]);
    let recorded = |interval: &str| {
        format!(
            "groups:\n- name: g\n  interval: {interval}\n  rules:\n  - {{record: 'job:a:sum', expr: 'sum by (job) (a)'}}\n  \
             - {{alert: A, expr: 'avg_over_time(job:a:sum[2m]) > 1', annotations: {{runbook: x}}}}\n"
        )
    };
    assert_eq!(codes(&recorded("5m")), ["rule-range-too-short"]);
    assert_eq!(codes(&recorded("2m")), [""; 0]);
}

#[test]
fn labels_jobs_and_what_jobs_have_are_known() {
    are_found(
        "rule-label-unknown",
        &[
            "job_queue_size{job_name=\"mails\"} > 5",
            "job_queue_size{job_name=\"report\"} > 5",
            "job_queue_size{status=\"failed\"} > 5",
            "sum by (jobname) (increase(job_execution_total{job_name=\"mails\"}[1h])) > 1",
            "sum without (statuss) (increase(job_execution_total{job_name=\"mails\"}[1h])) > 1",
            "job_queue_size > on (job_nam) job_timeout_seconds",
            "increase(job_execution_total{job_name=~\"mail|reports\"}[3h]) > 1",
        ],
    );
    are_left_alone(&[
        "job_queue_size{job_name=\"reports\"} > 5",
        "job_queue_size{job_name=~\"mails|reports\"} > 5",
        "job_queue_size{cluster=\"x\"} > 5",
        "job_queue_size{job_name=\"embedding\"} > 5",
        "sum by (cluster) (job_queue_size) > 5",
        "sum by (instance_id, job_type, pod) (job_queue_size) > 5",
        "job_queue_size{instance_id=\"x\", job_name=\"reports_of_others\"} > 5",
        "sum by (jobname) (label_replace(job_queue_size, \"jobname\", \"$1\", \"job_name\", \"(.*)\")) > 5",
        "sum by (jobname) (others) > 5",
        "ALERTS{status=\"x\"}",
    ]);
}

#[test]
fn an_alert_waits_for_no_longer_than_its_expression_can_hold() {
    let waits = |expression: &str, hold: &str| codes(&(alert(expression) + &format!("    for: {hold}\n")));
    for (expression, hold) in [
        ("last_over_time(a[5m]) unless a", "10m"),
        ("max_over_time(a[5m] offset 5m) unless on (job) a", "10m"),
        ("count by (b) (a offset 10m) unless count by (b) (a)", "10m"),
        ("minute() < 5 and on () a > 1", "5m"),
        ("a > 1 and on () (hour() > 8 and hour() < 10)", "1h"),
        ("a > 1 and on () 8 < hour() < 10", "2h"),
        ("a > 1 and on () hour() != 3", "23h"),
        ("a > 1 and on () day_of_week() > 5", "1d"),
        ("a > 1 unless on () hour() < 20", "4h"),
    ] {
        assert_eq!(waits(expression, hold), ["rule-for-too-long"], "{expression} for {hold}");
    }
    for (expression, hold) in [
        // A process that starts again and again is never older.
        ("time() - process_start_time_seconds < 300", "10m"),
        ("last_over_time(a[15m]) unless a", "10m"),
        ("last_over_time(a[5m]) unless b", "10m"),
        ("a > 1 and on () (hour() > 8 and hour() < 18)", "2h"),
        ("a > 1 and on () (hour() >= 22 or hour() < 6)", "7h"),
        ("hour(a) == 3", "2h"),
        // One series after another may be gone.
        ("b > 1 and on (job) (a offset 10m unless a)", "20m"),
        ("sum by (b) (a offset 10m) unless on (b) a", "10m"),
        ("a > 1 unless on () hour() < 20", "3h"),
    ] {
        assert_eq!(waits(expression, hold), [""; 0], "{expression} for {hold}");
    }
}

#[test]
fn regular_expressions_are_read_and_not_compared_as_texts() {
    are_found(
        "rule-regex-useless",
        &[
            "a{b=~\"^(c|d)$\"} > 1",
            "a{b=~\"(?:.*)\"} > 1",
            "a{b=~\".*?\"} > 1",
            "a{b=~\"c|.*\"} > 1",
            "a{b=~\"|.+\"} > 1",
            "a{b!~\".*\"} > 1",
            "a{b=~\"y|y\"} > 1",
            "a{b=~\"[y]\"} > 1",
        ],
    );
    are_found(
        "rule-sides-never-match",
        &[
            "sum by (env) (a{env=~\"prod.*\"}) / sum by (env) (b{env=\"dev\"}) > 1",
            "a{env=~\"prod.*\"} and a{env=~\"(dev|stage)-.*\"}",
            "a{env=~\"(prod|stage)-(a|b)\"} and a{env=\"prod-c\"}",
            "rate(x_bucket{le=\"0.1\"}[5m]) / rate(x_count[5m]) > 0.5",
        ],
    );
    are_found("rule-regex-expensive", &["{b=~\"(c|.+)\"} > 1", "{b=~\".*c\"} > 1"]);
    are_left_alone(&[
        "a{b=~\".+\"} > 1",
        "a{b!~\"c.*\"} > 1",
        "sum by (env) (a{env=~\"prod.*\"}) / sum by (env) (b{env=\"production\"}) > 1",
        "sum by (env) (a{env=~\".*prod\"}) / sum by (env) (b{env=\"dev\"}) > 1",
        "rate(x_bucket{le=\"0.1\"}[5m]) / ignoring (le) rate(x_count[5m]) > 0.5",
        "{b=~\"(c|d).*\"} > 1",
    ]);
}

#[test]
fn the_name_of_a_series_is_lost_in_calculations() {
    let reads_name =
        |expression: &str| codes(&(alert(expression) + "    labels: {series: '{{ $labels.__name__ }}'}\n"));
    for expression in
        ["rate(a[5m]) > 1", "a / 2 > 1", "a > bool 1 == 1", "a > on (b) c", "sum by (b) (a) > 1"]
    {
        assert_eq!(reads_name(expression), ["rule-template-label-missing"], "{expression}");
    }
    for expression in [
        "a > 1",
        "{job=\"a\"} == 0",
        "1 < a",
        "topk(3, a) > 1",
        "a > ignoring (b) c",
        "last_over_time(a[5m]) > 1 and rate(b[5m]) > 1",
        "sum by (__name__) ({job=\"a\"}) > 1",
        "rate(a[5m]) > 1 or b > 1",
    ] {
        assert_eq!(reads_name(expression), [""; 0], "{expression}");
    }
}

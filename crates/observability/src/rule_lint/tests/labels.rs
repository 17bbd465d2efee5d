//! Labels that are followed through expressions.

use insta::assert_snapshot;

use super::{about, alert, found};

#[test]
fn sides_that_may_match_are_no_finding() {
    for expression in [
        "a{b=\"x\"} / on () group_left () sum(c) > 1",
        "a{b=\"x\"} / ignoring (b) a{b=\"y\"} > 1",
        "a{b=~\"x|y\"} / a{b=~\"y|z\"} > 1",
        "a{b!=\"x\"} / a{b=\"y\"} > 1",
        "sum by (job) (a{b=\"x\"}) / sum by (job) (a) > 1",
        "sum without (b) (a{b=\"x\"}) / ignoring (b) a{b=\"y\"} > 1",
        "max by (job) (a) * on (job) group_left (team) teams > 1",
        "a > 1 and on (job) sum by (job) (b) > 1",
        "a{b=\"x\"} > 1 or a{b=\"y\"} > 1",
        "(sum(a) or vector(0)) > 1",
        "label_replace(a{b=\"x\"}, \"b\", \"y\", \"\", \"\") / a{b=\"y\"} > 1",
        "count_values(\"version\", a) > 1 and on (version) b{version=\"1\"}",
        "job:a:sum > sum by (job) (b)",
        "time() - a > 5 and b > 5",
        "absent_over_time(a{job=\"x\", instance=\"y\"}[5m]) and on () b > 5",
        "absent_over_time(a[5m]) and absent_over_time(b[5m])",
        "absent_over_time(a[5m]) and sum(b) > 5",
        "a{instance=\"\"} > on () sum(b)",
        "ALERTS{alertstate=\"firing\"} and on (alertname) b == 1",
        "sum by (job) (backup_seconds) > backup_limit_seconds",
        "a{b!=\"x\"} / a{b!=\"y\"} > 1",
        "a{b!~\"x|y\"} / a{b=~\"y|z\"} > 1",
    ] {
        assert_eq!(about(expression), "", "{expression}");
    }
}

#[test]
fn sides_that_cannot_match_are_found_where_it_happens_first() {
    let all = [
        "up > sum by (job) (b)",
        "(a{b=\"x\"} + a{b=\"y\"}) / c > 1",
        "sum by (job) (a) / sum by (job, instance) (node_load1) > 1",
        "a{b=\"x\"} and on (b) c{b=\"y\"}",
        "a{b=\"x\"} unless c{b=\"y\"} > 5",
        "a > 1 and on (b) sum by (c) (d{b=\"x\"}) > 1",
        "sum by (b) (a{b=\"x\"}) * on (b) group_left (c) d{b=\"y\"} > 1",
        "sum by (job) (a) or vector(0)",
        "histogram_quantile(0.9, rate(a_bucket{b=\"x\"}[5m])) > c{b=\"y\"}",
        "label_replace(a, \"b\", \"x\", \"\", \"\") / c{b=\"y\"} > 1",
        "absent_over_time(a{b=\"x\"}[5m]) * c > 0",
        "c > 1 and absent_over_time(a[5m]) == 1",
        "a{b=~\".+\"} / c{b=\"\"} > 1",
        "a{b=\"x\"} == bool a{b=\"y\"}",
        "a{b!=\"x\"} / c{b=\"x\"} > 1",
        "a{b!~\"x|y\"} / c{b=\"y\"} > 1",
    ]
    .map(|expression| format!("{expression}\n{}\n", about(expression)));
    assert_snapshot!(all.join("\n"), @r#"
    up > sum by (job) (b)
    rule-sides-never-match `up > sum by (job) (b)` the sides of `>` never have the same `instance`: the left one has it and the right one does not have it, so that nothing comes of it

    (a{b="x"} + a{b="y"}) / c > 1
    rule-sides-never-match `a{b="x"} + a{b="y"}` the sides of `+` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    sum by (job) (a) / sum by (job, instance) (node_load1) > 1
    rule-sides-never-match `sum by (job) (a) / sum by (job, instance) (node_load1)` the sides of `/` never have the same `instance`: the left one does not have it and the right one has it, so that nothing comes of it

    a{b="x"} and on (b) c{b="y"}
    rule-sides-never-match `a{b="x"} and on (b) c{b="y"}` the sides of `and` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    a{b="x"} unless c{b="y"} > 5
    rule-sides-never-match `a{b="x"} unless c{b="y"} > 5` the sides of `unless` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing is ever left out

    a > 1 and on (b) sum by (c) (d{b="x"}) > 1


    sum by (b) (a{b="x"}) * on (b) group_left (c) d{b="y"} > 1
    rule-sides-never-match `sum by (b) (a{b="x"}) * on (b) group_left (c) d{b="y"}` the sides of `*` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    sum by (job) (a) or vector(0)
    rule-sides-never-match `sum by (job) (a) or vector(0)` the sides of `or` never have the same `job`: the left one has it and the right one does not have it, so that what stands behind it is always there as well
    rule-alert-without-comparison `sum by (job) (a) or vector(0)` this alert has no condition: it fires for whatever series there are

    histogram_quantile(0.9, rate(a_bucket{b="x"}[5m])) > c{b="y"}
    rule-sides-never-match `histogram_quantile(0.9, rate(a_bucket{b="x"}[5m])) > c{b="y"}` the sides of `>` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    label_replace(a, "b", "x", "", "") / c{b="y"} > 1
    rule-sides-never-match `label_replace(a, "b", "x", "", "") / c{b="y"}` the sides of `/` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    absent_over_time(a{b="x"}[5m]) * c > 0
    rule-absent-joined `absent_over_time(a{b="x"}[5m]) * c` `absent` has no labels but those that its selector sets, so that `*` finds no series with the same

    c > 1 and absent_over_time(a[5m]) == 1
    rule-absent-joined `c > 1 and absent_over_time(a[5m]) == 1` `absent` has no labels but those that its selector sets, so that `and` finds no series with the same

    a{b=~".+"} / c{b=""} > 1
    rule-sides-never-match `a{b=~".+"} / c{b=""}` the sides of `/` never have the same `b`: the left one has it and the right one does not have it, so that nothing comes of it

    a{b="x"} == bool a{b="y"}
    rule-sides-never-match `a{b="x"} == bool a{b="y"}` the sides of `==` never have the same `b`: the left one has `x` and the right one has `y`, so that nothing comes of it

    a{b!="x"} / c{b="x"} > 1
    rule-sides-never-match `a{b!="x"} / c{b="x"}` the sides of `/` never have the same `b`: the left one does not have `x` and the right one has `x`, so that nothing comes of it

    a{b!~"x|y"} / c{b="y"} > 1
    rule-sides-never-match `a{b!~"x|y"} / c{b="y"}` the sides of `/` never have the same `b`: the left one does not have `x` or `y` and the right one has `y`, so that nothing comes of it
    "#);
}

#[test]
fn alerts_of_one_name_are_told_apart_by_the_labels_of_their_series() {
    let codes = |second: &str| {
        let other = format!("  - alert: A\n    expr: {second}\n    annotations: {{runbook: x}}\n");
        let text = alert("free{mountpoint=~\"/|/boot\", b=\"c\"} < 5") + &other;
        let codes: Vec<&str> = found(&[&text]).remove(0).iter().map(|finding| finding.code.name).collect();
        codes
    };
    assert_eq!(codes("free{mountpoint!~\"/|/boot\"} < 9"), [""; 0]);
    assert_eq!(codes("free{mountpoint!=\"/boot\"} < 9"), ["rule-alert-labels-shared"]);
    // Parentheses, blanks and the order of matchers say nothing.
    assert_eq!(codes("(free{b='c', mountpoint=~\"/|/boot\"}) < 5"), ["rule-duplicate"]);
}

#[test]
fn what_stands_in_another_file_is_said_to_stand_there() {
    let (one, other) = (alert("a > 5"), alert("b > 5"));
    let found = found(&[&one, &other, &one]);
    let messages = found.iter().flatten().map(|finding| finding.message.as_str());
    assert_snapshot!(messages.collect::<Vec<_>>().join("\n"), @"
    A: the alert in line 4 of another file has the same name and labels: where both fire for the same series, only one is told
    A: the same rule is there already, in line 4 of another file
    ");
}

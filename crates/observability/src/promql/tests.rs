//! What is refused, and how expressions read.

use super::*;
use crate::quantity::{Quantity, Unit};

const QUEUE: &str = "queue_size";
const FAILURES: &str = "failures_in_a_row";
const REQUESTS: &str = "requests_total";
const BUCKETS: &str = "duration_seconds_bucket";
const RECORDED_AGE: &str = "worker:age_seconds:max";
const RECORDED_SINCE: &str = "worker:since_timestamp_seconds:max";
const RECORDED_QUEUE: &str = "worker:queue_size:max";
const RECORDED_INFO: &str = "worker:known:info";
const RECORDED_P95: &str = "worker:duration_seconds:p95";

/// A world that has nothing to do with jobs: workers that expose some metrics, and series recorded
/// of them.
fn schema() -> Schema {
    let mut schema = Schema::new();
    schema.allow_missing("namespace");
    let scraped = |kind, unit, labels: &[&str]| SeriesSchema {
        is_scraped: true,
        ..SeriesSchema::new(kind, unit, labels)
    };
    schema.insert(QUEUE, scraped(SeriesKind::Gauge, Unit::Count, &["worker"]));
    schema.insert(FAILURES, scraped(SeriesKind::Gauge, Unit::Count, &["worker"]));
    let mut requests = scraped(SeriesKind::Counter, Unit::Count, &["worker", "status"]);
    requests.labels[1].values = Some(vec!["success", "failed"]);
    schema.insert(REQUESTS, requests);
    schema.insert(BUCKETS, scraped(SeriesKind::Buckets(Unit::Seconds), Unit::Count, &["worker", "le"]));
    let recorded = |unit, labels: &[&str]| SeriesSchema::new(SeriesKind::Gauge, unit, labels);
    schema.insert(RECORDED_AGE, recorded(Unit::Seconds, &["namespace", "worker"]));
    schema.insert(RECORDED_SINCE, recorded(Unit::Timestamp, &["namespace", "worker"]));
    schema.insert(RECORDED_QUEUE, recorded(Unit::Count, &["namespace", "worker"]));
    schema.insert(RECORDED_INFO, recorded(Unit::Number, &["worker"]));
    schema.insert(RECORDED_P95, recorded(Unit::Seconds, &["namespace", "window", "worker"]));
    schema
}

fn series(name: &'static str) -> Expr {
    Expr::from(Selector::new(name))
}

/// Holds what an expression measures, or why it is refused, against what is expected.
#[track_caller]
fn check(expression: impl Into<Expr>, expected: &str) {
    let found = match infer(&expression.into(), &schema()) {
        Ok(found) => format!("{:?} by {}", found.unit, found.labels.unwrap_or_default()),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn counters_are_read_through_their_growth() {
    let by_job = |expression: Expr| expression.aggregate(Aggregation::Sum, &["worker"]);
    check(by_job(Expr::rate(Selector::new(REQUESTS), Window::RateInterval)), "PerSecond by `worker`");
    check(by_job(Expr::since_start(Selector::new(REQUESTS), 60)), "Count by `worker`");
    check(
        Selector::new(REQUESTS),
        "`requests_total` is a counter: its value means nothing without `rate` or `increase`",
    );
    check(
        Expr::from(Selector::new(REQUESTS)).top(3),
        "`requests_total` is a counter: its value means nothing without `rate` or `increase`",
    );
    check(Expr::since_start(Selector::new(QUEUE), 60), "`queue_size` is no counter, so it has no rate");
}

#[test]
fn the_highest_samples_keep_what_they_are() {
    check(series(RECORDED_P95).top(3), "Seconds by `namespace`, `window`, `worker`");
}

#[test]
fn what_is_multiplied_by_a_mark_measures_what_the_number_does() {
    let marks = || series(RECORDED_INFO).aggregate(Aggregation::Group, &["worker"]);
    for (number, expected) in [
        (Quantity::Duration(60), "Seconds by `worker`"),
        (Quantity::Ratio(500_000), "Ratio by `worker`"),
        (Quantity::PerSecond(100_000), "PerSecond by `worker`"),
    ] {
        check(Expr::from(number).binary(Operator::Multiply, marks()), expected);
    }
    check(
        series(RECORDED_QUEUE).binary(Operator::Divide, Quantity::Count(100)),
        "Ratio by `namespace`, `worker`",
    );
}

#[test]
fn series_of_one_job_and_of_another_are_told_apart_by_the_job() {
    let queue = |job| Expr::from(Selector::new(RECORDED_QUEUE).equal("worker", job));
    let either = queue("a").or(queue("b"));
    check(either.aggregate(Aggregation::Max, &["worker"]), "Count by `worker`");
}

#[test]
fn a_label_may_be_matched_twice() {
    let selector = Selector::new(RECORDED_QUEUE).equal("worker", "a").variable("worker", "worker");
    check(selector, "Count by `namespace`, `worker`");
}

#[test]
fn a_series_that_nobody_knows_is_refused() {
    check(Selector::new("nothing"), "there is no series `nothing`");
}

#[test]
fn a_label_that_is_set_has_one_value_and_need_not_have_been_there() {
    let labelled = |window: &str| series(RECORDED_QUEUE).labelled("window", window);
    check(labelled("5m"), "Count by `namespace`, `window`, `worker`");
    check(labelled("5m").or(labelled("1h")), "Count by `namespace`, `window`, `worker`");
    check(
        labelled("5m").or(series(RECORDED_QUEUE)),
        "the sides of `or` have different labels: `namespace`, `window`, `worker` and `namespace`, `worker`",
    );
    let either = labelled("5m").or_on(Matching::on(&["worker"]), series(RECORDED_QUEUE));
    check(either, "Count by `namespace`, `window`, `worker`");
    check(Expr::Time.labelled("window", "5m"), "`label_replace` needs series, not a number");
    let text = series(RECORDED_QUEUE).labelled("window", "a\"$1").to_string();
    assert_eq!(text, r#"label_replace(worker:queue_size:max, "window", "a\"\x24\x241", "", "")"#);
}

#[test]
fn a_threshold_may_be_another_for_each_worker() {
    let by_worker = || Matching::on_many_to_one(&["worker"]);
    let threshold = || Expr::from(Quantity::Duration(60)).binary(Operator::Multiply, series(RECORDED_INFO));
    check(
        series(RECORDED_AGE).matched(Operator::Greater, by_worker(), threshold()),
        "Seconds by `namespace`, `worker`",
    );
    check(
        series(RECORDED_QUEUE).matched(Operator::Greater, by_worker(), threshold()),
        "`>` has Count on its left and Seconds on its right",
    );
}

#[test]
fn many_parts_are_joined_in_chains_that_are_evaluated_apart() {
    let part = |number: usize| Expr::Vector(Quantity::Count(1)).labelled("worker", number.to_string());
    let chains = |count: usize| {
        let all = Expr::any((0..count).map(part)).unwrap();
        let mut constants = 0;
        let mut lengths = Vec::new();
        all.walk(&mut |inner| match inner {
            Expr::Or { parts, .. } => lengths.push(parts.len()),
            Expr::Vector(_) => constants += 1,
            _ => {}
        });
        let starts_with_nothing = matches!(&all, Expr::Or { parts, .. } if parts[0] == Expr::Nothing);
        (constants, starts_with_nothing, lengths)
    };
    assert_eq!(chains(1), (1, false, vec![]));
    assert_eq!(chains(64), (64, false, vec![64]));
    assert_eq!(chains(65), (65, true, vec![3, 64]));
    assert_eq!(chains(200), (200, true, vec![5, 64, 64, 64, 8]));
    assert_eq!(Expr::any([]), None);

    let text = Expr::any((0..65).map(part)).unwrap();
    check(text.clone(), "Number by `worker`");
    let text = text.to_string();
    assert!(text.starts_with("vector(time()) < 0\nor\n(\n  label_replace(vector(1)"), "{text}");
    promql_parser::parser::parse(&text).unwrap();
}

#[test]
fn the_same_expression_reads_other_series() {
    let failed = Expr::rate(Selector::new(REQUESTS).equal("status", "failed"), Window::Seconds(300));
    let text = failed.top(20).map_selectors(&|selector| selector.variable("worker", "worker")).to_string();
    insta::assert_snapshot!(text, @r#"topk(20, rate(requests_total{status="failed", worker=~"$worker"}[5m]))"#);
}

#[test]
fn what_does_not_fit_in_a_line_is_broken() {
    let all = (0..40).map(|number| Expr::from(Selector::new(QUEUE).equal("worker", number.to_string())));
    let text = Expr::any(all).unwrap().top(20).to_string();
    assert!(text.starts_with("topk(\n  20,\n  queue_size"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    promql_parser::parser::parse(&text).unwrap();
}

fn failed() -> Expr {
    Expr::rate(Selector::new(REQUESTS).equal("status", "failed"), Window::Seconds(300))
}

#[test]
fn labels_and_their_values_have_to_exist() {
    check(
        Selector::new(QUEUE).equal("status", "failed"),
        "`queue_size` has no label `status`: it has `namespace`, `worker`, those of its target",
    );
    check(
        Expr::rate(Selector::new(REQUESTS).equal("status", "failure"), Window::Seconds(300)),
        "`status` of `requests_total` is never `failure`: it is one of success, failed",
    );
    check(
        Expr::from(Selector::new(QUEUE)).aggregate(Aggregation::Max, &["status"]),
        "`queue_size` has no label `status`: it has `namespace`, `worker`, those of its target",
    );
}

#[test]
fn both_sides_of_a_division_have_the_same_labels() {
    let all =
        Expr::rate(Selector::new(REQUESTS), Window::Seconds(300)).aggregate(Aggregation::Sum, &["worker"]);
    check(
        failed().binary(Operator::Divide, all.clone()),
        "the sides of `/` have different labels: `namespace`, `status`, `worker`, those of its target and \
         `worker`",
    );
    check(
        failed().aggregate(Aggregation::Sum, &["worker"]).binary(Operator::Divide, all),
        "Ratio by `worker`",
    );
}

#[test]
fn one_sample_belongs_to_one_other() {
    let on = || Matching::on(&["worker"]);
    let last = || series(RECORDED_QUEUE);
    let failures = || series(FAILURES);
    check(
        failures().matched(Operator::Greater, on(), last()),
        "`>` matches by worker, but the right side tells more samples apart: `namespace`, `worker`",
    );
    let by_job = last().aggregate(Aggregation::Max, &["worker"]);
    check(
        failures().matched(Operator::Greater, on(), by_job.clone()),
        "`>` matches by worker, but the left side tells more samples apart: `namespace`, `worker`, those of its \
         target",
    );
    check(
        failures().matched(Operator::Greater, Matching::on_many_to_one(&["worker"]), by_job),
        "Count by `namespace`, `worker`, those of its target",
    );
}

#[test]
fn only_like_is_compared_with_like() {
    let age = || series(RECORDED_AGE);
    check(
        age().binary(Operator::Greater, series(RECORDED_QUEUE)),
        "`>` has Seconds on its left and Count on its right",
    );
    check(
        age().binary(Operator::Greater, Quantity::Ratio(500_000)),
        "`>` has Seconds on its left and Ratio on its right",
    );
    check(
        age().binary(Operator::Subtract, Expr::Time),
        "`-` has Seconds on its left and Timestamp on its right",
    );
    check(
        Expr::Time.binary(Operator::Subtract, Selector::new(RECORDED_SINCE)),
        "Seconds by `namespace`, `worker`",
    );
    check(age().binary(Operator::Unless, Quantity::Count(1)), "`unless` needs series on both sides");
}

#[test]
fn a_quantile_is_taken_of_buckets() {
    let buckets = || Selector::new(BUCKETS);
    let quantile = |by: &[&str]| {
        Expr::rate(buckets(), Window::Seconds(300))
            .aggregate(Aggregation::Sum, by)
            .quantile(Quantity::Ratio(950_000))
    };
    check(quantile(&["worker", "le"]), "Seconds by `worker`");
    check(quantile(&["worker"]), "a quantile needs a rate of buckets, grouped by `le` among others");
    check(
        Expr::from(Selector::new(QUEUE)).quantile(Quantity::Ratio(950_000)),
        "a quantile needs a rate of buckets, grouped by `le` among others",
    );
}

#[test]
fn operators_bind_as_they_are_written() {
    let printed = |expression: Expr| expression.to_string();
    let (a, b) = (|| Expr::from(Quantity::Count(1)), || Expr::from(Quantity::Count(2)));
    let sum = || a().binary(Operator::Subtract, b());
    assert_eq!(printed(sum().binary(Operator::Multiply, b())), "(1 - 2) * 2");
    assert_eq!(printed(b().binary(Operator::Multiply, b()).binary(Operator::Subtract, a())), "2 * 2 - 1");
    assert_eq!(printed(a().binary(Operator::Subtract, sum())), "1 - (1 - 2)");
    assert_eq!(printed(sum().binary(Operator::Subtract, b())), "(1 - 2) - 2");
    let long = || series(QUEUE).binary(Operator::Greater, Quantity::Count(5));
    assert_eq!(
        printed(long().or(long()).binary(Operator::And, series(QUEUE))),
        "(queue_size > 5 or queue_size > 5) and queue_size"
    );
    assert_eq!(printed(series(QUEUE).binary(Operator::Unless, long())), "queue_size unless (queue_size > 5)");
}

#[test]
fn texts_are_escaped() {
    let selector = |value: &str| Selector::new("ALERTS").equal("alertname", value).to_string();
    assert_eq!(selector(r#"a "b" \c"#), r#"ALERTS{alertname="a \"b\" \\c"}"#);
    let one_of = Selector::new("ALERTS").one_of("worker", &["a.b", "c-d"]).to_string();
    assert_eq!(one_of, r#"ALERTS{worker=~"a[.]b|c-d"}"#);
}

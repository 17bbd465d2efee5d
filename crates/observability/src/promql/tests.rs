//! What is refused, and how expressions read.

use jobwatch_catalogue::label::{JOB_NAME, STATUS};
use jobwatch_catalogue::metric::{
    JOB_CONSECUTIVE_FAILURES, JOB_EXECUTION_DURATION_SECONDS, JOB_EXECUTION_TOTAL, JOB_QUEUE_SIZE,
};
use jobwatch_catalogue::{Catalogue, JobSpec, Quantity};

use super::*;
use crate::signals::Signal;

fn catalogue() -> Catalogue {
    let every = |name| JobSpec::every(name, std::time::Duration::from_secs(60)).queue("things");
    Catalogue::builder("test").job(every("a")).job(every("b")).build().unwrap()
}

fn queue() -> Selector {
    Selector::service(&JOB_QUEUE_SIZE, &catalogue())
}

fn executions() -> Selector {
    Selector::service(&JOB_EXECUTION_TOTAL, &catalogue())
}

fn signal(signal: Signal) -> Selector {
    Selector::signal(signal, &catalogue())
}

/// Holds what an expression measures, or why it is refused, against what is expected.
#[track_caller]
fn check(expression: impl Into<Expr>, expected: &str) {
    let found = match check::check(&expression.into(), &catalogue()) {
        Ok(found) => format!("{:?} by {}", found.measure, found.labels.unwrap_or_default()),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn counters_are_read_through_their_growth() {
    let by_job = |expression: Expr| expression.aggregate(Aggregation::Sum, &[JOB_NAME]);
    check(by_job(Expr::rate(executions(), Window::RateInterval)), "PerSecond by `job_name`");
    check(by_job(Expr::since_start(executions(), 60)), "Count by `job_name`");
    check(
        executions(),
        "`job_execution_total` is a counter: its value means nothing without `rate` or `increase`",
    );
    check(
        Expr::from(executions()).top(3),
        "`job_execution_total` is a counter: its value means nothing without `rate` or `increase`",
    );
    check(Expr::since_start(queue(), 60), "`job_queue_size` is no counter, so it has no rate");
}

#[test]
fn the_highest_samples_keep_what_they_are() {
    check(
        Expr::from(signal(Signal::DurationP95)).top(3),
        "Seconds by `catalogue`, `job_name`, `namespace`, `window`",
    );
}

#[test]
fn figures_of_jobs_measure_what_the_figure_does() {
    let jobs = || Expr::from(signal(Signal::Catalogued)).aggregate(Aggregation::Group, &[JOB_NAME]);
    for (figure, expected) in [
        (Quantity::Duration(60), "Seconds by `job_name`"),
        (Quantity::Ratio(500_000), "Ratio by `job_name`"),
        (Quantity::PerSecond(100_000), "PerSecond by `job_name`"),
    ] {
        check(Expr::from(figure).binary(Operator::Multiply, jobs()), expected);
    }
    check(
        Expr::from(signal(Signal::QueueSize)).binary(Operator::Divide, Quantity::Count(100)),
        "Ratio by `catalogue`, `job_name`, `namespace`",
    );
}

#[test]
fn series_of_one_job_and_of_another_are_told_apart_by_the_job() {
    let queue = |job| Expr::from(signal(Signal::QueueSize).equal(JOB_NAME, job));
    let either = queue("a").binary(Operator::Or, queue("b"));
    check(either.aggregate(Aggregation::Max, &[JOB_NAME]), "Count by `job_name`");
}

#[test]
fn a_label_may_be_matched_twice() {
    let selector = signal(Signal::QueueSize).equal(JOB_NAME, "a").variable(JOB_NAME, "job_name");
    check(selector, "Count by `catalogue`, `job_name`, `namespace`");
}

#[test]
fn alerts_are_read_by_the_labels_that_they_have() {
    let since = Selector::alerts(Series::AlertsSince, &catalogue());
    check(
        Expr::Time
            .binary(Operator::Subtract, Expr::from(since.clone()).aggregate(Aggregation::Max, &[JOB_NAME])),
        "Seconds by `job_name`",
    );
    check(
        since.equal("alertstate", "firing"),
        "`ALERTS_FOR_STATE` has no label `alertstate`: it has `alertname`, `catalogue`, `job_name`, `namespace`, `service`, \
         `severity`",
    );
}

#[test]
fn the_same_expression_reads_other_series() {
    let failed = Expr::rate(executions().equal(STATUS, "failed"), Window::Seconds(300));
    let text = failed.top(20).map_selectors(&|selector| selector.variable(JOB_NAME, "job_name")).to_string();
    insta::assert_snapshot!(text, @r#"topk(20, rate(job_execution_total{status="failed", job_name=~"$job_name"}[5m]))"#);
}

#[test]
fn what_does_not_fit_in_a_line_is_broken() {
    let all = (0..40).map(|number| Expr::from(queue().equal(JOB_NAME, &number.to_string())));
    let text = Expr::any(all).unwrap().top(20).to_string();
    assert!(text.starts_with("topk(\n  20,\n  job_queue_size"), "{text}");
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    promql_parser::parser::parse(&text).unwrap();
}

fn failed() -> Expr {
    Expr::rate(executions().equal(STATUS, "failed"), Window::Seconds(300))
}

#[test]
fn labels_and_their_values_have_to_exist() {
    check(
        queue().equal(STATUS, "failed"),
        "`job_queue_size` has no label `status`: it has `job_name`, `namespace`, those of its target",
    );
    check(
        Expr::rate(executions().equal(STATUS, "failure"), Window::Seconds(300)),
        "`status` of `job_execution_total` is never `failure`: it is one of success, failed",
    );
    check(
        Expr::from(queue()).aggregate(Aggregation::Max, &[STATUS]),
        "`job_queue_size` has no label `status`: it has `job_name`, `namespace`, those of its target",
    );
}

#[test]
fn both_sides_of_a_division_have_the_same_labels() {
    let all = Expr::rate(executions(), Window::Seconds(300)).aggregate(Aggregation::Sum, &[JOB_NAME]);
    check(
        failed().binary(Operator::Divide, all.clone()),
        "the sides of `/` have different labels: `job_name`, `namespace`, `status`, those of its target and \
         `job_name`",
    );
    check(
        failed().aggregate(Aggregation::Sum, &[JOB_NAME]).binary(Operator::Divide, all),
        "Ratio by `job_name`",
    );
}

#[test]
fn one_sample_belongs_to_one_other() {
    let on = || Matching::On(vec![JOB_NAME]);
    let last = || Expr::from(signal(Signal::ConsecutiveFailures));
    let failures = || Expr::from(Selector::service(&JOB_CONSECUTIVE_FAILURES, &catalogue()));
    check(
        failures().matched(Operator::Greater, on(), last()),
        "`>` matches by job_name, but the right side tells more samples apart: `catalogue`, `job_name`, `namespace`",
    );
    let by_job = last().aggregate(Aggregation::Max, &[JOB_NAME]);
    check(
        failures().matched(Operator::Greater, on(), by_job.clone()),
        "`>` matches by job_name, but the left side tells more samples apart: `job_name`, `namespace`, those of its \
         target",
    );
    check(
        failures().matched(Operator::Greater, Matching::OnManyToOne(vec![JOB_NAME]), by_job),
        "Count by `job_name`, `namespace`, those of its target",
    );
}

#[test]
fn only_like_is_compared_with_like() {
    let age = || Expr::from(signal(Signal::TimeSinceLastSuccess));
    check(
        age().binary(Operator::Greater, Expr::from(signal(Signal::QueueSize))),
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
        Expr::Time.binary(Operator::Subtract, signal(Signal::LastSuccess)),
        "Seconds by `catalogue`, `job_name`, `namespace`",
    );
    check(age().binary(Operator::Unless, Quantity::Count(1)), "`unless` needs series on both sides");
}

#[test]
fn a_quantile_is_taken_of_buckets() {
    let buckets = || Selector::service(&JOB_EXECUTION_DURATION_SECONDS, &catalogue()).buckets();
    let quantile = |by: &[&'static str]| {
        Expr::rate(buckets(), Window::Seconds(300))
            .aggregate(Aggregation::Sum, by)
            .quantile(Quantity::Ratio(950_000))
    };
    check(quantile(&[JOB_NAME, "le"]), "Seconds by `job_name`");
    check(quantile(&[JOB_NAME]), "a quantile needs a rate of buckets, grouped by `le` among others");
    check(
        Expr::from(queue()).quantile(Quantity::Ratio(950_000)),
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
    let queue = || Expr::from(Selector::new(Series::Metric(&JOB_QUEUE_SIZE)));
    let long = || queue().binary(Operator::Greater, Quantity::Count(5));
    assert_eq!(
        printed(long().binary(Operator::Or, long()).binary(Operator::And, queue())),
        "(job_queue_size > 5 or job_queue_size > 5) and job_queue_size"
    );
    assert_eq!(
        printed(queue().binary(Operator::Unless, long())),
        "job_queue_size unless (job_queue_size > 5)"
    );
}

#[test]
fn texts_are_escaped() {
    let selector = |value: &str| Selector::new(Series::Alerts).equal("alertname", value).to_string();
    assert_eq!(selector(r#"a "b" \c"#), r#"ALERTS{alertname="a \"b\" \\c"}"#);
    let one_of = Selector::new(Series::Alerts).one_of("job_name", &["a.b", "c-d"]).to_string();
    assert_eq!(one_of, r#"ALERTS{job_name=~"a[.]b|c-d"}"#);
}

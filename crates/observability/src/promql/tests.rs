//! What is refused, and how expressions read.

use jobwatch_catalogue::label::{JOB_NAME, STATUS};
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, JOB_QUEUE_SIZE};
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

//! What is found out about catalogues.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;
use jobwatch_catalogue::yaml::Positions;
use jobwatch_catalogue::{
    Catalogue, CatalogueBuilder, JobDraft, JobSpec, Suppression, ThresholdOverride, yaml,
};

use crate::alerts::failing::FAILING;
use crate::alerts::queue_growing::QUEUE_GROWING;
use crate::check::{Checker, check};
use crate::definition::{AlertDefinition, AlertName, Earlier, Parameter, SetBy};
use crate::model::{Model, ModelBuilder};
use crate::promql::{Aggregation, Expr, Window};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;
use crate::series::{About, RecordedSeries};

fn shown(catalogue: CatalogueBuilder) -> String {
    shown_with(catalogue, |builder| builder)
}

fn shown_with(
    catalogue: CatalogueBuilder,
    with: impl for<'c> FnOnce(ModelBuilder<'c>) -> ModelBuilder<'c>,
) -> String {
    let catalogue = catalogue.build().unwrap();
    let model = with(Model::builder(&catalogue)).build().unwrap();
    check(&model, &Positions::default(), None)
        .iter()
        .map(|finding| {
            let suppressed = finding.suppressed.as_ref();
            let suppressed = suppressed.map_or(String::new(), |reason| format!(" (suppressed: {reason})"));
            format!("{}: {}{suppressed}", finding.code, finding.message)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn every(seconds: u64) -> JobDraft {
    JobSpec::every("a", Duration::from_secs(seconds))
}

/// A catalogue that suppresses what holds for every job that runs less than ten times a second.
fn of(job: JobDraft) -> CatalogueBuilder {
    Catalogue::builder("test").job(job).suppress(suppression("alert-never-fires"))
}

fn suppression(code: &str) -> Suppression {
    Suppression {
        code: code.to_owned(),
        alert: Some("BackgroundJobFailing".to_owned()),
        job: None,
        reason: "rare".to_owned(),
    }
}

fn above(threshold: Quantity) -> ThresholdOverride {
    ThresholdOverride::new().set("above", threshold)
}

#[test]
fn clipper_has_one_finding_and_suppresses_it() {
    let parsed = yaml::parse(include_str!("../../../../jobs/catalogue.yaml")).unwrap();
    let runbook = include_str!("../../../../docs/runbooks/background-jobs.md");
    let model = Model::new(&parsed.catalogue).unwrap();
    let findings = check(&model, &parsed.positions, Some(runbook));
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert!(!finding.fails());
    assert_snapshot!(finding.message, @"BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even webhook_retry runs at most 0.0167 times a second (6 times too rarely)");
    assert_snapshot!(finding.location.position.line, @"14");
}

#[test]
fn a_rate_out_of_reach_is_told_with_its_distance() {
    assert_snapshot!(shown(Catalogue::builder("test").job(every(60))), @"alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.0167 times a second (6 times too rarely)");
    assert_snapshot!(shown(Catalogue::builder("test").job(every(10))), @"alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.1 times a second (just too rarely)");
    assert_snapshot!(shown(Catalogue::builder("test").job(every(9))), @"");
    let two = Catalogue::builder("test").job(every(60)).job(JobSpec::cron("b", "*/5 * * * *", "UTC"));
    assert_snapshot!(shown(two), @"alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even a runs at most 0.0167 times a second (6 times too rarely)");
}

#[test]
fn durations_beyond_the_timeout_or_the_buckets_are_never_reached() {
    assert_snapshot!(shown(of(every(300).timeout(Duration::from_secs(600)))), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.00333 times a second (30 times too rarely) (suppressed: rare)
    alert-never-fires: BackgroundJobCriticalDuration cannot fire: it takes executions of more than 10m, and a is stopped after 10m
    ");
    let long = every(86_400)
        .timeout(Duration::from_secs(50_000))
        .threshold("BackgroundJobCriticalDuration", above(Quantity::Duration(20_000)));
    assert_snapshot!(shown(of(long)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.0000116 times a second (8640 times too rarely) (suppressed: rare)
    alert-never-fires: BackgroundJobCriticalDuration cannot fire: it takes executions of more than 5h33m20s, and a is measured up to 4h only
    ");
}

#[test]
fn one_job_with_a_threshold_of_its_own_is_told_apart() {
    let own = JobSpec::every("b", Duration::from_secs(300))
        .timeout(Duration::from_secs(1200))
        .threshold("BackgroundJobHighDuration", above(Quantity::Duration(1800)));
    assert_snapshot!(shown(of(every(300)).job(own)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even b runs at most 0.00333 times a second (30 times too rarely) (suppressed: rare)
    alert-never-fires: BackgroundJobHighDuration cannot fire for b: it takes executions of more than 30m, and b is stopped after 20m
    ");
}

#[test]
fn a_healthy_job_that_alerts_is_told() {
    let hasty = every(3600).threshold("BackgroundJobNotRunning", above(Quantity::Duration(3600)));
    assert_snapshot!(shown(of(hasty)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000278 times a second (360 times too rarely) (suppressed: rare)
    alert-always-fires: BackgroundJobNotRunning fires while a is healthy: its successes may be 1h30m apart (it may take 30m by default), which is longer than 1h
    ");
}

/// What the note says about thresholds for all jobs: nightly, hourly and one with its own.
fn overruled(of_all: &[(&str, u64)]) -> String {
    let nightly = |name: &str| JobSpec::cron(name, "0 3 * * *", "UTC").timeout(Duration::from_secs(1800));
    let own = above(Quantity::Duration(100_000));
    let mut catalogue =
        of(every(3600)).job(nightly("nightly")).job(nightly("own").threshold("BackgroundJobNotRunning", own));
    for &(alert, seconds) in of_all {
        catalogue = catalogue.threshold(alert, above(Quantity::Duration(seconds)));
    }
    let found = shown(catalogue);
    let notes = found.lines().filter(|line| line.starts_with("threshold-overruled"));
    notes.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_threshold_for_all_jobs_that_one_cannot_keep_is_told() {
    assert_snapshot!(overruled(&[("BackgroundJobNotRunning", 72_000)]), @"threshold-overruled: BackgroundJobNotRunning judges nightly by 3d, not by the 20h that is set for all jobs: its successes may be 24h30m apart, which is longer than 20h");
    assert_snapshot!(overruled(&[("BackgroundJobNotRunning", 3600), ("BackgroundJobCriticallyStale", 72_000)]), @"
    threshold-overruled: BackgroundJobNotRunning judges a by 3h, not by the 1h that is set for all jobs: its successes may be 1h30m apart (it may take 30m by default), which is longer than 1h; so it is with 1 more job
    threshold-overruled: BackgroundJobCriticallyStale judges nightly by 4d, not by the 20h that is set for all jobs: its successes may be 24h30m apart, which is longer than 20h; so it is with 1 more job
    ");
    // A default that a job cannot keep is nobody's figure, and one that a job can keep holds.
    assert_snapshot!(overruled(&[]), @"");
    assert_snapshot!(overruled(&[("BackgroundJobNotRunning", 100_000), ("BackgroundJobHighDuration", 1)]), @"");
    let alert = "BackgroundJobNotRunning";
    let catalogue = of(every(3600)).threshold(alert, above(Quantity::Duration(3600))).build().unwrap();
    let model = Model::new(&catalogue).unwrap();
    let findings = check(&model, &Positions::default(), None);
    let note = findings.iter().find(|finding| finding.code.name == "threshold-overruled").unwrap();
    assert!(!note.fails());
    assert_eq!(note.job.as_ref(), Some(catalogue.jobs()[0].name()));
}

#[test]
fn a_duration_between_buckets_is_told() {
    let between = of(every(300)).threshold("BackgroundJobHighDuration", above(Quantity::Duration(400)));
    assert_snapshot!(shown(between), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.00333 times a second (30 times too rarely) (suppressed: rare)
    threshold-outside-buckets: BackgroundJobHighDuration compares with 6m40s, which is no bound of a bucket, so that the value is only estimated
    ");
}

#[test]
fn a_window_beyond_the_retention_is_told() {
    assert_snapshot!(shown(of(JobSpec::cron("a", "0 4 1 * *", "UTC"))), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000000413 times a second (241920 times too rarely) (suppressed: rare)
    schedule-too-rare: BackgroundJobCriticalFailureRate does not watch a, which may be due only after 31d: Prometheus keeps 15d, and one execution is no ratio
    ");
}

#[test]
fn what_prometheus_keeps_for_longer_can_be_judged() {
    let kept = |days: u64| Duration::from_secs(days * 86_400);
    let monthly = |days| of(JobSpec::cron("a", "0 4 1 * *", "UTC")).retention(kept(days));
    assert!(shown(monthly(31)).contains("schedule-too-rare"));
    assert!(!shown(monthly(62)).contains("schedule-too-rare"));
}

#[test]
fn a_queue_that_is_compared_within_one_interval_is_told() {
    let growing = |over| {
        let set = ThresholdOverride::new().set("over", Quantity::Duration(over));
        of(every(1800).queue("things")).threshold("BackgroundJobQueueGrowing", set)
    };
    assert_snapshot!(shown(growing(1799)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000556 times a second (180 times too rarely) (suppressed: rare)
    window-too-short: BackgroundJobQueueGrowing compares the queue of a with that of 29m59s ago, and the job is due every 30m: the queue grows until then though nothing is wrong
    ");
    assert_snapshot!(shown(growing(1800)), @"alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000556 times a second (180 times too rarely) (suppressed: rare)");
}

/// An alert of somebody's own with a parameter `over` that compares nothing with an earlier value.
static NOT_GROWING: AlertDefinition =
    AlertDefinition { name: AlertName::new("NotGrowing"), earlier: None, ..QUEUE_GROWING };

const LENGTH: Parameter = Parameter {
    key: "length",
    default: Quantity::Count(100),
    most: None,
    may_be_zero: true,
    set_by: SetBy::Catalogue,
    series: "job_name:job_queue_size:length_threshold",
    in_force: None,
    for_job: Parameter::same,
};

/// One that compares another value, under another key.
static TREND: AlertDefinition = AlertDefinition {
    name: AlertName::new("Trend"),
    parameters: &[LENGTH, Parameter { key: "since", default: Quantity::Duration(60), ..LENGTH }],
    earlier: Some(Earlier { ago: "since", of: "the backlog" }),
    ..QUEUE_GROWING
};

#[test]
fn what_is_compared_with_an_earlier_value_is_what_the_alert_says() {
    let long = || {
        let set = ThresholdOverride::new().set("over", Quantity::Duration(3600));
        of(every(1800).queue("things")).threshold("BackgroundJobQueueGrowing", set)
    };
    let own = |text: String| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_snapshot!(own(shown_with(long(), |builder| builder.alert(&NOT_GROWING))), @"");
    assert_snapshot!(own(shown_with(long(), |builder| builder.alert(&TREND))), @"window-too-short: Trend compares the backlog of a with that of 1m ago, and the job is due every 30m: the backlog grows until then though nothing is wrong");
}

/// A series of somebody's own that looks back over ten minutes, whatever the jobs' intervals.
static HASTY: RecordedSeries = HASTY_SERIES;

const HASTY_SERIES: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution:hasty",
    unit: Unit::PerSecond,
    labels: &[JOB_NAME],
    window: None,
    comment: "Executions a second.",
    about: About::Other,
    expression: |scope| {
        Some(by_job(Expr::rate(scope.metric_of_all(&JOB_EXECUTION_TOTAL), Window::Seconds(600))))
    },
};

/// A series of somebody's own that reads a label which its metric does not have.
static MISTAKEN: RecordedSeries = RecordedSeries {
    name: "job_name:job_execution:mistaken",
    about: About::Other,
    expression: |scope: &Scope<'_>| {
        let executions = scope.metric_of_all(&JOB_EXECUTION_TOTAL).equal("state", "failed");
        Some(by_job(Expr::rate(executions, Window::Seconds(36_000))))
    },
    ..HASTY_SERIES
};

fn by_job(expression: Expr) -> Expr {
    expression.aggregate(Aggregation::Sum, &[JOB_NAME])
}

#[test]
fn a_recorded_series_that_is_mistaken_is_told() {
    let hourly = || of(every(3600).timeout(Duration::from_secs(1200)));
    let own = |text: String| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_snapshot!(own(shown_with(hourly(), |builder| builder)), @"");
    assert_snapshot!(own(shown_with(hourly(), |builder| builder.series(&HASTY))), @"window-too-short: the rules look back over 10m at a, which is due every 1h");
    assert_snapshot!(own(shown_with(hourly(), |builder| builder.series(&MISTAKEN))), @"expression-invalid: the expression of job_name:job_execution:mistaken is wrong: `job_execution_total` has no label `state`: it has `instance`, `job_name`, `namespace`, `status`, those of its target");
}

/// An alert of somebody's own about a series that looks back over ten minutes.
static OFTEN: AlertDefinition =
    AlertDefinition { name: AlertName::new("Often"), value: HASTY_SERIES, ..FAILING };

#[test]
fn a_window_is_told_of_an_alert_whose_value_is_taken_over_it() {
    let about = |with: &dyn for<'c> Fn(ModelBuilder<'c>) -> ModelBuilder<'c>, job: JobDraft| {
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let model = with(Model::builder(&catalogue)).build().unwrap();
        let findings = check(&model, &Positions::default(), None);
        let windows = findings.into_iter().filter(|finding| finding.code.name.starts_with("window-"));
        windows.map(|finding| format!("{} {:?}", finding.code, finding.alert)).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(about(&|builder| builder.series(&HASTY), every(3600)), @"window-too-short None");
    assert_snapshot!(about(&|builder| builder.series(&HASTY).alert(&OFTEN), every(3600)), @r#"window-too-short Some(AlertName("Often"))"#);
    assert_snapshot!(about(&|builder| builder, JobSpec::cron("a", "0 4 1 * *", "UTC")), @"");
}

#[test]
fn suppressions_that_suppress_nothing_are_told() {
    assert_snapshot!(shown(of(every(5))), @"suppression-unused: there is no finding alert-never-fires about BackgroundJobFailing to suppress");
    assert_snapshot!(shown(of(every(60)).suppress(suppression("alert-never-fired"))), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.0167 times a second (6 times too rarely) (suppressed: rare)
    suppression-unknown: there is no code alert-never-fired
    ");
}

#[test]
fn a_catalogue_without_enabled_jobs_has_nothing_to_find() {
    assert_snapshot!(shown(Catalogue::builder("test").job(every(60).enabled(false))), @"");
}

/// What is found about a catalogue of two jobs among others.
fn among(own: CatalogueBuilder, others: &[CatalogueBuilder]) -> String {
    let jobs = |of: CatalogueBuilder| {
        of.job(every(1)).job(JobSpec::every("b", Duration::from_secs(1)).enabled(false))
    };
    let own = jobs(own).build().unwrap();
    let others: Vec<Catalogue> = others.iter().map(|other| jobs(other.clone()).build().unwrap()).collect();
    let others: Vec<&Catalogue> = others.iter().collect();
    let model = Model::new(&own).unwrap();
    let findings = Checker::new(&model, &Positions::default()).among(&others).findings(None);
    let shown = findings.iter().map(|finding| {
        let suppressed = if finding.fails() { "" } else { " (suppressed)" };
        format!("{}: {}{suppressed}", finding.code, finding.message)
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_job_of_another_catalogue_with_the_same_name_is_found_unless_a_label_tells_them_apart() {
    let of = |service: &str| Catalogue::builder(service).name(format!("{service}-jobs"));
    let at = |service: &str, namespace: &str| of(service).selector("namespace", namespace);
    assert_snapshot!(among(of("shop"), &[of("mall")]), @"job-name-shared: a is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too");
    // A namespace is the scope of the rules. Nobody knows that of a catalogue without one.
    assert_snapshot!(among(of("shop").namespace("shop"), &[of("mall").namespace("mall")]), @"");
    assert_snapshot!(among(of("shop").namespace("shop"), &[of("mall").namespace("shop")]), @"job-name-shared: a is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too");
    assert_snapshot!(among(of("shop").namespace("shop"), &[of("mall")]), @"job-name-shared: a is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too");
    assert_snapshot!(among(of("shop"), &[of("mall").namespace("mall")]), @"job-name-shared: a is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too");
    assert_snapshot!(among(of("shop").namespace("shop"), &[of("mall").selector("namespace", "mall")]), @"");
    assert_snapshot!(among(of("shop").namespace("a").selector("namespace", "b"), &[of("mall").namespace("a")]), @"");
    assert_snapshot!(among(at("shop", "a"), &[at("mall", "b"), of("bank").namespace("c")]), @"");
    assert_snapshot!(among(at("shop", "a"), &[at("mall", "a"), of("bank"), of("post").selector("cluster", "x")]), @"job-name-shared: a is a job of `mall-jobs` of mall, `bank-jobs` of bank, `post-jobs` of post as well, where the alerts of this catalogue watch it, too");
    assert_snapshot!(among(of("shop"), &[at("mall", "a"), of("bank"), of("post"), of("zoo")]), @"job-name-shared: a is a job of `mall-jobs` of mall, `bank-jobs` of bank, `post-jobs` of post and 1 more as well, where the alerts of this catalogue watch it, too");
    assert_snapshot!(among(at("shop", "a").name("jobs"), &[at("mall", "b").name("jobs")]), @"catalogue-name-shared: another catalogue has the name of this one: `jobs` of mall");
}

#[test]
fn a_suppression_about_several_catalogues_is_not_judged_by_one_alone() {
    let suppression = Suppression { alert: None, ..suppression("job-name-shared") };
    let of = |service: &str| {
        Catalogue::builder(service).name(format!("{service}-jobs")).suppress(suppression.clone())
    };
    assert_snapshot!(among(of("shop"), &[]), @"");
    assert_snapshot!(among(of("shop"), &[of("mall")]), @"job-name-shared: a is a job of `mall-jobs` of mall as well, where the alerts of this catalogue watch it, too (suppressed)");
    assert_snapshot!(among(of("shop").selector("a", "b"), &[of("mall").selector("a", "c")]), @"suppression-unused: there is no finding job-name-shared to suppress");
}

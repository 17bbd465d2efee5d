//! What is found out about catalogues.

use std::collections::HashMap;
use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Acceptance, CatalogueBuilder, JobDraft, Quantity, ThresholdOverride, yaml};

use super::*;
use crate::check::check;
use crate::promql::{Expr, Selector, Window};
use crate::rules::Rule;

fn shown(catalogue: CatalogueBuilder) -> String {
    let findings = check(&catalogue.build().unwrap(), &(), None);
    findings
        .iter()
        .map(|finding| {
            let accepted =
                finding.accepted.as_ref().map_or(String::new(), |reason| format!(" (accepted: {reason})"));
            format!("{}: {}{accepted}", finding.code, finding.message)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn every(seconds: u64) -> JobDraft {
    JobSpec::every("a", Duration::from_secs(seconds))
}

/// A catalogue that accepts what holds for every job that runs less than ten times a second.
fn of(job: JobDraft) -> CatalogueBuilder {
    Catalogue::builder("test").job(job).accept(acceptance("alert-never-fires"))
}

fn acceptance(code: &str) -> Acceptance {
    Acceptance {
        code: code.to_owned(),
        alert: AlertName::BackgroundJobFailing,
        job: None,
        reason: "rare".to_owned(),
    }
}

fn above(figure: Quantity) -> ThresholdOverride {
    ThresholdOverride { above: Some(figure), ..ThresholdOverride::default() }
}

#[test]
fn clipper_has_one_finding_and_accepts_it() {
    let parsed = yaml::parse(include_str!("../../../../jobs/catalogue.yaml")).unwrap();
    let runbook = include_str!("../../../../docs/runbooks/background-jobs.md");
    let findings = check(&parsed.catalogue, &parsed.positions, Some(runbook));
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert!(!finding.fails());
    assert_snapshot!(finding.message, @"BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even webhook_retry runs at most 0.0167 times a second (6 times too rarely)");
    assert_snapshot!(finding.location.line, @"14");
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
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.00333 times a second (30 times too rarely) (accepted: rare)
    alert-never-fires: BackgroundJobCriticalDuration cannot fire: it takes executions of more than 10m, and a is stopped after 10m
    ");
    let long = every(86_400)
        .timeout(Duration::from_secs(50_000))
        .threshold(AlertName::BackgroundJobCriticalDuration, above(Quantity::Duration(20_000)));
    assert_snapshot!(shown(of(long)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.0000116 times a second (8640 times too rarely) (accepted: rare)
    alert-never-fires: BackgroundJobCriticalDuration cannot fire: it takes executions of more than 5h33m20s, and a is measured up to 4h only
    ");
}

#[test]
fn one_job_with_a_figure_of_its_own_is_told_apart() {
    let own = JobSpec::every("b", Duration::from_secs(300))
        .timeout(Duration::from_secs(1200))
        .threshold(AlertName::BackgroundJobHighDuration, above(Quantity::Duration(1800)));
    assert_snapshot!(shown(of(every(300)).job(own)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and even b runs at most 0.00333 times a second (30 times too rarely) (accepted: rare)
    alert-never-fires: BackgroundJobHighDuration cannot fire for b: it takes executions of more than 30m, and b is stopped after 20m
    ");
}

#[test]
fn a_healthy_job_that_alerts_is_told() {
    let hasty = every(3600).threshold(AlertName::BackgroundJobNotRunning, above(Quantity::Duration(3600)));
    assert_snapshot!(shown(of(hasty)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000278 times a second (360 times too rarely) (accepted: rare)
    alert-always-fires: BackgroundJobNotRunning fires while a is healthy: its successes may be 1h15m apart, which is longer than 1h
    ");
}

#[test]
fn a_duration_between_buckets_is_told() {
    let between =
        of(every(300)).threshold(AlertName::BackgroundJobHighDuration, above(Quantity::Duration(400)));
    assert_snapshot!(shown(between), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.00333 times a second (30 times too rarely) (accepted: rare)
    threshold-outside-buckets: BackgroundJobHighDuration compares with 6m40s, which is no bound of a bucket, so that the value is only estimated
    ");
}

#[test]
fn a_window_beyond_the_retention_is_told() {
    assert_snapshot!(shown(of(JobSpec::cron("a", "0 4 1 * *", "UTC"))), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000000413 times a second (241920 times too rarely) (accepted: rare)
    window-exceeds-retention: the rules look back over 155d at a, and Prometheus keeps 15d unless it is told otherwise
    ");
}

#[test]
fn a_queue_that_is_compared_within_one_interval_is_told() {
    let growing = |over| {
        let set = ThresholdOverride { over: Some(over), ..ThresholdOverride::default() };
        of(every(1800).queue("things")).threshold(AlertName::BackgroundJobQueueGrowing, set)
    };
    assert_snapshot!(shown(growing(1799)), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000556 times a second (180 times too rarely) (accepted: rare)
    window-too-short: BackgroundJobQueueGrowing compares the queue of a with that of 29m59s ago, and the job is due every 30m: the queue grows until then though nothing is wrong
    ");
    assert_snapshot!(shown(growing(1800)), @"alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.000556 times a second (180 times too rarely) (accepted: rare)");
}

/// The rules of a job that is due every hour, with every selector and every window changed.
fn broken(change: impl Fn(&mut Selector, &mut Window)) -> String {
    let catalogue = of(every(3600)).build().unwrap();
    let alerts = alerts(&catalogue);
    let mut groups = groups(&catalogue);
    for rule in groups.iter_mut().flat_map(|group| &mut group.rules) {
        if let Rule::Recording(recorded) = rule
            && let Expr::Aggregate { of, .. } = &mut recorded.expression
            && let Expr::Range { selector, window, .. } = of.as_mut()
        {
            change(selector, window);
        }
    }
    let job = &catalogue.jobs()[0];
    let jobs = HashMap::from([("a", (0, job))]);
    let linter = Linter { catalogue: &catalogue, places: &(), alerts: &alerts, groups: &groups, jobs };
    let findings = [window::lint(&linter), expression::lint(&linter)].concat();
    findings.first().map_or(String::new(), |finding| format!("{}: {}", finding.code, finding.message))
}

#[test]
fn a_generator_that_makes_a_mistake_is_noticed() {
    assert_snapshot!(broken(|_, _| {}), @"");
    assert_snapshot!(broken(|_, window| *window = Window::Seconds(600)), @"window-too-short: the rules look back over 10m at a, which is due every 1h");
    assert_snapshot!(
        broken(|selector, _| *selector = selector.clone().equal("state", "failed")),
        @"expression-invalid: the expression of job_name:job_execution_failed:rate is wrong: `job_execution_total` has no label `state`: it has `job_name`, `namespace`, `status`, those of its target"
    );
}

#[test]
fn acceptances_that_accept_nothing_are_told() {
    assert_snapshot!(shown(of(every(5))), @"acceptance-unused: there is no finding alert-never-fires about BackgroundJobFailing to accept");
    assert_snapshot!(shown(of(every(60)).accept(acceptance("alert-never-fired"))), @"
    alert-never-fires: BackgroundJobFailing cannot fire: it takes more than 0.1 failed executions a second, and a runs at most 0.0167 times a second (6 times too rarely) (accepted: rare)
    acceptance-unknown: there is no code alert-never-fired
    ");
}

#[test]
fn a_catalogue_without_enabled_jobs_has_nothing_to_find() {
    assert_snapshot!(shown(Catalogue::builder("test").job(every(60).enabled(false))), @"");
}

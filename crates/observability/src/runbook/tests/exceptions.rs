//! What a runbook says about single jobs.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride, yaml};

use crate::alerts::critical_queue_size::CRITICAL_QUEUE_SIZE;
use crate::alerts::not_running::NOT_RUNNING;
use crate::alerts::queue_growing::QUEUE_GROWING;
use crate::alerts::stuck::STUCK;
use crate::definition::AlertName;
use crate::findings::Code;
use crate::model::{Alert, Model};
use crate::quantity::Quantity;
use crate::runbook::{codes, compare, fix, section_for, sentence};

/// The alert about long queues, with thresholds of jobs' own.
fn alert(jobs: &[(&str, u64)]) -> Alert {
    let mut builder = Catalogue::builder("test").job(every("other"));
    for &(name, above) in jobs {
        let own = ThresholdOverride::new().set("above", Quantity::Count(above));
        builder = builder.job(every(name).threshold(CRITICAL_QUEUE_SIZE.name.as_str(), own));
    }
    let catalogue = builder.build().unwrap();
    Model::new(&catalogue).unwrap().alert(CRITICAL_QUEUE_SIZE.name).unwrap().clone()
}

fn every(name: &str) -> jobwatch_catalogue::JobDraft {
    JobSpec::every(name, Duration::from_secs(60)).queue("things")
}

#[track_caller]
fn check(alert: &Alert, exceptions: &str, expected: &[Code]) {
    let section = section_for(alert);
    let (before, after) = section.split_once('(').unwrap();
    let (_, after) = after.split_once(')').unwrap();
    let runbook = format!("{before}({exceptions}){after}");
    let alerts = std::slice::from_ref(alert);
    let codes = |text: &str| compare(alerts, text).iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(&runbook), expected, "{runbook}");
    assert_eq!(codes(&fix(alerts, &runbook)), [], "{runbook}");
}

#[test]
fn names_that_differ_in_capitals_alone_are_two_jobs() {
    let alert = alert(&[("Bill", 2000), ("bill", 3000)]);
    assert_eq!(sentence(&alert), "Queue size > 1000 (`Bill`: > 2000; `bill`: > 3000) for 10 minutes");
    check(&alert, "`Bill`: > 2000; `bill`: > 3000", &[]);
    check(
        &alert,
        "`bill`: > 2000; `Bill`: > 3000",
        &[codes::JOB_THRESHOLD_DIFFERS, codes::JOB_THRESHOLD_DIFFERS],
    );
    check(&alert, "`Bill`: > 2000", &[codes::JOB_THRESHOLD_DIFFERS]);
    check(
        &alert,
        "`BILL`: > 2000; `bill`: > 3000",
        &[codes::JOB_THRESHOLD_DIFFERS, codes::JOB_THRESHOLD_DIFFERS],
    );
}

#[test]
fn a_threshold_that_the_catalogue_sets_is_contradicted_and_one_that_follows_is_left_out() {
    let yaml = "service: shop\njobs:\n  - {name: often, summary: S., interval: 5m, timeout: 5m}\n  \
        - {name: rare, summary: S., interval: 6h, timeout: 1h}\n  \
        - {name: own, summary: S., interval: 5m, timeout: 5m, thresholds: {BackgroundJobNotRunning: {above: 13h}}}\n";
    let catalogue = yaml::parse(yaml).unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let alerts = [model.alert(NOT_RUNNING.name).unwrap().clone()];
    let section = |sentence: &str| {
        format!("# Late\nAlert: BackgroundJobNotRunning\nSeverity: Warning\nThreshold: {sentence}\n")
    };
    let shown = |sentence: &str| {
        let findings = compare(&alerts, &section(sentence)).into_iter();
        let shown = findings.map(|finding| {
            format!("{}{}: {}", finding.code, if finding.fails() { "" } else { " (note)" }, finding.message)
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(shown("No successful run for > 2 hours"), @"
    runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobNotRunning for own than the runbook states
    runbook-job-threshold-unstated (note): BackgroundJobNotRunning has another threshold for rare, which the runbook does not state
    ");
    assert_snapshot!(shown("No successful run for > 2 hours (`own`: > 13 hours)"), @"runbook-job-threshold-unstated (note): BackgroundJobNotRunning has another threshold for rare, which the runbook does not state");
    assert_snapshot!(shown("No successful run for > 2 hours (`rare`: > 13 hours; `own`: > 13 hours)"), @"");
    assert_snapshot!(fix(&alerts, &section("No successful run for > 2 hours")), @"
    # Late
    Alert: BackgroundJobNotRunning
    Severity: Warning
    Threshold: No successful run for > 2 hours (`own`: > 13 hours; `rare`: > 13 hours)
    ");
}

#[test]
fn a_name_is_known_in_other_capitals_where_it_is_the_only_one() {
    let alert = alert(&[("Bill", 2000)]);
    for name in ["Bill", "bill", "BILL"] {
        check(&alert, &format!("`{name}`: > 2000"), &[]);
        check(&alert, &format!("`{name}`: > 3000"), &[codes::JOB_THRESHOLD_DIFFERS]);
    }
}

#[test]
fn a_severity_that_a_job_has_of_its_own_is_stated_and_no_other() {
    let yaml = "service: shop\njobs:\n  - {name: a, summary: S., interval: 5m}\n  \
        - {name: b, summary: S., interval: 5m, alerts: {BackgroundJobStuck: {severity: critical}}}\n";
    let catalogue = yaml::parse(yaml).unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let section = |alert: &Alert, severity: &str| {
        let whole = section_for(alert);
        let (before, after) = whole.split_once("**Severity**: ").unwrap();
        let (_, after) = after.split_once('\n').unwrap();
        format!("{before}**Severity**: {severity}\n{after}")
    };
    let shown = |alert: AlertName, severity: &str| {
        let alerts = [model.alert(alert).unwrap().clone()];
        let page = section(&alerts[0], severity);
        let mended = fix(&alerts, &page);
        assert_eq!(compare(&alerts, &mended), [], "{mended}");
        assert_eq!(fix(&alerts, &section_for(&alerts[0])), section_for(&alerts[0]));
        let shown = compare(&alerts, &page).into_iter().map(|finding| {
            assert!(finding.fails());
            let job = finding.job.map_or_else(|| "-".to_owned(), |job| job.to_string());
            format!("{job}: {}; {}", finding.message, finding.hint)
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    let (own, none) = (STUCK.name, NOT_RUNNING.name);
    assert_snapshot!(shown(own, "Warning (`b`: Critical)"), @"");
    assert_snapshot!(shown(own, "Warning (critical for `B`)"), @"");
    assert_snapshot!(shown(own, "Warning (`a`: Warning, `b`: Critical)"), @"");
    assert_snapshot!(shown(own, "Warning"), @"b: the catalogue sets another severity of BackgroundJobStuck for b than the runbook states; write: Warning (`b`: Critical)");
    assert_snapshot!(shown(own, "Warning (`b`: Warning)"), @"b: BackgroundJobStuck has another severity for b than the runbook states; write: Warning (`b`: Critical)");
    assert_snapshot!(shown(own, "Warning (`a`: Critical)"), @"a: BackgroundJobStuck has another severity for a than the runbook states; write: Warning (`b`: Critical)");
    assert_snapshot!(shown(own, "Warning (`b`: Critical; `c`: Critical)"), @"c: BackgroundJobStuck watches no job named c; write: Warning (`b`: Critical)");
    assert_snapshot!(shown(own, "Critical"), @"-: the runbook states another severity than the rule of BackgroundJobStuck has; write: Warning (`b`: Critical)");
    assert_snapshot!(shown(none, "Warning (`b`: Critical)"), @"b: BackgroundJobNotRunning has another severity for b than the runbook states; write: Warning");
    assert_snapshot!(shown(none, "Warning, then Critical"), @"-: a severity is `Warning` or `Critical`, with those of single jobs in parentheses; write: Warning");
}

#[test]
fn a_growth_and_a_time_that_a_job_has_of_its_own_are_stated_and_no_others() {
    let yaml = "service: shop\njobs:\n  - {name: a, summary: S., interval: 5m, queue: q}\n  \
        - {name: b, summary: S., interval: 5m, queue: q, alerts: {BackgroundJobQueueGrowing: {over: 30m}}}\n  \
        - {name: c, summary: S., interval: 5m, queue: q, alerts: {BackgroundJobQueueGrowing: {growth: 300%, over: 2h}}}\n  \
        - {name: d, summary: S., interval: 5m, queue: q, alerts: {BackgroundJobQueueGrowing: {above: 200, growth: 300%}}}\n";
    let catalogue = yaml::parse(yaml).unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let alerts = [model.alert(QUEUE_GROWING.name).unwrap().clone()];
    let right = "`b`: over 30 minutes; `c`: growing by > 300% over 2 hours; `d`: > 200 and growing by > 300%";
    let of_all = "Queue > 100 and growing by > 50% over 10 minutes";
    assert_eq!(sentence(&alerts[0]), format!("{of_all} ({right})"));
    let shown = |aside: &str| {
        let page = section_for(&alerts[0]).replace(&format!(" ({right})"), aside);
        assert_eq!(compare(&alerts, &fix(&alerts, &page)), [], "{page}");
        let findings = compare(&alerts, &page).into_iter();
        let shown = findings.map(|finding| {
            assert!(finding.fails());
            let (code, message, expected) = (finding.code, finding.message, finding.expected);
            format!("{code}: {message}; {}", expected.unwrap_or_default())
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    let with = |old: &str, new: &str| shown(&format!(" ({})", right.replace(old, new)));
    assert_snapshot!(with("", ""), @"");
    assert_snapshot!(with("over 30 minutes", "within 30m"), @"");
    assert_snapshot!(with("growing by > 300% over 2 hours", "> 100, growing by > 300% over 2 hours"), @"runbook-threshold-unreadable: the threshold is written in a form that is not understood; Queue > 100 and growing by > 50% over 10 minutes (`b`: over 30 minutes; `c`: growing by > 300% over 2 hours; `d`: > 200 and growing by > 300%)");
    assert_snapshot!(shown(""), @"
    runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for b than the runbook states; over 30 minutes
    runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for c than the runbook states; growing by > 300% over 2 hours
    runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for d than the runbook states; > 200 and growing by > 300%
    ");
    assert_snapshot!(with("`b`: over 30 minutes; ", ""), @"runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for b than the runbook states; over 30 minutes");
    assert_snapshot!(with("over 30 minutes", "over 40 minutes"), @"runbook-job-threshold-differs: BackgroundJobQueueGrowing has another threshold for b than the runbook states; over 30 minutes");
    assert_snapshot!(with("over 30 minutes", "> 100"), @"runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for b than the runbook states; over 30 minutes");
    assert_snapshot!(with("by > 300% over", "by > 400% over"), @"runbook-job-threshold-differs: BackgroundJobQueueGrowing has another threshold for c than the runbook states; growing by > 300% over 2 hours");
    assert_snapshot!(with("by > 300% over", "by < 300% over"), @"runbook-comparison-differs: the runbook compares in another direction than BackgroundJobQueueGrowing for c; >");
    assert_snapshot!(with(" over 2 hours", ""), @"runbook-job-threshold-differs: the catalogue sets another threshold of BackgroundJobQueueGrowing for c than the runbook states; growing by > 300% over 2 hours");
    assert_snapshot!(with("`b`", "`a`: over 1 hour; `b`"), @"runbook-job-threshold-differs: BackgroundJobQueueGrowing has another threshold for a than the runbook states; 100");
    assert_snapshot!(with("over 30 minutes", "over 30 minutes at night"), @"runbook-threshold-unreadable: the threshold is written in a form that is not understood; Queue > 100 and growing by > 50% over 10 minutes (`b`: over 30 minutes; `c`: growing by > 300% over 2 hours; `d`: > 200 and growing by > 300%)");
}

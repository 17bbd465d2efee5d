//! Who is told of which alert, according to Alertmanager itself.

use std::time::Duration;

use e2e::alertmanager::Alertmanager;
use e2e::generated::{files, model};
use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use jobwatch_observability::severity::Severity;

fn catalogue() -> Catalogue {
    let job = JobSpec::every("bill", Duration::from_secs(300)).queue("orders").items("bills");
    let builder = Catalogue::builder("shop").namespace("shop").grouping_label("cluster");
    builder.target("alertmanager").job(job).build().unwrap()
}

fn start(catalogue: &Catalogue) -> Alertmanager {
    let generated = files(catalogue);
    let [file] = generated.as_slice() else { panic!("{} files", generated.len()) };
    assert_eq!(file.path.as_str(), "alerts/alertmanager.yaml");
    Alertmanager::start(&file.text)
}

#[test]
fn what_is_critical_pages_and_what_is_not_is_written_to_the_channel() {
    let catalogue = catalogue();
    let alertmanager = start(&catalogue);
    for alert in model(&catalogue).alerts() {
        let expected = match alert.severity {
            Severity::Critical => "pagerduty",
            Severity::Warning => "slack",
        };
        let labels = [("alertname", alert.name().as_str()), ("severity", alert.severity.as_str())];
        assert_eq!(alertmanager.receiver(&labels), expected, "{}", alert.name());
    }
    assert_eq!(
        alertmanager.receiver(&[("alertname", "BackgroundJobStuck"), ("severity", "critical")]),
        "pagerduty"
    );
}

/// A warning that escalates pages, and the page is about the same job as the warning.
#[test]
fn a_warning_that_nobody_resolves_pages_unless_a_worse_alert_has() {
    let catalogue = catalogue();
    let alertmanager = start(&catalogue);
    let of_job = [
        ("service", "shop"),
        ("catalogue", "background-jobs"),
        ("namespace", "shop"),
        ("job_name", "bill"),
        ("cluster", "eu"),
    ];
    let fire = |alert: &str, of: &[(&str, &str)]| {
        let labels = [&[("alertname", alert), ("severity", "critical")], of, &of_job].concat();
        assert_eq!(alertmanager.receiver(&labels), "pagerduty");
        alertmanager.fire(&labels);
    };
    let model = model(&catalogue);
    assert!(!model.escalations().is_empty());
    for escalation in model.escalations() {
        fire("BackgroundJobUnresolved", &[("escalates", escalation.warning.as_str())]);
    }
    assert_eq!(alertmanager.active().len(), model.escalations().len());
    for (worse, silenced) in [
        ("BackgroundJobCriticalFailureRate", 1),
        ("BackgroundJobCriticallyStale", 2),
        ("BackgroundJobCriticalDuration", 3),
        ("BackgroundJobCriticalQueueSize", 4),
        // Of what it makes moot, `BackgroundJobNotRunning` is silent already.
        ("BackgroundJobMetricsAbsent", 6),
    ] {
        fire(worse, &[]);
        let active = alertmanager.active();
        let unresolved = active.iter().filter(|name| *name == "BackgroundJobUnresolved").count();
        assert_eq!(unresolved, model.escalations().len() - silenced, "{worse}: {active:?}");
    }
}

/// The alert of a pair that says more silences the other one about the same copy of the same job.
#[test]
fn the_worse_alert_of_a_pair_silences_the_lesser_one_of_the_same_copy() {
    let alertmanager = start(&catalogue());
    let fire = |alert: &str, severity: &str, job: &str, cluster: &str| {
        alertmanager.fire(&[
            ("alertname", alert),
            ("severity", severity),
            ("service", "shop"),
            ("catalogue", "background-jobs"),
            ("namespace", "shop"),
            ("job_name", job),
            ("cluster", cluster),
        ]);
    };
    for (worse, lesser) in [
        ("BackgroundJobCriticalFailureRate", "BackgroundJobFailing"),
        ("BackgroundJobCriticallyStale", "BackgroundJobNotRunning"),
        ("BackgroundJobCriticalDuration", "BackgroundJobHighDuration"),
        ("BackgroundJobCriticalQueueSize", "BackgroundJobQueueGrowing"),
        ("BackgroundJobMetricsAbsent", "BackgroundJobOverdue"),
    ] {
        let before = alertmanager.active();
        fire(lesser, "warning", "bill", "eu");
        fire(lesser, "warning", "bill", "us");
        fire(lesser, "warning", "ship", "eu");
        assert_eq!(alertmanager.active().len(), before.len() + 3, "{lesser}");
        fire(worse, "critical", "bill", "eu");
        let now = alertmanager.active();
        let number = |name: &str| now.iter().filter(|known| *known == name).count();
        assert_eq!((number(worse), number(lesser)), (1, 2), "{worse}: {now:?}");
    }
}

/// A page is silenced by what pages alone: of a pair whose worse alert is a warning here, the page
/// of the lesser one is told, and so is that of a warning that nobody resolves.
#[test]
fn what_does_not_page_silences_no_page() {
    let urgent = |severity: &str| ThresholdOverride::new().set("severity", severity);
    let bill = JobSpec::every("bill", Duration::from_secs(300))
        .threshold("BackgroundJobHighDuration", urgent("critical"))
        .threshold("BackgroundJobCriticalDuration", urgent("warning"));
    let ship = JobSpec::every("ship", Duration::from_secs(300));
    let catalogue = Catalogue::builder("shop").target("alertmanager").job(bill).job(ship).build().unwrap();
    let alertmanager = start(&catalogue);
    let fire = |alert: &str, severity: &str, job: &str, further: &[(&str, &str)]| {
        let of_job = [
            ("alertname", alert),
            ("severity", severity),
            ("service", "shop"),
            ("catalogue", "background-jobs"),
            ("job_name", job),
        ];
        alertmanager.fire(&[&of_job, further].concat());
    };
    fire("BackgroundJobHighDuration", "critical", "bill", &[]);
    fire("BackgroundJobUnresolved", "critical", "bill", &[("escalates", "BackgroundJobHighDuration")]);
    fire("BackgroundJobHighDuration", "warning", "bill", &[]);
    fire("BackgroundJobHighDuration", "warning", "ship", &[]);
    assert_eq!(alertmanager.active().len(), 4);
    fire("BackgroundJobCriticalDuration", "warning", "bill", &[]);
    fire("BackgroundJobCriticalDuration", "critical", "ship", &[]);
    let mut active = alertmanager.active();
    active.sort_unstable();
    assert_eq!(
        active,
        [
            "BackgroundJobCriticalDuration",
            "BackgroundJobCriticalDuration",
            "BackgroundJobHighDuration",
            "BackgroundJobUnresolved",
        ]
    );
}

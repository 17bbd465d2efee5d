//! The example that adds an alert, a panel, a format and a lint from outside the crate: what it
//! adds is held to the same checks as what is there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../examples/custom_alert.rs"]
mod custom_alert;

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobName, JobSpec, Suppression, ThresholdOverride};
use jobwatch_observability::Model;
use jobwatch_observability::alerts::high_duration::HIGH_DURATION;
use jobwatch_observability::artifact::{Artifact, Origin};
use jobwatch_observability::definition::{AlertDefinition, AlertName};
use jobwatch_observability::model::ModelBuilder;
use jobwatch_observability::runbook::section_for;
use jobwatch_observability::series::DURATION_P95;

fn files(catalogue: &Catalogue) -> Vec<Artifact> {
    custom_alert::files(&custom_alert::model(catalogue).unwrap()).unwrap()
}

#[track_caller]
fn text<'a>(files: &'a [Artifact], path: &str) -> &'a str {
    &files.iter().find(|file| file.path.as_str() == path).unwrap().text
}

#[test]
fn what_is_added_has_no_findings_not_even_in_a_runbook() {
    let catalogue = custom_alert::catalogue().unwrap();
    let model = custom_alert::model(&catalogue).unwrap();
    let runbook = |without: &str| {
        let alerts = model.alerts().iter().filter(|alert| alert.name().as_str() != without);
        alerts.map(section_for).collect::<Vec<_>>().join("\n")
    };
    let found = |runbook: &str| {
        let findings = custom_alert::findings(&model, Some(runbook));
        let open = findings.iter().filter(|finding| finding.suppressed.is_none());
        open.map(|finding| format!("{}: {}", finding.code.name, finding.message)).collect::<Vec<_>>()
    };
    assert_eq!(found(&runbook("")), Vec::<String>::new());
    let missing = found(&runbook("JobSkipsItems"));
    assert!(missing.iter().any(|finding| finding.contains("JobSkipsItems")), "{missing:?}");
}

#[test]
fn a_threshold_that_cannot_be_reached_is_found() {
    let set = ThresholdOverride::new().set("above", "100%");
    let job = JobSpec::every("a", Duration::from_secs(60)).items("things").threshold("JobSkipsItems", set);
    let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
    let findings = custom_alert::findings(&custom_alert::model(&catalogue).unwrap(), None);
    let own = findings.iter().filter(|finding| finding.alert.is_some_and(|a| a.as_str() == "JobSkipsItems"));
    let own: Vec<&str> = own.map(|finding| finding.code.name).collect();
    assert_eq!(own, ["alert-never-fires"]);
}

#[test]
fn rules_dashboard_and_rule_tests_have_what_is_added() {
    let files = files(&custom_alert::catalogue().unwrap());
    let rules = text(&files, "alerts/background-jobs.rules.yaml");
    assert!(rules.contains(" record: job_name:job_items_skipped:ratio\n"), "{rules}");
    assert!(rules.contains(" record: job_name:job_items_skipped:ratio_threshold\n"), "{rules}");
    assert!(rules.contains("- alert: JobSkipsItems\n"), "{rules}");
    assert!(rules.contains("- alert: BackgroundJobFailing\n"), "{rules}");

    let dashboard: serde_json::Value =
        serde_json::from_str(text(&files, "dashboards/background-jobs.json")).unwrap();
    let rows = dashboard["panels"].as_array().unwrap();
    // The row is closed.
    let mut panels = rows.iter().filter_map(|row| row["panels"].as_array()).flatten();
    let panel = panels.find(|panel| panel["title"] == "Skipped Items").unwrap();
    assert!(panel["description"].as_str().unwrap().contains("`JobSkipsItems` (warning) fires above 90%"));

    let tests = text(&files, "alerts/tests/background-jobs.send_mails.runs.yaml");
    assert!(tests.contains("# 901 of 1000 items are skipped, where 90% may."), "{tests}");
    assert!(tests.contains("alertname: JobSkipsItems\n"), "{tests}");
    let tests = text(&files, "alerts/tests/background-jobs.import_prices.runs.yaml");
    assert!(tests.contains("# 991 of 1000 items are skipped, where 99% may."), "{tests}");
}

#[test]
fn a_format_of_ones_own_writes_its_file() {
    let catalogue = custom_alert::catalogue().unwrap();
    let files = files(&catalogue);
    let list = text(&files, "docs/background-jobs.alerts.md");
    assert!(list.ends_with("- JobSkipsItems (warning), jobs: 2\n"), "{list}");
}

#[test]
fn a_lint_of_ones_own_finds_and_can_be_suppressed() {
    let found = |suppressed: bool| {
        let job = JobSpec::every("a", Duration::from_secs(60));
        let builder = Catalogue::builder("shop").job(job);
        let suppression =
            Suppression::new("job-without-items", "It handles nothing.").job(JobName::new("a").unwrap());
        let catalogue = if suppressed { builder.suppress(suppression) } else { builder }.build().unwrap();
        let findings = custom_alert::findings(&custom_alert::model(&catalogue).unwrap(), None);
        let own = findings.into_iter().filter(|finding| finding.code.name == "job-without-items");
        own.map(|finding| (finding.message, finding.suppressed.map(|suppressed| suppressed.reason)))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(false), [("a names no items".to_owned(), None)]);
    assert_eq!(found(true), [("a names no items".to_owned(), Some("It handles nothing.".to_owned()))]);
}

#[test]
fn names_that_are_taken_are_refused() {
    let own = ThresholdOverride::new().set("above", "9m");
    let job = |name: &str| JobSpec::every(name, Duration::from_secs(600)).timeout(Duration::from_secs(900));
    let slow = job("b").threshold("BackgroundJobHighDuration", own.clone()).threshold("Slow", own);
    let catalogue = Catalogue::builder("shop").job(job("a")).job(slow).build().unwrap();
    let refused = |add: fn(ModelBuilder<'_>) -> ModelBuilder<'_>| {
        add(Model::builder(&catalogue).alert(&SLOW)).build().unwrap_err().to_string()
    };
    let told = |problems: &str| format!("the catalogue cannot be used\n  {problems}");
    assert_eq!(
        refused(|builder| builder.alert(&HIGH_DURATION)),
        told("two alerts are named BackgroundJobHighDuration: give one of them another name")
    );
    let twice = |series| format!("two rules would record `{series}`: give one of the series another name");
    assert_eq!(
        refused(|builder| builder.series(&DURATION_P95)),
        told(
            &[
                twice("job_name:job_execution_duration_seconds:p95"),
                twice("job_name:job_execution_duration_seconds:p95_warning_threshold"),
            ]
            .join("\n  ")
        )
    );
}

/// An alert that forgot to give the series of its threshold a name of its own.
static SLOW: AlertDefinition = AlertDefinition { name: AlertName::new("Slow"), ..HIGH_DURATION };

#[test]
fn a_file_of_ones_own_format_is_recognised_and_what_quotes_its_header_is_not() {
    let catalogue = custom_alert::catalogue().unwrap();
    let files = files(&catalogue);
    let list = text(&files, "docs/background-jobs.alerts.md");
    let origin = |path, text: &str| custom_alert::ALERT_LIST.origin(path, text.as_bytes());
    let expected = Some(Origin::of(&catalogue));
    assert_eq!(origin("docs/background-jobs.alerts.md", list), expected);
    assert_eq!(origin("docs/README.md", list), None);
    assert_eq!(origin("alerts/background-jobs.alerts.md", list), None);
    assert_eq!(origin("docs/background-jobs.alerts.md", &format!("Lists begin so:\n{list}")), None);
}

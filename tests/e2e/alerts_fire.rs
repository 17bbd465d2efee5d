use e2e::generated::{files, model};
use e2e::promtool::{self, Verdict};
use e2e::repository::{self, CLIPPER, PAYMENTS};
use jobwatch_observability::artifact::Artifact;

#[path = "../../crates/observability/examples/custom_alert.rs"]
mod custom_alert;

#[track_caller]
fn check(files: &[Artifact]) {
    let verdicts = promtool::test_rules(files);
    assert!(!verdicts.is_empty(), "no test was generated");
    let failed: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.passed).collect();
    let report: Vec<String> =
        failed.iter().map(|verdict| format!("{}:\n{}", verdict.path, verdict.output)).collect();
    assert!(failed.is_empty(), "{}", report.join("\n"));
}

#[test]
fn the_alerts_of_clipper_fire_when_they_should_and_only_then() {
    check(&files(&repository::catalogue(CLIPPER)));
}

#[test]
fn the_alerts_of_another_team_fire_when_they_should_and_only_then() {
    check(&files(&repository::catalogue(PAYMENTS)));
}

/// An alert, its recorded series and its scenarios that come from outside the crate.
#[test]
fn the_alert_of_the_example_fires_when_it_should_and_only_then() {
    let catalogue = custom_alert::catalogue().unwrap();
    let model = custom_alert::model(&catalogue).unwrap();
    assert!(custom_alert::findings(&model, None).iter().all(|finding| finding.suppressed.is_some()));
    let files = custom_alert::files(&model).unwrap();
    let rules = promtool::check_rules(&files);
    assert!(!rules.is_empty() && rules.iter().all(|verdict| verdict.passed), "{rules:?}");
    check(&files);
}

/// A rule test shows nothing about an alert that it never expects to fire, or whose texts it never
/// expects.
#[test]
fn every_alert_is_expected_to_fire_and_to_say_something() {
    let catalogue = repository::catalogue(CLIPPER);
    let files = files(&catalogue);
    let tests: Vec<&str> = files
        .iter()
        .filter(|file| file.path.as_str().starts_with("alerts/tests/"))
        .map(|file| file.text.as_str())
        .collect();
    for alert in model(&catalogue).alerts() {
        let expected = |text: String| tests.iter().any(|test| test.contains(&text));
        let name = alert.name();
        let fires = format!(r#"- labels: '{{alertname="{name}"}}'"#);
        assert!(expected(fires), "{name} is never expected to fire");
        assert!(expected(format!("alertname: {name}\n")), "{name} is never expected to say anything");
    }
}

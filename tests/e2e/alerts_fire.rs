use e2e::promtool::{self, Verdict};
use e2e::repository::{self, CLIPPER, PAYMENTS};
use jobwatch_catalogue::AlertName;
use jobwatch_observability::artifact::artifacts;

#[track_caller]
fn check(catalogue: &str) {
    let artifacts = artifacts(&repository::catalogue(catalogue)).unwrap();
    let verdicts = promtool::test_rules(&artifacts);
    assert!(!verdicts.is_empty(), "no test was generated");
    let failed: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.passed).collect();
    let report: Vec<String> =
        failed.iter().map(|verdict| format!("{}:\n{}", verdict.path, verdict.output)).collect();
    assert!(failed.is_empty(), "{}", report.join("\n"));
}

#[test]
fn the_alerts_of_clipper_fire_when_they_should_and_only_then() {
    check(CLIPPER);
}

#[test]
fn the_alerts_of_another_team_fire_when_they_should_and_only_then() {
    check(PAYMENTS);
}

/// Nothing is proved about an alert that no test expects to fire, or whose words no test expects.
#[test]
fn every_alert_is_expected_to_fire_and_to_say_something() {
    let artifacts = artifacts(&repository::catalogue(CLIPPER)).unwrap();
    let tests: Vec<&str> = artifacts
        .iter()
        .filter(|artifact| artifact.path.starts_with("alerts/tests/"))
        .map(|artifact| artifact.text.as_str())
        .collect();
    for alert in AlertName::ALL {
        let expected = |text: String| tests.iter().any(|test| test.contains(&text));
        assert!(
            expected(format!("- labels: '{{alertname=\"{alert}\"}}'\n")),
            "{alert} is never expected to fire"
        );
        assert!(expected(format!("alertname: {alert}\n")), "{alert} is never expected to say anything");
    }
}

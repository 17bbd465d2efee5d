use e2e::promtool;
use e2e::repository;
use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml;
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::overlay::{Fields, Overlay, PROMETHEUS_ALERTS, PROMETHEUS_RULES};
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};
use serde_json::{Value, json};

const JOBS: &str = "
service: shop
jobs:
  - {name: bill, summary: Bills., interval: 5m, queue: bills, items: bills}
  - {name: ship, summary: Ships., interval: 1h, timeout: 30m}
";

/// The files of a catalogue with an overlay that edits groups of rules: those that record, and
/// those of alerts.
fn overlaid(catalogue: &Catalogue, edit: impl FnOnce(&mut Vec<Value>, &mut Vec<Value>)) -> Vec<Artifact> {
    let model = Model::new(catalogue).unwrap().with_targets([Target::Prometheus, Target::RuleTests].into());
    let plain = Generator::new(&model).files().unwrap();
    let rules = plain.iter().find(|file| file.path.as_str().ends_with(".rules.yaml")).unwrap();
    let rules: Value = serde_yaml::from_str(&rules.text).unwrap();
    let groups = rules["groups"].as_array().unwrap().iter().cloned();
    let (mut recording, mut alerting): (Vec<_>, Vec<_>) =
        groups.partition(|group| !group["rules"][0]["record"].is_null());
    let fields = |recording: &[Value], alerting: &[Value]| {
        Fields::from([
            (PROMETHEUS_RULES.to_owned(), json!({ "groups": recording })),
            (PROMETHEUS_ALERTS.to_owned(), json!({ "groups": alerting })),
        ])
    };
    let before = fields(&recording, &alerting);
    edit(&mut recording, &mut alerting);
    let overlay = Overlay::read(catalogue, &before, &fields(&recording, &alerting)).unwrap();
    Generator::new(&model).overlaid(&overlay).files().unwrap()
}

/// The rule of a name.
fn rule<'g>(groups: &'g mut [Value], name: &str) -> &'g mut Value {
    let rules = groups.iter_mut().flat_map(|group| group["rules"].as_array_mut().unwrap());
    rules.into_iter().find(|rule| rule["alert"] == name || rule["record"] == name).unwrap()
}

/// Runs the rule tests, and holds which alerts they speak of.
#[track_caller]
fn check(files: &[Artifact], tested: &[&str], untested: &[&str]) {
    for verdict in promtool::test_rules(files) {
        assert!(verdict.passed, "{}:\n{}", verdict.path, verdict.output);
    }
    let tests = files.iter().filter(|file| file.path.as_str().starts_with("alerts/tests/"));
    // What is left out is told at the top of each file.
    let tests: Vec<&str> = tests.map(|file| file.text.split_once("\nrule_files:").unwrap().1).collect();
    let is_said = |alert: &&&str| tests.iter().any(|test| test.contains(&format!("alertname: {alert}\n")));
    assert_eq!(tested.iter().filter(is_said).collect::<Vec<_>>(), tested.iter().collect::<Vec<_>>());
    let is_expected =
        |alert: &&&str| tests.iter().any(|test| test.contains(&format!("{{alertname=\"{alert}\"}}")));
    assert_eq!(untested.iter().filter(|alert| is_said(alert) || is_expected(alert)).count(), 0);
}

#[test]
fn the_tests_of_other_alerts_stay_and_hold() {
    let catalogue = yaml::parse(JOBS).unwrap().catalogue;
    let files = overlaid(&catalogue, |_, alerting| {
        // It fires whatever happens, and so does one of the team's own.
        let always = "max by (catalogue, namespace, job_name) (job_name:job_first_scheduled_timestamp_seconds:min) > 0";
        rule(alerting, "BackgroundJobStuck")["expr"] = always.into();
        alerting.push(json!({ "name": "ours", "rules": [{ "alert": "Ours", "expr": always }] }));
    });
    check(
        &files,
        &["BackgroundJobFailing", "BackgroundJobNotRunning", "BackgroundJobMetricsAbsent"],
        &["BackgroundJobStuck", "BackgroundJobUnresolved"],
    );
}

#[test]
fn what_reads_a_series_that_is_another_one_is_left_out() {
    let catalogue = yaml::parse(JOBS).unwrap().catalogue;
    let files = overlaid(&catalogue, |recording, _| {
        rule(recording, "job_name:job_queue_size:max")["expr"] = "vector(0)".into();
    });
    check(
        &files,
        &["BackgroundJobFailing", "BackgroundJobStuck"],
        &["BackgroundJobQueueGrowing", "BackgroundJobCriticalQueueSize", "BackgroundJobUnresolved"],
    );
}

#[test]
fn nothing_is_left_out_where_rules_are_only_added() {
    let catalogue = repository::catalogue("tests/fixtures/payments/catalogue.yaml");
    let plain = overlaid(&catalogue, |_, _| ());
    let added = overlaid(&catalogue, |_, alerting| {
        alerting.push(json!({ "name": "ours", "rules": [{ "alert": "Ours", "expr": "vector(1)" }] }));
    });
    let paths = |files: &[Artifact]| files.iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(&added), paths(&plain));
    let scenarios = |files: &[Artifact]| {
        let lines = files.iter().flat_map(|file| file.text.lines());
        lines.filter(|line| line.trim_start().starts_with("eval_time:")).count()
    };
    assert_eq!(scenarios(&added), scenarios(&plain));
}

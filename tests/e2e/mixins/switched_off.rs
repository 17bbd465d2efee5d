//! An alert that an override switches off leaves what a catalogue leaves that says the same.

use std::collections::BTreeMap;
use std::path::Path;

use e2e::repository::{self, CLIPPER, PAYMENTS};
use jobwatch_catalogue::yaml;
use jobwatch_observability::Model;
use jobwatch_observability::target::Target;
use serde_json::Value;

use super::engines::ours;
use super::{assert_same, changed, files, folder, generated, plain, program, written};

/// The names of a catalogue's alerts.
fn alerts(text: &str) -> Vec<String> {
    let catalogue = yaml::parse(text).unwrap().catalogue;
    let model = Model::new(&catalogue).unwrap();
    let alerts = model.alerts().iter().filter(|alert| alert.expression.is_some());
    alerts.map(|alert| alert.name().to_string()).collect()
}

/// Rules and dashboard of a catalogue that switches alerts off.
fn without(text: &str, alerts: &[&str]) -> Value {
    let catalogue = yaml::parse(text).unwrap().catalogue;
    let jobs: Vec<&str> = catalogue.jobs().iter().map(|job| job.name().as_str()).collect();
    let edited = yaml::parse_with(text, |mut catalogue| {
        for alert in alerts {
            for job in jobs.iter().map(|job| Some(*job)).chain([None]) {
                catalogue = catalogue.change_alert(job, alert, |set| set.switched(false));
            }
        }
        catalogue
    });
    written(&files(&edited.unwrap().catalogue, &[Target::Prometheus, Target::Grafana]))
}

/// The rules of each group, in their order.
fn groups(of: &Value) -> BTreeMap<String, Vec<String>> {
    let names = |group: &Value| {
        let rules = group["rules"].as_array().unwrap().iter();
        rules.map(|rule| rule["alert"].as_str().or(rule["record"].as_str()).unwrap().to_owned()).collect()
    };
    let groups = of["groups"].as_array().unwrap().iter();
    groups.map(|group| (group["name"].to_string(), names(group))).collect()
}

/// Switches alerts off in the mixin of a folder, beside further settings, and holds what that
/// yields against a catalogue that says the same.
#[track_caller]
fn check(folder: &Path, alerts: &[&str], (settings, text): (&str, &str)) -> Value {
    let off: String = alerts.iter().map(|alert| format!("{alert}+: {{ enabled: false }}, ")).collect();
    let overlay = format!("{{ _config+:: {{ alerts+: {{ {off} }} }} + {settings} }}");
    let found = ours(folder, &program(&overlay));
    let expected = without(text, alerts);
    assert_eq!(groups(&found), groups(&expected), "{alerts:?}");
    assert_same(&found, &expected);
    found
}

const NOTHING: &str = "{}";

/// As many jobs as panels do not draw all of, some with thresholds of their own.
fn many() -> String {
    let job = |number| {
        let own = match number % 6 {
            0 => "alerts: {BackgroundJobHighDuration: {above: 15m}, BackgroundJobFailing: {above: 0.2}}",
            1 => "alerts: {BackgroundJobCriticalFailureRate: {above: 30%}}",
            _ => "timeout: 2m",
        };
        format!(
            "  - {{name: job-{number}, summary: A job., interval: 5m, queue: things, items: things, {own}}}\n"
        )
    };
    format!("service: many\njobs:\n{}", (0..25).map(job).collect::<String>())
}

#[test]
fn it_is_as_if_the_catalogue_switched_it_off() {
    for text in [repository::read(CLIPPER), repository::read(PAYMENTS), many()] {
        let before =
            written(&files(&yaml::parse(&text).unwrap().catalogue, &[Target::Prometheus, Target::Grafana]));
        let folder = folder(&generated(&text));
        for alert in alerts(&text) {
            let after = check(folder.path(), &[&alert], (NOTHING, &text));
            // Something is always different: the rule, and where it would be shown while it fires.
            let changed = changed(&plain(&before, ""), &plain(&after, ""));
            assert!(changed.iter().any(|name| name == "panel Firing Alerts"), "{alert}: {changed:?}");
        }
    }
}

#[test]
fn so_are_several_that_the_same_text_depends_on() {
    let text = repository::read(CLIPPER);
    let folder = folder(&generated(&text));
    for alerts in [
        ["BackgroundJobCriticalFailureRate", "BackgroundJobNotRunning", "BackgroundJobOverdue"].as_slice(),
        &["BackgroundJobQueueGrowing", "BackgroundJobMetricsAbsent"],
        &["BackgroundJobHighDuration", "BackgroundJobCriticalDuration"],
        &["BackgroundJobUnresolved", "BackgroundJobStuck", "BackgroundJobFailing"],
    ] {
        check(folder.path(), alerts, (NOTHING, &text));
    }
    let all = alerts(&text);
    check(folder.path(), &all.iter().map(String::as_str).collect::<Vec<_>>(), (NOTHING, &text));
}

#[test]
fn other_settings_hold_beside_it() {
    let text = repository::read(CLIPPER);
    let with = |line: &str| text.replacen("service: clipper\n", &format!("service: clipper\n{line}\n"), 1);
    let folder = folder(&generated(&text));
    let off = ["BackgroundJobNotRunning", "BackgroundJobQueueGrowing"];
    check(folder.path(), &off, ("{ groupLabels: ['cluster'] }", &with("grouping_labels: cluster")));
    check(folder.path(), &off, ("{ selector: { cluster: 'eu-1' } }", &with("selector: {cluster: eu-1}")));
    check(
        folder.path(),
        &off,
        (
            "{ alerts+: { BackgroundJobCriticalFailureRate+: { above: 0.255 }, BackgroundJobOverdue+: { above: 300 } } }",
            &with(
                "alerts: {BackgroundJobCriticalFailureRate: {above: 25.5%}, BackgroundJobOverdue: {above: 5m}}",
            ),
        ),
    );
    // What is set of an alert that is off is of no account.
    check(folder.path(), &off, ("{ alerts+: { BackgroundJobNotRunning+: { above: 10800 } } }", &text));
}

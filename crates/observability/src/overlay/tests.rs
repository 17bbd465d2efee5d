//! What an overlay makes of rules and dashboards, in every format.

use std::collections::BTreeMap;

use jobwatch_catalogue::{Catalogue, yaml};
use serde_json::{Value, json};

use super::{Fields, GRAFANA_DASHBOARDS, Overlay, PROMETHEUS_ALERTS, PROMETHEUS_RULES};
use crate::artifact::Origin;
use crate::formats::STANDARD;
use crate::generator::Generator;
use crate::model::Model;

const CATALOGUE: &str = "
service: shop
name: shop-jobs
targets: [prometheus, prometheus-operator, grafana, grafana-sidecar, grafana-operator, rule-tests, mixin]
jobs:
  - {name: bill, summary: Bills., interval: 5m}
";

fn catalogue() -> Catalogue {
    yaml::parse(CATALOGUE).unwrap().catalogue
}

/// The files of the catalogue with an overlay, by path, and what is told about them.
fn generated(overlay: &Overlay) -> (BTreeMap<String, String>, Vec<String>) {
    let catalogue = catalogue();
    let model = Model::new(&catalogue).unwrap();
    let generator = Generator::new(&model).overlaid(overlay);
    let files = generator.files().unwrap();
    for file in &files {
        let path = file.path.as_str();
        let known = STANDARD.iter().filter_map(|format| format.origin(path, file.text.as_bytes()));
        assert_eq!(known.collect::<Vec<_>>(), [Origin::of(&catalogue)], "{path}");
    }
    let notices = generator.notices(&files);
    (files.into_iter().map(|file| (file.path.to_string(), file.text)).collect(), notices)
}

/// The fields of the mixin as they are generated.
fn before() -> Fields {
    let (files, _) = generated(&Overlay::default());
    let rules: Value = serde_yaml::from_str(&files["alerts/shop-jobs.rules.yaml"]).unwrap();
    let is_recording = |group: &&Value| !group["rules"][0]["record"].is_null();
    let groups = rules["groups"].as_array().unwrap().iter();
    let (recording, alerting): (Vec<&Value>, Vec<&Value>) = groups.partition(is_recording);
    let dashboard: Value = serde_json::from_str(&files["dashboards/shop-jobs.json"]).unwrap();
    Fields::from([
        (PROMETHEUS_RULES.to_owned(), json!({ "groups": recording })),
        (PROMETHEUS_ALERTS.to_owned(), json!({ "groups": alerting })),
        (GRAFANA_DASHBOARDS.to_owned(), json!({ "shop-jobs.json": dashboard })),
    ])
}

/// What an edit of the mixin's fields yields.
fn edited(edit: impl FnOnce(&mut Fields)) -> Result<Overlay, super::OverlayError> {
    let before = before();
    let mut after = before.clone();
    edit(&mut after);
    Overlay::read(&catalogue(), &before, &after)
}

fn groups(fields: &mut Fields) -> &mut Vec<Value> {
    fields.get_mut(PROMETHEUS_ALERTS).unwrap()["groups"].as_array_mut().unwrap()
}

/// The rule of an alert.
fn rule<'f>(fields: &'f mut Fields, alert: &str) -> &'f mut Value {
    let rules = groups(fields).iter_mut().flat_map(|group| group["rules"].as_array_mut().unwrap());
    rules.into_iter().find(|rule| rule["alert"] == alert).unwrap()
}

fn lines<'t>(text: &'t str, other: &str) -> Vec<&'t str> {
    text.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
}

#[test]
fn what_changes_nothing_changes_no_byte() {
    let overlay = edited(|_| ()).unwrap();
    assert!(overlay.is_empty());
    assert_eq!(generated(&overlay), generated(&Overlay::default()));
}

#[test]
fn a_text_that_differs_is_all_that_differs_in_each_format() {
    let overlay = edited(|fields| {
        rule(fields, "BackgroundJobStuck")["annotations"]["summary"] = "Ask the shop's team.\n".into();
    });
    let overlay = overlay.unwrap();
    assert_eq!(overlay.changed_rules(), ["BackgroundJobStuck"]);
    let ((before, _), (after, notices)) = (generated(&Overlay::default()), generated(&overlay));
    for path in ["alerts/shop-jobs.rules.yaml", "alerts/kubernetes/shop-jobs.prometheusrule.yaml"] {
        let new = lines(&after[path], &before[path]);
        assert_eq!(
            new.iter().map(|line| line.trim()).collect::<Vec<_>>(),
            [r#"summary: "Ask the shop's team.\n""#]
        );
        assert_eq!(lines(&before[path], &after[path]).len(), 1, "{path}");
        assert_eq!(after[path].lines().count(), before[path].lines().count());
    }
    assert_eq!(after["dashboards/shop-jobs.json"], before["dashboards/shop-jobs.json"]);
    assert!(before.keys().any(|path| path.starts_with("alerts/tests/")));
    let tests = |files: &BTreeMap<String, String>| {
        let tests = files.iter().filter(|(path, _)| path.starts_with("alerts/tests/"));
        tests
            .flat_map(|(_, text)| {
                text.lines()
                    .filter(|line| line.contains("alertname: "))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect::<std::collections::BTreeSet<_>>()
    };
    let gone: Vec<String> =
        tests(&before).difference(&tests(&after)).map(|line| line.trim().to_owned()).collect();
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(gone.iter().all(|line| line.ends_with("Stuck") || line.ends_with("Unresolved")), "{gone:?}");
    insta::assert_snapshot!(notices.join("\n"));
}

#[test]
fn groups_and_rules_of_the_teams_own_stand_behind_and_take_no_tests_away() {
    let overlay = edited(|fields| {
        let own = json!({
            "name": "shop", "interval": "2m", "limit": 5,
            "rules": [
                { "record": "shop:bills:sum", "expr": "sum(bills)\n" },
                { "alert": "NoBills", "expr": "shop:bills:sum < 1", "for": "5m", "keep_firing_for": "1m",
                  "labels": { "severity": "warning" }, "annotations": { "summary": "{{ $value }} bills" } },
            ],
        });
        groups(fields).insert(0, own);
        let rules = groups(fields)[1]["rules"].as_array_mut().unwrap();
        rules.push(json!({ "alert": "Own", "expr": "vector(1)" }));
    });
    let overlay = overlay.unwrap();
    assert!(overlay.has_rules() && overlay.changed_rules().is_empty());
    let ((before, _), (after, _)) = (generated(&Overlay::default()), generated(&overlay));
    let path = "alerts/shop-jobs.rules.yaml";
    insta::assert_snapshot!(lines(&after[path], &before[path]).join("\n"));
    assert!(lines(&before[path], &after[path]).is_empty());
    assert!(after.keys().any(|path| path.starts_with("alerts/tests/")));
    let read = |path: &str| serde_yaml::from_str::<Value>(&after[path]).unwrap();
    assert_eq!(read("alerts/kubernetes/shop-jobs.prometheusrule.yaml")["spec"], read(path));
}

/// What is told about rule tests that an overlay leaves out.
#[track_caller]
fn left_out(edit: impl FnOnce(&mut Fields)) -> Vec<String> {
    let (files, notices) = generated(&edited(edit).unwrap());
    let is_test = |path: &&String| path.starts_with("alerts/tests/");
    let (all, _) = generated(&Overlay::default());
    let notices: Vec<String> =
        notices.into_iter().filter(|notice| notice.contains("rule tests leave out")).collect();
    if notices.is_empty() {
        assert_eq!(files.keys().filter(is_test).count(), all.keys().filter(is_test).count());
    }
    notices
}

fn adds(rule: Value) -> impl FnOnce(&mut Fields) {
    move |fields| groups(fields).push(json!({ "name": "ours", "rules": [rule] }))
}

/// The name of an alert is no series, and a part of a name is no name.
#[test]
fn a_name_of_the_teams_own_takes_no_tests_away_that_do_not_follow_from_it() {
    for name in ["up", "a", "job_name", "BackgroundJob"] {
        assert_eq!(left_out(adds(json!({ "alert": name, "expr": "up == 0" }))), [""; 0], "{name}");
    }
    assert_eq!(left_out(adds(json!({ "record": "job", "expr": "up" }))), [""; 0]);
    // Alerts are read by their names alone, and series by theirs.
    let told = left_out(adds(json!({ "alert": "BackgroundJobNotRunning", "expr": "up == 0" })));
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.contains("(BackgroundJobNotRunning)"), "{told}");
    assert!(told.contains("BackgroundJobOverdue"), "{told}");
    let told = left_out(adds(json!({ "record": "job_name:job_catalogued:info", "expr": "up" })));
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.contains("(job_name:job_catalogued:info)"), "{told}");
}

#[test]
fn a_group_that_is_evaluated_otherwise_is_told_as_the_reason() {
    let told = left_out(|fields| groups(fields)[0]["interval"] = "5m".into());
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.contains("(shop-jobs)"), "{told}");
}

#[test]
fn a_rule_that_is_removed_is_gone() {
    let overlay = edited(|fields| {
        for group in groups(fields) {
            group["rules"].as_array_mut().unwrap().retain(|rule| rule["alert"] != "BackgroundJobStuck");
        }
    });
    let overlay = overlay.unwrap();
    assert_eq!(overlay.changed_rules(), ["BackgroundJobStuck"]);
    let (files, _) = generated(&overlay);
    assert!(!files["alerts/shop-jobs.rules.yaml"].contains("alert: BackgroundJobStuck\n"));
    assert!(files["alerts/shop-jobs.rules.yaml"].contains("alert: BackgroundJobOverdue\n"));
}

#[test]
fn dashboards_go_into_each_format_under_a_name_of_their_own() {
    let overlay = edited(|fields| {
        let all = fields.get_mut(GRAFANA_DASHBOARDS).unwrap();
        all["shop-jobs.json"]["panels"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "type": "text", "title": "Ours" }));
        let panel = json!({ "type": "stat", "targets": [{ "expr": "up{job=~\"$job\"}" }] });
        all["shop.json"] = json!({ "title": "Shop", "uid": "shop", "panels": [panel] });
    });
    let overlay = overlay.unwrap();
    assert!(!overlay.is_empty() && !overlay.has_rules());
    let ((before, _), (after, _)) = (generated(&Overlay::default()), generated(&overlay));
    let read = |path: &str| serde_yaml::from_str::<Value>(&after[path]).unwrap();
    for (name, title) in [("shop-jobs", "Shop Jobs Monitoring"), ("shop-jobs.shop", "Shop")] {
        let plain = read(&format!("dashboards/{name}.json"));
        assert_eq!(plain["title"], title);
        let map = read(&format!("dashboards/kubernetes/{name}.configmap.yaml"));
        let object = read(&format!("dashboards/kubernetes/{name}.grafanadashboard.yaml"));
        assert_eq!((&map["metadata"]["name"], &object["metadata"]["name"]), (&json!(name), &json!(name)));
        for text in [&map["data"][format!("{name}.json")], &object["spec"]["json"]] {
            assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), plain, "{name}");
        }
    }
    let mut own = read("dashboards/shop-jobs.json");
    let added = own["panels"].as_array_mut().unwrap().pop();
    assert_eq!(added, Some(json!({ "type": "text", "title": "Ours" })));
    assert_eq!(own, serde_yaml::from_str::<Value>(&before["dashboards/shop-jobs.json"]).unwrap());
    assert!(after.keys().any(|path| path.starts_with("alerts/tests/")));
}

#[test]
fn a_group_that_mimir_refuses_is_told() {
    let told = |rules: usize| {
        let overlay = edited(|fields| {
            let rule = |number| json!({ "record": format!("ours:up:{number}"), "expr": "up" });
            groups(fields).push(json!({ "name": "ours", "rules": (0..rules).map(rule).collect::<Vec<_>>() }));
        });
        let (_, notices) = generated(&overlay.unwrap());
        notices.into_iter().filter(|notice| notice.contains("Mimir")).collect::<Vec<_>>()
    };
    assert_eq!(told(20), [""; 0]);
    assert_eq!(
        told(21),
        [
            "the group `ours` has 21 rules, and Mimir's ruler takes 20 unless it is told otherwise: divide it if Mimir \
         evaluates it"
        ]
    );
}

#[test]
fn more_rules_or_groups_than_are_taken_are_refused_at_once() {
    let refused = |added: Vec<Value>| {
        let error = edited(|fields| groups(fields).extend(added)).unwrap_err();
        assert_eq!(error.problems.len(), 1, "{error}");
        error.to_string()
    };
    let group = |number: usize| json!({ "name": format!("g{number}"), "rules": [] });
    insta::assert_snapshot!(refused((0..300_000).map(group).collect()), @"prometheusAlerts: it comes to 33 rules in 300005 groups, and an overlay may come to 20000 in 2000: give the others a catalogue, or a rule file, of their own");
    let rules = vec![json!({ "alert": "A", "expr": "up ==" }); 20_000];
    insta::assert_snapshot!(refused(vec![json!({ "name": "a", "rules": rules })]), @"prometheusAlerts: it comes to 20033 rules in 6 groups, and an overlay may come to 20000 in 2000: give the others a catalogue, or a rule file, of their own");
}

#[test]
fn what_is_no_rule_and_no_dashboard_is_told_by_its_field() {
    let refused = |edit: fn(&mut Fields)| edited(edit).unwrap_err().to_string();
    let mut said = vec![
        refused(|fields| _ = fields.insert(PROMETHEUS_ALERTS.to_owned(), json!(["groups"]))),
        refused(|fields| _ = fields.insert(PROMETHEUS_RULES.to_owned(), json!({ "group": [] }))),
        refused(|fields| _ = fields.insert(GRAFANA_DASHBOARDS.to_owned(), json!({}))),
        refused(|fields| _ = fields.insert(GRAFANA_DASHBOARDS.to_owned(), json!(1))),
        refused(|fields| {
            let rules = json!([
                1,
                { "alert": "A" },
                { "alert": "B", "expr": "up ==" },
                { "alert": "C", "expr": "up", "for": "soon" },
                { "alert": "D", "expr": "up", "labels": { "a-b": "c" } },
                { "record": "a b", "expr": "up", "for": "5m" },
                { "alert": "E", "expr": "up", "labels": ["a"], "severity": "warning" },
                { "alert": "F", "expr": "up", "severity": "warning" },
            ]);
            groups(fields).push(json!({ "name": "shop-jobs-recorded", "rules": [] }));
            groups(fields)
                .push(json!({ "name": "a", "interval": "x", "limit": -1, "source": "b", "rules": rules }));
            groups(fields).push(json!({ "rules": [] }));
        }),
        refused(|fields| {
            let all = fields.get_mut(GRAFANA_DASHBOARDS).unwrap();
            all["shop-jobs.json"]["uid"] = "other".into();
            all["Shop.json"] = json!({ "title": "a", "uid": "other", "panels": [] });
            all["a.json"] = json!({ "uid": "a b", "tags": 1, "panels": [
                1,
                { "id": 1, "title": "b" },
                { "id": 1, "type": "stat", "gridPos": { "x": 20, "y": 0, "w": 8, "h": 1 } },
                { "type": "row", "panels": [{ "type": "stat", "targets": [
                    { "expr": "sum(" }, { "expr": "{app=\"x\"} |= \"y\"", "datasource": { "type": "loki" } }, 1,
                ] }] },
            ] });
            all["b.json"] = json!("text");
        }),
    ];
    said.push(refused(|fields| {
        let uid = fields[GRAFANA_DASHBOARDS]["shop-jobs.json"]["uid"].clone();
        fields.get_mut(GRAFANA_DASHBOARDS).unwrap()["a.json"] =
            json!({ "title": "a", "uid": uid, "panels": [] });
    }));
    insta::assert_snapshot!(said.join("\n\n"));
}

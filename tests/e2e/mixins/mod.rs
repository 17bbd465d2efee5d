mod apart;
mod engines;
mod overrides;
mod switched_off;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use e2e::repository::{self, CLIPPER, PAYMENTS};
use e2e::tool::Tool;
use jobwatch_catalogue::{Catalogue, yaml};
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};
use serde_json::{Value, json};

use engines::{ours, reference};

const JSONNET: Tool = Tool { command: "jsonnet", package: "jsonnet" };

/// What is generated from the text of a catalogue.
#[track_caller]
fn generated(text: &str) -> Vec<Artifact> {
    let catalogue = match yaml::parse(text) {
        Ok(parsed) => parsed.catalogue,
        Err(error) => panic!("{error}\n{text}"),
    };
    files(&catalogue, &[Target::Prometheus, Target::Grafana, Target::Mixin])
}

fn files(catalogue: &Catalogue, targets: &[Target]) -> Vec<Artifact> {
    let model = Model::new(catalogue).unwrap().with_targets(targets.iter().copied().collect());
    Generator::new(&model).files().unwrap()
}

/// Rules and dashboard, as `generate` writes them.
fn written(files: &[Artifact]) -> Value {
    let text = |end: &str| &files.iter().find(|file| file.path.as_str().ends_with(end)).unwrap().text;
    let rules: Value = serde_yaml::from_str(text(".rules.yaml")).unwrap();
    let dashboards = files.iter().filter(|file| file.path.as_str().starts_with("dashboards/"));
    let dashboard: Value = serde_json::from_str(dashboards.map(|file| &file.text).next().unwrap()).unwrap();
    json!({ "groups": rules["groups"], "dashboard": dashboard })
}

/// A folder with the mixin among generated files.
fn folder(files: &[Artifact]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        if let Some(name) = file.path.as_str().strip_prefix("alerts/mixin/") {
            fs::write(folder.path().join(name), &file.text).unwrap();
        }
    }
    folder
}

/// A program that yields rules and dashboard of the mixin with an overlay.
fn program(overlay: &str) -> String {
    format!(
        "local mixin = (import 'mixin.libsonnet') + {overlay};\n\
         {{\n  groups: mixin.prometheusRules.groups + mixin.prometheusAlerts.groups,\n  \
         dashboard: [mixin.grafanaDashboards[file] for file in std.objectFields(mixin.grafanaDashboards)][0],\n}}\n"
    )
}

/// Debian's jsonnet.
fn debian(folder: &Path, program: &str) -> Value {
    let run = Command::new(JSONNET.path()).arg("-J").arg(folder).args(["-e", program]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

/// What Debian's jsonnet says of settings that cannot be, over the mixin of a catalogue.
#[track_caller]
fn refused_by(catalogue: &str, config: &str) -> String {
    let folder = folder(&generated(catalogue));
    let program = program(&format!("{{ {config} }}"));
    let run =
        Command::new(JSONNET.path()).arg("-J").arg(folder.path()).args(["-e", &program]).output().unwrap();
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    said.lines().take_while(|line| !line.starts_with('\t')).collect::<Vec<_>>().join("\n")
}

/// Numbers as all engines write them, and expressions without the breaks of lines.
fn plain(value: &Value, key: &str) -> Value {
    edited(value, key, &|expression| expression.split_whitespace().collect())
}

/// Numbers as all engines write them, and expressions that are edited.
fn edited(value: &Value, key: &str, edit: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| edited(item, key, edit)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), edited(value, key, edit)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Number(number) => number.as_f64().into(),
        Value::String(text) if key == "expr" => edit(text).into(),
        other => other.clone(),
    }
}

/// Rules and panels by name.
fn named(value: &Value) -> BTreeMap<String, Value> {
    let mut named = BTreeMap::new();
    for group in value["groups"].as_array().unwrap() {
        for rule in group["rules"].as_array().unwrap() {
            let name = rule["alert"].as_str().or(rule["record"].as_str()).unwrap();
            let of = rule["labels"]["escalates"].as_str().map(|of| format!(" of {of}")).unwrap_or_default();
            named.insert(format!("{name}{of}"), rule.clone());
        }
    }
    for row in value["dashboard"]["panels"].as_array().unwrap() {
        let (mut row, title) =
            (row.clone(), |panel: &Value| format!("panel {}", panel["title"].as_str().unwrap()));
        let inner = row.as_object_mut().unwrap().remove("panels").unwrap_or_default();
        for panel in inner.as_array().into_iter().flatten().chain([&row]) {
            named.insert(title(panel), panel.clone());
        }
    }
    let mut rest = value["dashboard"].clone();
    rest.as_object_mut().unwrap().remove("panels");
    named.insert("dashboard".to_owned(), rest);
    named
}

/// The rules and panels that differ.
fn changed(before: &Value, after: &Value) -> Vec<String> {
    let (before, after) = (named(before), named(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[track_caller]
fn assert_same(found: &Value, expected: &Value) {
    let (found, expected) = (plain(found, ""), plain(expected, ""));
    let (found, expected) = (named(&found), named(&expected));
    for name in found.keys().chain(expected.keys()) {
        let shown = |value: Option<&Value>| value.map(|value| format!("{value:#}"));
        assert_eq!(shown(found.get(name)), shown(expected.get(name)), "{name}");
    }
}

#[test]
fn with_its_own_settings_it_yields_what_is_generated_whoever_evaluates_it() {
    for catalogue in [CLIPPER, PAYMENTS] {
        let files = generated(&repository::read(catalogue));
        let (written, folder, program) = (written(&files), folder(&files), program("{}"));
        let found = debian(folder.path(), &program);
        // Nothing is as it should be but for breaks of lines: it is the same.
        let groups = |of: &Value| {
            let groups = of["groups"].as_array().unwrap().iter();
            groups.map(|group| (group["name"].to_string(), group.clone())).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(groups(&found), groups(&written), "{catalogue}");
        assert_same(&found, &written);
        for engine in [ours, reference] {
            assert_same(&engine(folder.path(), &program), &found);
        }
    }
}

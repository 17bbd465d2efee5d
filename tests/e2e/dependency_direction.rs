use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};
use e2e::repository;

/// Who may depend on whom inside the workspace. The tests may on all.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("jobwatch-catalogue", &[]),
    ("jobwatch-runtime", &["jobwatch-catalogue"]),
    ("jobwatch-observability", &["jobwatch-catalogue"]),
    ("jobwatch", &["jobwatch-catalogue", "jobwatch-observability"]),
    ("clipper-jobs", &["jobwatch-catalogue", "jobwatch-runtime"]),
    ("clipper-stage", &["clipper-jobs", "jobwatch-catalogue", "jobwatch-observability", "jobwatch-runtime"]),
];

#[test]
fn no_part_depends_on_another_that_it_should_not_know() {
    let metadata = MetadataCommand::new().current_dir(repository::root()).no_deps().exec().unwrap();
    let packages: BTreeSet<String> =
        metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.name.as_str() != "e2e") {
        let Some(known) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} is new: say here whom it may depend on", package.name));
            continue;
        };
        let edges = package
            .dependencies
            .iter()
            .filter(|edge| edge.kind != DependencyKind::Development && packages.contains(&edge.name))
            .filter(|edge| !known.contains(&edge.name.as_str()));
        wrong.extend(edges.map(|edge| format!("{} -> {}", package.name, edge.name)));
    }
    assert!(wrong.is_empty(), "docs/architecture.md forbids: {wrong:#?}");
}

/// What a package compiles with its default features must not have any of some others.
#[track_caller]
fn check_absent(package: &str, absent: &[&str]) {
    check_absent_with(package, "", absent);
}

/// The same with features.
#[track_caller]
fn check_absent_with(package: &str, features: &str, absent: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--features",
            features,
            "--package",
        ])
        .arg(package)
        .current_dir(repository::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    let compiled: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(compiled.contains(package), "{tree}");
    let found: Vec<&&str> = absent.iter().filter(|name| compiled.contains(**name)).collect();
    assert!(found.is_empty(), "{package} compiles {found:?}");
}

const YAML: [&str; 3] = ["serde-saphyr", "serde_yaml_ng", "serde_yaml"];

#[test]
fn whoever_embeds_the_runtime_gets_no_yaml_no_web_server_and_no_database() {
    check_absent("jobwatch-catalogue", &[&YAML[..], &["axum", "sqlx", "tokio"]].concat());
    check_absent("jobwatch-runtime", &[&YAML[..], &["axum", "sqlx", "jobwatch-observability"]].concat());
}

#[test]
fn a_feature_of_the_runtime_brings_what_it_needs_and_nothing_of_the_others() {
    let (sqlite, postgres) = ("sqlx-sqlite", "sqlx-postgres");
    check_absent_with("jobwatch-runtime", "http", &[&YAML[..], &["sqlx", sqlite, postgres]].concat());
    check_absent_with("jobwatch-runtime", "sqlite", &[&YAML[..], &["axum", postgres]].concat());
    check_absent_with("jobwatch-runtime", "postgres", &[&YAML[..], &["axum", sqlite]].concat());
}

#[test]
fn whoever_generates_rules_compiles_no_runtime() {
    let runtime = ["axum", "clipper-jobs", "jobwatch-runtime", "sqlx", "tokio"];
    check_absent("jobwatch-observability", &runtime);
    check_absent("jobwatch", &runtime);
}

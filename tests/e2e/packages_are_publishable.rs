use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use e2e::repository;

/// The packages that are published, in an order in which that is possible.
const PUBLISHED: [&str; 4] = ["jobwatch-catalogue", "jobwatch-runtime", "jobwatch-observability", "jobwatch"];

/// As in deny.toml, for where `cargo deny` is not installed.
const LICENSES: [&str; 10] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.current_dir(repository::root()).features(cargo_metadata::CargoOpt::AllFeatures);
    command.other_options(["--locked".to_owned()]).exec().unwrap()
}

fn published(metadata: &Metadata) -> Vec<&Package> {
    let mut packages: Vec<&Package> =
        metadata.workspace_packages().into_iter().filter(|package| package.publish.is_none()).collect();
    packages.sort_by_key(|package| PUBLISHED.iter().position(|name| *name == package.name.as_str()));
    packages
}

/// Everything that a package compiles with all its features, without what is for its tests.
fn compiled<'m>(metadata: &'m Metadata, root: &'m PackageId) -> BTreeSet<&'m PackageId> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
    let (mut found, mut next) = (BTreeSet::from([root]), vec![root]);
    while let Some(id) = next.pop() {
        let dependencies = nodes[id].deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
        });
        next.extend(dependencies.map(|dependency| &dependency.pkg).filter(|id| found.insert(id)));
    }
    found
}

#[test]
fn a_published_package_lacks_nothing_that_a_registry_or_a_reader_wants() {
    let metadata = metadata();
    let packages = published(&metadata);
    assert_eq!(packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), PUBLISHED);
    for package in packages {
        let name = &package.name;
        let folder = package.manifest_path.parent().unwrap();
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            assert!(text.len() > 500, "{name} has no {file}");
        }
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "{name}");
        assert!(package.description.is_some() && package.repository.is_some(), "{name}");
        assert!((1..=5).contains(&package.keywords.len()) && !package.categories.is_empty(), "{name}");
        assert!(package.metadata.get("docs").is_some(), "{name} does not say how docs.rs builds it");
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            assert_eq!(
                dependency.req.to_string(),
                format!("^{}", package.version),
                "{name} -> {}",
                dependency.name
            );
        }
    }
}

#[test]
fn the_oldest_rust_that_a_package_names_is_old_enough_for_what_it_compiles() {
    let metadata = metadata();
    for package in published(&metadata) {
        let ours = package.rust_version.clone().unwrap();
        let newer = |id: &&&PackageId| {
            metadata[id].rust_version.as_ref().is_some_and(|theirs: &Version| *theirs > ours)
        };
        let compiled = compiled(&metadata, &package.id);
        let newer: Vec<String> = compiled.iter().filter(newer).map(|id| id.repr.clone()).collect();
        assert!(newer.is_empty(), "{} says {ours}, but compiles {newer:?}", package.name);
    }
}

/// Whether one may use a package under one of the licences: `A OR B`, `A AND B`, with parentheses
/// around the alternatives alone.
fn is_allowed(license: &str) -> bool {
    let license = license.replace('/', " OR ");
    license.split(" AND ").all(|part| {
        let part = part.trim().trim_start_matches('(').trim_end_matches(')');
        part.split(" OR ").any(|one| LICENSES.contains(&one.trim()))
    })
}

#[test]
fn every_dependency_may_be_used() {
    assert!(is_allowed("MIT/GPL-3.0") && is_allowed("(ISC OR GPL-2.0) AND Zlib"));
    assert!(!is_allowed("MIT AND GPL-3.0") && !is_allowed("AGPL-3.0"));
    let deny = std::fs::read_to_string(repository::root().join("deny.toml")).unwrap();
    assert!(LICENSES.iter().all(|license| deny.contains(&format!("\"{license}\""))));
    let metadata = metadata();
    for root in metadata.workspace_packages() {
        for id in compiled(&metadata, &root.id) {
            let package = &metadata[id];
            let license = package.license.as_deref().unwrap_or_default();
            assert!(is_allowed(license), "{} is under `{license}`", package.id.repr);
        }
    }
}

//! No module takes part in a cycle: whoever reads one file from the bottom up never meets it again.
//!
//! A module is a file, and an edge is a path in it that leads to an item of another file. What a
//! `mod.rs` re-exports is looked for where it is defined; a re-export alone is no edge.
//!
//! The same holds for folders: a module right below a crate's root, with all that is in it, is one
//! part, and the parts have an order.

mod cycle;
mod edges;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cargo_metadata::MetadataCommand;
use e2e::repository;

use cycle::{cycles, folders};
use edges::edges;
use source::Source;

/// The sources of a folder, by their paths in it.
fn read(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            sources.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The cycles among some files, as chains of their paths. Where there is none, those among their
/// folders.
fn found(sources: &BTreeMap<String, String>) -> Vec<String> {
    let sources: Vec<Source> = sources.iter().map(|(path, text)| Source::parse(path, text)).collect();
    let edges = edges(&sources);
    let found = cycles(&edges);
    if found.is_empty() { cycles(&folders(&edges)) } else { found }
}

#[test]
fn no_module_of_any_crate_takes_part_in_a_cycle() {
    let metadata = MetadataCommand::new().current_dir(repository::root()).no_deps().exec().unwrap();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().unwrap().join("src");
        let mut sources = BTreeMap::new();
        read(folder.as_std_path(), "", &mut sources);
        wrong.extend(found(&sources).into_iter().map(|cycle| format!("{}: {cycle}", package.name)));
    }
    assert!(wrong.is_empty(), "{} cycles:\n{}", wrong.len(), wrong.join("\n"));
}

#[track_caller]
fn check(sources: &[(&str, &str)], expected: &[&str]) {
    let sources = sources.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect();
    assert_eq!(found(&sources), expected);
}

#[test]
fn files_that_use_each_other_are_a_cycle() {
    check(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "use crate::c::C; pub struct B(C);"),
            ("c.rs", "pub struct C(Option<Box<crate::a::A>>);"),
        ],
        &["a.rs -> b.rs -> c.rs -> a.rs"],
    );
    check(&[("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")], &[]);
}

#[test]
fn a_parent_and_its_child_are_a_cycle_if_both_use_the_other() {
    let child = ("a/b.rs", "use super::A; pub fn b(_: A) {}");
    check(
        &[("lib.rs", "mod a;"), ("a/mod.rs", "mod b; pub struct A; fn a() { b::b(A) }"), child],
        &["a/b.rs -> a/mod.rs -> a/b.rs"],
    );
    check(&[("lib.rs", "mod a;"), ("a/mod.rs", "mod b; pub use b::b; pub struct A;"), child], &[]);
}

#[test]
fn folders_are_a_cycle_even_if_their_files_are_none() {
    let sources = [
        ("lib.rs", "mod a; mod b; mod c; pub use a::top::T;"),
        ("a/mod.rs", "pub mod base; pub mod top;"),
        ("a/base.rs", "pub struct B;"),
        ("a/top.rs", "use crate::b::M; pub struct T(M);"),
        ("b.rs", "use crate::c::C; pub struct M(C);"),
        ("c/mod.rs", "mod inner; pub use inner::C;"),
        ("c/inner.rs", "use crate::a::base::B; pub struct C(B);"),
    ];
    check(&sources, &["a -> b -> c -> a"]);
    let apart = sources.map(|(path, text)| match path {
        "c/inner.rs" => (path, "pub struct C; #[cfg(test)] mod tests { use crate::a::base::B; }"),
        _ => (path, text),
    });
    check(&apart, &[]);
}

#[test]
fn what_is_re_exported_is_looked_for_where_it_is_defined() {
    check(
        &[
            ("lib.rs", "mod a; pub use a::*;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::{C as D};"),
            ("a/b.rs", "use super::D; pub struct B(D);"),
            ("a/c.rs", "pub struct C;"),
        ],
        &[],
    );
    check(
        &[
            ("lib.rs", "mod a; pub use a::*;"),
            ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
            ("a/b.rs", "use super::C; pub struct B(C);"),
            ("a/c.rs", "use crate::B; pub struct C(Box<B>);"),
        ],
        &["a/b.rs -> a/c.rs -> a/b.rs"],
    );
}

#[test]
fn tests_may_use_what_they_test() {
    check(
        &[
            ("lib.rs", "mod a; #[cfg(test)] mod tests;"),
            ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::tests::T; }"),
            ("tests.rs", "use crate::a::A; pub struct T;"),
        ],
        &[],
    );
}

//! `cargo fmt` follows `mod`, but not into macros: what one of those declares is looked at here,
//! and so are comments, which it leaves alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::repository;

#[test]
fn the_files_of_alerts_are_formatted() {
    let folder = repository::root().join("crates/observability/src/alerts");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rustfmt =
        Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(files).output().unwrap();
    assert!(rustfmt.status.success(), "run rustfmt: {}", String::from_utf8_lossy(&rustfmt.stdout));
}

/// The source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn comments_keep_to_a_hundred_columns() {
    let is_too_long =
        |(_, line): &(usize, &str)| line.trim_start().starts_with("//") && line.chars().count() > 100;
    let mut too_long = Vec::new();
    for path in
        ["crates", "jobs", "tests"].iter().flat_map(|folder| sources(&repository::root().join(folder)))
    {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().enumerate().filter(is_too_long);
        too_long.extend(lines.map(|(number, _)| format!("{}:{}", path.display(), number + 1)));
    }
    assert_eq!(too_long, [""; 0]);
}

//! `cargo fmt` follows `mod`, but not into macros: what one of those declares is looked at here.

use std::fs;
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

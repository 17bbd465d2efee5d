//! The files of an empty server of PostgreSQL. To make them takes longer than all else about its
//! start, so that they are made once, and copied for each server.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::env;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::account::{Account, command};
use crate::tool::Tool;

const INITDB: Tool = Tool { command: "initdb", package: "postgresql" };

/// The files that are copied.
static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();

/// Puts the files of an empty server into a folder that is not there yet.
///
/// # Panics
///
/// When PostgreSQL is not installed, with what to install, or when they cannot be made.
pub(crate) fn create(data: &Path) {
    copy(TEMPLATE.get_or_init(kept), data);
}

/// Has the files made if nobody did before, and returns where they are.
fn kept() -> PathBuf {
    let account = Account::for_server();
    let template = template(account);
    if !template.is_dir() {
        let made = made(account);
        let beside = template.parent().unwrap_or(&template);
        let beside = tempfile::tempdir_in(beside).expect("a folder where tests are built");
        copy(&made.path().join("data"), &beside.path().join("data"));
        // Another process may have been quicker, whose files are as good.
        let renamed = fs::rename(beside.path().join("data"), &template);
        assert!(renamed.is_ok() || template.is_dir(), "{}: {renamed:?}", template.display());
    }
    template
}

/// Where the files are kept: with what else is built, by version and account.
fn template(account: Option<Account>) -> PathBuf {
    let version = Command::new(INITDB.debian_path()).arg("--version").output().expect("initdb can be run");
    let version = String::from_utf8_lossy(&version.stdout);
    let version: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let user = account.map_or_else(|| "own".to_owned(), |account| account.user.to_string());
    let executable = env::current_exe().expect("a process knows its own file");
    let built = executable.ancestors().nth(2).expect("tests are built in a folder of their own");
    let folder = built.join("postgres");
    fs::create_dir_all(&folder).expect("the folder is where tests are built");
    folder.join(format!("{version}-{user}"))
}

/// Has PostgreSQL make them, in a folder that its account can reach.
fn made(account: Option<Account>) -> TempDir {
    let folder = tempfile::Builder::new().prefix("postgres").tempdir().expect("a temporary folder");
    if let Some(account) = account {
        chown(folder.path(), Some(account.user), Some(account.group)).expect("root may give a folder away");
    }
    let mut initdb = command(INITDB.debian_path(), account, folder.path());
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
    let made = initdb.arg("--pgdata").arg(folder.path().join("data")).output().expect("initdb can be run");
    assert!(made.status.success(), "initdb: {}", both(&made));
    folder
}

/// Copies a folder with all that is in it, whose owner stays the same.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).output().expect("cp can be run");
    assert!(copied.status.success(), "cp: {}", both(&copied));
}

fn both(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

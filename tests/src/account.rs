//! Who servers of PostgreSQL run as.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who the server runs as where this is root, which PostgreSQL refuses to run as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Account {
    /// `None` where this is not root.
    pub(crate) fn for_server() -> Option<Self> {
        let me = fs::metadata("/proc/self").expect("a process knows itself").uid();
        if me != 0 {
            return None;
        }
        let accounts = fs::read_to_string("/etc/passwd").expect("accounts can be read");
        let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let found = fields.filter(|fields| fields.len() > 3).find(|fields| fields[0] == "postgres");
        let fields =
            found.unwrap_or_else(|| panic!("there is no account `postgres`, which Debian's package creates"));
        let number = |text: &str| text.parse().expect("an account has numbers");
        Some(Self { user: number(fields[2]), group: number(fields[3]) })
    }
}

/// A command in the folder of a server, by the account that this runs as.
pub(crate) fn as_server(program: PathBuf, folder: &Path) -> Command {
    command(program, Account::for_server(), folder)
}

/// A command in a folder, by an account.
pub(crate) fn command(program: PathBuf, account: Option<Account>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

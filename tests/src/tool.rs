//! The real tools that generated files are held against.

use std::env;
use std::fs;
use std::path::PathBuf;

/// A tool that a test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// The command.
    pub command: &'static str,
    /// The package of Debian and Ubuntu that has it.
    pub package: &'static str,
}

/// Checks and tests rule files as Prometheus reads them.
pub const PROMTOOL: Tool = Tool { command: "promtool", package: "prometheus" };

impl Tool {
    /// Where the tool is: the first folder of `PATH` that has it.
    ///
    /// # Panics
    ///
    /// When no folder has it, with what to install.
    #[track_caller]
    pub fn path(self) -> PathBuf {
        let folders = env::var_os("PATH").unwrap_or_default();
        let found =
            env::split_paths(&folders).map(|folder| folder.join(self.command)).find(|path| path.is_file());
        found.unwrap_or_else(|| panic!("{}", self.missing()))
    }

    /// Where a server's tool is: as [`Tool::path`], or where Debian has those that are not on the
    /// `PATH` of everybody.
    ///
    /// # Panics
    ///
    /// As [`Tool::path`].
    #[track_caller]
    pub fn debian_path(self) -> PathBuf {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> =
            versions.map(|version| version.path().join("bin").join(self.command)).collect();
        found.sort();
        found.insert(0, PathBuf::from("/usr/sbin").join(self.command));
        found.retain(|path| path.is_file());
        found.pop().unwrap_or_else(|| self.path())
    }

    fn missing(self) -> String {
        let Self { command, package } = self;
        format!(
            "`{command}` is not installed. `tests/run` installs it where it may; on Debian and Ubuntu, \
             `apt-get install --no-install-recommends {package}` does"
        )
    }
}

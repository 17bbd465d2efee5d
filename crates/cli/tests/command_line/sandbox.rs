//! A folder of its own for each test, with Clipper's catalogue and runbook in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::sarif;

/// A folder that commands run in.
pub(crate) struct Sandbox(TempDir);

/// How a command ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The catalogue of another team.
pub(crate) fn payments() -> PathBuf {
    root().join("tests/fixtures/payments/catalogue.yaml")
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The folders that files are generated into.
const FOLDERS: [&str; 6] =
    ["alerts", "alerts/kubernetes", "alerts/mixin", "alerts/tests", "dashboards", "dashboards/kubernetes"];

impl Sandbox {
    /// A folder with Clipper's catalogue and runbook where they are expected.
    pub(crate) fn clipper() -> Self {
        let sandbox = Self(tempfile::tempdir().unwrap());
        for file in ["jobs/catalogue.yaml", "docs/runbooks/background-jobs.md"] {
            sandbox.write(file, &fs::read_to_string(root().join(file)).unwrap());
        }
        sandbox
    }

    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, path: &str, text: &str) {
        self.write(path, &(self.read(path) + text));
    }

    /// Replaces a text that has to be there.
    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{old}");
        self.write(path, &text.replace(old, new));
    }

    /// The names of hidden files in the generated folders.
    pub(crate) fn hidden_files(&self) -> Vec<String> {
        FOLDERS
            .iter()
            .filter_map(|folder| fs::read_dir(self.path(folder)).ok())
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name.starts_with('.'))
            .collect()
    }

    /// The texts of the generated files by their paths.
    pub(crate) fn generated(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for folder in FOLDERS {
            for entry in fs::read_dir(self.path(folder)).into_iter().flatten().flatten() {
                let name = entry.file_name().into_string().unwrap();
                if entry.path().is_file() && !name.starts_with('.') {
                    let path = format!("{folder}/{name}");
                    files.insert(path.clone(), self.read(&path));
                }
            }
        }
        files
    }

    /// A named pipe that nobody reads from or writes to.
    #[cfg(unix)]
    pub(crate) fn pipe(&self, path: &str) {
        assert!(Command::new("mkfifo").arg(self.path(path)).status().unwrap().success());
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        let run = Run::of(command.output().unwrap());
        sarif::check(arguments, &run.stdout);
        run
    }

    /// Runs a command in a folder below.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let run = Run::of(self.command(arguments).current_dir(self.path(folder)).output().unwrap());
        sarif::check(arguments, &run.stdout);
        run
    }

    /// Runs a command on a text as its standard input.
    pub(crate) fn run_on(&self, arguments: &[&str], input: &str) -> Run {
        self.run_in_on(".", arguments, input)
    }

    /// The same, in a folder below.
    pub(crate) fn run_in_on(&self, folder: &str, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        command.current_dir(self.path(folder));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever has read enough closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Run::of(child.wait_with_output().unwrap())
    }

    /// Runs a line as the shell of a pipeline does, which finds the command in the folder `bin`.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", line]).current_dir(self.0.path()).env("PATH", path).stdin(Stdio::null());
        Run::of(shell.output().unwrap())
    }

    /// Puts the command where a pipeline has installed it.
    #[cfg(unix)]
    pub(crate) fn install(&self, path: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(cargo_bin("jobwatch"), self.path(path)).unwrap();
    }

    /// What a command says that cannot run.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        self.fails_in(".", arguments)
    }

    /// The same, in a folder below.
    pub(crate) fn fails_in(&self, folder: &str, arguments: &[&str]) -> String {
        let run = self.run_in(folder, arguments);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout, "");
        run.stderr
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.spawn_with(arguments, &[])
    }

    pub(crate) fn spawn_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Child {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("jobwatch"));
        command.current_dir(self.0.path()).args(arguments).env("COLUMNS", "100").stdin(Stdio::null());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }
}

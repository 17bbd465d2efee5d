//! Runs promtool over generated files, several at a time, each in a folder of its own that is
//! removed afterwards.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use jobwatch_observability::artifact::Artifact;
use tempfile::TempDir;

use crate::tool::PROMTOOL;

/// What promtool says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The file's path, as the artifact has it.
    pub path: String,
    /// Whether it is content.
    pub passed: bool,
    /// All that it said.
    pub output: String,
}

/// The folder of generated tests.
const TESTS: &str = "alerts/tests/";

/// Checks the rule files among artifacts. What promtool's linter finds counts as a failure.
///
/// # Panics
///
/// When promtool is missing or cannot be started.
#[track_caller]
pub fn check_rules(artifacts: &[Artifact]) -> Vec<Verdict> {
    run(artifacts, |path| path.ends_with(".rules.yaml"), &["check", "rules", "--lint=all", "--lint-fatal"])
}

/// Has rule files loaded as Prometheus would, all in one run, and returns what is said about each,
/// in their order. What promtool's linter finds is no failure.
///
/// # Panics
///
/// When promtool is missing or cannot be started, or does not say that it looked at each file.
#[track_caller]
pub fn load_rules(artifacts: &[Artifact]) -> Vec<Verdict> {
    let folder = written(artifacts);
    let output = Command::new(PROMTOOL.path())
        .args(["check", "rules", "--lint=none"])
        .args(artifacts.iter().map(|artifact| artifact.path.as_str()))
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|error| panic!("cannot start promtool: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let of_file = |artifact: &Artifact| {
        let path = artifact.path.as_str();
        let checked = said.split("Checking ").find_map(|of_file| of_file.strip_prefix(path));
        let checked = checked.unwrap_or_else(|| panic!("promtool did not look at {path}: {said}{errors}"));
        let of_errors = errors.lines().filter(|line| line.contains(path));
        Verdict {
            path: path.to_owned(),
            passed: checked.contains("SUCCESS"),
            output: of_errors.collect::<Vec<_>>().join("\n"),
        }
    };
    artifacts.iter().map(of_file).collect()
}

/// Runs the unit tests among artifacts.
///
/// # Panics
///
/// When promtool is missing or cannot be started.
#[track_caller]
pub fn test_rules(artifacts: &[Artifact]) -> Vec<Verdict> {
    run(artifacts, |path| path.starts_with(TESTS), &["test", "rules"])
}

/// Checks what a process exposes.
///
/// # Panics
///
/// When promtool is missing or cannot be started.
#[track_caller]
pub fn check_metrics(exposition: &str) -> Verdict {
    let folder = temporary();
    let path = folder.path().join("metrics");
    let exposed = fs::write(&path, exposition)
        .and_then(|()| fs::File::open(&path))
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    let output = Command::new(PROMTOOL.path())
        .args(["check", "metrics"])
        .stdin(exposed)
        .output()
        .unwrap_or_else(|error| panic!("cannot start promtool: {error}"));
    verdict("metrics", &output)
}

#[track_caller]
fn run(artifacts: &[Artifact], picked: impl Fn(&str) -> bool, arguments: &[&str]) -> Vec<Verdict> {
    let promtool = PROMTOOL.path();
    let folder = written(artifacts);
    let paths: Vec<&str> =
        artifacts.iter().map(|artifact| artifact.path.as_str()).filter(|path| picked(path)).collect();
    let next = Mutex::new(paths.iter());
    let verdicts = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(paths.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let path = next.lock().ok().and_then(|mut paths| paths.next());
                    let Some(path) = path else { break };
                    let verdict = judge(&promtool, folder.path(), path, arguments);
                    if let Ok(mut verdicts) = verdicts.lock() {
                        verdicts.push(verdict);
                    }
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_default();
    assert_eq!(verdicts.len(), paths.len(), "promtool could not be run on every file");
    verdicts.sort_by(|a, b| a.path.cmp(&b.path));
    verdicts
}

/// A promtool that is killed leaves its storage behind in the folder that it was started in, so
/// each has one of its own.
fn judge(promtool: &Path, folder: &Path, path: &str, arguments: &[&str]) -> Verdict {
    let storage = temporary();
    let output = Command::new(promtool)
        .args(arguments)
        .arg(folder.join(path))
        .current_dir(storage.path())
        // It collects its garbage less often, which takes a fifth off its time.
        .env("GOGC", "400")
        .output()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", promtool.display()));
    verdict(path, &output)
}

fn verdict(path: &str, output: &Output) -> Verdict {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    Verdict {
        path: path.to_owned(),
        passed: output.status.success(),
        output: String::from_utf8_lossy(&text).into_owned(),
    }
}

fn written(artifacts: &[Artifact]) -> TempDir {
    let folder = temporary();
    for artifact in artifacts {
        let path: PathBuf = folder.path().join(&artifact.path);
        let parent = path.parent().unwrap_or(folder.path());
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, &artifact.text))
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
    folder
}

fn temporary() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("cannot create a temporary folder: {error}"))
}

//! What the command takes as a whole process, by the number of jobs, against an earlier state.
//!
//! ```sh
//! # This state alone.
//! cargo bench -p jobwatch
//! # Against an earlier revision, which is built first.
//! cargo bench -p jobwatch -- HEAD~1
//! ```
//!
//! Both take turns on the same catalogue. Time is what the process spent on a processor, memory its
//! largest resident set, both as the operating system counts them; each is the median of the turns,
//! and the ratio is the median of the ratios turn by turn, with the smallest and the largest.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on panics")]

#[path = "../../observability/benches/rules/sample.rs"]
mod rules;
#[path = "../../observability/benches/catalogues/sample.rs"]
mod sample;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jobwatch_observability::runbook::MAX_SIZE;
use wait4::Wait4;

/// Numbers of jobs, and how many turns are taken with each.
const SIZES: [(usize, usize); 3] = [(6, 41), (100, 21), (10_000, 5)];

/// Commands, and whether they begin without files of an earlier run.
const COMMANDS: [(&[&str], bool); 2] = [(&["generate"], true), (&["generate", "--check"], false)];

/// How many rules somebody has who has very many, and how many turns are taken with them.
const RULES: (usize, usize) = (10_000, 11);

/// Turns with the largest runbook that is read.
const RUNBOOK_TURNS: usize = 5;

/// A section of which two fields are wrong, and would be shorter if they were right.
const WRONG: &str = "## Backlog\nAlert: BackgroundJobCriticalQueueSize\nSeverity: warning, at most\nThreshold: Queue \
                     size > 2000 for 15 minutes\n\n";

/// What a process took.
#[derive(Debug, Clone, Copy)]
struct Usage {
    milliseconds: f64,
    megabytes: f64,
}

/// The command at an earlier revision, which ends with this value.
struct Earlier {
    revision: String,
    command: PathBuf,
    _folder: tempfile::TempDir,
}

fn main() {
    let revision = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let earlier = revision.map(Earlier::build);
    let now = Path::new(env!("CARGO_BIN_EXE_jobwatch"));
    if let Some(earlier) = &earlier {
        println!("Ratios are against {}.\n", earlier.revision);
    }
    println!("| jobs | command | time | ratio | memory | ratio |");
    println!("|---:|---|---:|---:|---:|---:|");
    for (jobs, turns) in SIZES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let catalogue = folder.path().join("catalogue.yaml");
        fs::write(&catalogue, sample::catalogue(jobs)).expect("the folder is writable");
        for (arguments, is_first) in COMMANDS {
            let run = |command: &Path, name: &str| {
                let out = folder.path().join(name);
                if is_first && out.exists() {
                    fs::remove_dir_all(&out).expect("the folder is ours");
                }
                fs::create_dir_all(&out).expect("the folder is writable");
                run(command, arguments, &catalogue, &["--out-dir".as_ref(), out.as_path()], 0)
            };
            show(jobs, &arguments.join(" "), &take_turns(turns, now, earlier.as_ref(), run));
        }
    }
    lints(now, earlier.as_ref());
    runbooks(now, earlier.as_ref());
}

/// What it takes to lint very many rules.
fn lints(now: &Path, earlier: Option<&Earlier>) {
    let (number, turns) = RULES;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let catalogue = folder.path().join("catalogue.yaml");
    fs::write(&catalogue, sample::catalogue(6)).expect("the folder is writable");
    let file = folder.path().join("rules.yaml");
    fs::write(&file, rules::rules(number)).expect("the folder is writable");
    let run = |command: &Path, _: &str| run(command, &["lint"], &catalogue, &[&file], 0);
    show(6, &format!("lint, {number} rules"), &take_turns(turns, now, earlier, run));
}

/// What it takes to hold the largest runbook that is read against the alerts of six jobs, and to
/// mend it: all of it is wrong.
fn runbooks(now: &Path, earlier: Option<&Earlier>) {
    let wrong = WRONG.repeat(MAX_SIZE / WRONG.len());
    let fields = 2 * wrong.len() / WRONG.len();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let catalogue = folder.path().join("catalogue.yaml");
    fs::write(&catalogue, sample::catalogue(6)).expect("the folder is writable");
    for arguments in [["check"].as_slice(), &["check", "--fix"]] {
        let run = |command: &Path, name: &str| {
            let runbook = folder.path().join(name);
            fs::write(&runbook, &wrong).expect("the folder is writable");
            // Sections are left out, which is a finding.
            run(command, arguments, &catalogue, &["--runbook".as_ref(), runbook.as_path()], 1)
        };
        let command = format!("{}, {fields} wrong fields", arguments.join(" "));
        show(6, &command, &take_turns(RUNBOOK_TURNS, now, earlier, run));
    }
}

/// Lets both states run by turns.
fn take_turns(
    turns: usize,
    now: &Path,
    earlier: Option<&Earlier>,
    run: impl Fn(&Path, &str) -> Usage,
) -> Vec<(Usage, Option<Usage>)> {
    let turn = |_| (run(now, "now"), earlier.map(|earlier| run(&earlier.command, "earlier")));
    (0..turns).map(turn).collect()
}

fn show(jobs: usize, command: &str, turns: &[(Usage, Option<Usage>)]) {
    let time = row(turns, |usage| usage.milliseconds);
    let memory = row(turns, |usage| usage.megabytes);
    println!("| {jobs} | {command} | {:.1} ms | {} | {:.1} MB | {} |", time.0, time.1, memory.0, memory.1);
}

impl Earlier {
    /// Builds the command as it was at a revision.
    fn build(revision: String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().join("source");
        let built = folder.path().join("built");
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let clone = ["clone", "--quiet", "--shared", "--no-checkout", root];
        succeed(Command::new("git").args(clone).arg(&source));
        succeed(Command::new("git").arg("-C").arg(&source).args(["checkout", "--quiet", &revision]));
        succeed(
            Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--release", "-p", "jobwatch", "--target-dir"])
                .arg(&built)
                .current_dir(&source),
        );
        Self { revision, command: built.join("release/jobwatch"), _folder: folder }
    }
}

fn succeed(command: &mut Command) {
    let status = command.status().expect("git and cargo can be started");
    assert!(status.success(), "{command:?} ended with {status}");
}

/// Runs a command that ends with a code.
fn run(command: &Path, arguments: &[&str], catalogue: &Path, more: &[&Path], code: i32) -> Usage {
    let child = Command::new(command)
        .args(arguments)
        .arg("--catalogue")
        .arg(catalogue)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command can be started");
    let ended = child.wait4().expect("the command ends");
    assert_eq!(
        ended.status.code(),
        Some(code),
        "{} {arguments:?} ended with {}",
        command.display(),
        ended.status
    );
    let spent = ended.rusage.utime + ended.rusage.stime;
    Usage { milliseconds: spent.as_secs_f64() * 1e3, megabytes: ended.rusage.maxrss as f64 / 1e6 }
}

/// The median of what was measured, and of its ratio to what the earlier state took.
fn row(turns: &[(Usage, Option<Usage>)], measured: impl Fn(&Usage) -> f64) -> (f64, String) {
    let median = sorted(turns.iter().map(|(now, _)| measured(now)))[turns.len() / 2];
    let ratios =
        sorted(turns.iter().filter_map(|(now, earlier)| Some(measured(now) / measured(earlier.as_ref()?))));
    let ratio = match &ratios[..] {
        [] => "—".to_owned(),
        [least, .., most] => format!("{:.2} ({least:.2} to {most:.2})", ratios[ratios.len() / 2]),
        [only] => format!("{only:.2}"),
    };
    (median, ratio)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

//! Many jobs that do nothing, all due in the same second, each second, and spread over a minute:
//! this runtime, its peers, and bare tokio tasks in turns.
//!
//! ```sh
//! # About nine minutes.
//! cargo bench -p jobwatch-runtime --features sqlite,postgres --bench schedulers
//! # A number of jobs and a part of a name of yours.
//! cargo bench -p jobwatch-runtime --features sqlite,postgres --bench schedulers -- 1000 apalis
//! ```
//!
//! Each measurement is a process of its own: two seconds to settle, then ten that count. Memory is
//! the slope between half of the jobs and all of them. A peer that has not enough room in its
//! channel loses runs; that is shown, and then what it does with enough.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on panics")]

mod contestants;
mod measure;

use std::process::Command;

use contestants::Contestant;
use measure::Figures;

const CHILD: &str = "JOBWATCH_BENCH";

fn main() {
    if let Ok(task) = std::env::var(CHILD) {
        let (name, jobs) = task.rsplit_once(' ').expect("a contestant and a number");
        let contestant = Contestant::ALL.into_iter().find(|contestant| contestant.name() == name).unwrap();
        println!("{}", measure::run(contestant, jobs.parse().unwrap()));
        return;
    }
    let (mut sizes, mut names) = (Vec::new(), Vec::new());
    // Cargo passes `--bench`.
    for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        match argument.parse::<usize>() {
            Ok(size) => sizes.push(size),
            Err(_) => names.push(argument),
        }
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    let is_asked = |contestant: Contestant| {
        names.is_empty() || names.iter().any(|name| contestant.name().contains(name.as_str()))
    };
    println!("| jobs | scheduler | runs lost | late p50 | late p99 | CPU a run | memory a job |");
    println!("|---:|---|---:|---:|---:|---:|---:|");
    for jobs in sizes {
        for contestant in Contestant::ALL.into_iter().filter(|one| jobs <= one.most_jobs() && is_asked(*one))
        {
            if contestant.is_spread() {
                // As many each second.
                let jobs = jobs - jobs % 60;
                println!("{}", row(contestant, jobs, None, child(contestant, jobs)));
            } else {
                let half = child(contestant, jobs / 2);
                println!("{}", row(contestant, jobs, Some(half), child(contestant, jobs)));
            }
        }
    }
}

/// Measures in a process of its own.
fn child(contestant: Contestant, jobs: usize) -> Figures {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).env(CHILD, format!("{} {jobs}", contestant.name())).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Figures::parse(&text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn row(contestant: Contestant, jobs: usize, half: Option<Figures>, all: Figures) -> String {
    let memory = half.map_or(String::new(), |half| {
        let more = (all.memory_kilobytes - half.memory_kilobytes) * 1_024.0;
        format!("{:.0} B", more / (jobs - jobs / 2) as f64)
    });
    let name = contestant.name();
    if contestant.is_idle() {
        let cpu = all.cpu_microseconds / 1_000.0 / measure::SECONDS as f64;
        return format!("| {jobs} | {name} | | | | {cpu:.2} ms a second | {memory} |");
    }
    let each_second = if contestant.is_spread() { jobs / 60 } else { jobs };
    let expected = (each_second as u64 * measure::SECONDS) as f64;
    let lost = (100.0 * (1.0 - all.runs / expected)).max(0.0);
    let cpu = all.cpu_microseconds / all.runs.max(1.0);
    format!(
        "| {jobs} | {name} | {lost:.1} % | {:.0} ms | {:.0} ms | {cpu:.2} µs | {memory} |",
        all.late_p50, all.late_p99
    )
}

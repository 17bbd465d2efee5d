//! Many jobs that do nothing, all due in the same second, each second: this runtime, its peers, and bare tokio tasks in turns.
//!
//! ```sh
//! cargo bench -p jobwatch-runtime --features sqlite,postgres --bench schedulers            # about six minutes
//! cargo bench -p jobwatch-runtime --features sqlite,postgres --bench schedulers -- 1000    # a number of jobs of yours
//! ```
//!
//! Each measurement is a process of its own: two seconds to settle, then ten that count. Memory is the slope between half of the
//! jobs and all of them. A peer that has not enough room in its channel loses runs; that is shown, and then what it does with enough.

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
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1_000, 10_000, 100_000] } else { asked };
    println!("| jobs | scheduler | runs lost | late p50 | late p99 | CPU a run | memory a job |");
    println!("|---:|---|---:|---:|---:|---:|---:|");
    for jobs in sizes {
        for contestant in Contestant::ALL.into_iter().filter(|contestant| jobs <= contestant.most_jobs()) {
            let half = child(contestant, jobs / 2);
            let all = child(contestant, jobs);
            println!("{}", row(contestant, jobs, half, all));
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

fn row(contestant: Contestant, jobs: usize, half: Figures, all: Figures) -> String {
    let memory = (all.memory_kilobytes - half.memory_kilobytes) * 1_024.0 / (jobs - jobs / 2) as f64;
    let name = contestant.name();
    if contestant.is_idle() {
        let cpu = all.cpu_microseconds / 1_000.0 / measure::SECONDS as f64;
        return format!("| {jobs} | {name} | | | | {cpu:.2} ms a second | {memory:.0} B |");
    }
    let expected = (jobs as u64 * measure::SECONDS) as f64;
    let lost = (100.0 * (1.0 - all.runs / expected)).max(0.0);
    let cpu = all.cpu_microseconds / all.runs.max(1.0);
    format!(
        "| {jobs} | {name} | {lost:.1} % | {:.0} ms | {:.0} ms | {cpu:.2} µs | {memory:.0} B |",
        all.late_p50, all.late_p99
    )
}

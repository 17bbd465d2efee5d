//! The jobs that go through whole tables: scores of clips and reputations of users, on SQLite and
//! PostgreSQL, against the bare statement that does the same at once.
//!
//! ```sh
//! # 1,000,000 clips and as many users: about a quarter of an hour.
//! cargo bench -p clipper-jobs --bench tables
//! # A number of rows of yours: a minute.
//! cargo bench -p clipper-jobs --bench tables -- 50000
//! # Some of the jobs.
//! cargo bench -p clipper-jobs --bench tables -- 500000 hot_score_refresh trending_score_refresh
//! ```
//!
//! Each measurement is a process of its own, so that its largest resident memory is its own as
//! well; it is shown for a tenth of the rows and for all of them. The job and the bare statement
//! take turns on the same tables, each after the same change; what is shown is the median of the
//! ratios, with the smallest and the largest. PostgreSQL's own memory is its own affair and not
//! counted.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on panics")]

mod bare;
mod site;
mod work;

use std::process::Command;

use site::{Change, Kind, Site};
use work::{Figures, Job, Way};

const CHILD: &str = "CLIPPER_BENCH";

/// How often the job and the bare statement take turns, after all rows have changed, after a few,
/// and after none.
const ROUNDS: [(Change, usize); 3] = [(Change::All, 2), (Change::OneInAHundred, 5), (Change::Nothing, 5)];

#[tokio::main]
async fn main() {
    if let Ok(task) = std::env::var(CHILD) {
        println!("{}", work::run(&task).await);
        return;
    }
    // Cargo adds an option of its own.
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let (numbers, names): (Vec<_>, Vec<_>) =
        asked.iter().partition(|argument| argument.parse::<u64>().is_ok());
    let rows = numbers.first().map_or(1_000_000, |rows| rows.parse().expect("it is a number"));
    let jobs = names.into_iter().map(|name| Job::named(name)).collect::<Vec<_>>();
    let jobs = if jobs.is_empty() { Job::ALL.to_vec() } else { jobs };
    let tenth = (rows / 10).max(1);
    println!(
        "| run of | database | rows | changed | rows written | time | against the bare statement | memory at {tenth} | at {rows} |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let few = Site::fill(kind, tenth).await;
        let many = Site::fill(kind, rows).await;
        for &job in &jobs {
            for (change, rounds) in ROUNDS {
                let small = turn(&few, job, Way::Job, change, 0).await;
                let mut turns = Vec::new();
                for round in 0..rounds {
                    // Who goes first changes with each round.
                    let order = if round % 2 == 0 { [Way::Bare, Way::Job] } else { [Way::Job, Way::Bare] };
                    let one = turn(&many, job, order[0], change, 2 * round).await;
                    let other = turn(&many, job, order[1], change, 2 * round + 1).await;
                    turns.push(if round % 2 == 0 { (one, other) } else { (other, one) });
                }
                println!("{}", row(job, kind, rows, change, small, &turns));
            }
        }
    }
}

/// One run after a change, in a process of its own.
async fn turn(site: &Site, job: Job, way: Way, change: Change, turn: usize) -> Figures {
    site.change(job, change, turn).await;
    // The last time that anything changed.
    let at = if change == Change::Nothing { 2 * ROUNDS[1].1 - 1 } else { turn };
    let task = format!("{} {} {} {}", job.name(), way.name(), site.now(at), site.address());
    let output = Command::new(std::env::current_exe().unwrap()).env(CHILD, task).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Figures::parse(&text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn row(
    job: Job,
    kind: Kind,
    rows: u64,
    change: Change,
    small: Figures,
    turns: &[(Figures, Figures)],
) -> String {
    let ratios = sorted(turns.iter().map(|(bare, job)| job.seconds / bare.seconds));
    let seconds = sorted(turns.iter().map(|(_, job)| job.seconds));
    let memory = sorted(turns.iter().map(|(_, job)| job.memory_kilobytes));
    let (_, last) = turns.last().expect("there is at least one round");
    format!(
        "| {} | {} | {rows} | {} | {} | {:.2} s | {:.2} ({:.2} to {:.2}) | {:.1} MB | {:.1} MB |",
        job.name(),
        kind.name(),
        change.name(),
        last.written,
        median(&seconds),
        median(&ratios),
        ratios[0],
        ratios[ratios.len() - 1],
        small.memory_kilobytes / 1_024.0,
        memory[memory.len() - 1] / 1_024.0,
    )
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

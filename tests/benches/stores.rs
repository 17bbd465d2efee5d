//! What a store adds to a run: a claim and a completion, one after the other, and from five
//! processes at once.
//!
//! ```sh
//! cargo bench -p e2e --bench stores
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use e2e::postgres::Postgres;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::Outcome;
use jobwatch_runtime::Request;
use jobwatch_runtime::store::{Claim, Claimed, Completion, MemoryStore, PostgresStore, SqliteStore, Store};
use sqlx::postgres::PgPool;

const CHILD: &str = "JOBWATCH_BENCH";
const PROCESSES: usize = 5;

#[tokio::main]
async fn main() {
    if let Ok(url) = std::env::var(CHILD) {
        let store = postgres(&url).await;
        let pairs = pairs(&store, &format!("process-{}", std::process::id())).await;
        println!("{pairs}");
        return;
    }
    println!("| store | a claim and a completion | a second |");
    println!("|---|---:|---:|");
    row("memory", pairs(&MemoryStore::default(), "bench").await);
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(folder.path().join("jobs.sqlite")).await.unwrap();
    row("SQLite, on disk after each step", pairs(&sqlite, "bench").await);
    let server = Postgres::start();
    let url = server.url("bench", "");
    row("PostgreSQL, without fsync", pairs(&postgres(&url).await, "bench").await);
    let processes: Vec<Child> = (0..PROCESSES)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .env(CHILD, &url)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let outputs = processes.into_iter().map(|process| process.wait_with_output().unwrap());
    let together: f64 =
        outputs.map(|output| String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap()).sum();
    row("PostgreSQL, five processes", together);
}

fn row(store: &str, pairs: f64) {
    println!("| {store} | {:.1} µs | {pairs:.0} |", 1_000_000.0 / pairs);
}

async fn postgres(url: &str) -> PostgresStore {
    PostgresStore::new(PgPool::connect(url).await.unwrap()).await.unwrap()
}

/// How many claims and completions there are in a second, one after the other.
async fn pairs(store: &dyn Store, job: &str) -> f64 {
    let job = JobName::new(job).unwrap();
    let begun = Instant::now();
    let mut pairs = 0;
    let (holder, length, request) = ("bench".into(), Duration::from_secs(30), Request::default());
    while begun.elapsed() < Duration::from_secs(5) {
        let claim = Claim { job: &job, slot: None, holder: &holder, length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else {
            unreachable!("nobody else claims it")
        };
        let outcome = Outcome::Succeeded(Default::default());
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
        pairs += 1;
    }
    f64::from(pairs) / begun.elapsed().as_secs_f64()
}

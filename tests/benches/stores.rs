//! What a store adds to a run: a claim and a completion, one after the other and many at once; how
//! long it takes until many jobs that are due together are started; and what it is asked when
//! nothing is due.
//!
//! ```sh
//! # About six minutes. The folder for temporary files is to be on a disk.
//! cargo bench -p e2e --bench stores
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use e2e::postgres::Postgres;
use jobwatch_catalogue::{JobName, JobSpec};
use jobwatch_runtime::store::{Claim, Claimed, Completion, MemoryStore, PostgresStore, SqliteStore, Store};
use jobwatch_runtime::{Handle, Outcome, Request, RunContext, Runtime, Settings};
use sqlx::postgres::PgPool;
use tokio::time::sleep;

const CHILD: &str = "JOBWATCH_BENCH";
const PROCESSES: usize = 5;

/// How long is measured.
const MEASURED: Duration = Duration::from_secs(5);

/// How many jobs are due together.
const JOBS: usize = 10_000;

/// How long is looked at what is asked when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    if let Ok(url) = std::env::var(CHILD) {
        let store = postgres(&url).await;
        println!("{}", many(&store, &format!("process-{}", std::process::id())).await);
        return;
    }
    let server = Postgres::start_durable();
    let url = server.url("bench", "");
    let folder = tempfile::tempdir().unwrap();
    println!("| store, on disk after each step | a claim and a completion | a second |");
    println!("|---|---:|---:|");
    row("memory", alone(&MemoryStore::default(), "bench").await);
    let sqlite = sqlite(folder.path(), "one").await;
    row("SQLite", alone(&sqlite, "bench").await);
    row("SQLite, many at once", many(&sqlite, "many").await);
    let one = postgres(&url).await;
    row("PostgreSQL", alone(&one, "bench").await);
    row("PostgreSQL, many at once", many(&one, "many").await);
    row("PostgreSQL, many at once in each of five processes", processes(&url));

    println!("\n| {JOBS} jobs due in one second | all started after | all recorded after |");
    println!("|---|---:|---:|");
    for (name, (started, recorded)) in [
        ("memory", due_together(MemoryStore::default()).await),
        ("SQLite", due_together(self::sqlite(folder.path(), "due").await).await),
        ("PostgreSQL", due_together(postgres(&url).await).await),
    ] {
        println!("| {name} | {:.2} s | {:.2} s |", started.as_seconds_f64(), recorded.as_seconds_f64());
    }

    println!("\n| nothing due | transactions of PostgreSQL |");
    println!("|---|---:|");
    let quiet = transactions(&url).await;
    println!("| nobody there, {} s | {quiet} |", IDLE.as_secs());
    let runtime = runtime(postgres(&url).await, 1_000, "0 0 1 1 *");
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    wait_until_ready(&handle).await;
    println!("| a process with 1000 jobs, {} s | {} |", IDLE.as_secs(), transactions(&url).await);
    handle.shutdown();
    running.await.unwrap();
}

fn row(store: &str, pairs: f64) {
    println!("| {store} | {:.1} µs | {pairs:.0} |", 1_000_000.0 / pairs);
}

async fn postgres(url: &str) -> PostgresStore {
    PostgresStore::new(PgPool::connect(url).await.unwrap()).await.unwrap()
}

async fn sqlite(folder: &Path, name: &str) -> SqliteStore {
    SqliteStore::open(folder.join(name)).await.unwrap()
}

/// How many claims and completions there are in a second, one after the other.
async fn alone(store: &dyn Store, job: &str) -> f64 {
    pairs(store, &[JobName::new(job).unwrap()]).await
}

/// The same, as many at once as the store says.
async fn many(store: &dyn Store, name: &str) -> f64 {
    let jobs = (0..store.at_once()).map(|number| JobName::new(format!("{name}-{number}")).unwrap());
    pairs(store, &jobs.collect::<Vec<_>>()).await
}

async fn pairs(store: &dyn Store, jobs: &[JobName]) -> f64 {
    let (holder, length, request) = ("bench".into(), Duration::from_secs(30), Request::default());
    let claim = |job| Claim { job, slot: None, holder: &holder, length, request: &request };
    let claims: Vec<_> = jobs.iter().map(claim).collect();
    let outcome = Outcome::Succeeded(Default::default());
    // The first ones have the jobs come into being.
    let (mut begun, mut pairs) = (Instant::now(), None);
    while pairs.is_none() || begun.elapsed() < MEASURED {
        let claimed = store.claim_many(&claims).await.unwrap();
        let lease = |claimed| match claimed {
            Ok(Claimed::Granted(lease)) => lease,
            other => unreachable!("nobody else claims it: {other:?}"),
        };
        let leases: Vec<_> = claimed.into_iter().map(lease).collect();
        let completion = |lease| Completion { lease, outcome: &outcome, done: None };
        let completions: Vec<_> = leases.iter().map(completion).collect();
        let completed = store.complete_many(&completions).await.unwrap();
        assert!(completed.into_iter().all(|state| state.unwrap().is_some()));
        pairs = Some(pairs.map_or(0, |pairs| pairs + jobs.len()));
        if pairs == Some(0) {
            begun = Instant::now();
        }
    }
    pairs.unwrap_or_default() as f64 / begun.elapsed().as_secs_f64()
}

/// The same in several processes together.
fn processes(url: &str) -> f64 {
    let program = std::env::current_exe().unwrap();
    let start = |_| Command::new(&program).env(CHILD, url).stdout(Stdio::piped()).spawn().unwrap();
    let processes: Vec<Child> = (0..PROCESSES).map(start).collect();
    let outputs = processes.into_iter().map(|process| process.wait_with_output().unwrap());
    outputs.map(|output| String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap()).sum()
}

/// How many runs of each due time have begun, and when the last of them did.
type Begun = BTreeMap<DateTime<Utc>, (usize, DateTime<Utc>)>;

static BEGUN: Mutex<Begun> = Mutex::new(BTreeMap::new());

async fn note(run: RunContext) {
    if let Some(due) = run.due() {
        let now = Utc::now();
        let mut begun = BEGUN.lock().unwrap();
        let (number, last) = begun.entry(due).or_insert((0, now));
        (*number, *last) = (*number + 1, now);
    }
}

fn runtime(store: impl Store + 'static, jobs: usize, schedule: &str) -> Runtime {
    let job = |number| JobSpec::cron(format!("job-{number}"), schedule, "UTC");
    let builder = Runtime::builder("bench").store(store);
    let builder = builder.settings(Settings { start_delay: Duration::ZERO, ..Settings::default() });
    (0..jobs).map(job).fold(builder, |builder, job| builder.job(job, note)).build().unwrap()
}

async fn wait_until_ready(handle: &Handle) {
    while !handle.readiness().is_ready() {
        sleep(Duration::from_millis(100)).await;
    }
}

/// How long after their due time the last of many jobs begins that are due each minute, and how
/// long after it the last of their runs is recorded.
async fn due_together(store: impl Store + 'static) -> (TimeDelta, TimeDelta) {
    BEGUN.lock().unwrap().clear();
    let runtime = runtime(store, JOBS, "* * * * *");
    let handle = runtime.handle();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    wait_until_ready(&handle).await;
    // The first that all wait for. Those that were due before the start are run when it has come
    // to them.
    let ready = Utc::now() + TimeDelta::seconds(5);
    let (due, begun) = loop {
        sleep(Duration::from_millis(100)).await;
        let is_whole = |(due, (number, _)): &(&DateTime<Utc>, &(usize, _))| **due > ready && *number == JOBS;
        if let Some((due, (_, last))) = BEGUN.lock().unwrap().iter().find(is_whole) {
            break (*due, *last);
        }
    };
    let recorded = loop {
        sleep(Duration::from_millis(500)).await;
        let list = handle.list().await.unwrap();
        let ended = list
            .iter()
            .map(|job| job.last_run.as_ref().filter(|run| run.slot >= Some(due)).map(|run| run.ended));
        if let Some(ended) = ended.collect::<Option<Vec<_>>>() {
            break ended.into_iter().max().unwrap();
        }
    };
    handle.shutdown();
    running.await.unwrap();
    (begun - due, recorded - due)
}

/// How many transactions the server has begun within a while, as it counts them.
async fn transactions(url: &str) -> i64 {
    let pool = PgPool::connect(url).await.unwrap();
    // What a connection has done is counted when it ends or has been idle for ten seconds.
    let count = async || {
        sleep(Duration::from_secs(12)).await;
        let query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'postgres'";
        sqlx::query_scalar::<_, i64>(query).fetch_one(&pool).await.unwrap()
    };
    let before = count().await;
    sleep(IDLE - Duration::from_secs(12)).await;
    count().await - before
}

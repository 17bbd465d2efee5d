use std::collections::HashSet;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use e2e::pgbouncer::PgBouncer;
use e2e::postgres::Postgres;
use jobwatch_runtime::store::{Claim, Claimed, Completion, Lease, PostgresStore, Store, StoreError};
use jobwatch_runtime::testing::conformance;
use jobwatch_runtime::{Fence, JobName, Outcome, Request, RunId};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

async fn pool(server: &Postgres, settings: &str) -> PgPool {
    PgPool::connect(&server.url("test", settings)).await.unwrap()
}

/// Holds a store to all of it, at an address of a server.
async fn conforms(server: &Postgres, url: &str, in_transactions: bool) {
    // A clock that the test can put forward, which unqualified calls find before the server's own.
    let plain = pool(server, "").await;
    let clock = "CREATE SCHEMA fake; CREATE TABLE fake.ahead AS SELECT interval '0' AS by; \
         CREATE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql \
         AS 'SELECT pg_catalog.clock_timestamp() + by FROM fake.ahead'; \
         ALTER DATABASE postgres SET search_path = fake, pg_catalog;";
    sqlx::raw_sql(clock).execute(&plain).await.unwrap();
    // PgBouncer refuses whoever sets them.
    let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
    let pool = PgPoolOptions::new().connect_with(options).await.unwrap();
    let store = PostgresStore::new(pool).await.unwrap().in_transactions(in_transactions);
    let pass = async |by: Duration| {
        let ahead = sqlx::query("UPDATE fake.ahead SET by = by + make_interval(secs => $1)");
        ahead.bind(by.as_secs_f64()).execute(&plain).await.unwrap();
    };
    conformance::exercise(&store, pass).await.unwrap();
}

#[tokio::test]
async fn postgres_conforms() {
    let server = Postgres::start();
    conforms(&server, &server.url("test", ""), false).await;
}

/// It gives each transaction another connection, and forgets what is prepared where it can.
#[tokio::test]
async fn postgres_conforms_behind_a_pooler_by_transactions() {
    let server = Postgres::start();
    let forgetful = if PgBouncer::can_keep_statements() { "max_prepared_statements = 0" } else { "" };
    let _pooler = PgBouncer::start(&server, "transaction", forgetful);
    conforms(&server, &PgBouncer::url(&server.url("test", "")), true).await;
}

#[tokio::test]
async fn fewer_runs_are_remembered_than_before_and_the_rest_goes_little_by_little() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    let job = JobName::new("job").unwrap();
    let run = async |store: &PostgresStore| {
        let length = Duration::from_secs(60);
        let request = Request::default();
        let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        let outcome = Outcome::Succeeded(Default::default());
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
        count(&pool, "SELECT count(*) FROM jobwatch_run").await
    };
    let store = PostgresStore::new(pool.clone()).await.unwrap().remembering(250);
    for number in 1..=250 {
        assert_eq!(run(&store).await, number);
    }
    let store = store.remembering(3);
    assert_eq!(store.history(&job).await.unwrap().len(), 3);
    assert_eq!([run(&store).await, run(&store).await, run(&store).await, run(&store).await], [151, 52, 3, 3]);
}

#[tokio::test]
async fn replicas_that_start_together_create_or_update_the_tables_once_and_later_versions_are_refused() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    let stores: Vec<_> = (0..8).map(|_| tokio::spawn(PostgresStore::new(pool.clone()))).collect();
    for store in stores {
        store.await.unwrap().unwrap();
    }
    let first = "UPDATE jobwatch_schema SET version = 1; \
        ALTER TABLE jobwatch_run DROP COLUMN reason, DROP COLUMN idempotency_key; \
        ALTER TABLE jobwatch_job DROP COLUMN expected_since, DROP COLUMN disabled";
    sqlx::raw_sql(first).execute(&pool).await.unwrap();
    let stores: Vec<_> = (0..8).map(|_| tokio::spawn(PostgresStore::new(pool.clone()))).collect();
    for store in stores {
        store.await.unwrap().unwrap();
    }
    assert_eq!(count(&pool, "SELECT count(idempotency_key) FROM jobwatch_run").await, 0);
    assert_eq!(count(&pool, "SELECT count(expected_since) FROM jobwatch_job").await, 0);
    sqlx::query("UPDATE jobwatch_schema SET version = 4").execute(&pool).await.unwrap();
    let refused = PostgresStore::new(pool).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "the store cannot use its tables: they are of version 4, and this program knows 3; update it"
    );
}

#[tokio::test]
async fn a_transaction_of_a_run_that_was_overtaken_is_refused_and_later_ones_wait_for_it() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    // Of those that write for the first time, one creates the table.
    let first: Vec<_> = (0..8).map(|_| tokio::spawn(passes(pool.clone(), 2))).collect();
    for passed in first {
        assert!(passed.await.unwrap());
    }
    assert!(!passes(pool.clone(), 1).await);
    let mut earlier = pool.begin().await.unwrap();
    assert!(earlier.pass(&paying(2)).await.unwrap());
    let later = tokio::spawn(passes(pool.clone(), 3));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!later.is_finished());
    earlier.commit().await.unwrap();
    assert!(later.await.unwrap());
    assert!(!passes(pool, 2).await);
}

fn names() -> Vec<JobName> {
    (0..100).map(|number| JobName::new(format!("job-{number}")).unwrap()).collect()
}

/// Claims a run of each of several jobs at once.
async fn claim_many(
    store: &PostgresStore,
    jobs: &[JobName],
    holder: &str,
) -> Vec<Result<Claimed, StoreError>> {
    let (holder, length, request): (Arc<str>, _, _) =
        (holder.into(), Duration::from_secs(30), &Request::default());
    let claim = |job| Claim { job, slot: None, holder: &holder, length, request };
    let claims: Vec<_> = jobs.iter().map(claim).collect();
    // A deadlock would be an error, and a wait for it would take a second.
    store.claim_many(&claims).await.unwrap()
}

fn granted(claimed: Vec<Result<Claimed, StoreError>>) -> Vec<Lease> {
    let lease = |claimed| if let Ok(Claimed::Granted(lease)) = claimed { Some(lease) } else { None };
    claimed.into_iter().filter_map(lease).collect()
}

/// Completes several runs at once, each of which is taken.
async fn complete_many(store: &PostgresStore, leases: &[Lease]) {
    let outcome = &Outcome::Succeeded(Default::default());
    let completions: Vec<_> = leases.iter().map(|lease| Completion { lease, outcome, done: None }).collect();
    let completed = store.complete_many(&completions).await.unwrap();
    assert!(completed.into_iter().all(|state| state.unwrap().is_some()));
}

#[tokio::test]
async fn many_jobs_are_claimed_in_one_transaction_and_completed_in_one() {
    const TRANSACTIONS: &str = "SELECT count(DISTINCT xmin::text) FROM jobwatch_run";
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let leases = granted(claim_many(&store, &names(), "a").await);
    assert_eq!((leases.len(), count(&pool, TRANSACTIONS).await), (100, 1));
    complete_many(&store, &leases).await;
    let ended = count(&pool, "SELECT count(ended) FROM jobwatch_run").await;
    assert_eq!((ended, count(&pool, TRANSACTIONS).await), (100, 1));
}

#[tokio::test]
async fn a_row_that_somebody_has_locked_holds_up_no_other_job() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let leases = granted(claim_many(&store, &names(), "a").await);
    complete_many(&store, &leases).await;
    let mut somebody = pool.begin().await.unwrap();
    let lock = "SELECT FROM jobwatch_job WHERE name = 'job-50' FOR UPDATE";
    sqlx::query(lock).execute(&mut *somebody).await.unwrap();
    let jobs = names();
    let claimed = tokio::time::timeout(Duration::from_secs(30), claim_many(&store, &jobs, "a"));
    let claimed = claimed.await.expect("nobody waits");
    let undecided: Vec<_> = (0..100).filter(|number| claimed[*number].is_err()).collect();
    assert_eq!((undecided, granted(claimed).len()), (vec![50], 99));
    somebody.rollback().await.unwrap();
    assert_eq!(granted(claim_many(&store, &jobs[50..51], "a").await).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_claim_the_same_jobs_in_opposite_orders_share_them() {
    let server = Postgres::start();
    let store = PostgresStore::new(pool(&server, "").await).await.unwrap();
    let (forwards, backwards) = (names(), names().into_iter().rev().collect::<Vec<_>>());
    for round in 1..=20 {
        let (one, other) =
            tokio::join!(claim_many(&store, &forwards, "a"), claim_many(&store, &backwards, "b"));
        let mut leases = granted(one);
        leases.extend(granted(other));
        let jobs: HashSet<_> = leases.iter().map(|lease| &lease.job).collect();
        let shared = (leases.len(), jobs.len());
        assert_eq!(shared, (100, 100), "each job is granted to one of them, in round {round}");
        complete_many(&store, &leases).await;
    }
}

fn paying(token: u64) -> RunId {
    RunId { job: JobName::new("pay").unwrap(), token }
}

/// Whether a transaction of a run may be committed.
async fn passes(pool: PgPool, token: u64) -> bool {
    let mut transaction = pool.begin().await.unwrap();
    let passed = transaction.pass(&paying(token)).await.unwrap();
    transaction.commit().await.unwrap();
    passed
}

#[tokio::test]
async fn a_server_that_is_gone_is_an_error() {
    let server = Postgres::start();
    let store = PostgresStore::new(pool(&server, "").await).await.unwrap();
    drop(server);
    let job = jobwatch_catalogue::JobName::new("job").unwrap();
    let error = store.state(&job).await.unwrap_err();
    assert_eq!(error.action, "tell the state");
}

const JOBS: usize = 200;

/// How often one of the replicas has a bad time, in each of the two tests.
const ROUNDS: usize = 150;

/// Replicas in processes of their own, which end with this value.
struct Replicas<'s> {
    server: &'s Postgres,
    processes: Vec<Child>,
}

impl Replicas<'_> {
    fn spawn(server: &Postgres, number: usize) -> Child {
        replica(server, number, JOBS, 50, SHORT_LEASE)
    }

    /// Kills a replica, and starts another in its place.
    fn replace(&mut self, number: usize) {
        self.processes[number].kill().unwrap();
        self.processes[number].wait().unwrap();
        self.processes[number] = Self::spawn(self.server, number);
    }
}

impl Drop for Replicas<'_> {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// One that runs out within a test.
const SHORT_LEASE: Duration = Duration::from_millis(1_500);

/// One with which the store has ten seconds for each answer, so that none is lost: a lease whose
/// grant nobody has heard of is not given back.
const LONG_LEASE: Duration = Duration::from_secs(30);

fn replica(server: &Postgres, number: usize, jobs: usize, step: u32, lease: Duration) -> Child {
    let url = server.url(&format!("replica-{number}"), "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_replica"));
    let lease = lease.as_millis();
    command.args([url, jobs.to_string(), step.to_string(), lease.to_string()]).spawn().unwrap()
}

fn signal(process: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap().success());
}

async fn create_work(pool: &PgPool) {
    let work = "CREATE TABLE work (job text, token bigint, step int, sent timestamptz, \
                at timestamptz DEFAULT clock_timestamp())";
    sqlx::raw_sql(work).execute(pool).await.unwrap();
}

/// Waits until a query counts something.
async fn wait_for(pool: &PgPool, query: &'static str) {
    for _ in 0..300 {
        if count(pool, query).await > 0 {
            return;
        }
        pause(0.1).await;
    }
    panic!("in vain: {query}");
}

async fn pause(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// Many hundred due times, while one replica after the other is killed, frozen beyond its lease, or
/// cut off.
async fn check(replicas: usize) {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    create_work(&pool).await;
    let processes = (0..replicas).map(|number| Replicas::spawn(&server, number)).collect();
    let mut processes = Replicas { server: &server, processes };
    wait_for(&pool, "SELECT count(*) FROM work").await;
    for round in 0..ROUNDS {
        // Neither two nor five replicas are a multiple of three: each meets with everything.
        let victim = round % replicas;
        match round % 3 {
            0 => processes.replace(victim),
            1 => {
                signal(&processes.processes[victim], "-STOP");
                pause(1.8).await;
                signal(&processes.processes[victim], "-CONT");
            }
            _ => {
                let cut =
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
                sqlx::query(cut).bind(format!("replica-{victim}")).execute(&pool).await.unwrap();
            }
        }
        pause(0.3).await;
    }
    // Whatever is still open is run before the next due time.
    pause(8.0).await;
    drop(processes);

    let successes = count(&pool, "SELECT count(*) FROM jobwatch_run WHERE outcome = 'succeeded'").await;
    assert!(successes > 1_000, "{successes} runs are too few to prove anything");
    let lost = count(&pool, "SELECT count(*) FROM jobwatch_run WHERE cause = 'lease_lost'").await;
    assert!(lost > 10, "{lost} runs were overtaken, which is hardly ever");

    let twice = "SELECT count(*) FROM (SELECT 1 FROM jobwatch_run WHERE outcome = 'succeeded' \
                 GROUP BY job, slot HAVING count(*) > 1) AS twice";
    assert_eq!(count(&pool, twice).await, 0, "a due time was done twice");

    // Every twenty seconds from the first due time of a job to its last that is done, there is one
    // that succeeded, unless the run failed: its connection was cut off.
    let missing = "SELECT format('%s at %s: %s', job.name, due, (\
                       SELECT string_agg(format('%s of %s from %s to %s %s', token, slot, since, ended, cause), '; ' ORDER BY token) \
                       FROM jobwatch_run WHERE job = job.name AND slot BETWEEN due - interval '20 s' AND due + interval '20 s')) \
                   FROM jobwatch_job AS job, \
                   generate_series((SELECT min(slot) FROM jobwatch_run WHERE job = job.name), job.done, '20 s') AS due \
                   WHERE NOT EXISTS (SELECT FROM jobwatch_run AS run WHERE run.job = job.name AND run.slot = due \
                                     AND run.outcome IN ('succeeded', 'failed'))";
    let lost: Vec<String> = sqlx::query_scalar(missing).fetch_all(&pool).await.unwrap();
    assert!(lost.is_empty(), "due times were lost:\n{}", lost.join("\n"));

    // A run that was overtaken has gone about nothing more once the one that overtook it had
    // written.
    let late = "SELECT count(*) FROM work AS late WHERE EXISTS (SELECT FROM work AS newer \
                WHERE newer.job = late.job AND newer.token > late.token AND newer.at < late.sent)";
    assert_eq!(count(&pool, late).await, 0, "two runs of a job were at work at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_lose_nothing_and_overlap_never() {
    check(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_replicas_lose_nothing_and_overlap_never() {
    check(5).await;
}

const LEASES: &str = "SELECT count(*) FROM jobwatch_job WHERE holder IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_told_to_end_lets_its_runs_end_and_gives_its_leases_back() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    create_work(&pool).await;
    let mut process = replica(&server, 0, 10, 400, LONG_LEASE);
    wait_for(&pool, "SELECT count(*) FROM work").await;
    signal(&process, "-TERM");
    assert!(process.wait().unwrap().success());
    assert_eq!(count(&pool, LEASES).await, 0);
    let unfinished = "SELECT count(*) FROM jobwatch_run WHERE outcome IS DISTINCT FROM 'succeeded'";
    assert_eq!(count(&pool, unfinished).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_leaves_at_once_and_the_leases_run_out() {
    let server = Postgres::start();
    let pool = pool(&server, "").await;
    create_work(&pool).await;
    let mut process = replica(&server, 0, 1, 60_000, SHORT_LEASE);
    wait_for(&pool, "SELECT count(*) FROM work").await;
    signal(&process, "-TERM");
    pause(0.5).await;
    assert_eq!(process.try_wait().unwrap(), None, "the first one lets runs end");
    signal(&process, "-TERM");
    assert!(process.wait().unwrap().success());
    assert_eq!(count(&pool, LEASES).await, 1);
    wait_for(&pool, "SELECT count(*) FROM jobwatch_job WHERE until < clock_timestamp()").await;
}

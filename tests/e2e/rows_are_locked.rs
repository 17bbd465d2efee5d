use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use e2e::postgres::Postgres;
use jobwatch_runtime::store::{Claim, Claimed, Completion, Lease, PostgresStore, Renewed, Store, StoreError};
use jobwatch_runtime::{JobName, JobSpec, Outcome, ReadinessProblem, Report, Request, Runtime, Settings};
use sqlx::Transaction;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::timeout;

/// Longer than anything here takes, and less long than a row is locked.
const NOBODY_WAITS: Duration = Duration::from_secs(30);

/// A store with as many connections as Clipper's runtime has, and a pool for others.
async fn store(server: &Postgres) -> (PostgresStore, PgPool) {
    let few = PgPoolOptions::new().max_connections(2);
    let store = PostgresStore::new(few.connect(&server.url("store", "")).await.unwrap()).await.unwrap();
    (store, PgPool::connect(&server.url("test", "")).await.unwrap())
}

fn name(job: &str) -> JobName {
    JobName::new(job).unwrap()
}

async fn claim(store: &PostgresStore, job: &JobName) -> Result<Claimed, StoreError> {
    let (holder, length, request) = (&"me".into(), Duration::from_secs(60), &Request::default());
    store.claim(Claim { job, slot: None, holder, length, request }).await
}

async fn granted(store: &PostgresStore, job: &JobName) -> Lease {
    let Ok(Claimed::Granted(lease)) = claim(store, job).await else { panic!("{job} is not granted") };
    lease
}

async fn complete(store: &PostgresStore, lease: &Lease) -> Result<bool, StoreError> {
    let outcome = &Outcome::Succeeded(Report::default());
    Ok(store.complete(Completion { lease, outcome, done: None }).await?.is_some())
}

/// Locks rows until the transaction ends.
async fn lock(pool: &PgPool, rows: &'static str) -> Transaction<'static, sqlx::Postgres> {
    let mut somebody = pool.begin().await.unwrap();
    sqlx::query(rows).execute(&mut *somebody).await.unwrap();
    somebody
}

const LOCK_JOB: &str = "SELECT FROM jobwatch_job WHERE name LIKE 'locked%' FOR UPDATE";

#[tokio::test]
async fn whatever_is_asked_about_a_job_whose_row_is_locked_is_refused_and_no_other_job_waits() {
    let server = Postgres::start();
    let (store, pool) = store(&server).await;
    let (idle, runs, other) = (name("locked-idle"), name("locked-runs"), name("other"));
    for job in [&idle, &runs, &other] {
        store.enable(job, true).await.unwrap();
    }
    let lease = granted(&store, &runs).await;
    let somebody = lock(&pool, LOCK_JOB).await;

    let everything = async {
        let is_busy = |told: Vec<Option<StoreError>>| {
            told.into_iter().for_each(|error| assert!(error.as_ref().unwrap().is_busy(), "{error:?}"));
        };
        let both = [(&idle, false), (&other, true)];
        let (claimed, renewed, completed, paused, cancelled, disabled, others) = tokio::join!(
            claim(&store, &idle),
            store.renew(&lease, Duration::from_secs(60)),
            complete(&store, &lease),
            store.pause(&idle, true),
            store.cancel(&runs),
            store.enable_many(&both),
            async {
                let lease = granted(&store, &other).await;
                assert_eq!(store.renew(&lease, Duration::from_secs(60)).await.unwrap(), Renewed::Extended);
                assert!(store.cancel(&other).await.unwrap());
                assert!(complete(&store, &lease).await.unwrap());
                store.pause(&other, true).await.unwrap();
                store.enable(&other, false).await.unwrap();
                store.states(&[&idle, &runs, &other]).await.unwrap();
                store.last_runs(&[&idle, &runs, &other]).await.unwrap().len()
            }
        );
        is_busy(vec![claimed.err(), renewed.err(), completed.err(), paused.err()]);
        is_busy(vec![cancelled.err(), disabled.err()]);
        assert_eq!(others, 3);
        // Who starts, and finds the job as it is to be, changes nothing and needs no lock.
        store.enable(&idle, true).await.unwrap();
    };
    timeout(NOBODY_WAITS, everything).await.expect("nobody waits");
    somebody.rollback().await.unwrap();

    assert_eq!(store.renew(&lease, Duration::from_secs(60)).await.unwrap(), Renewed::Extended);
    assert!(complete(&store, &lease).await.unwrap(), "the run is not lost");
    assert_eq!(store.history(&runs).await.unwrap().len(), 1);
    assert!(!store.cancel(&runs).await.unwrap());
    granted(&store, &idle).await;
}

#[tokio::test]
async fn a_run_whose_row_is_locked_is_recorded_later_and_no_other_waits() {
    let server = Postgres::start();
    let (store, pool) = store(&server).await;
    let (locked, other) = (granted(&store, &name("locked")).await, granted(&store, &name("other")).await);
    let somebody = lock(&pool, "SELECT FROM jobwatch_run WHERE job = 'locked' FOR UPDATE").await;
    let everything = async {
        let outcome = &Outcome::Succeeded(Report::default());
        let completions = [&locked, &other].map(|lease| Completion { lease, outcome, done: None });
        for completed in store.complete_many(&completions).await.unwrap() {
            assert!(completed.unwrap_err().is_busy(), "each is asked by itself");
        }
        let (refused, completed) = tokio::join!(complete(&store, &locked), complete(&store, &other));
        assert!(refused.unwrap_err().is_busy() && completed.unwrap());
    };
    timeout(NOBODY_WAITS, everything).await.expect("nobody waits");
    somebody.rollback().await.unwrap();
    assert!(complete(&store, &locked).await.unwrap());
}

const LOCK_RUNS: &str = "LOCK TABLE jobwatch_run IN ACCESS EXCLUSIVE MODE";

/// How many connections of the store there are at the server, and how many of them wait there.
async fn connections(pool: &PgPool) -> (i64, i64) {
    let statement = "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') \
                     FROM pg_stat_activity WHERE application_name = 'store'";
    sqlx::query_as(statement).fetch_one(pool).await.unwrap()
}

async fn wait_for_connections(pool: &PgPool, are_right: impl Fn((i64, i64)) -> bool) {
    let look = async {
        while !are_right(connections(pool).await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let looked = timeout(NOBODY_WAITS, look).await;
    assert!(looked.is_ok(), "{:?}", connections(pool).await);
}

/// Asks for what somebody has locked, and gives up when so many wait at the server.
async fn give_up(store: &PostgresStore, pool: &PgPool, waiting: i64) {
    let job = name("job");
    tokio::select! {
        _ = store.history(&job) => panic!("it is locked"),
        () = wait_for_connections(pool, |(_, wait)| wait == waiting) => {}
    }
}

#[tokio::test]
async fn calls_that_are_given_up_take_no_connection_from_others() {
    let server = Postgres::start();
    let (plain, pool) = store(&server).await;
    for store in [plain.clone(), plain.in_transactions(true)] {
        let lease = granted(&store, &name("job")).await;
        let somebody = lock(&pool, LOCK_RUNS).await;
        give_up(&store, &pool, 1).await;
        give_up(&store, &pool, 2).await;
        let others = async {
            store.now().await.unwrap();
            assert_eq!(store.renew(&lease, Duration::from_secs(60)).await.unwrap(), Renewed::Extended);
            assert!(store.state(&lease.job).await.unwrap().running.is_some());
        };
        timeout(NOBODY_WAITS, others).await.expect("nobody waits");
        assert_eq!(connections(&pool).await.1, 2, "the server is still at it");
        somebody.rollback().await.unwrap();
        wait_for_connections(&pool, |(open, waiting)| open <= 2 && waiting == 0).await;
        assert!(complete(&store, &lease).await.unwrap());
    }
}

#[tokio::test]
async fn a_table_that_is_locked_for_long_does_not_cost_the_server_all_its_connections() {
    let server = Postgres::start();
    let (store, pool) = store(&server).await;
    let lease = granted(&store, &name("job")).await;
    let somebody = lock(&pool, LOCK_RUNS).await;
    // Eight that left the pool, and the two that it has.
    for waiting in 1..=10 {
        give_up(&store, &pool, waiting).await;
    }
    let further = timeout(Duration::from_millis(500), store.history(&lease.job)).await;
    assert!(further.is_err());
    assert_eq!(connections(&pool).await, (10, 10));
    somebody.rollback().await.unwrap();
    assert!(timeout(NOBODY_WAITS, complete(&store, &lease)).await.unwrap().unwrap());
    wait_for_connections(&pool, |(open, waiting)| open <= 2 && waiting == 0).await;
}

/// Waits until something holds.
async fn wait_until(holds: impl Fn() -> bool) {
    let holds = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(NOBODY_WAITS, holds).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_on_while_rows_of_its_jobs_are_locked_and_says_which() {
    let server = Postgres::start();
    let (store, pool) = store(&server).await;
    let second = Duration::from_secs(1);
    let names = ["free", "locked", "locked-too", "locked-as-well"];
    let runs = Arc::new(names.map(|_| AtomicUsize::new(0)));
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let mut runtime = Runtime::builder("test").store(store).settings(settings);
    for (place, name) in names.into_iter().enumerate() {
        let runs = runs.clone();
        runtime = runtime.job(JobSpec::every(name, second), move |_| {
            let runs = runs.clone();
            async move {
                runs[place].fetch_add(1, Ordering::Relaxed);
                Report::default()
            }
        });
    }
    let runtime = runtime.build().unwrap();
    let handle = runtime.handle();
    let service = tokio::spawn(runtime.run_until(std::future::pending()));
    let ran = |place: usize| runs[place].load(Ordering::Relaxed);
    wait_until(|| (0..names.len()).all(|place| ran(place) > 0)).await;

    let somebody = lock(&pool, LOCK_JOB).await;
    let told = |problems: Vec<ReadinessProblem>| {
        let names_it =
            |name: &&str| problems.iter().any(|told| told.public.starts_with(&format!("{name} is held up:")));
        names[1..].iter().all(names_it) && problems.len() == 3
    };
    wait_until(|| told(handle.readiness().problems)).await;
    // A store that waited would have given up by now.
    let before = ran(0);
    wait_until(|| ran(0) >= before + 7).await;
    somebody.rollback().await.unwrap();
    let before: Vec<_> = (0..names.len()).map(ran).collect();
    wait_until(|| before.iter().enumerate().all(|(place, before)| ran(place) > *before)).await;
    wait_until(|| handle.readiness().is_ready()).await;
    handle.shutdown();
    service.await.unwrap();
}

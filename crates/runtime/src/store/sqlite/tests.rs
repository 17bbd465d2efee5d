//! A store in a file, and what becomes of the file.

use jobwatch_catalogue::JobSpec;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::*;
use crate::engine::runtime::Runtime;
use crate::engine::settings::Settings;
use crate::job::context::RunContext;
use crate::job::fence::Fence;
use crate::job::guard_error::GuardError;
use crate::job::outcome::{Failure, Outcome};
use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::testing::VirtualClock;
use crate::testing::conformance;

#[tokio::test]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(VirtualClock::at("2026-03-01T10:00:00.123456789Z".parse().unwrap()));
    let store = SqliteStore::with_clock(folder.path().join("jobs.sqlite"), clock.clone()).await.unwrap();
    let pass = async |by| clock.step(chrono::TimeDelta::from_std(by).unwrap());
    conformance::exercise(&store, pass).await.unwrap();
}

#[tokio::test]
async fn what_is_known_survives_the_process_and_the_history_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    let job = JobName::new("job").unwrap();
    for _ in 0..HISTORY + 5 {
        let store = SqliteStore::open(&path).await.unwrap();
        let length = Duration::from_secs(60);
        let request = Request::default();
        let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        let outcome = crate::job::outcome::Outcome::Succeeded(Default::default());
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
    }
    let history = SqliteStore::open(&path).await.unwrap().history(&job).await.unwrap();
    assert_eq!((history.len(), history[0].id.token), (HISTORY, HISTORY as u64 + 5));
}

#[tokio::test]
async fn fewer_runs_are_remembered_than_before_and_the_rest_goes_little_by_little() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    let job = JobName::new("job").unwrap();
    let run = async |store: &SqliteStore| {
        let length = Duration::from_secs(60);
        let request = Request::default();
        let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        let outcome = Outcome::Succeeded(Default::default());
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
        let runs = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM jobwatch_run");
        runs.fetch_one(&store.pool).await.unwrap()
    };
    let store = SqliteStore::open(&path).await.unwrap().remembering(250);
    for number in 1..=250 {
        assert_eq!(run(&store).await, number);
    }
    assert_eq!(store.history(&job).await.unwrap().len(), 250);
    let store = SqliteStore::open(&path).await.unwrap().remembering(3);
    assert_eq!(store.history(&job).await.unwrap().len(), 3);
    assert_eq!([run(&store).await, run(&store).await, run(&store).await, run(&store).await], [151, 52, 3, 3]);
}

#[tokio::test]
async fn processes_that_start_together_create_the_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    let opened: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
    for opened in opened {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_file_that_another_process_is_creating_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    // As SQLite creates a file, before anybody has turned the write-ahead log on.
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let other = SqlitePool::connect_with(options).await.unwrap();
    let creating = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let (store, ()) = tokio::join!(SqliteStore::open(&path), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        creating.rollback().await.unwrap();
    });
    store.unwrap();
}

#[tokio::test]
async fn a_file_of_the_first_version_is_updated_and_keeps_what_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    let job = JobName::new("job").unwrap();
    let state = store.enable(&job, true).await.unwrap();
    let first = "ALTER TABLE jobwatch_job DROP COLUMN reason; \
        ALTER TABLE jobwatch_job DROP COLUMN idempotency_key; \
        ALTER TABLE jobwatch_job DROP COLUMN expected_since; \
        ALTER TABLE jobwatch_job DROP COLUMN disabled; \
        ALTER TABLE jobwatch_run DROP COLUMN reason; \
        ALTER TABLE jobwatch_run DROP COLUMN idempotency_key; PRAGMA user_version = 1";
    sqlx::raw_sql(first).execute(&store.pool).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.state(&job).await.unwrap(), state);
    let length = Duration::from_secs(60);
    let request = Request { reason: Some("why".to_owned()), ..Request::default() };
    let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
    let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
    let outcome = crate::job::outcome::Outcome::Succeeded(Default::default());
    store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().unwrap();
    assert_eq!(store.history(&job).await.unwrap()[0].request, request);
}

#[tokio::test]
async fn questions_that_were_given_up_while_another_process_wrote_are_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.sqlite");
    let store = SqliteStore::open(&path).await.unwrap();
    let other = SqliteStore::open(&path).await.unwrap();
    let (job, length) = (JobName::new("job").unwrap(), Duration::from_secs(60));
    let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &Request::default() };
    let writing = other.begin().await.unwrap();
    for _ in 0..5 {
        let given_up = tokio::time::timeout(Duration::from_millis(20), store.claim(claim)).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    writing.rollback().await.unwrap();
    let mut granted = store.claim(claim).await;
    if let Ok(Claimed::Held { lease, .. }) = granted {
        // One of those that were given up was granted after all; who holds it settles that.
        granted = Ok(Claimed::Granted(lease));
    }
    let Ok(Claimed::Granted(lease)) = granted else { panic!("{granted:?}") };
    let outcome = crate::job::outcome::Outcome::Succeeded(Default::default());
    assert!(
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap().is_some()
    );
}

#[tokio::test]
async fn an_outcome_that_is_kept_less_finely_is_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("jobs.sqlite")).await.unwrap();
    let (job, length) = (JobName::new("job").unwrap(), Duration::from_secs(60));
    for outcome in
        [Failure::Timeout(Duration::from_nanos(1_500_000_001)), Failure::Panic("a NUL: \0".to_owned())]
    {
        let request = Request::default();
        let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        let completion = Completion { lease: &lease, outcome: &Outcome::Failed(outcome), done: None };
        for _ in 0..2 {
            assert!(store.complete(completion).await.unwrap().is_some(), "{completion:?}");
        }
    }
}

/// A store in use, and its file as it is after a later version has been at it.
async fn after_a_later_version(folder: &Path, statements: &str) -> SqliteStore {
    let store = SqliteStore::open(folder.join("jobs.sqlite")).await.unwrap();
    let job = JobName::new("job").unwrap();
    store.enable(&job, true).await.unwrap();
    let later = SqliteStore::open(folder.join("jobs.sqlite")).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&later.pool).await.unwrap();
    store
}

const COMPATIBLE: &str = "ALTER TABLE jobwatch_job ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';
    ALTER TABLE jobwatch_run ADD COLUMN weight INTEGER;
    CREATE TABLE jobwatch_paint (colour TEXT); CREATE TABLE jobwatch_schema (oldest INTEGER NOT NULL);
    INSERT INTO jobwatch_schema VALUES (3); UPDATE jobwatch_job SET colour = 'blue'; PRAGMA user_version = 4";

#[tokio::test]
async fn a_program_goes_on_with_tables_of_a_later_version_that_lets_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = after_a_later_version(folder.path(), COMPATIBLE).await;
    let reopened = SqliteStore::open(folder.path().join("jobs.sqlite")).await.unwrap();
    for store in [&store, &reopened] {
        let clock = Arc::new(VirtualClock::at("2026-03-01T10:00:00Z".parse().unwrap()));
        let store = SqliteStore { clock: clock.clone(), ..store.clone() };
        let pass = async |by| clock.step(chrono::TimeDelta::from_std(by).unwrap());
        conformance::exercise(&store, pass).await.unwrap();
        sqlx::raw_sql("DELETE FROM jobwatch_run; DELETE FROM jobwatch_job WHERE name <> 'job'")
            .execute(&store.pool)
            .await
            .unwrap();
    }
    let job = JobName::new("job").unwrap();
    store.pause(&job, true).await.unwrap();
    let kept: String =
        sqlx::query_scalar("SELECT colour FROM jobwatch_job").fetch_one(&store.pool).await.unwrap();
    assert_eq!(kept, "blue", "what the later version has written is left as it is");
}

#[tokio::test]
async fn a_program_says_that_a_later_version_does_not_let_it_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let statements = "ALTER TABLE jobwatch_job RENAME COLUMN done TO ready;
        CREATE TABLE jobwatch_schema (oldest INTEGER NOT NULL);
        INSERT INTO jobwatch_schema VALUES (4); PRAGMA user_version = 5";
    let store = after_a_later_version(folder.path(), statements).await;
    let told = "the store cannot use its tables: they are of version 5, and this program knows 3; update it";
    let error = store.state(&JobName::new("job").unwrap()).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_of_later_version()), (told, true));
    let path = folder.path().join("jobs.sqlite");
    let error = SqliteStore::open(&path).await.unwrap_err().to_string();
    assert_eq!(error.replace(&format!("{}: ", path.display()), ""), told);
}

#[tokio::test]
async fn a_table_that_was_dropped_is_created_anew_and_tokens_grow_on() {
    let folder = tempfile::tempdir().unwrap();
    let opened = SqliteStore::open(folder.path().join("jobs.sqlite")).await.unwrap();
    let store: &dyn Store = &opened;
    let (job, length) = (JobName::new("job").unwrap(), Duration::from_secs(60));
    let request = Request::default();
    let claim = Claim { job: &job, slot: None, holder: &"me".into(), length, request: &request };
    let outcome = Outcome::Succeeded(Default::default());
    let mut tokens = Vec::new();
    for dropped in ["", "DROP TABLE jobwatch_job", "DROP TABLE jobwatch_run", ""] {
        sqlx::raw_sql(AssertSqlSafe(dropped.to_owned())).execute(&opened.pool).await.unwrap();
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
        store.complete(Completion { lease: &lease, outcome: &outcome, done: None }).await.unwrap();
        tokens.push(lease.token);
    }
    assert_eq!(tokens, [1, 2, 3, 4]);
    assert_eq!(store.history(&job).await.unwrap().len(), 2);
}

#[track_caller]
fn refused(opened: Result<SqliteStore, StoreError>, folder: &Path) -> String {
    opened.unwrap_err().to_string().replace(&folder.display().to_string(), "FOLDER")
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let missing = SqliteStore::open(folder.join("missing/jobs.sqlite")).await;
    insta::assert_snapshot!(refused(missing, folder), @"the store cannot open: FOLDER/missing/jobs.sqlite: error returned from database: (code: 14) unable to open database file");
    std::fs::write(folder.join("text"), "no database, but long enough to have the header of one".repeat(9))
        .unwrap();
    insta::assert_snapshot!(refused(SqliteStore::open(folder.join("text")).await, folder), @"the store cannot open: FOLDER/text: error returned from database: (code: 26) file is not a database");
    let store = SqliteStore::open(folder.join("later")).await.unwrap();
    sqlx::query("PRAGMA user_version = 4").execute(&store.pool).await.unwrap();
    insta::assert_snapshot!(refused(SqliteStore::open(folder.join("later")).await, folder), @"the store cannot use its tables: FOLDER/later: they are of version 4, and this program knows 3; update it");
}

/// A run with a token, which no runtime knows of.
fn run(job: &str, token: u64) -> RunId {
    RunId { job: JobName::new(job).unwrap(), token }
}

#[tokio::test]
async fn a_transaction_of_a_run_that_was_overtaken_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("site")).create_if_missing(true);
    let site = SqlitePool::connect_with(options).await.unwrap();
    let passes = async |run: RunId, committed: bool| {
        let mut transaction = site.begin().await.unwrap();
        let passed = transaction.pass(&run).await.unwrap();
        if committed {
            transaction.commit().await.unwrap();
        }
        passed
    };
    assert!(passes(run("pay", 3), false).await);
    assert!(passes(run("pay", 2), true).await, "what was rolled back is not remembered");
    assert!(passes(run("pay", 2), true).await, "a run writes as often as it likes");
    assert!(!passes(run("pay", 1), true).await);
    assert!(passes(run("pay", 3), true).await);
    assert!(!passes(run("pay", 2), true).await);
    assert!(passes(run("mail", 1), true).await, "each job has its own");
}

type State = (SqlitePool, UnboundedSender<Result<(), GuardError>>, Arc<Notify>, Arc<Notify>);

#[tokio::test]
async fn a_run_that_was_taken_for_dead_writes_nothing_even_before_the_next_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("site")).create_if_missing(true);
    let site = SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE payment (run INTEGER)").execute(&site).await.unwrap();
    let clock = Arc::new(VirtualClock::at(Utc::now()));
    let store = SqliteStore::with_clock(folder.path().join("jobs"), clock.clone()).await.unwrap();
    let (tell, mut told) = unbounded_channel();
    let (next, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let state = (site.clone(), tell, next.clone(), go_on.clone());
    let pay = async |(site, tell, next, go_on): State, run: RunContext| {
        loop {
            let mut transaction = site.begin().await?;
            let guarded = run.guard(&mut transaction).await;
            let refused = guarded.is_err();
            if guarded.is_ok() {
                sqlx::query("INSERT INTO payment VALUES (1)").execute(&mut *transaction).await?;
                transaction.commit().await?;
            }
            let _ = tell.send(guarded);
            if refused {
                return Ok::<_, sqlx::Error>(());
            }
            next.notify_one();
            go_on.notified().await;
        }
    };
    let runtime = Runtime::builder("shop")
        .store(store.clone())
        .settings(Settings { start_delay: Duration::ZERO, ..Settings::default() })
        .state(state)
        .job(JobSpec::every("pay", Duration::from_secs(3_600)), pay)
        .build()
        .unwrap();
    let running = tokio::spawn(runtime.run_until(std::future::pending()));
    next.notified().await;
    assert!(told.recv().await.unwrap().is_ok());
    // As if the process had been frozen for a minute, and another had taken over.
    clock.step(chrono::TimeDelta::minutes(1));
    let (job, request) = (JobName::new("pay").unwrap(), Request::default());
    let claim = Claim { job: &job, slot: None, holder: &"other".into(), length: BUSY, request: &request };
    assert!(matches!(Store::claim(&store, claim).await.unwrap(), Claimed::Granted(_)));
    go_on.notify_one();
    assert!(matches!(told.recv().await.unwrap(), Err(GuardError::LeaseLost)));
    let payments: u32 = sqlx::query_scalar("SELECT count(*) FROM payment").fetch_one(&site).await.unwrap();
    assert_eq!(payments, 1);
    running.abort();
}

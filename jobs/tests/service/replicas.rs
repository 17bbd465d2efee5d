//! Several processes over one database.

use chrono::Utc;
use clipper_jobs::database::Database;
use clipper_jobs::reputation;
use e2e::postgres::Postgres;
use e2e::waiting::wait;
use jobwatch_catalogue::JobName;
use jobwatch_runtime::RunContext;

use crate::process::Service;
use crate::site::Site;

/// Processes that start at the same moment on an empty database are all ready, and none of them
/// meets an obstacle.
async fn check_start(url: &str) {
    let spawn = |_| Service::spawn_in(tempfile::tempdir().unwrap(), &[("DATABASE_URL", url)]);
    let mut services: Vec<_> = (0..4).map(spawn).collect();
    for service in &mut services {
        service.wait_for("/readyz", 200).await;
        assert!(!service.log().contains("cannot be used"), "{}", service.log());
        assert!(service.metrics().await.contains("job_execution_total{"), "each is scraped");
    }
}

#[tokio::test]
async fn replicas_that_start_together_create_the_tables_once() {
    check_start(&Postgres::start().url("service", "")).await;
}

#[tokio::test]
async fn processes_that_start_together_create_a_file_of_sqlite_once() {
    let folder = tempfile::tempdir().unwrap();
    check_start(&format!("sqlite:{}", folder.path().join("clipper.sqlite").display())).await;
}

/// Runs of due times that succeeded.
const RUNS: &str = "SELECT count(*) FROM jobwatch_run WHERE job = 'hot_score_refresh' AND slot IS NOT NULL AND outcome = 'succeeded'";

/// Due times that were run more than once.
const TWICE: &str =
    "SELECT count(*) FROM (SELECT 1 FROM jobwatch_run WHERE slot IS NOT NULL GROUP BY job, slot
                     HAVING count(*) > 1) AS twice";

/// Runs of one job at the same time.
const OVERLAPS: &str = "SELECT count(*) FROM jobwatch_run AS one JOIN jobwatch_run AS other
     ON one.job = other.job AND one.token < other.token AND (one.ended IS NULL OR other.since < one.ended)";

#[tokio::test]
async fn a_due_time_is_run_once_in_sum_and_a_replica_that_is_killed_is_not_missed() {
    let site = Site::on_postgres().await;
    site.insert_clips(500, 1_700_000_000).await;
    let variables = [
        ("DATABASE_URL", site.url.as_str()),
        ("START_DELAY", "1s"),
        ("HOT_SCORE_REFRESH_INTERVAL", "1s"),
        ("HOT_SCORE_REFRESH_BATCH_SIZE", "20"),
    ];
    let (first, second) = tokio::join!(Service::start(&variables), Service::start(&variables));
    wait("some runs", async || (site.number(RUNS).await >= 5).then_some(())).await;
    let mut counted = 0.0;
    for service in [&first, &second] {
        let series = r#"job_execution_total{job_name="hot_score_refresh",status="success"}"#;
        counted += service.sample(series).await.unwrap();
    }
    // One may end between two looks.
    let runs = site.number(RUNS).await;
    assert!(counted as i64 <= runs && runs <= counted as i64 + 2, "{counted} are counted of {runs}");
    assert_eq!((site.number(TWICE).await, site.number(OVERLAPS).await), (0, 0));

    first.kill();
    let before = site.number(RUNS).await;
    wait("the other to go on", async || (site.number(RUNS).await >= before + 4).then_some(())).await;
    let holders =
        "SELECT count(DISTINCT holder) FROM (SELECT holder FROM jobwatch_run WHERE job = 'hot_score_refresh'
                   ORDER BY token DESC LIMIT 3) AS last";
    assert_eq!(site.number(holders).await, 1);
    assert_eq!(site.number(TWICE).await, 0);
    let (clean, log) = second.terminate();
    assert!(clean, "{log}");
    let ranked = "SELECT count(*) FROM clips WHERE hot_rank IS NOT NULL";
    assert_eq!(site.number(ranked).await, 500);
}

/// Two that do not know of each other see to the same users: the one waits for the other, and finds
/// that nothing is left to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_badge_is_awarded_once_and_a_change_is_noted_once_by_two_at_the_same_time() {
    const USERS: u32 = 400;
    for site in [Site::on_sqlite().await, Site::on_postgres().await] {
        site.insert_users(USERS).await;
        let address = site.url.parse().unwrap();
        let tasks: Vec<_> = [site.database.clone(), Database::connect(&address).await.unwrap()]
            .into_iter()
            .map(|database| {
                tokio::spawn(async move {
                    let run = RunContext::detached(JobName::new("reputation_tasks").unwrap());
                    reputation::refresh(&database, 3, Utc::now(), &run).await.unwrap()
                })
            })
            .collect();
        let (mut succeeded, mut skipped) = (0, 0);
        for task in tasks {
            let report = task.await.unwrap();
            succeeded += report.succeeded;
            skipped += report.skipped;
        }
        assert_eq!((succeeded, skipped), (USERS.into(), USERS.into()));
        let history = "SELECT count(*) FROM trust_score_history";
        assert_eq!(site.number(history).await, i64::from(USERS));
        let earned = "SELECT (SELECT count(*) FROM users WHERE karma >= 1000) + (SELECT count(*) FROM user_stats
                             WHERE comments >= 100) + (SELECT count(*) FROM user_stats WHERE votes_cast >= 1000)";
        let counted = "SELECT count(*) FROM user_badges WHERE badge IN ('trusted_user', 'conversationalist', 'curator')";
        assert_eq!(site.number(counted).await, site.number(earned).await);
        let others = "SELECT count(*) FROM user_badges WHERE badge NOT IN ('trusted_user', 'conversationalist', 'curator', 'veteran')";
        assert_eq!(site.number(others).await, 0);
    }
}

//! What is kept, and what is removed when it is old.

use std::time::Duration;

use clipper_jobs::database::Database;
use clipper_jobs::retention::{Retention, sweep};
use e2e::postgres::Postgres;
use e2e::proxy::Proxy;
use e2e::waiting::wait;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::timeout;

use crate::site::Site;

const DAY: u32 = 86_400;

impl Site {
    /// Fills the tables with a row for each of some ages, in days, and one more in each that is
    /// new.
    async fn fill(&self, ages: std::ops::Range<u32>) {
        let before = |age: u32| match &self.database {
            Database::Sqlite(_) => format!("(NOW - {} * 1000)", u64::from(age * DAY)),
            Database::Postgres(_) => format!("(NOW - interval '{age} days')"),
        };
        self.execute(
            "INSERT INTO users (id, name, created_at) VALUES (1, 'Ada', NOW);
             INSERT INTO webhook_subscriptions (id, url, secret, event_types) VALUES (1, 'u', 's', 'e')",
        )
        .await;
        let mut rows = String::new();
        for age in ages {
            let at = before(age);
            rows += &format!(
                "INSERT INTO cache (key, value, expires_at) VALUES ('{age}', '', {at});
                 INSERT INTO trust_score_history (user_id, trust_score, changed_at) VALUES (1, {age}, {at});
                 INSERT INTO webhook_dead_letters (message_id, subscription_id, event_type, payload, attempts, last_error,
                     created_at, died_at) VALUES ('{age}', 1, 'e', 'p', 1, 'x', {at}, {at});"
            );
        }
        let rows = match &self.database {
            Database::Sqlite(_) => rows.replace("'', ", "x'', "),
            Database::Postgres(_) => rows,
        };
        self.execute(&rows).await;
        self.execute("UPDATE cache SET expires_at = NOW WHERE key = '0'").await;
    }

    async fn counts(&self) -> [i64; 3] {
        let mut counts = [0; 3];
        for (count, table) in counts.iter_mut().zip(["cache", "trust_score_history", "webhook_dead_letters"])
        {
            *count = self.number(&format!("SELECT count(*) FROM {table}")).await;
        }
        counts
    }
}

#[tokio::test]
async fn what_is_too_old_goes_in_small_batches_and_dead_letters_stay_unless_asked_for() {
    let days = |days: u32| Some(Duration::from_secs(u64::from(days * DAY)));
    for site in Site::on_each().await {
        site.fill(0..100).await;
        let kept = Retention { batch: 7, ..Retention::default() };
        assert_eq!((kept.dead_letters, kept.trust_history), (None, days(365)));
        sweep(&site.database, &kept).await.unwrap();
        assert_eq!(site.counts().await, [0, 100, 100]);
        let retention = Retention { dead_letters: days(30), trust_history: days(20), ..kept };
        for _ in 0..2 {
            sweep(&site.database, &retention).await.unwrap();
            assert_eq!(site.counts().await, [0, 20, 30]);
        }
        let never = Retention { dead_letters: None, trust_history: None, ..kept };
        sweep(&site.database, &never).await.unwrap();
        assert_eq!(site.counts().await, [0, 20, 30]);
    }
}

/// Replicas sweep at the same time; what has not expired stays.
#[tokio::test]
async fn several_sweep_at_the_same_time_and_leave_what_is_of_use() {
    for site in Site::on_each().await {
        site.fill(0..100).await;
        let later = match &site.database {
            Database::Sqlite(_) => "NOW + 60000",
            Database::Postgres(_) => "NOW + interval '1 minute'",
        };
        let later = format!("UPDATE cache SET expires_at = {later} WHERE key LIKE '9%'");
        site.execute(&later).await;
        let retention = Retention { batch: 3, ..Retention::default() };
        let sweeps = (0..4).map(|_| sweep(&site.database, &retention));
        for swept in futures_util::future::join_all(sweeps).await {
            swept.unwrap();
        }
        assert_eq!(site.counts().await, [11, 100, 100]);
    }
}

/// The number of rows of a table.
async fn rows(connection: &mut PgConnection, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

const EXPIRED: &str =
    "INSERT INTO cache (key, value, expires_at) VALUES ('old', '', now() - interval '1 day')";
const CHANGED: &str = "INSERT INTO users (id, name, created_at) VALUES (1, 'Ada', now()) ON CONFLICT DO NOTHING; \
    INSERT INTO trust_score_history (user_id, trust_score, changed_at) VALUES (1, 1, now() - interval '2 years')";

#[tokio::test]
async fn what_cannot_be_removed_of_one_table_keeps_nothing_of_the_others() {
    let day = Duration::from_secs(DAY.into());
    for site in Site::on_each().await {
        site.fill(0..50).await;
        site.execute("ALTER TABLE webhook_dead_letters RENAME TO taken_away").await;
        let retention =
            Retention { dead_letters: Some(day), trust_history: Some(20 * day), ..Retention::default() };
        let failed = sweep(&site.database, &retention).await.unwrap_err().to_string();
        assert!(failed.contains("webhook_dead_letters"), "{failed}");
        assert_eq!(site.number("SELECT count(*) FROM cache").await, 0);
        assert_eq!(site.number("SELECT count(*) FROM trust_score_history").await, 20);
    }
}

#[tokio::test]
async fn connections_that_went_silent_do_not_end_the_sweep() {
    let server = Postgres::start();
    let proxy = Proxy::start(&server).await;
    let database = Database::connect_with(&proxy.url().parse().unwrap(), 2).await.unwrap();
    let mut direct = PgConnection::connect(&server.url("direct", "")).await.unwrap();
    let retention = Retention::default();
    for _ in 0..3 {
        sqlx::raw_sql(EXPIRED).execute(&mut direct).await.unwrap();
        let swept = timeout(Duration::from_secs(30), sweep(&database, &retention)).await;
        swept.expect("a silent connection is not waited for").unwrap();
        assert_eq!(rows(&mut direct, "cache").await, 0);
        proxy.silence();
    }
}

#[tokio::test]
async fn a_batch_that_is_not_answered_is_given_up_and_the_next_table_gets_its_turn() {
    let server = Postgres::start();
    let proxy = Proxy::start(&server).await;
    let database = Database::connect_with(&proxy.url().parse().unwrap(), 2).await.unwrap();
    let mut direct = PgConnection::connect(&server.url("direct", "")).await.unwrap();
    let mut locker = PgConnection::connect(&server.url("locker", "")).await.unwrap();
    sqlx::raw_sql(EXPIRED).execute(&mut direct).await.unwrap();
    let mut lock = locker.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE cache IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let retention = Retention { longest_batch: Duration::from_secs(4), ..Retention::default() };
    for (is_silenced, reason) in [(false, "statement timeout"), (true, "no answer within 4 s")] {
        sqlx::raw_sql(CHANGED).execute(&mut direct).await.unwrap();
        let swept = database.clone();
        let sweeping = tokio::spawn(async move { sweep(&swept, &retention).await });
        if is_silenced {
            let waiting = "pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%'";
            wait("it to wait", async || (rows(&mut direct, waiting).await > 0).then_some(())).await;
            proxy.silence();
        }
        let failed = timeout(Duration::from_secs(30), sweeping).await.expect("it is given up");
        let failed = failed.unwrap().unwrap_err().to_string();
        assert!(failed.contains(reason), "{failed}");
        assert_eq!(rows(&mut direct, "trust_score_history").await, 0);
    }
    lock.commit().await.unwrap();
    sweep(&database, &retention).await.unwrap();
    assert_eq!(rows(&mut direct, "cache").await, 0);
}

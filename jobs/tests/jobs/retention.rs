//! What is kept, and what is removed when it is old.

use std::time::Duration;

use clipper_jobs::database::Database;
use clipper_jobs::retention::{Retention, sweep};

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

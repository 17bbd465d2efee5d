//! Tables whose ids have gaps, and some rows of which are none of a job's.

use chrono::Utc;
use clipper_jobs::{hot_score, reputation, trending_score};

use crate::site::{Site, report, run_of};

/// Ids close together, some far apart, and some close together again.
fn ids() -> impl Iterator<Item = u32> {
    (1..=40).chain((1..=12).map(|step| 1_000 * step)).chain(50_000..50_030)
}

#[tokio::test]
async fn every_row_is_seen_to_once_whatever_the_gaps_and_the_size_of_a_page() {
    for site in Site::on_each().await {
        for id in ids() {
            site.clip(id, "A clip").await;
            site.execute(&format!("INSERT INTO users (id, name, created_at) VALUES ({id}, 'u-{id}', NOW)"))
                .await;
        }
        // Every fifth, and a whole page in the middle.
        let hidden = "id % 5 = 0 AND id < 1000 OR id BETWEEN 50010 AND 50019";
        site.execute(&format!("UPDATE clips SET is_hidden = (1 = 1) WHERE {hidden}")).await;
        site.execute(&format!("UPDATE users SET is_banned = (1 = 1) WHERE {hidden}")).await;
        let all = site.number("SELECT count(*) FROM clips WHERE NOT is_hidden").await.unsigned_abs();
        assert_eq!(all, 32 + 12 + 20);
        for size in [1, 2, 7, 10, 64, 1_000] {
            site.execute("UPDATE clips SET hot_rank = NULL, trending_score = NULL, engagement_count = NULL")
                .await;
            site.execute("DELETE FROM user_stats").await;
            let now = Utc::now();
            let (hot, trending, reputations) =
                (run_of("hot_score_refresh"), run_of("trending_score_refresh"), run_of("reputation_tasks"));
            for expected in [report(all, 0, 0), report(0, 0, all)] {
                assert_eq!(hot_score::refresh(&site.database, size, &hot).await, Ok(expected), "{size}");
                let refreshed = trending_score::refresh(&site.database, size, now, &trending).await;
                assert_eq!(refreshed, Ok(expected), "{size}");
                let refreshed = reputation::refresh(&site.database, size, now, &reputations).await;
                assert_eq!(refreshed, Ok(expected), "{size}");
            }
        }
    }
}

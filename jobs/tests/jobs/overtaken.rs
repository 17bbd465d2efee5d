//! Runs that were held up until others had taken over, and write late.

use chrono::Utc;
use clipper_jobs::clip_sync::{Wanted, sync};
use clipper_jobs::database::Database;
use clipper_jobs::{hot_score, reputation, trending_score};
use clipper_stage::stand_in::twitch::TwitchService;

use crate::site::{Site, report, run_of};

impl Site {
    /// A later run of a job has written, whose token is this; those of the tests have the first.
    async fn fence(&self, job: &str, token: u64) {
        self.execute(&format!(
            "CREATE TABLE IF NOT EXISTS jobwatch_fence (job TEXT PRIMARY KEY, token BIGINT NOT NULL);
             DELETE FROM jobwatch_fence;
             INSERT INTO jobwatch_fence VALUES ('{job}', {token})"
        ))
        .await;
    }
}

#[tokio::test]
async fn scores_of_a_moment_that_has_passed_are_not_written_over_later_ones() {
    const JOB: &str = "trending_score_refresh";
    for site in Site::on_each().await {
        site.clip(1, "A clip").await;
        site.fence(JOB, 2).await;
        let refresh = async || trending_score::refresh(&site.database, 10, Utc::now(), &run_of(JOB)).await;
        let error = refresh().await.unwrap_err().to_string();
        assert!(error.contains("the lease is lost"), "{error}");
        assert_eq!(site.number("SELECT count(trending_score) FROM clips").await, 0);
        site.fence(JOB, 1).await;
        assert_eq!(refresh().await, Ok(report(1, 0, 0)));
        // Where nothing is to be written, nobody can be late.
        site.fence(JOB, 2).await;
        assert_eq!(refresh().await, Ok(report(0, 0, 1)));
    }
}

#[tokio::test]
async fn trust_of_a_moment_that_has_passed_is_not_noted_after_a_later_one() {
    const JOB: &str = "reputation_tasks";
    for site in Site::on_each().await {
        site.execute("INSERT INTO users (id, name, karma, created_at) VALUES (1, 'Ada', 5000, NOW)").await;
        site.fence(JOB, 2).await;
        let refresh = async || reputation::refresh(&site.database, 10, Utc::now(), &run_of(JOB)).await;
        let noted = async || site.number("SELECT count(*) FROM trust_score_history").await;
        let error = refresh().await.unwrap_err().to_string();
        assert!(error.contains("the lease is lost"), "{error}");
        assert_eq!(noted().await, 0);
        assert_eq!(site.number("SELECT count(*) FROM user_stats WHERE trust_score > 0").await, 0);
        site.fence(JOB, 1).await;
        assert_eq!(refresh().await, Ok(report(1, 0, 0)));
        assert_eq!(noted().await, 1);
        if matches!(site.database, Database::Sqlite(_)) {
            // Where nothing is to be written, nobody can be late, and nothing is synced.
            site.fence(JOB, 2).await;
            assert_eq!(refresh().await, Ok(report(0, 0, 1)));
        }
    }
}

#[tokio::test]
async fn views_of_a_moment_that_has_passed_are_not_written_over_later_ones() {
    const JOB: &str = "clip_sync";
    for site in Site::on_each().await {
        let service = TwitchService::start().await.unwrap();
        let twitch = site.twitch(&service);
        let wanted = Wanted::default();
        let sync =
            async || sync(&site.database, &site.cache, &twitch, &wanted, Utc::now(), &run_of(JOB)).await;
        site.fence(JOB, 2).await;
        let error = sync().await.unwrap_err().to_string();
        assert!(error.contains("the lease is lost"), "{error}");
        assert_eq!(site.number("SELECT count(*) FROM clips").await, 0);
        site.fence(JOB, 1).await;
        assert!(sync().await.unwrap().succeeded > 0);
    }
}

#[tokio::test]
async fn a_rank_that_is_right_at_any_moment_may_be_written_late() {
    for site in Site::on_each().await {
        site.clip(1, "A clip").await;
        site.fence("hot_score_refresh", 2).await;
        let run = run_of("hot_score_refresh");
        assert_eq!(hot_score::refresh(&site.database, 10, &run).await, Ok(report(1, 0, 0)));
    }
}

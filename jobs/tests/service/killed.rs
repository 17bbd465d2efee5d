//! Processes that are killed in the middle of a run: what they leave behind is finished by the next
//! run, as if nothing had been.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

use chrono::Utc;
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::embeddings::EmbeddingService;
use clipper_stage::stand_in::twitch::TwitchService;

use crate::process::{command, twitch_at};
use crate::site::Site;

/// How often a job is killed before it is let alone.
const ROUNDS: u64 = 6;

/// A job, and what it does to the data.
struct Work<'v> {
    job: &'static str,
    variables: &'v [(&'static str, &'v str)],
    /// How much is done.
    done: &'static str,
    /// What there is at the end, in lines.
    result: &'static str,
}

const HOT_SCORE: Work<'_> = Work {
    job: "hot_score_refresh",
    variables: &[("HOT_SCORE_REFRESH_BATCH_SIZE", "1")],
    done: "SELECT count(*) FROM clips WHERE hot_rank IS NOT NULL",
    result: "SELECT CAST(id AS text) || ' ' || CAST(hot_rank AS text) FROM clips ORDER BY id",
};

const REPUTATION: Work<'_> = Work {
    job: "reputation_tasks",
    variables: &[("REPUTATION_TASKS_BATCH_SIZE", "1")],
    done: "SELECT count(*) FROM user_stats WHERE trust_score IS NOT NULL",
    result: "SELECT CAST(user_id AS text) || ' ' || CAST(trust_score AS text) || ' ' || CAST(engagement_score AS text)
                || ' ' || (SELECT count(*) FROM user_badges AS badges WHERE badges.user_id = stats.user_id)
                || ' ' || (SELECT count(*) FROM trust_score_history AS history WHERE history.user_id = stats.user_id)
             FROM user_stats AS stats ORDER BY user_id",
};

fn process(site: &Site, work: &Work<'_>) -> Child {
    let log = File::options().create(true).append(true).open(site.folder.path().join("log")).unwrap();
    let mut command = command(site.folder.path());
    command.args(["run", work.job]).env("DATABASE_URL", &site.url).envs(work.variables.iter().copied());
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Runs a job to its end.
async fn run(site: &Site, work: &Work<'_>) {
    let mut process = process(site, work);
    while process.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let log = std::fs::read_to_string(site.folder.path().join("log")).unwrap();
    assert!(process.wait().unwrap().success(), "{log}");
}

/// Runs a job, and kills it so many milliseconds after it has got further.
async fn kill(site: &Site, work: &Work<'_>, after: u64) {
    let before = site.number(work.done).await;
    let mut process = process(site, work);
    while process.try_wait().unwrap().is_none() && site.number(work.done).await == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(after)).await;
    process.kill().unwrap();
    process.wait().unwrap();
    site.end_leases().await;
}

/// Does the same work on two sites, on one of them with processes that are killed.
async fn check(undisturbed: &Site, killed: &Site, work: &Work<'_>) {
    run(undisturbed, work).await;
    let all = undisturbed.number(work.done).await;
    let mut interrupted = 0;
    for round in 1..=ROUNDS {
        kill(killed, work, round * 37 % 29).await;
        interrupted += u64::from(killed.number(work.done).await < all);
    }
    assert!(interrupted > ROUNDS / 2, "only {interrupted} processes were killed at work");
    run(killed, work).await;
    let (found, expected) = (killed.lines(work.result).await, undisturbed.lines(work.result).await);
    assert_eq!(found.iter().zip(&expected).find(|(found, expected)| found != expected), None);
    assert_eq!(found.len(), expected.len());
}

/// An undisturbed site and one whose processes are killed, on each database.
async fn sites() -> [(Site, Site); 2] {
    [
        (Site::on_sqlite().await, Site::on_sqlite().await),
        (Site::on_postgres().await, Site::on_postgres().await),
    ]
}

#[tokio::test]
async fn hot_scores_are_finished() {
    for (undisturbed, killed) in sites().await {
        for site in [&undisturbed, &killed] {
            site.insert_clips(800, 1_700_000_000).await;
        }
        check(&undisturbed, &killed, &HOT_SCORE).await;
    }
}

#[tokio::test]
async fn trending_scores_are_finished() {
    let work = Work {
        job: "trending_score_refresh",
        variables: &[("TRENDING_SCORE_REFRESH_BATCH_SIZE", "1")],
        done: "SELECT count(*) FROM clips WHERE trending_score IS NOT NULL",
        result: "SELECT id || ' ' || engagement_count || ' ' || trending_score FROM clips ORDER BY id",
    };
    for (undisturbed, killed) in sites().await {
        // In their first hour, clips have the same score at any moment.
        let made = Utc::now().timestamp();
        for site in [&undisturbed, &killed] {
            site.insert_clips(800, made).await;
        }
        check(&undisturbed, &killed, &work).await;
    }
}

#[tokio::test]
async fn reputations_are_finished_and_no_badge_or_change_is_written_twice() {
    for (undisturbed, killed) in sites().await {
        for site in [&undisturbed, &killed] {
            site.insert_users(600).await;
        }
        check(&undisturbed, &killed, &REPUTATION).await;
        let badges = "SELECT count(*) FROM user_badges";
        assert!(killed.number(badges).await > 300, "many badges are to be had");
        let twice = "SELECT count(*) FROM (SELECT 1 FROM trust_score_history GROUP BY user_id HAVING count(*) > 1) AS twice";
        assert_eq!(killed.number(twice).await, 0);
        let twice = "SELECT count(*) FROM (SELECT 1 FROM user_badges GROUP BY user_id, badge HAVING count(*) > 1) AS twice";
        assert_eq!(killed.number(twice).await, 0);
    }
}

#[tokio::test]
async fn embeddings_are_finished() {
    let service = EmbeddingService::start("key").await.unwrap();
    let url = service.url().to_string();
    let work = Work {
        job: "embedding_generation",
        variables: &[
            ("EMBEDDING_BASE_URL", &url),
            ("EMBEDDING_API_KEY", "key"),
            ("EMBEDDING_DIMENSIONS", "8"),
            ("EMBEDDING_REQUESTS_PER_MINUTE", "60000"),
            ("EMBEDDING_GENERATION_BATCH_SIZE", "2"),
        ],
        done: "SELECT count(*) FROM clips WHERE embedding IS NOT NULL",
        result: "SELECT id || ' ' || embedding_model || ' ' || HEX(embedding) FROM clips ORDER BY id",
    };
    for (undisturbed, killed) in sites().await {
        for site in [&undisturbed, &killed] {
            site.insert_clips(400, 1_700_000_000).await;
        }
        check(&undisturbed, &killed, &work).await;
    }
}

#[tokio::test]
async fn clips_are_fetched_to_the_end() {
    let twitch = TwitchService::start().await.unwrap();
    twitch.moods().lasting(Some(Mood::Slow(Duration::from_millis(5))));
    let url = twitch.url().to_string();
    let variables =
        [&twitch_at(&url)[..], &[("CLIP_SYNC_OTHERS", "100"), ("CLIP_SYNC_JUST_CHATTING", "100")]];
    let work = Work {
        job: "clip_sync",
        variables: &variables.concat(),
        done: "SELECT count(*) FROM clips",
        result: "SELECT twitch_clip_id || ' ' || game_id || ' ' || title || ' ' || view_count FROM clips ORDER BY twitch_clip_id",
    };
    for (undisturbed, killed) in sites().await {
        check(&undisturbed, &killed, &work).await;
    }
}

//! Embeddings from a service that answers as OpenAI's does, and at times does not.

use std::time::Duration;

use clipper_jobs::database::Database;
use clipper_jobs::embeddings::{Client, Service, generate, size};
use clipper_jobs::remote::Patience;
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::embeddings::{EmbeddingService, Mistake, embedding};
use jobwatch_runtime::{JobError, Report};
use serde_json::{Value, json};

use crate::site::{Site, report, run_of};

const KEY: &str = "sk-test-hunter2";
const DIMENSIONS: u32 = 8;

fn client(url: &str, key: &str) -> Client {
    let service = Service {
        base_url: url.parse().unwrap(),
        key: key.to_owned(),
        model: "m".to_owned(),
        dimensions: DIMENSIONS,
        requests_per_minute: 60_000.try_into().unwrap(),
    };
    // Long enough for a machine that has much to do, and short enough to wait for.
    Client::with(service, Patience { timeout: Duration::from_secs(2), ..Patience::default() }).unwrap()
}

impl Site {
    async fn generate(&self, client: &Client) -> Result<Report, JobError> {
        generate(&self.database, client, &self.cache, 3, &run_of("embedding_generation")).await
    }

    async fn waiting(&self, client: &Client) -> u64 {
        size(&self.database, client.service()).await.unwrap()
    }

    /// The embeddings, in the clips' order.
    async fn embeddings(&self) -> Vec<Vec<f32>> {
        let query = "SELECT embedding FROM clips WHERE embedding IS NOT NULL ORDER BY id";
        match &self.database {
            Database::Sqlite(pool) => {
                let found: Vec<Vec<u8>> = sqlx::query_scalar(query).fetch_all(pool).await.unwrap();
                let number = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
                found.iter().map(|bytes| bytes.as_chunks().0.iter().map(number).collect()).collect()
            }
            Database::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
        }
    }
}

/// With each change of the model the whole table waits, and the count stays as quick as it was.
#[tokio::test]
async fn the_queue_is_what_the_model_in_force_lacks_and_is_counted_up_to_a_bound() {
    let client = client("http://127.0.0.1:1/", KEY);
    for site in Site::on_each().await {
        site.clip(1, "a clip").await;
        let queue = async |model: Option<&str>, failed: &str, clips: u32| {
            let model = model.map_or("NULL".to_owned(), |model| format!("'{model}'"));
            site.execute("DELETE FROM clips WHERE id > 1").await;
            site.execute(&format!(
                "INSERT INTO clips (id, twitch_clip_id, url, title, broadcaster_id, broadcaster_name, created_at,
                     imported_at, embedding_model, embedding_failed_at)
                 WITH RECURSIVE n (value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value <= {clips})
                 SELECT value, CAST(value AS text), 'u', 't', 'b', 'B', NOW, NOW, {model}, {failed} FROM n"
            ))
            .await;
            size(&site.database, client.service()).await.unwrap()
        };
        let own = client.service().model.clone();
        for (model, expected) in [(None, 301), (Some("a"), 301), (Some("z"), 301), (Some(own.as_str()), 1)] {
            for failed in ["NULL", "NOW"] {
                assert_eq!(queue(model, failed, 300).await, expected, "{model:?} {failed}");
            }
        }
        for model in [None, Some("a")] {
            assert_eq!(queue(model, "NULL", 10_500).await, 10_000);
        }
    }
}

#[tokio::test]
async fn every_clip_gets_its_own_embedding_and_the_same_text_is_paid_for_once() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    for site in Site::on_each().await {
        let client = client(service.url().as_str(), KEY);
        service.requests();
        for (id, title) in ["a", "bb", "ccc", "dddd"].into_iter().enumerate() {
            site.clip(u32::try_from(id).unwrap() + 1, title).await;
        }
        assert_eq!(site.waiting(&client).await, 4);
        assert_eq!(site.generate(&client).await, Ok(report(4, 0, 0)));
        assert_eq!(site.waiting(&client).await, 0);
        let expected = |title| embedding(&format!("Title: {title}. Broadcaster: Ada. Game: Chess"), 8);
        assert_eq!(site.embeddings().await, ["a", "bb", "ccc", "dddd"].map(expected));
        let requests = service.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!((&requests[0]["model"], &requests[0]["dimensions"]), (&json!("m"), &json!(8)));
        assert_eq!(requests[0]["input"][0], "Title: a. Broadcaster: Ada. Game: Chess");

        // Nothing is left to do; a clip with a text that is known needs no request.
        assert_eq!(site.generate(&client).await, Ok(report(0, 0, 0)));
        site.clip(9, "bb").await;
        assert_eq!(site.generate(&client).await, Ok(report(1, 0, 0)));
        assert_eq!(service.requests(), [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_clip_that_is_refused_does_not_hold_up_the_others() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    for site in Site::on_each().await {
        let client = client(service.url().as_str(), KEY);
        for (id, title) in ["refused", "b", "c", "refused too", "e"].into_iter().enumerate() {
            site.clip(u32::try_from(id).unwrap() + 1, title).await;
        }
        assert_eq!(site.generate(&client).await, Ok(report(3, 2, 0)));
        assert_eq!((site.embeddings().await.len(), site.waiting(&client).await), (3, 2));
        site.clip(6, "f").await;
        // The service is not asked again for what it has refused, until a day later.
        assert_eq!(site.generate(&client).await, Ok(report(1, 0, 0)));
        let day = match site.database {
            Database::Sqlite(_) => "86400000",
            Database::Postgres(_) => "interval '1 day'",
        };
        site.execute(&format!("UPDATE clips SET embedding_failed_at = embedding_failed_at - {day}")).await;
        site.clip(7, "g").await;
        assert_eq!(site.generate(&client).await, Ok(report(1, 2, 0)));
    }
}

#[tokio::test]
async fn what_the_service_does_wrong_ends_the_run_and_loses_nothing() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    for site in Site::on_each().await {
        let client = client(service.url().as_str(), KEY);
        site.clip(1, "a").await;
        site.clip(2, "b").await;
        let mut told = Vec::new();
        let mut run = async || {
            let error = site.generate(&client).await.unwrap_err();
            let again = matches!(error, JobError::Retryable(_) | JobError::RetryAfter { .. });
            told.push(format!("{again} {error}"));
        };
        for mistake in [Mistake::WrongSize, Mistake::Missing, Mistake::Twice] {
            service.mistake(mistake);
            run().await;
        }
        for mood in
            [Mood::Busy(7), Mood::Fails(503), Mood::Endless, Mood::Garbage, Mood::BrokenOff, Mood::Silent]
        {
            service.moods().next(&[mood]);
            run().await;
        }
        assert_eq!(
            told,
            [
                "true the embedding service's answer cannot be used: an embedding has 1 numbers, not 8",
                "true the embedding service's answer cannot be used: some are missing",
                "true the embedding service's answer cannot be used: index 0 was not asked for, or comes twice",
                "true the embedding service wants to be left alone (to be tried again after 7 s)",
                "true the embedding service fails: 503 Service Unavailable",
                "true the embedding service answers more than 66048 bytes",
                "true the embedding service's answer cannot be used: expected value at line 1 column 1",
                "true the embedding service cannot be reached",
                "true the embedding service does not answer in time",
            ]
        );
        // Whether the number or the text of it is refused is up to the parser.
        service.mistake(Mistake::TooLarge);
        let error = site.generate(&client).await.unwrap_err().to_string();
        assert!(error.starts_with("the embedding service's answer cannot be used: "), "{error}");
        assert_eq!(site.waiting(&client).await, 2);
        assert_eq!(site.generate(&client).await, Ok(report(2, 0, 0)));
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_tried_again_and_never_told() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    let site = Site::on_sqlite().await;
    let wrong = client(service.url().as_str(), "sk-wrong-hunter3");
    site.clip(1, "a").await;
    let error = site.generate(&wrong).await.unwrap_err();
    assert!(matches!(error, JobError::Permanent(_)), "{error}");
    assert_eq!(error.to_string(), "the embedding service refuses the key or the model: 401 Unauthorized");
    assert!(!format!("{wrong:?}").contains("hunter3"));
}

#[tokio::test]
async fn a_service_that_is_away_is_left_alone_after_a_while() {
    let site = Site::on_sqlite().await;
    let away = client("http://127.0.0.1:1", KEY);
    site.clip(1, "a").await;
    for _ in 0..6 {
        let error = site.generate(&away).await.unwrap_err();
        assert_eq!(error, JobError::retryable("the embedding service cannot be reached"));
    }
    let error = site.generate(&away).await.unwrap_err().to_string();
    assert_eq!(error, "the embedding service only fails, and is left alone for up to 30 s");
    let trouble = away.health().trouble();
    assert_eq!(trouble.as_deref(), Some("the embedding service cannot be reached"));
}

#[tokio::test]
async fn no_more_requests_are_sent_than_the_service_takes() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    let site = Site::on_sqlite().await;
    let client = client(service.url().as_str(), KEY);
    let slow = Service { requests_per_minute: 600.try_into().unwrap(), ..client.service().clone() };
    let slow = Client::new(slow).unwrap();
    for id in 1..=10 {
        site.clip(id, &format!("clip {id}")).await;
    }
    let begun = std::time::Instant::now();
    assert_eq!(site.generate(&slow).await, Ok(report(10, 0, 0)));
    assert_eq!(service.requests().len(), 4);
    // The first of four at once, and each other a tenth of a second after the one before.
    assert!(begun.elapsed() >= Duration::from_millis(290), "{:?}", begun.elapsed());
}

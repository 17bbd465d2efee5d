//! What replicas share for a while: in the database, and in a real Redis that is away at times.

use std::time::Duration;

use clipper_jobs::cache::{Cache, Redis};
use clipper_jobs::embeddings::{Client, Service, generate};
use clipper_stage::stand_in::embeddings::EmbeddingService;
use e2e::redis::{Redis as RedisServer, RedisCluster};
use jobwatch_runtime::{JobError, Report};

use crate::site::{Site, report, run_of};

const KEY: &str = "sk-test-hunter2";
const PASSWORD: &str = "hunter2-redis";

fn client(service: &EmbeddingService) -> Client {
    Client::new(Service {
        base_url: service.url().clone(),
        key: KEY.to_owned(),
        model: "m".to_owned(),
        dimensions: 4,
        requests_per_minute: 60_000.try_into().unwrap(),
    })
    .unwrap()
}

async fn run(site: &Site, client: &Client, cache: &Cache) -> Result<Report, JobError> {
    generate(&site.database, client, cache, 10, &run_of("embedding_generation")).await
}

#[tokio::test]
async fn two_sites_over_one_redis_pay_once_for_the_same_text() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    let client = client(&service);
    let redis = RedisServer::start(PASSWORD);
    let cache = Cache::Redis(Redis::new(&redis.url().parse().unwrap()).unwrap());
    for site in Site::on_each().await {
        site.clip(1, "the same").await;
        assert_eq!(run(&site, &client, &cache).await, Ok(report(1, 0, 0)));
    }
    assert_eq!(service.requests().len(), 1);
    assert_eq!(cache.health().unwrap().trouble(), None);
}

#[tokio::test]
async fn a_redis_that_is_away_is_done_without_and_taken_up_again() {
    let service = EmbeddingService::start(KEY).await.unwrap();
    let client = client(&service);
    let mut redis = RedisServer::start(PASSWORD);
    let cache = Cache::Redis(Redis::new(&redis.url().parse().unwrap()).unwrap());
    let site = Site::on_sqlite().await;
    site.clip(1, "before").await;
    assert_eq!(run(&site, &client, &cache).await, Ok(report(1, 0, 0)));
    redis.stop();
    site.clip(2, "while it is away").await;
    assert_eq!(run(&site, &client, &cache).await, Ok(report(1, 0, 0)));
    let trouble = cache.health().unwrap().trouble().unwrap();
    assert!(trouble.starts_with("Redis ") && !trouble.contains(PASSWORD), "{trouble}");
    redis.restart();
    let mut id = 3;
    while cache.health().unwrap().trouble().is_some() {
        assert!(id < 200, "it is not taken up again");
        tokio::time::sleep(Duration::from_millis(100)).await;
        site.clip(id, &format!("after {id}")).await;
        assert_eq!(run(&site, &client, &cache).await, Ok(report(1, 0, 0)));
        id += 1;
    }
}

/// What becomes of a run, and what is said about Redis at an address then.
async fn trouble(url: &str) -> String {
    let service = EmbeddingService::start(KEY).await.unwrap();
    let cache = Cache::Redis(Redis::new(&url.parse().unwrap()).unwrap());
    let site = Site::on_sqlite().await;
    site.clip(1, "one").await;
    assert_eq!(run(&site, &client(&service), &cache).await, Ok(report(1, 0, 0)));
    cache.health().unwrap().trouble().unwrap()
}

#[tokio::test]
async fn a_cluster_that_sends_elsewhere_is_called_so_and_done_without() {
    let cluster = RedisCluster::start();
    assert_eq!(
        trouble(&cluster.url()).await,
        "Redis is a cluster (MOVED), and keys are not followed through one: have REDIS_URL name a server without \
         cluster mode, or leave it away"
    );
}

#[tokio::test]
async fn a_password_that_is_refused_is_called_so_and_never_told() {
    let redis = RedisServer::start(PASSWORD);
    let found = trouble(&redis.url().replace(PASSWORD, "hunter3-wrong")).await;
    assert!(found.starts_with("Redis refuses the user or the password of REDIS_URL: "), "{found}");
    assert!(!found.contains("hunter3"), "{found}");
}

#[test]
fn an_address_is_shown_without_its_password() {
    let address: clipper_jobs::cache::RedisAddress =
        "redis://:hunter2@cache.internal:6380/2".parse().unwrap();
    assert_eq!(format!("{address} {address:?}"), "redis at cache.internal:6380 redis at cache.internal:6380");
}

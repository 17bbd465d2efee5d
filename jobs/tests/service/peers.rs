//! Services that the jobs can do without for a while: the service says when one of them is away,
//! and goes on.

use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::embeddings::EmbeddingService;
use clipper_stage::stand_in::open_search::{OpenSearchService, Refuses};
use e2e::redis::{Redis, RedisCluster};
use e2e::waiting::wait;
use serde_json::Value;

use crate::process::Service;
use crate::site::Site;

/// What `/readyz` says is degraded. It says so of a service that is ready.
async fn degraded(service: &Service) -> Vec<String> {
    let (status, body) = service.ask(reqwest::Method::GET, "/readyz", "", None).await.unwrap();
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["ready"], &body["problems"]), (&true.into(), &Value::Array(Vec::new())));
    body["degraded"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn it_stays_ready_while_redis_and_opensearch_are_away_and_says_so() {
    let mut redis = Redis::start("cache-hunter2");
    let search = OpenSearchService::start(Some(("clipper", "search-hunter2"))).await.unwrap();
    let embeddings = EmbeddingService::start("embedding-hunter2").await.unwrap();
    let service = Service::start(&[
        ("REDIS_URL", &redis.url()),
        ("OPENSEARCH_URL", search.url().as_str()),
        ("OPENSEARCH_USERNAME", "clipper"),
        ("OPENSEARCH_PASSWORD", "search-hunter2"),
        ("EMBEDDING_BASE_URL", embeddings.url().as_str()),
        ("EMBEDDING_API_KEY", "embedding-hunter2"),
    ])
    .await;
    assert_eq!(degraded(&service).await, [] as [&str; 0]);

    redis.stop();
    search.moods().lasting(Some(Mood::Fails(503)));
    let both = wait("both to be missed", async || {
        let degraded = degraded(&service).await;
        (degraded.len() == 2).then_some(degraded)
    })
    .await;
    assert_eq!(both, ["Redis", "OpenSearch"]);
    // Anybody may ask what is in trouble. Why, the log says.
    let log = service.log();
    assert!(log.contains("fails: 503 Service Unavailable") && log.contains("Redis is in trouble"), "{log}");
    assert_eq!(service.run("hot_score_refresh").await.0, "succeeded");

    search.moods().lasting(None);
    wait("OpenSearch to be back", async || {
        let degraded = degraded(&service).await;
        (degraded == ["Redis"]).then_some(())
    })
    .await;
    redis.restart();
    wait("Redis to be back", async || degraded(&service).await.is_empty().then_some(())).await;
}

/// It answers, and yet nothing can be indexed.
#[tokio::test]
async fn an_opensearch_that_lets_nobody_in_is_told_with_what_to_do() {
    let search = OpenSearchService::start(Some(("clipper", "search-hunter2"))).await.unwrap();
    let embeddings = EmbeddingService::start("embedding-hunter2").await.unwrap();
    for (password, refuses, told, all) in [
        (
            "wrong-hunter3",
            None,
            "refuses us: 401 Unauthorized; see to OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD",
            ["OpenSearch"].as_slice(),
        ),
        (
            "search-hunter2",
            Some(Refuses::NoRights),
            "refuses us: 403 Forbidden; give the user of OPENSEARCH_USERNAME the right to this",
            &["OpenSearch", "the index of OpenSearch"],
        ),
    ] {
        search.refuse(refuses);
        let site = Site::on_sqlite().await;
        site.insert_clips(1, 1_700_000_000).await;
        let service = Service::start(&[
            ("DATABASE_URL", &site.url),
            ("OPENSEARCH_URL", search.url().as_str()),
            ("OPENSEARCH_USERNAME", "clipper"),
            ("OPENSEARCH_PASSWORD", password),
            ("EMBEDDING_BASE_URL", embeddings.url().as_str()),
            ("EMBEDDING_API_KEY", "embedding-hunter2"),
        ])
        .await;
        wait("it to be told", async || (degraded(&service).await == ["OpenSearch"]).then_some(())).await;
        let log = service.log();
        assert!(log.contains("OpenSearch is in trouble") && log.contains(told), "{log}");
        // It fails no run.
        assert_eq!(service.run("embedding_generation").await.0, "succeeded");
        wait("all of it to be told", async || (degraded(&service).await == all).then_some(())).await;
        let log = service.log();
        assert!(!log.contains("hunter"), "{log}");
    }
}

#[tokio::test]
async fn a_redis_with_tls_is_spoken_to_if_its_certificate_is_trusted() {
    let redis = Redis::start_with_tls("cache-hunter2");
    let url = redis.url();
    let stranger = Service::start(&[("REDIS_URL", &url)]).await;
    wait("the certificate to be refused", async || (degraded(&stranger).await == ["Redis"]).then_some(()))
        .await;
    let log = stranger.log();
    assert!(log.contains("invalid peer certificate") && !log.contains("hunter2"), "{log}");

    let (certificate, site) = (redis.certificate(), Site::on_sqlite().await);
    site.insert_clips(1, 1_700_000_000).await;
    let embeddings = EmbeddingService::start("embedding-hunter2").await.unwrap();
    let service = Service::start(&[
        ("DATABASE_URL", &site.url),
        ("REDIS_URL", &url),
        ("SSL_CERT_FILE", certificate.to_str().unwrap()),
        ("EMBEDDING_BASE_URL", embeddings.url().as_str()),
        ("EMBEDDING_API_KEY", "embedding-hunter2"),
    ])
    .await;
    assert_eq!(service.run("embedding_generation").await.0, "succeeded");
    assert_eq!(degraded(&service).await, [] as [&str; 0]);
    assert_eq!(redis.size(), 1);
}

#[tokio::test]
async fn a_redis_cluster_is_told_before_any_job_needs_it() {
    let cluster = RedisCluster::start();
    let service = Service::start(&[("REDIS_URL", &cluster.url())]).await;
    wait("the cluster to be told", async || (degraded(&service).await == ["Redis"]).then_some(())).await;
    let log = service.log();
    assert!(log.contains("is a cluster (CROSSSLOT)"), "{log}");
}

//! Embeddings in OpenSearch: all of them in the end, whatever it does in between.

use std::time::Duration;

use clipper_jobs::remote::Patience;
use clipper_jobs::search::{OpenSearch, SearchService, index_new};
use clipper_stage::stand_in::Mood;
use clipper_stage::stand_in::open_search::{Closed, OpenSearchService, Refuses};
use serde_json::json;

use crate::site::{Site, run_of};

const PASSWORD: &str = "hunter2-search";

fn client(url: &str, password: &str) -> OpenSearch {
    let login = Some(("clipper".to_owned(), password.to_owned()));
    let service =
        SearchService { url: url.parse().unwrap(), index: "clips".to_owned(), dimensions: 2, login };
    OpenSearch::new(service, Patience { timeout: Duration::from_secs(2), ..Patience::default() }).unwrap()
}

impl Site {
    /// A clip that has an embedding of the model `m`.
    async fn embedded(&self, id: u32, title: &str, numbers: [f32; 2]) {
        self.clip(id, title).await;
        let embedding = match self.database {
            clipper_jobs::database::Database::Sqlite(_) => {
                let hex =
                    numbers.iter().flat_map(|number| number.to_le_bytes()).map(|byte| format!("{byte:02x}"));
                format!("x'{}'", hex.collect::<String>())
            }
            clipper_jobs::database::Database::Postgres(_) => format!("'{{{}, {}}}'", numbers[0], numbers[1]),
        };
        let sql = format!(
            "UPDATE clips SET embedding = {embedding}, embedding_model = 'm', embedding_generated_at = NOW WHERE id = {id}"
        );
        self.execute(&sql).await;
    }

    async fn index(&self, search: &OpenSearch) -> u64 {
        index_new(&self.database, search, "m", &run_of("embedding_generation")).await.unwrap()
    }
}

#[tokio::test]
async fn each_embedding_is_indexed_once_in_an_index_of_vectors() {
    for site in Site::on_each().await {
        let service = OpenSearchService::start(Some(("clipper", PASSWORD))).await.unwrap();
        let search = client(service.url().as_str(), PASSWORD);
        assert_eq!(site.index(&search).await, 0);
        assert_eq!(service.index("clips"), None, "nothing to index makes no index");
        for id in 1..=250 {
            site.embedded(id, &format!("clip {id}"), [1.0, 0.5]).await;
        }
        site.clip(251, "without an embedding").await;
        assert_eq!(site.index(&search).await, 250);
        let index = service.index("clips").unwrap();
        assert_eq!(index.documents.len(), 250);
        assert_eq!(index.created_with["settings"], json!({"index": {"knn": true}}));
        let vector = &index.created_with["mappings"]["properties"]["embedding"];
        assert_eq!((&vector["type"], &vector["dimension"]), (&json!("knn_vector"), &json!(2)));
        assert_eq!(
            index.documents["7"],
            json!({"title": "clip 7", "broadcaster_name": "Ada", "game_name": "Chess", "embedding_model": "m",
                   "embedding": [1.0, 0.5]})
        );
        assert_eq!(site.index(&search).await, 0);
    }
}

#[tokio::test]
async fn what_a_search_that_was_away_has_missed_comes_later() {
    for site in Site::on_each().await {
        let service = OpenSearchService::start(Some(("clipper", PASSWORD))).await.unwrap();
        let search = client(service.url().as_str(), PASSWORD);
        site.embedded(1, "a", [1.0, 0.0]).await;
        for mood in [Mood::Fails(503), Mood::Garbage, Mood::BrokenOff, Mood::Endless, Mood::Silent] {
            // The first request asks for the index; the second one writes.
            service.moods().next(&[Mood::Slow(Duration::ZERO), Mood::Slow(Duration::ZERO), mood]);
            assert_eq!(site.index(&search).await, 0, "{mood:?}");
            service.delete("clips");
        }
        service.moods().next(&[Mood::Fails(503)]);
        assert_eq!(site.index(&search).await, 0);
        assert!(search.healths()[0].trouble().is_some());
        assert_eq!(site.index(&search).await, 1);
        assert_eq!(search.healths()[0].trouble(), None);
        assert_eq!(service.index("clips").unwrap().documents.len(), 1);
    }
}

#[tokio::test]
async fn a_clip_that_is_refused_does_not_hold_up_the_others() {
    let site = Site::on_sqlite().await;
    let service = OpenSearchService::start(Some(("clipper", PASSWORD))).await.unwrap();
    let search = client(service.url().as_str(), PASSWORD);
    site.embedded(1, "a", [1.0, 0.0]).await;
    site.embedded(2, "b", [1.0, 0.0]).await;
    site.execute("UPDATE clips SET embedding = x'0000803f' WHERE id = 1").await;
    assert_eq!(site.index(&search).await, 1);
    assert_eq!(service.index("clips").unwrap().documents.keys().collect::<Vec<_>>(), ["2"]);
    // It is tried again, and refused again, and that is all.
    assert_eq!(site.index(&search).await, 0);
}

/// More than one request has: it is given up with the first.
const MANY: u32 = 101;

#[tokio::test]
async fn an_index_that_takes_no_documents_is_told_with_what_to_do_and_gets_them_later() {
    let site = Site::on_sqlite().await;
    let service = OpenSearchService::start(Some(("clipper", PASSWORD))).await.unwrap();
    let search = client(service.url().as_str(), PASSWORD);
    for id in 1..=MANY {
        site.embedded(id, "a", [1.0, 0.0]).await;
    }
    let mut told = Vec::new();
    for closed in [Closed::ReadOnly, Closed::Red, Closed::Busy] {
        service.close(Some(closed));
        assert_eq!(site.index(&search).await, 0, "{closed:?}");
        told.push(search.healths()[1].trouble().unwrap());
    }
    insta::assert_snapshot!(told.join("\n"), @"
    the index of OpenSearch takes no documents: 403 cluster_block_exception: index [clips] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]; see to its free disk space, and then have its index take documents again (index.blocks.read_only_allow_delete)
    the index of OpenSearch takes no documents: 503 unavailable_shards_exception: [clips][0] primary shard is not active Timeout: [1s]; see to its shards: GET _cluster/allocation/explain tells which are missing
    the index of OpenSearch takes no documents: 429 rejected_execution_exception: rejected execution of primary operation [coordinating_and_primary_bytes=0]; it has more to do than it can: if that lasts, see to its load by GET _nodes/stats/breaker,thread_pool
    ");
    // The whole request may be refused, too.
    service.close(None);
    let mut told = Vec::new();
    for refuses in [Refuses::NoRights, Refuses::ReadOnlyCluster, Refuses::CircuitBreaker] {
        service.refuse(Some(refuses));
        assert_eq!(site.index(&search).await, 0, "{refuses:?}");
        told.push(search.healths()[1].trouble().unwrap());
    }
    service.refuse(None);
    service.moods().next(&[Mood::Slow(Duration::ZERO), Mood::Busy(1)]);
    assert_eq!(site.index(&search).await, 0);
    told.push(search.healths()[1].trouble().unwrap());
    insta::assert_snapshot!(told.join("\n"), @"
    the index of OpenSearch is not shown: 403 Forbidden; give the user of OPENSEARCH_USERNAME the right to this
    the index of OpenSearch takes no documents: 403 Forbidden cluster_block_exception: blocked by: [FORBIDDEN/6/cluster read-only (api)]; see to its free disk space, and then have its index take documents again (index.blocks.read_only_allow_delete)
    the index of OpenSearch takes no documents: 429 Too Many Requests circuit_breaking_exception: [parent] Data too large, data for [<http_request>] would be [1020054732/972.7mb], which is larger than the limit of [1020054731/972.7mb]; it has more to do than it can: if that lasts, see to its load by GET _nodes/stats/breaker,thread_pool
    the index of OpenSearch takes no documents: 429 Too Many Requests; it has more to do than it can: if that lasts, see to its load by GET _nodes/stats/breaker,thread_pool
    ");
    assert_eq!(site.index(&search).await, u64::from(MANY));
    assert_eq!(search.healths().map(|health| health.trouble()), [None, None]);
}

#[tokio::test]
async fn a_password_that_is_refused_is_never_told() {
    let site = Site::on_sqlite().await;
    let service = OpenSearchService::start(Some(("clipper", PASSWORD))).await.unwrap();
    let search = client(service.url().as_str(), "wrong-hunter3");
    site.embedded(1, "a", [1.0, 0.0]).await;
    assert_eq!(site.index(&search).await, 0);
    assert!(!format!("{search:?}").contains("hunter3"));
}

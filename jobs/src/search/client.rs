//! Speaks to OpenSearch.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde_json::json;

use super::clips::Clip;
use crate::health::Health;
use crate::remote::{Answer, Patience, Remote};

/// The longest answer that is read, in bytes. To a hundred documents it is less than a tenth of it,
/// unless each has an error.
const LONGEST: usize = 1 << 20;

/// How long OpenSearch may take to say that it is there.
const PROBE: Duration = Duration::from_secs(2);

/// Where OpenSearch is, and the index. Never shown with its password.
#[derive(Clone)]
pub struct SearchService {
    /// Where it is.
    pub url: Url,
    /// The index, which is created if it is missing.
    pub index: String,
    /// How many numbers an embedding has.
    pub dimensions: u32,
    /// User and password, where they are asked for.
    pub login: Option<(String, String)>,
}

impl fmt::Debug for SearchService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, index, dimensions, .. } = self;
        write!(f, "SearchService({url}, {index}, {dimensions}, ***)")
    }
}

/// Writes to an index. Copies share its health.
#[derive(Debug, Clone)]
pub struct OpenSearch {
    remote: Remote,
    service: SearchService,
    /// It may answer well, and have its index closed.
    index: Health,
}

/// What became of clips.
#[derive(Debug, Default)]
pub(super) struct Indexed {
    /// Those that it refused, and why.
    pub(super) refused: Vec<(i64, String)>,
    /// Why it takes no others either for now, if it is so.
    pub(super) closed: Option<String>,
}

#[derive(Deserialize)]
struct BulkAnswer {
    items: Vec<HashMap<String, BulkItem>>,
}

#[derive(Deserialize)]
struct BulkItem {
    #[serde(rename = "_id")]
    id: String,
    status: u16,
    #[serde(default)]
    error: Option<ItemError>,
}

#[derive(Deserialize)]
struct ItemError {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    reason: String,
}

impl BulkItem {
    /// Why the index takes nothing for now, if that is what it says: it is read-only, as when the
    /// disk is full, has more to do than it can, or has no primary shard.
    fn closed(&self) -> Option<String> {
        let kind = self.error.as_ref().map_or("", |error| &error.kind);
        let reason = self.error.as_ref().map_or("", |error| error.reason.trim_end_matches(';'));
        let next_step = match self.status {
            _ if kind == "cluster_block_exception" => {
                "see to its free disk space, and then have its index take documents again \
                 (index.blocks.read_only_allow_delete)"
            }
            429 => "it has more to do than it can",
            500.. => "see to its shards: GET _cluster/allocation/explain tells which are missing",
            _ => return None,
        };
        Some(format!("takes no documents: {} {kind}: {reason}; {next_step}", self.status))
    }
}

impl OpenSearch {
    /// A client.
    ///
    /// # Errors
    ///
    /// If the system's certificates cannot be used.
    pub fn new(service: SearchService, patience: Patience) -> Result<Self, reqwest::Error> {
        let index = Health::new("the index of OpenSearch", patience.pause);
        Ok(Self { remote: Remote::new("OpenSearch", patience)?, service, index })
    }

    /// How it fares, and how its index does.
    pub fn healths(&self) -> [Health; 2] {
        [self.remote.health(), self.index.clone()]
    }

    /// Asks whether it is there.
    pub(crate) async fn probe(&self) {
        let request = self.request(Method::GET, "").timeout(PROBE);
        // The health remembers what comes of it.
        let _ = self.remote.send(request, LONGEST).await;
    }

    /// Writes clips into the index, which replaces what it had of them.
    pub(super) async fn index(&self, clips: &[Clip]) -> Result<Indexed, String> {
        let mut body = String::new();
        for clip in clips {
            let action = json!({"index": {"_index": self.service.index, "_id": clip.id.to_string()}});
            body += &format!("{action}\n{}\n", clip.document());
        }
        let request =
            self.request(Method::POST, "_bulk").header(CONTENT_TYPE, "application/x-ndjson").body(body);
        let answer = self.send(request).await?;
        if answer.status != StatusCode::OK {
            return Err(format!("OpenSearch refuses to index: {}", answer.status));
        }
        let answer: BulkAnswer = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("OpenSearch's answer cannot be used: {error}"))?;
        let mut left: HashMap<i64, String> =
            clips.iter().map(|clip| (clip.id, "OpenSearch says nothing about it".to_owned())).collect();
        let mut closed = None;
        for item in answer.items.into_iter().flat_map(HashMap::into_values) {
            let Ok(id) = item.id.parse() else { continue };
            closed = closed.or_else(|| item.closed());
            if (200..300).contains(&item.status) {
                left.remove(&id);
            } else if let Some(reason) = left.get_mut(&id) {
                *reason =
                    format!("{}: {}", item.status, item.error.map(|error| error.reason).unwrap_or_default());
            }
        }
        let mut refused: Vec<_> = left.into_iter().collect();
        refused.sort_unstable();
        self.index.note(closed.clone());
        Ok(Indexed { refused, closed })
    }

    /// Creates the index if it is missing: one that OpenSearch makes up from what is written to it
    /// has no vectors. Of replicas that do so together, one is told that another was faster.
    pub(super) async fn need_index(&self) -> Result<(), String> {
        let index = &self.service.index;
        let found = self.send(self.request(Method::HEAD, index)).await?.status;
        if found == StatusCode::NOT_FOUND {
            let answer = self.send(self.request(Method::PUT, index).json(&self.mapping())).await?;
            let exists = String::from_utf8_lossy(&answer.body).contains("resource_already_exists_exception");
            if !answer.status.is_success() && !exists {
                return Err(format!("OpenSearch refuses to create the index {index}: {}", answer.status));
            }
        } else if !found.is_success() {
            return Err(format!("OpenSearch does not show the index {index}: {found}"));
        }
        Ok(())
    }

    /// Vectors that are close in direction are close in meaning.
    fn mapping(&self) -> serde_json::Value {
        let vector = json!({
            "type": "knn_vector",
            "dimension": self.service.dimensions,
            "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
        });
        json!({
            "settings": {"index": {"knn": true}},
            "mappings": {"properties": {
                "title": {"type": "text"},
                "broadcaster_name": {"type": "keyword"},
                "game_name": {"type": "keyword"},
                "embedding_model": {"type": "keyword"},
                "embedding": vector,
            }},
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.service.url.as_str().trim_end_matches('/'));
        let request = self.remote.http().request(method, url);
        match &self.service.login {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, String> {
        self.remote.send(request, LONGEST).await.map_err(|failure| format!("OpenSearch {failure}"))
    }
}

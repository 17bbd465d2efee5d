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
use crate::plain::one_line;
use crate::remote::{Answer, Failure, Patience, Remote};

/// The longest answer that is read, in bytes. To a hundred documents it is less than a tenth of it,
/// unless each has an error.
const LONGEST: usize = 1 << 20;

/// How long OpenSearch may take to say that it is there.
const PROBE: Duration = Duration::from_secs(2);

/// How much of a reason is told, in characters.
const REASON: usize = 300;

/// What to do about a login that is refused, and about a right that is missing.
const LOGIN: &str = "see to OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD";
const RIGHT: &str = "give the user of OPENSEARCH_USERNAME the right to this";

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
        let next_step = next_step(self.status, kind)?;
        Some(one_line(&format!("takes no documents: {} {kind}: {reason}; {next_step}", self.status)))
    }
}

/// What to do about a status and a kind of error that concern the index and not what is written to
/// it.
fn next_step(status: u16, kind: &str) -> Option<&'static str> {
    Some(match status {
        _ if kind == "cluster_block_exception" => {
            "see to its free disk space, and then have its index take documents again \
             (index.blocks.read_only_allow_delete)"
        }
        401 => LOGIN,
        403 => RIGHT,
        429 => {
            "it has more to do than it can: if that lasts, see to its load by GET _nodes/stats/breaker,thread_pool"
        }
        500.. => "see to its shards: GET _cluster/allocation/explain tells which are missing",
        _ => return None,
    })
}

/// Status and reason of an answer that refuses the whole request, and what to do.
fn refusal(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Refused {
        error: ItemError,
    }
    let status = answer.status;
    let (told, kind) = match serde_json::from_slice(&answer.body) {
        Ok(Refused { error: ItemError { kind, reason } }) => {
            (format!("{status} {kind}: {}", reason.trim_end_matches(';')), kind)
        }
        // A proxy before it, or a part of it that answers without JSON.
        Err(_) => (status.to_string(), String::new()),
    };
    let told: String = one_line(&told).chars().take(REASON).collect();
    let next_step = next_step(status.as_u16(), &kind).unwrap_or("the next run tries again");
    format!("{told}; {next_step}")
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

    /// Asks whether it is there, and lets us in.
    pub(crate) async fn probe(&self) {
        let request = self.request(Method::GET, "").timeout(PROBE);
        let refused = |status: StatusCode| match status.as_u16() {
            401 => Some(LOGIN),
            403 => Some(RIGHT),
            _ => None,
        };
        // The health remembers what comes of it.
        let _ = self.remote.send_unless(request, LONGEST, refused).await;
    }

    /// Writes clips into the index, which replaces what it had of them.
    pub(super) async fn index(&self, clips: &[Clip]) -> Result<Indexed, String> {
        let mut body = String::new();
        for clip in clips {
            let action = json!({"index": {"_index": self.service.index, "_id": clip.id.to_string()}});
            body += &format!("{action}\n{}\n", clip.document());
        }
        // An index that is red answers when this is over, and has to be heard.
        let wait = (self.remote.patience().timeout.as_secs() / 2).max(1);
        let path = format!("_bulk?timeout={wait}s");
        let request =
            self.request(Method::POST, &path).header(CONTENT_TYPE, "application/x-ndjson").body(body);
        let answer = self.send(request).await?;
        if answer.status != StatusCode::OK {
            return Err(self.trouble(format!("takes no documents: {}", refusal(&answer))));
        }
        let answer: BulkAnswer = serde_json::from_slice(&answer.body).map_err(|error| {
            self.trouble(format!("cannot be written to: OpenSearch's answer cannot be used: {error}"))
        })?;
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
        let found = self.send(self.request(Method::HEAD, index)).await?;
        if found.status == StatusCode::NOT_FOUND {
            let answer = self.send(self.request(Method::PUT, index).json(&self.mapping())).await?;
            let exists = String::from_utf8_lossy(&answer.body).contains("resource_already_exists_exception");
            if !answer.status.is_success() && !exists {
                return Err(self.trouble(format!("cannot be created: {}", refusal(&answer))));
            }
        } else if !found.status.is_success() {
            return Err(self.trouble(format!("is not shown: {}", refusal(&found))));
        }
        Ok(())
    }

    /// Remembers what is wrong with the index, and answers it in whole.
    fn trouble(&self, trouble: String) -> String {
        let told = format!("{} {trouble}", self.index.name());
        self.index.note(Some(trouble));
        told
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
        // Who may not write to the index is another thing, which the answer tells.
        let refused = |status| (status == StatusCode::UNAUTHORIZED).then_some(LOGIN);
        let answer = self.remote.send_unless(request, LONGEST, refused).await;
        answer.map_err(|failure| match failure {
            // What only the index has can be away while all else is well.
            Failure::Timeout | Failure::BrokenOff | Failure::TooLong(_) | Failure::Status(_) => self.trouble(
                format!("cannot be written to: OpenSearch {failure}; see to its health: GET _cluster/health"),
            ),
            _ => format!("OpenSearch {failure}"),
        })
    }
}

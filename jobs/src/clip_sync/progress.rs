//! How far the clips of a game have been read, so that a run which was cut short is not begun anew,
//! on whichever replica.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_runtime::JobError;
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::twitch::Game;

/// How long a place is worth going back to. Later, what was new then is old.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Where to go on reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The clips of which time are asked for. A cursor belongs to one question.
    pub(super) within: (DateTime<Utc>, DateTime<Utc>),
    /// What the next page is asked for by. Nothing before the first one.
    pub(super) cursor: Option<String>,
    /// How many wanted clips were found so far.
    pub(super) found: usize,
    /// How many pages were read.
    pub(super) pages: usize,
}

impl Progress {
    /// At the beginning of the last day.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { within: (now - TimeDelta::days(1), now), cursor: None, found: 0, pages: 0 }
    }

    /// Where a run that was cut short has got with a game, if one was.
    pub(super) async fn remembered(cache: &Cache, game: &Game) -> Result<Option<Self>, JobError> {
        let key = key(game);
        let found = cache.get(std::slice::from_ref(&key)).await?.remove(&key);
        Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Remembers this place.
    pub(super) async fn remember(&self, cache: &Cache, game: &Game) -> Result<(), JobError> {
        // A struct of moments, numbers and a text always becomes JSON.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        cache.put(&BTreeMap::from([(key(game), bytes)]), LIFETIME).await
    }

    /// Forgets where a game was left.
    pub(super) async fn forget(cache: &Cache, game: &Game) -> Result<(), JobError> {
        cache.remove(&key(game)).await
    }
}

fn key(game: &Game) -> String {
    format!("clip-sync-cursor:{}", game.id)
}

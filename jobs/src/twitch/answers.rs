//! What Twitch answers.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// A game, or another kind of stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Game {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A clip.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Clip {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) broadcaster_id: String,
    pub(crate) broadcaster_name: String,
    pub(crate) creator_id: String,
    pub(crate) creator_name: String,
    pub(crate) language: String,
    pub(crate) title: String,
    pub(crate) view_count: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) thumbnail_url: String,
    pub(crate) duration: f64,
}

/// One page of an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) data: Vec<T>,
    #[serde(default)]
    pagination: Pagination,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Pagination {
    #[serde(default)]
    cursor: Option<String>,
}

impl<T> Page<T> {
    /// What the next page is asked for by. Twitch writes an empty one at the end, too.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.pagination.cursor.as_deref().filter(|cursor| !cursor.is_empty())
    }
}

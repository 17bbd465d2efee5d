//! What Twitch answers.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

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

/// Reads an answer. No text of it has a NUL, which PostgreSQL has no place for.
///
/// # Errors
///
/// If it is no JSON, or says something else.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let mut answer: Value = serde_json::from_slice(body)?;
    clean(&mut answer);
    serde_json::from_value(answer)
}

fn clean(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        _ => {}
    }
}

//! The parts of Twitch's Helix API that the jobs need.

mod client;
mod token;

use std::fmt;

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;
use reqwest::Url;
use serde::Deserialize;

pub use client::Twitch;

/// Who asks Twitch, and where it is. Never shown with its secret.
#[derive(Clone)]
pub struct Credentials {
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where tokens are given: `/oauth2/token` is added.
    pub auth_url: Url,
    /// Where the API is: `/helix/…` is added.
    pub api_url: Url,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, ***, {}, {})", self.client_id, self.auth_url, self.api_url)
    }
}

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

impl Twitch {
    /// The games that most people watch.
    pub(crate) async fn top_games(&self, number: usize) -> Result<Vec<Game>, JobError> {
        let query = [("first", number.to_string())];
        Ok(self.get::<Game>("/helix/games/top", &query).await?.data)
    }

    /// Clips of a game that were made within a time.
    pub(crate) async fn clips(
        &self,
        game: &str,
        within: (DateTime<Utc>, DateTime<Utc>),
        number: usize,
        after: Option<&str>,
    ) -> Result<Page<Clip>, JobError> {
        let moment = |at: DateTime<Utc>| at.format("%FT%TZ").to_string();
        let mut query = vec![
            ("game_id", game.to_owned()),
            ("started_at", moment(within.0)),
            ("ended_at", moment(within.1)),
            ("first", number.to_string()),
        ];
        query.extend(after.map(|after| ("after", after.to_owned())));
        self.get("/helix/clips", &query).await
    }
}

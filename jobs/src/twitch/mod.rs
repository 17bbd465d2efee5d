//! The parts of Twitch's Helix API that the jobs need. `contract.yaml` says what they are, and
//! where Twitch documents them.

mod answers;
mod client;
mod credentials;
mod seal;
mod token;

use chrono::{DateTime, Utc};
use jobwatch_runtime::JobError;

pub(crate) use answers::{Clip, Game, Page};
pub use client::Twitch;
pub use credentials::Credentials;

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

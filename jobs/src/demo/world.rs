//! Whom the jobs speak to in the demo: a Twitch, an embedding service and some receivers of webhooks, with good and bad moments.

use std::io;
use std::time::Duration;

use crate::stand_in::Mood;
use crate::stand_in::embeddings::EmbeddingService;
use crate::stand_in::receivers::{Manner, Receiver};
use crate::stand_in::twitch::{CLIENT_ID, CLIENT_SECRET, TwitchService};

/// What opens the embedding service.
const EMBEDDING_KEY: &str = "demo-key-hunter2";

/// What receivers share with the sender.
const WEBHOOK_SECRET: &str = "whsec_ZGVtby1zZWNyZXQtaHVudGVyMg==";

/// The receivers: most of them are well.
const MANNERS: [Manner; 7] = [
    Manner::Well,
    Manner::Well,
    Manner::Slow(Duration::from_millis(700)),
    Manner::Busy(5),
    Manner::Failing,
    Manner::Gone,
    Manner::Missing,
];

/// How many requests Twitch answers in two seconds: less than a run would like to send.
const TWITCH_LIMIT: u32 = 8;

/// The servers, which end with this value.
#[derive(Debug)]
pub(super) struct World {
    twitch: TwitchService,
    embeddings: EmbeddingService,
    receivers: Vec<Receiver>,
}

impl World {
    /// Starts them all.
    ///
    /// # Errors
    ///
    /// If the system has no ports to give.
    pub(super) async fn start() -> io::Result<Self> {
        let mut receivers = Vec::new();
        for manner in MANNERS {
            receivers.push(Receiver::start(manner, WEBHOOK_SECRET).await?);
        }
        let twitch = TwitchService::start().await?;
        twitch.limit(TWITCH_LIMIT);
        Ok(Self { twitch, embeddings: EmbeddingService::start(EMBEDDING_KEY).await?, receivers })
    }

    /// Where each receiver takes messages, and its secret.
    pub(super) fn subscriptions(&self) -> io::Result<Vec<(String, &'static str)>> {
        self.receivers.iter().map(|receiver| Ok((receiver.url()?.to_string(), WEBHOOK_SECRET))).collect()
    }

    /// The variables by which the service finds them.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TWITCH_CLIENT_ID", CLIENT_ID.to_owned()),
            ("TWITCH_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("TWITCH_AUTH_URL", self.twitch.url().to_string()),
            ("TWITCH_API_URL", self.twitch.url().to_string()),
            ("EMBEDDING_BASE_URL", self.embeddings.url().to_string()),
            ("EMBEDDING_API_KEY", EMBEDDING_KEY.to_owned()),
            ("EMBEDDING_DIMENSIONS", "64".to_owned()),
            ("WEBHOOK_RETRY_ALLOW_PRIVATE_ADDRESSES", "true".to_owned()),
        ]
    }

    /// What happens in a round: now and then a request meets a service that is slow, busy or failing, and clips are watched.
    pub(super) fn turn(&self, round: i64) {
        self.twitch.watch(round % 5);
        let twitch = match round % 7 {
            1 => Some(Mood::Fails(503)),
            4 => Some(Mood::Slow(Duration::from_millis(400))),
            _ => None,
        };
        let embeddings = match round % 9 {
            2 => Some(Mood::Slow(Duration::from_millis(600))),
            6 => Some(Mood::Fails(500)),
            _ => None,
        };
        for (moods, mood) in [(self.twitch.moods(), twitch), (self.embeddings.moods(), embeddings)] {
            // One that nobody has met yet is enough.
            if let Some(mood) = mood.filter(|_| !moods.is_set()) {
                moods.next(&[mood]);
            }
        }
    }
}

//! Whom the jobs speak to in the demo: a Twitch, an embedding service and some receivers of
//! webhooks, with good and bad moments.

use std::io;
use std::time::Duration;

use reqwest::Url;

use super::environment::EMBEDDING_KEY;
use super::site::Subscription;
use crate::stand_in::Mood;
use crate::stand_in::embeddings::EmbeddingService;
use crate::stand_in::receivers::{Manner, Receiver};
use crate::stand_in::twitch::TwitchService;

/// What receivers share with the sender.
const WEBHOOK_SECRET: &str = "whsec_ZGVtby1zZWNyZXQtaHVudGVyMg==";

/// The receivers, and how many of a hundred deliveries are for each: most of them for one that is
/// well.
const RECEIVERS: [(Manner, u64); 6] = [
    (Manner::Well, 74),
    (Manner::Slow(Duration::from_millis(300)), 8),
    (Manner::Busy(5), 8),
    (Manner::Failing, 4),
    (Manner::Gone, 2),
    (Manner::Missing, 4),
];

/// The game whose clips Twitch cannot find for a while.
const BROKEN_GAME: &str = "743";

/// How many requests Twitch answers in two seconds: less than a run would like to send.
const TWITCH_LIMIT: u32 = 8;

/// The servers, which end with this value.
#[derive(Debug)]
pub(super) struct World {
    twitch: TwitchService,
    embeddings: EmbeddingService,
    receivers: Vec<(Receiver, u64)>,
}

impl World {
    /// Starts them all.
    ///
    /// # Errors
    ///
    /// If the system has no ports to give.
    pub(super) async fn start() -> io::Result<Self> {
        let mut receivers = Vec::new();
        for (manner, share) in RECEIVERS {
            receivers.push((Receiver::start(manner, WEBHOOK_SECRET).await?, share));
        }
        let twitch = TwitchService::start().await?;
        twitch.limit(TWITCH_LIMIT);
        Ok(Self { twitch, embeddings: EmbeddingService::start(EMBEDDING_KEY).await?, receivers })
    }

    /// Who is to be told of what happens on the site.
    pub(super) fn subscriptions(&self) -> io::Result<Vec<Subscription>> {
        let subscription = |(receiver, share): &(Receiver, u64)| {
            Ok(Subscription { url: receiver.url()?, secret: WEBHOOK_SECRET, share: *share })
        };
        self.receivers.iter().map(subscription).collect()
    }

    /// Where Twitch and the embedding service are.
    pub(super) fn urls(&self) -> (&Url, &Url) {
        (self.twitch.url(), self.embeddings.url())
    }

    /// What happens in a second: now and then a request meets a service that is slow, busy or
    /// failing, clips are watched, and for a while of each minute Twitch has no clips of one game.
    pub(super) fn turn(&self, second: u64) {
        self.twitch.watch(25);
        match second % 60 {
            20 => self.twitch.break_games(&[BROKEN_GAME]),
            35 => self.twitch.break_games(&[]),
            _ => {}
        }
        let twitch = match second % 7 {
            1 => Some(Mood::Fails(503)),
            4 => Some(Mood::Slow(Duration::from_millis(400))),
            _ => None,
        };
        let embeddings = match second % 30 {
            2 | 14 => Some(Mood::Slow(Duration::from_millis(600))),
            8 => Some(Mood::Fails(500)),
            20 => Some(Mood::Busy(1)),
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

//! What the store says to a claim that was made with others.

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::store::Claimed;

/// What became of a claim that was made with others.
pub(crate) struct Answer {
    pub(crate) claimed: Claimed,
    /// When it was asked.
    pub(crate) asked: Instant,
    /// The time by the store's clock when the answer came.
    pub(crate) told: DateTime<Utc>,
}

//! What somebody who asks for a run says about it.

/// What somebody who asks for a run says about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Why, for the log and the history: at most 1,000 characters.
    pub reason: Option<String>,
    /// The same key means the same run: who asks once more, because the answer was lost, is told
    /// the run that there is instead of starting another. It holds for as long as the history
    /// remembers the run, and not if that was interrupted by a shutdown or the loss of its lease.
    /// At most 200 characters.
    pub idempotency_key: Option<String>,
}

/// Something that is too long to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} is too long: at most {most} characters")]
pub struct TooLong {
    /// What it is.
    pub what: &'static str,
    /// How long it may be.
    pub most: usize,
}

impl Request {
    /// Without what is empty, and with what any store can keep.
    pub(crate) fn checked(self) -> Result<Self, TooLong> {
        let check = |text: Option<String>, what, most| match text {
            Some(text) if text.chars().count() > most => Err(TooLong { what, most }),
            // PostgreSQL has no text with a NUL.
            text => Ok(text.filter(|text| !text.is_empty()).map(|text| text.replace('\0', "\u{fffd}"))),
        };
        Ok(Self {
            reason: check(self.reason, "the reason", 1_000)?,
            idempotency_key: check(self.idempotency_key, "the idempotency key", 200)?,
        })
    }

    /// Whether the same run is meant.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.idempotency_key.is_some() && self.idempotency_key == other.idempotency_key
    }
}

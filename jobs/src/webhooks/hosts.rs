//! The hosts that a run delivers to: each takes a few deliveries at once, and one that only fails is left alone for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use recloser::{AsyncRecloser, Error};
use tokio::sync::Semaphore;

use super::deliver::{Deliverer, Verdict};
use super::queue::Delivery;
use crate::health::breaker;

/// How many deliveries to one host are under way at once, so that a slow one does not hold up the others.
pub(super) const AT_ONCE: usize = 4;

/// How long a host that only fails is left alone. Its deliveries wait, which is no attempt at them.
const PAUSE: Duration = Duration::from_secs(60);

/// The hosts of a run, by their names.
#[derive(Default)]
pub(super) struct Hosts(HashMap<String, Host>);

/// A host. Copies are the same.
#[derive(Clone)]
pub(super) struct Host {
    turns: Arc<Semaphore>,
    breaker: AsyncRecloser,
}

impl Hosts {
    /// The host that a delivery goes to.
    pub(super) fn of(&mut self, delivery: &Delivery) -> Host {
        let new = || Host { turns: Arc::new(Semaphore::new(AT_ONCE)), breaker: breaker(PAUSE) };
        self.0.entry(delivery.host()).or_insert_with(new).clone()
    }
}

impl Host {
    /// Where deliveries to the host wait for their turn.
    pub(super) fn turns(&self) -> &Semaphore {
        &self.turns
    }

    /// Delivers, unless the host is left alone.
    pub(super) async fn deliver(&self, deliverer: &Deliverer, delivery: &Delivery) -> Verdict {
        let attempt = async {
            let verdict = deliverer.deliver(delivery).await;
            if verdict.is_failure_of_host() { Err(verdict) } else { Ok(verdict) }
        };
        match self.breaker.call(attempt).await {
            Ok(verdict) | Err(Error::Inner(verdict)) => verdict,
            Err(Error::Rejected) => Verdict::LeftAlone {
                until: Utc::now() + TimeDelta::from_std(PAUSE).unwrap_or(TimeDelta::MAX),
            },
        }
    }
}

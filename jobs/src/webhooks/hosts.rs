//! Which hosts have how much to do, so that a slow one does not hold up the others, and which only
//! fail, and are left alone for a while.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use recloser::{AsyncRecloser, Error};
use tokio::sync::Semaphore;

use super::deliver::{Deliverer, Verdict};
use super::limits::Limits;
use super::queue::Delivery;
use crate::health::breaker;

/// How many deliveries to one host are under way at once.
const PER_HOST: usize = 4;

/// How many batches are claimed at most and not done with, so that memory stays bounded whatever
/// the receivers do.
const BATCHES: usize = 10;

/// How long a host that only fails is left alone. Its deliveries wait, which is no attempt at them.
const PAUSE: Duration = Duration::from_secs(60);

/// The hosts of all deliveries that are claimed and not done with.
#[derive(Debug)]
pub(super) struct Hosts {
    hosts: HashMap<String, Host>,
    /// Of all hosts of the run, also of those that are done with for now.
    breakers: HashMap<String, AsyncRecloser>,
    /// How many deliveries are claimed and not done with.
    claimed: usize,
    limits: Limits,
    per_host: usize,
}

#[derive(Debug)]
struct Host {
    /// Given out to those that are under way.
    turns: Arc<Semaphore>,
    claimed: usize,
    /// Those that are known to go to this host.
    subscriptions: HashSet<i64>,
}

impl Hosts {
    pub(super) fn new(limits: Limits) -> Self {
        // One host gets half of all places at most.
        let per_host = (limits.concurrency as usize / 2).clamp(1, PER_HOST);
        Self { hosts: HashMap::new(), breakers: HashMap::new(), claimed: 0, limits, per_host }
    }

    /// A delivery has been claimed. Answers where it waits for its host's turn, and what it passes
    /// on the way there.
    pub(super) fn add(&mut self, delivery: &Delivery) -> (Arc<Semaphore>, Gate) {
        let name = delivery.host();
        let gate = Gate(self.breakers.entry(name.clone()).or_insert_with(|| breaker(PAUSE)).clone());
        let host = self.hosts.entry(name).or_insert_with(|| Host {
            turns: Arc::new(Semaphore::new(self.per_host)),
            claimed: 0,
            subscriptions: HashSet::new(),
        });
        self.claimed += 1;
        host.claimed += 1;
        host.subscriptions.insert(delivery.subscription_id);
        (host.turns.clone(), gate)
    }

    /// A delivery is done with. Answers whether its host was full, and is not any more.
    pub(super) fn remove(&mut self, delivery: &Delivery) -> bool {
        let (name, full_at) = (delivery.host(), self.full_at());
        let Some(host) = self.hosts.get_mut(&name) else { return false };
        self.claimed -= 1;
        host.claimed -= 1;
        let freed = host.claimed + 1 == full_at;
        if host.claimed == 0 {
            self.hosts.remove(&name);
        }
        freed
    }

    /// The subscriptions for which nothing more is to be claimed now: their hosts have enough to
    /// do.
    pub(super) fn full(&self) -> Vec<i64> {
        let full = self.hosts.values().filter(|host| host.claimed >= self.full_at());
        full.flat_map(|host| &host.subscriptions).copied().collect()
    }

    /// Whether there are places that what is claimed cannot fill. What waits for a slow host fills
    /// none.
    pub(super) fn want_more(&self) -> bool {
        let ready: usize = self.hosts.values().map(|host| host.claimed.min(self.per_host)).sum();
        ready < 2 * self.limits.concurrency as usize + self.per_host
            && self.claimed < BATCHES * self.limits.batch as usize
    }

    /// With so many, a host has its next ones at hand while further ones are claimed.
    fn full_at(&self) -> usize {
        2 * self.per_host
    }
}

/// Lets deliveries through to a host, unless it only fails.
#[derive(Debug, Clone)]
pub(super) struct Gate(AsyncRecloser);

impl Gate {
    /// Delivers, unless the host is left alone.
    pub(super) async fn deliver(&self, deliverer: &Deliverer, delivery: &Delivery) -> Verdict {
        let attempt = async {
            let verdict = deliverer.deliver(delivery).await;
            if verdict.is_failure_of_host() { Err(verdict) } else { Ok(verdict) }
        };
        match self.0.call(attempt).await {
            Ok(verdict) | Err(Error::Inner(verdict)) => verdict,
            Err(Error::Rejected) => {
                Verdict::LeftAlone { wait: TimeDelta::from_std(PAUSE).unwrap_or(TimeDelta::MAX) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(subscription_id: i64, host: &str) -> Delivery {
        Delivery {
            id: 1,
            message_id: "msg_1".to_owned(),
            subscription_id,
            url: format!("https://{host}/"),
            secret: "secret".to_owned(),
            payload: "{}".to_owned(),
            attempts: 0,
        }
    }

    /// Of so many deliveries claimed for a slow host, and for a host each: which subscriptions are
    /// full, and whether more are wanted.
    #[track_caller]
    fn check(concurrency: u32, slow: usize, others: i64, full: &[i64], want_more: bool) {
        let mut hosts = Hosts::new(Limits { batch: 100, concurrency });
        for _ in 0..slow {
            hosts.add(&delivery(1, "slow.example"));
        }
        for subscription in 0..others {
            hosts.add(&delivery(100 + subscription, &format!("{subscription}.example")));
        }
        assert_eq!((hosts.full().as_slice(), hosts.want_more()), (full, want_more));
    }

    #[test]
    fn what_waits_for_a_slow_host_takes_no_place_from_others() {
        check(16, 0, 0, &[], true);
        check(16, 7, 0, &[], true);
        check(16, 8, 0, &[1], true);
        check(16, 900, 31, &[1], true);
        check(16, 900, 32, &[1], false);
        check(1, 900, 1, &[1], true);
        check(1, 900, 2, &[1], false);
        check(1_000, 999, 0, &[1], true);
        check(1_000, 1_000, 0, &[1], false);
    }

    #[test]
    fn a_host_that_is_full_is_so_with_all_its_subscriptions_until_it_has_room() {
        let mut hosts = Hosts::new(Limits { batch: 100, concurrency: 16 });
        for _ in 0..5 {
            hosts.add(&delivery(1, "slow.example"));
            hosts.add(&delivery(2, "slow.example"));
        }
        let full = |hosts: &Hosts| {
            let mut full = hosts.full();
            full.sort_unstable();
            full
        };
        assert_eq!(full(&hosts), [1, 2]);
        let mut remove = || hosts.remove(&delivery(1, "slow.example"));
        assert_eq!([remove(), remove(), remove(), remove()], [false, false, true, false]);
        assert!(full(&hosts).is_empty());
    }

    #[test]
    fn one_host_gets_half_of_the_places_at_most() {
        for (concurrency, expected) in [(1, 1), (2, 1), (4, 2), (8, 4), (1_000, 4)] {
            let (turns, _) = Hosts::new(Limits { batch: 100, concurrency }).add(&delivery(1, "slow.example"));
            assert_eq!(turns.available_permits(), expected, "{concurrency}");
        }
    }
}

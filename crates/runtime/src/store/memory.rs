//! A store within the process: for one replica, and for tests.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::RunStatus;

use super::{Answer, Claim, Claimed, HISTORY, JobState, Lease, RunRecord, Store};
use crate::clock::{Clock, SystemClock};
use crate::outcome::Outcome;

/// Keeps everything in memory: it is gone with the process.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    rows: Mutex<HashMap<JobName, Row>>,
}

#[derive(Debug)]
struct Row {
    first_scheduled: DateTime<Utc>,
    done: Option<DateTime<Utc>>,
    last_success: Option<DateTime<Utc>>,
    consecutive_failures: u32,
    paused: bool,
    token: u64,
    lease: Option<Lease>,
    history: VecDeque<RunRecord>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl MemoryStore {
    /// An empty store with a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, rows: Mutex::new(HashMap::new()) }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<JobName, Row>> {
        // A panic of another thread leaves no row half changed: each change is a few assignments.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the row of a job, which comes into being on first sight.
    fn with<T>(&self, job: &JobName, act: impl FnOnce(&mut Row, DateTime<Utc>) -> T) -> T {
        let now = self.clock.now();
        let mut rows = self.rows();
        let row = rows.entry(job.clone()).or_insert_with(|| Row {
            first_scheduled: now,
            done: None,
            last_success: None,
            consecutive_failures: 0,
            paused: false,
            token: 0,
            lease: None,
            history: VecDeque::new(),
        });
        act(row, now)
    }
}

impl Row {
    fn state(&self, now: DateTime<Utc>) -> JobState {
        JobState {
            first_scheduled: self.first_scheduled,
            done: self.done,
            last_success: self.last_success,
            consecutive_failures: self.consecutive_failures,
            paused: self.paused,
            running: self.lease.clone().filter(|lease| lease.until > now),
        }
    }

    fn claim(&mut self, claim: &Claim, now: DateTime<Utc>) -> Claimed {
        if let Some(lease) = self.lease.as_ref().filter(|lease| lease.until > now) {
            return Claimed::Held(lease.clone());
        }
        if claim.slot.is_some() && claim.slot <= self.done {
            return Claimed::Done;
        }
        if claim.slot.is_some() && self.paused {
            return Claimed::Paused;
        }
        self.token += 1;
        let lease = Lease {
            job: claim.job.clone(),
            slot: claim.slot,
            holder: claim.holder.clone(),
            token: self.token,
            since: now,
            until: now + claim.length,
        };
        self.lease = Some(lease.clone());
        Claimed::Granted(lease)
    }

    /// The lease as it stands, if it is still the one that was given. One that has run out may be used until somebody else has taken
    /// over: nothing has happened in between.
    fn held(&mut self, lease: &Lease) -> Option<&mut Lease> {
        self.lease.as_mut().filter(|held| held.token == lease.token && held.holder == lease.holder)
    }

    fn complete(&mut self, lease: &Lease, outcome: &Outcome, now: DateTime<Utc>) -> bool {
        if self.held(lease).is_none() {
            return false;
        }
        self.lease = None;
        match outcome.status() {
            Some(RunStatus::Success) => {
                self.last_success = Some(now);
                self.consecutive_failures = 0;
            }
            Some(RunStatus::Failed) => self.consecutive_failures += 1,
            None => {}
        }
        if outcome.status().is_some() {
            self.done = self.done.max(lease.slot);
        }
        self.history.push_front(RunRecord { lease: lease.clone(), outcome: outcome.clone(), ended: now });
        self.history.truncate(HISTORY);
        true
    }
}

impl Store for MemoryStore {
    fn register<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(ready(Ok(self.with(job, |row, now| row.state(now)))))
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> Answer<'a, Claimed> {
        Box::pin(ready(Ok(self.with(&claim.job, |row, now| row.claim(claim, now)))))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, bool> {
        let renewed =
            self.with(&lease.job, |row, now| row.held(lease).map(|held| held.until = now + length).is_some());
        Box::pin(ready(Ok(renewed)))
    }

    fn complete<'a>(&'a self, lease: &'a Lease, outcome: &'a Outcome) -> Answer<'a, bool> {
        Box::pin(ready(Ok(self.with(&lease.job, |row, now| row.complete(lease, outcome, now)))))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.with(job, |row, _| row.paused = paused);
        Box::pin(ready(Ok(())))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        Box::pin(ready(Ok(self.with(job, |row, _| row.history.iter().cloned().collect()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use crate::store::conformance;

    #[tokio::test]
    async fn memory_conforms() {
        let clock = Arc::new(VirtualClock::at(DateTime::UNIX_EPOCH));
        let store = MemoryStore::new(clock.clone());
        conformance::exercise(&store, |by| clock.advance(by)).await.unwrap();
    }

    #[tokio::test]
    async fn the_history_is_bounded() {
        let store = MemoryStore::default();
        let job = JobName::new("a").unwrap();
        for _ in 0..HISTORY + 20 {
            let claim = Claim {
                job: job.clone(),
                slot: None,
                holder: "me".to_owned(),
                length: Duration::from_secs(60),
            };
            let Claimed::Granted(lease) = store.claim(&claim).await.unwrap() else { panic!("not granted") };
            assert!(store.complete(&lease, &Outcome::Succeeded(Default::default())).await.unwrap());
        }
        let history = store.history(&job).await.unwrap();
        assert_eq!((history.len(), history[0].lease.token), (HISTORY, HISTORY as u64 + 20));
    }
}

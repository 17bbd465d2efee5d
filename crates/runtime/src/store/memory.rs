//! A store within the process: for one replica, and for tests.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;
use jobwatch_catalogue::label::RunStatus;

use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, TOLERANCE,
};
use crate::clock::{Clock, SystemClock};
use crate::outcome::{Interruption, Outcome};

/// How many runs of all jobs together are remembered, so that a hundred thousand jobs do not fill the memory with their past.
const HISTORY_OF_ALL: usize = 20_000;

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
    cancel: bool,
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
        let history = (HISTORY_OF_ALL / rows.len().max(1)).min(HISTORY);
        let row = rows.entry(job.clone()).or_insert_with(|| Row {
            first_scheduled: now,
            done: None,
            last_success: None,
            consecutive_failures: 0,
            paused: false,
            token: 0,
            lease: None,
            cancel: false,
            history: VecDeque::new(),
        });
        row.history.truncate(history);
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
            let remaining = (lease.until - now).to_std().unwrap_or_default();
            return Claimed::Held { lease: lease.clone(), remaining };
        }
        if let Some(slot) = claim.slot {
            if slot > now + TOLERANCE {
                return Claimed::Early((slot - now).to_std().unwrap_or_default());
            }
            if self.paused {
                self.done = self.done.max(claim.slot);
                return Claimed::Paused;
            }
            if claim.slot <= self.done {
                return Claimed::Done;
            }
        }
        if let Some(dead) = self.lease.take() {
            self.record(dead, Outcome::Interrupted(Interruption::LeaseLost), now);
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
        self.cancel = false;
        Claimed::Granted(lease)
    }

    /// The lease as it stands, if it is still the one that was given. One that has run out may be used until somebody else has taken
    /// over: nothing has happened in between.
    fn held(&mut self, lease: &Lease) -> Option<&mut Lease> {
        self.lease.as_mut().filter(|held| held.token == lease.token && held.holder == lease.holder)
    }

    fn renew(&mut self, lease: &Lease, until: DateTime<Utc>) -> Renewed {
        let cancel = self.cancel;
        match self.held(lease) {
            None => Renewed::Lost,
            Some(held) => {
                held.until = until;
                if cancel { Renewed::CancelRequested } else { Renewed::Extended }
            }
        }
    }

    fn complete(&mut self, completion: &Completion, now: DateTime<Utc>) -> Option<JobState> {
        if self.held(&completion.lease).is_none() {
            // The answer to the first time may have been lost.
            let again = |run: &RunRecord| {
                run.lease.token == completion.lease.token && run.outcome == completion.outcome
            };
            return self.history.iter().any(again).then(|| self.state(now));
        }
        self.lease = None;
        match completion.outcome.status() {
            Some(RunStatus::Success) => {
                self.last_success = Some(now);
                self.consecutive_failures = 0;
            }
            Some(RunStatus::Failed) => self.consecutive_failures += 1,
            None => {}
        }
        self.done = self.done.max(completion.done);
        self.record(completion.lease.clone(), completion.outcome.clone(), now);
        Some(self.state(now))
    }

    fn record(&mut self, lease: Lease, outcome: Outcome, ended: DateTime<Utc>) {
        self.history.push_front(RunRecord { lease, outcome, ended });
        self.history.truncate(HISTORY);
    }
}

impl Store for MemoryStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(ready(Ok(self.clock.now())))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(ready(Ok(self.with(job, |row, now| row.state(now)))))
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> Answer<'a, Claimed> {
        Box::pin(ready(Ok(self.with(&claim.job, |row, now| row.claim(claim, now)))))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        Box::pin(ready(Ok(self.with(&lease.job, |row, now| row.renew(lease, now + length)))))
    }

    fn complete<'a>(&'a self, completion: &'a Completion) -> Answer<'a, Option<JobState>> {
        Box::pin(ready(Ok(self.with(&completion.lease.job, |row, now| row.complete(completion, now)))))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.with(job, |row, _| row.paused = paused);
        Box::pin(ready(Ok(())))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        let asked = self.with(job, |row, now| {
            row.cancel = row.lease.as_ref().is_some_and(|lease| lease.until > now);
            row.cancel
        });
        Box::pin(ready(Ok(asked)))
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

    fn store() -> MemoryStore {
        MemoryStore::new(Arc::new(VirtualClock::at(DateTime::UNIX_EPOCH)))
    }

    #[tokio::test(start_paused = true)]
    async fn memory_conforms() {
        conformance::exercise(&store(), tokio::time::advance).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_history_is_bounded_for_each_job_and_for_all() {
        let store = store();
        let run = async |job: &JobName| {
            let claim =
                Claim { job: job.clone(), slot: None, holder: "me".into(), length: Duration::from_secs(60) };
            let Claimed::Granted(lease) = store.claim(&claim).await.unwrap() else { panic!("not granted") };
            let outcome = Outcome::Succeeded(Default::default());
            assert!(store.complete(&Completion { lease, outcome, done: None }).await.unwrap().is_some());
        };
        let job = JobName::new("a").unwrap();
        for _ in 0..HISTORY + 20 {
            run(&job).await;
        }
        let history = store.history(&job).await.unwrap();
        assert_eq!((history.len(), history[0].lease.token), (HISTORY, HISTORY as u64 + 20));
        for number in 0..999 {
            store.state(&JobName::new(format!("job-{number}")).unwrap()).await.unwrap();
        }
        run(&job).await;
        assert!(store.history(&job).await.unwrap().len() <= HISTORY_OF_ALL / 1_000);
    }
}

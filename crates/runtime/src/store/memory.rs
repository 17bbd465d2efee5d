//! A store within the process: for one replica, and for tests.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use super::row::{Row, boxed, repeated};
use super::{
    Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store, StoreError,
};
use crate::job::outcome::Outcome;
use crate::job::request::Request;
use crate::job::run_id::RunId;
use crate::schedule::clock::{Clock, SystemClock};

/// How many runs of all jobs together are remembered, so that a hundred thousand jobs do not fill
/// the memory with their past.
const HISTORY_OF_ALL: usize = 20_000;

const SHARDS: usize = 16;

/// Keeps everything in memory: it is gone with the process.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    history: usize,
    /// The jobs by a sum over their names, so that many that are due together seldom wait for one
    /// another. Each in a place of its own: a table with room to grow would keep it for whole jobs.
    shards: [Mutex<Jobs>; SHARDS],
}

/// Names of jobs are the program's own: nobody chooses them so that they collide.
type Jobs = HashMap<JobName, Box<Job>, BuildHasherDefault<NameHasher>>;

/// FNV-1a, which takes less time for a short name than the hasher of the standard library.
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        // The table takes the high bits for itself, which a short name hardly reaches.
        self.0 ^ self.0.rotate_left(32)
    }
}

#[derive(Debug)]
struct Job {
    row: Row,
    history: VecDeque<Past>,
}

/// A run that ended, without what is known of its job.
#[derive(Debug)]
struct Past {
    token: u64,
    slot: Option<DateTime<Utc>>,
    holder: Arc<str>,
    since: DateTime<Utc>,
    ended: DateTime<Utc>,
    outcome: Outcome,
    request: Option<Box<Request>>,
}

const _: () = assert!(size_of::<Job>() <= 192, "a job takes more memory than it did");
const _: () = assert!(size_of::<Past>() <= 112, "a run takes more memory than it did");

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl MemoryStore {
    /// An empty store with a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, history: HISTORY, shards: Default::default() }
    }

    /// Remembers so many runs of each job, at least one. Defaults to [`HISTORY`]. Of thousands of
    /// jobs, fewer are remembered.
    #[must_use]
    pub fn remembering(self, runs: usize) -> Self {
        Self { history: runs.max(1), ..self }
    }

    /// Does something at a time with what is kept about a job, which comes into being on first
    /// sight. It is told how many runs of it are remembered at most.
    fn with<T>(
        &self,
        name: &JobName,
        now: DateTime<Utc>,
        act: impl FnOnce(&mut Job, DateTime<Utc>, usize) -> T,
    ) -> T {
        let mut jobs = self.shard(name);
        let remembered = (HISTORY_OF_ALL / SHARDS / jobs.len().max(1)).clamp(1, self.history);
        let job = match jobs.get_mut(name) {
            Some(job) => job,
            None => jobs.entry(name.clone()).or_insert_with(|| Box::new(Job::new(now))),
        };
        act(job, now, remembered)
    }

    /// Looks at what is kept about a job.
    fn look<T>(&self, name: &JobName, at: impl FnOnce(&Job, DateTime<Utc>) -> T) -> T {
        let now = self.clock.now();
        match self.shard(name).get(name) {
            Some(job) => at(job, now),
            None => at(&Job::new(now), now),
        }
    }

    fn shard(&self, name: &JobName) -> MutexGuard<'_, Jobs> {
        let shard = name.as_str().bytes().fold(0_usize, |sum, byte| sum + usize::from(byte)) % SHARDS;
        // A panic of another thread leaves no job half changed: each change is a few assignments.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim_at(&self, now: DateTime<Utc>, claim: Claim<'_>) -> Claimed {
        self.with(claim.job, now, |job, now, remembered| {
            if claim.request.idempotency_key.is_some()
                && let Some(run) = repeated(job.past(claim.job), claim)
            {
                return Claimed::Repeated(run);
            }
            let (claimed, lost) = job.row.claim(claim, now);
            job.remember(lost, remembered);
            claimed
        })
    }

    fn complete_at(&self, now: DateTime<Utc>, completion: Completion<'_>) -> Option<JobState> {
        let Completion { lease, outcome, .. } = completion;
        self.with(&lease.job, now, |job, now, remembered| {
            let record = job.row.complete(completion, now);
            // Once more, because the answer to the first time was lost.
            let is_same = |run: &Past| run.token == lease.token && run.outcome == *outcome;
            let accepted = record.is_some() || job.history.iter().any(is_same);
            job.remember(record, remembered);
            accepted.then(|| job.row.state(now))
        })
    }
}

impl Job {
    fn new(now: DateTime<Utc>) -> Self {
        Self { row: Row::new(now), history: VecDeque::new() }
    }

    fn remember(&mut self, record: Option<RunRecord>, remembered: usize) {
        let Some(record) = record else { return };
        let surplus = (self.history.len() + 1).saturating_sub(remembered);
        self.history.drain(..surplus);
        // Room for what there is and no more: of many jobs, most have few runs to remember.
        self.history.reserve_exact(1);
        self.history.push_back(record.into());
    }

    /// The runs that ended, newest first.
    fn past<'a>(&'a self, name: &'a JobName) -> impl Iterator<Item = RunRecord> + 'a {
        self.history.iter().rev().map(|run| run.record(name))
    }
}

impl From<RunRecord> for Past {
    fn from(record: RunRecord) -> Self {
        let RunRecord { id, slot, holder, since, ended, outcome, request } = record;
        Self { token: id.token, slot, holder, since, ended, outcome, request: boxed(&request) }
    }
}

impl Past {
    fn record(&self, name: &JobName) -> RunRecord {
        RunRecord {
            id: RunId { job: name.clone(), token: self.token },
            slot: self.slot,
            holder: self.holder.clone(),
            since: self.since,
            ended: self.ended,
            outcome: self.outcome.clone(),
            request: self.request.as_deref().cloned().unwrap_or_default(),
        }
    }
}

impl Store for MemoryStore {
    fn now(&self) -> Answer<'_, DateTime<Utc>> {
        Box::pin(ready(Ok(self.clock.now())))
    }

    fn state<'a>(&'a self, job: &'a JobName) -> Answer<'a, JobState> {
        Box::pin(ready(Ok(self.look(job, |job, now| job.row.state(now)))))
    }

    fn enable<'a>(&'a self, job: &'a JobName, enabled: bool) -> Answer<'a, JobState> {
        let enabled = self.with(job, self.clock.now(), |job, now, _| job.row.enable(enabled, now));
        Box::pin(ready(Ok(enabled)))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        Box::pin(ready(Ok(self.claim_at(self.clock.now(), claim))))
    }

    fn claim_many<'a>(&'a self, claims: &'a [Claim<'a>]) -> Answer<'a, Vec<Result<Claimed, StoreError>>> {
        let now = self.clock.now();
        Box::pin(ready(Ok(claims.iter().map(|claim| Ok(self.claim_at(now, *claim))).collect())))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        let renew = |job: &mut Job, now, _| job.row.renew(lease, now + length);
        Box::pin(ready(Ok(self.with(&lease.job, self.clock.now(), renew))))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        Box::pin(ready(Ok(self.complete_at(self.clock.now(), completion))))
    }

    fn complete_many<'a>(
        &'a self,
        completions: &'a [Completion<'a>],
    ) -> Answer<'a, Vec<Result<Option<JobState>, StoreError>>> {
        let now = self.clock.now();
        let completed = completions.iter().map(|completion| Ok(self.complete_at(now, *completion)));
        Box::pin(ready(Ok(completed.collect())))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.with(job, self.clock.now(), |job, now, _| job.row.pause(paused, now));
        Box::pin(ready(Ok(())))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(ready(Ok(self.with(job, self.clock.now(), |job, now, _| job.row.cancel(now)))))
    }

    fn history<'a>(&'a self, name: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        let history =
            |job: &Job, now| job.row.dead(now).into_iter().chain(job.past(name)).take(self.history).collect();
        Box::pin(ready(Ok(self.look(name, history))))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        let last =
            |name: &&JobName| self.look(name, |job, now| job.row.dead(now).or_else(|| job.past(name).next()));
        Box::pin(ready(Ok(jobs.iter().map(last).collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::VirtualClock;
    use crate::testing::conformance;

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
            let claim = Claim {
                job,
                slot: None,
                holder: &"me".into(),
                length: Duration::from_secs(60),
                request: &Request::default(),
            };
            let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { panic!("not granted") };
            let outcome = Outcome::Succeeded(Default::default());
            assert!(
                store
                    .complete(Completion { lease: &lease, outcome: &outcome, done: None })
                    .await
                    .unwrap()
                    .is_some()
            );
        };
        let job = JobName::new("a").unwrap();
        for _ in 0..HISTORY + 20 {
            run(&job).await;
        }
        let history = store.history(&job).await.unwrap();
        assert_eq!((history.len(), history[0].id.token), (HISTORY, HISTORY as u64 + 20));
        for number in 0..9_999 {
            store.enable(&JobName::new(format!("job-{number}")).unwrap(), true).await.unwrap();
        }
        run(&job).await;
        let remembered = store.history(&job).await.unwrap().len();
        assert!((1..HISTORY / 10).contains(&remembered), "{remembered}");
    }
}

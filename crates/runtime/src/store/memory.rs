//! A store within the process: for one replica, and for tests.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::JobName;

use super::row::{Row, is_repeated, repeated};
use super::{Answer, Claim, Claimed, Completion, HISTORY, JobState, Lease, Renewed, RunRecord, Store};
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
    /// another.
    shards: [Mutex<HashMap<JobName, Job>>; SHARDS],
}

#[derive(Debug)]
struct Job {
    row: Row,
    history: VecDeque<RunRecord>,
    /// How many runs are remembered at most.
    remembered: usize,
}

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

    /// Does something with what is kept about a job, which comes into being on first sight.
    fn with<T>(&self, name: &JobName, act: impl FnOnce(&mut Job, DateTime<Utc>) -> T) -> T {
        let now = self.clock.now();
        let mut jobs = self.shard(name);
        let history = (HISTORY_OF_ALL / SHARDS / jobs.len().max(1)).clamp(1, self.history);
        let job = match jobs.get_mut(name) {
            Some(job) => job,
            None => jobs.entry(name.clone()).or_insert_with(|| Job::new(now)),
        };
        job.remembered = history;
        act(job, now)
    }

    /// Looks at what is kept about a job.
    fn look<T>(&self, name: &JobName, at: impl FnOnce(&Job, DateTime<Utc>) -> T) -> T {
        let now = self.clock.now();
        match self.shard(name).get(name) {
            Some(job) => at(job, now),
            None => at(&Job::new(now), now),
        }
    }

    fn shard(&self, name: &JobName) -> MutexGuard<'_, HashMap<JobName, Job>> {
        let shard = name.as_str().bytes().fold(0_usize, |sum, byte| sum + usize::from(byte)) % SHARDS;
        // A panic of another thread leaves no job half changed: each change is a few assignments.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    fn new(now: DateTime<Utc>) -> Self {
        Self { row: Row::new(now), history: VecDeque::new(), remembered: 0 }
    }

    fn remember(&mut self, record: Option<RunRecord>) {
        let Some(record) = record else { return };
        let surplus = (self.history.len() + 1).saturating_sub(self.remembered);
        self.history.drain(..surplus);
        // Room for what there is and no more: of many jobs, most have few runs to remember.
        self.history.reserve_exact(1);
        self.history.push_back(record);
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
        Box::pin(ready(Ok(self.with(job, |job, now| job.row.enable(enabled, now)))))
    }

    fn claim<'a>(&'a self, claim: Claim<'a>) -> Answer<'a, Claimed> {
        let claimed = self.with(claim.job, |job, now| {
            if let Some(run) = repeated(&job.history, claim) {
                return Claimed::Repeated(run);
            }
            let (claimed, lost) = job.row.claim(claim, now);
            job.remember(lost);
            claimed
        });
        Box::pin(ready(Ok(claimed)))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, length: Duration) -> Answer<'a, Renewed> {
        Box::pin(ready(Ok(self.with(&lease.job, |job, now| job.row.renew(lease, now + length)))))
    }

    fn complete<'a>(&'a self, completion: Completion<'a>) -> Answer<'a, Option<JobState>> {
        let completed = self.with(&completion.lease.job, |job, now| {
            let record = job.row.complete(completion, now);
            let repeated = || job.history.iter().any(|run| is_repeated(run, completion));
            let accepted = record.is_some() || repeated();
            job.remember(record);
            accepted.then(|| job.row.state(now))
        });
        Box::pin(ready(Ok(completed)))
    }

    fn pause<'a>(&'a self, job: &'a JobName, paused: bool) -> Answer<'a, ()> {
        self.with(job, |job, now| job.row.pause(paused, now));
        Box::pin(ready(Ok(())))
    }

    fn cancel<'a>(&'a self, job: &'a JobName) -> Answer<'a, bool> {
        Box::pin(ready(Ok(self.with(job, |job, now| job.row.cancel(now)))))
    }

    fn history<'a>(&'a self, job: &'a JobName) -> Answer<'a, Vec<RunRecord>> {
        let history = |job: &Job, now| {
            let ended = job.history.iter().rev().cloned();
            job.row.dead(now).into_iter().chain(ended).take(self.history).collect()
        };
        Box::pin(ready(Ok(self.look(job, history))))
    }

    fn last_runs<'a>(&'a self, jobs: &'a [&'a JobName]) -> Answer<'a, Vec<Option<RunRecord>>> {
        let last = |job: &Job, now| job.row.dead(now).or_else(|| job.history.back().cloned());
        Box::pin(ready(Ok(jobs.iter().map(|job| self.look(job, last)).collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::outcome::Outcome;
    use crate::job::request::Request;
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

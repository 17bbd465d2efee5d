//! The start: what the store knows about each job, and its schedule.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};

use crate::engine::core::{Core, JobIndex};
use crate::engine::entry::Entry;
use crate::engine::supervise::supervised;
use crate::job::LONGEST;
use crate::log::log;
use crate::schedule::plan::{Habits, Plan, Step};
use crate::schedule::timetable::{Timetable, jitter};
use crate::store::{JobState, StoreError};

/// How long to wait before the store is asked again that could not answer: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The start of a runtime.
pub(crate) struct Start {
    core: Arc<Core>,
    began: (DateTime<Utc>, Instant),
    /// What the plan of the latest job goes by, which is that of most others, too.
    usual: Mutex<Option<Arc<Habits>>>,
}

impl Start {
    /// It begins now.
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let began = (core.time.look().wall, Instant::now());
        Self { core, began, usual: Mutex::default() }
    }

    /// Learns from the store what was before, however long it takes until it answers, and starts
    /// the schedule of each job. One that the store has nothing to say about does not keep those
    /// after it.
    pub(crate) async fn jobs(&self) {
        let core = &self.core;
        let has_no_plan = |index: &JobIndex| core.entries[*index].live().plan.is_none();
        let mut waiting: Vec<JobIndex> = (0..core.entries.len()).filter(has_no_plan).collect();
        let mut wait = RETRY.0;
        loop {
            let mut answers = core.set_clock().await.is_ok();
            let mut again = Vec::new();
            for together in waiting.chunks(core.at_once) {
                if answers && together.len() > 1 && self.start_together(together).await {
                    continue;
                }
                for index in together.iter().copied().filter(has_no_plan) {
                    let started = answers
                        && supervised("the start of a job", self.start_job(index)).await == Ok(Ok(()));
                    if !started {
                        answers = answers && core.set_clock().await.is_ok();
                        again.push(index);
                    }
                }
            }
            if again.is_empty() {
                return;
            }
            waiting = again;
            sleep(wait).await;
            wait = (wait * 2).min(RETRY.1);
        }
    }

    /// Starts several jobs by one question to the store. False if it is to be asked about each.
    async fn start_together(&self, indices: &[JobIndex]) -> bool {
        let core = &self.core;
        let job = |index: &JobIndex| (core.spec(*index).name(), core.entries[*index].disabled.is_none());
        let jobs: Vec<_> = indices.iter().map(job).collect();
        let answer = if core.settings.only_on_request {
            let jobs: Vec<_> = jobs.iter().map(|(job, _)| *job).collect();
            core.ask("tell the state", |store| store.states(&jobs)).await
        } else {
            core.ask("tell the state", |store| store.enable_many(&jobs)).await
        };
        let Some(states) = answer.ok().filter(|states| states.len() == indices.len()) else { return false };
        let mut all = true;
        for (index, state) in indices.iter().zip(states) {
            all &= supervised("the start of a job", async { self.begin(*index, &state) }).await.is_ok();
        }
        all
    }

    async fn start_job(&self, index: JobIndex) -> Result<(), StoreError> {
        let core = &self.core;
        let entry = &core.entries[index];
        let (job, is_enabled) = (core.spec(index).name(), entry.disabled.is_none());
        let answer = if core.settings.only_on_request {
            core.ask("tell the state", |store| store.state(job)).await
        } else {
            core.ask("tell the state", |store| store.enable(job, is_enabled)).await
        };
        entry.live().held_up = answer.as_ref().err().cloned().map(Box::new);
        self.begin(index, &answer?);
        Ok(())
    }

    /// Starts the schedule of a job about which the store has told what it knows.
    fn begin(&self, index: JobIndex, state: &JobState) {
        let core = &self.core;
        let (entry, job) = (&core.entries[index], core.spec(index).name());
        entry.refresh(state);
        if let Some(why) = &entry.disabled {
            log!(info, job_name = job.as_str(), why, "{job} is disabled");
            return;
        }
        let (wall, began) = self.began;
        let on_request = core.settings.only_on_request;
        let delay = if on_request { LONGEST } else { core.settings.start_delay };
        // What a restart at the same moment would wait, too, is as good as any other random number.
        let delay = delay + jitter(job, wall, delay / 2);
        let wait = TimeDelta::from_std(delay.saturating_sub(began.elapsed())).unwrap_or(TimeDelta::MAX);
        let now = core.now();
        let timetable = Timetable::new(entry.schedule.clone(), state.first_scheduled);
        let plan = Plan::new(job.clone(), timetable, (self.habits(entry), now + wait), state.done);
        let first = plan.next_due(now);
        let mut live = entry.live();
        live.held_up = None;
        live.plan = Some(plan);
        entry.expect(&mut live, state);
        // The driver looks at it then, with all that are due with it.
        core.apply(index, &mut live, Step { next: Some(first), ..Step::default() });
        drop(live);
        if on_request {
            return;
        }
        log!(
            info,
            job_name = job.as_str(),
            schedule = %entry.schedule,
            first_run = %first.format("%FT%TZ"),
            paused = state.paused,
            "Starting {job} scheduler"
        );
    }

    /// What the plan of a job goes by.
    fn habits(&self, entry: &Entry) -> Arc<Habits> {
        let (settings, policy) = (&self.core.settings, &entry.policy);
        let habits = Habits {
            catch_up: policy.catch_up.unwrap_or(settings.catch_up),
            jitter: policy.jitter.unwrap_or(settings.jitter).min(entry.schedule.shortest_gap() / 2),
            overlap: policy.overlap,
        };
        let mut usual = self.usual.lock().unwrap_or_else(PoisonError::into_inner);
        match &*usual {
            Some(usual) if **usual == habits => usual.clone(),
            _ => usual.insert(Arc::new(habits)).clone(),
        }
    }
}

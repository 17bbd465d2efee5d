//! The start: what the store knows about each job, and its schedule.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};

use crate::engine::core::{Busy, Core, JobIndex};
use crate::engine::run;
use crate::engine::supervise::supervised;
use crate::log::log;
use crate::schedule::plan::{Habits, Plan};
use crate::schedule::timetable::{Timetable, jitter};
use crate::store::StoreError;

/// How long to wait before the store is asked again that could not answer: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The start of a runtime.
pub(crate) struct Start {
    core: Arc<Core>,
    began: (DateTime<Utc>, Instant),
}

impl Start {
    /// It begins now.
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let began = (core.time.look().wall, Instant::now());
        Self { core, began }
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
            for index in waiting {
                let started =
                    answers && supervised("the start of a job", self.start_job(index)).await == Ok(Ok(()));
                if !started {
                    answers = answers && core.set_clock().await.is_ok();
                    again.push(index);
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

    async fn start_job(&self, index: JobIndex) -> Result<(), StoreError> {
        let core = &self.core;
        let entry = &core.entries[index];
        let job = core.spec(index).name();
        let is_enabled = entry.disabled.is_none();
        let answer = core.ask("tell the state", |store| store.enable(job, is_enabled)).await;
        entry.live().unknown = answer.as_ref().err().cloned().map(Box::new);
        let state = answer?;
        entry.refresh(&state);
        if let Some(why) = &entry.disabled {
            log!(info, job_name = job.as_str(), why, "{job} is disabled");
            return Ok(());
        }
        let settings = &core.settings;
        let (wall, began) = self.began;
        // What a restart at the same moment would wait, too, is as good as any other random number.
        let delay = settings.start_delay + jitter(job, wall, settings.start_delay / 2);
        let wait = TimeDelta::from_std(delay.saturating_sub(began.elapsed())).unwrap_or(TimeDelta::MAX);
        let now = core.now();
        let policy = &entry.policy;
        let habits = Habits {
            catch_up: policy.catch_up.unwrap_or(settings.catch_up),
            jitter: policy.jitter.unwrap_or(settings.jitter).min(entry.schedule.shortest_gap() / 2),
            overlap: policy.overlap,
            not_before: now + wait,
        };
        let timetable = Timetable::new(entry.schedule.clone(), state.first_scheduled);
        let mut plan = Plan::new(job.clone(), timetable, habits, state.done);
        let first = plan.next_due(now);
        let step = plan.wake(now);
        let mut live = entry.live();
        live.plan = Some(plan);
        entry.expect(&mut live, &state);
        let claimed = core.apply(index, &mut live, step).map(|slot| (Busy::new(core, index), slot));
        drop(live);
        if let Some((busy, slot)) = claimed {
            tokio::spawn(run::due(busy, slot));
        }
        log!(
            info,
            job_name = job.as_str(),
            schedule = %entry.schedule,
            first_run = %first.format("%FT%TZ"),
            paused = state.paused,
            "Starting {job} scheduler"
        );
        Ok(())
    }
}

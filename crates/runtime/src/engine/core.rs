//! What the driver, the runs and the handles share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::engine::entry::{Entry, Live};
use crate::engine::gather::Gathering;
use crate::engine::latch::Latch;
use crate::engine::settings::Settings;
use crate::engine::supervise::{OneAtATime, UnderWay};
use crate::job::current::Current;
use crate::job::middleware::Middleware;
use crate::job::outcome::{Interruption, Outcome, Stop};
use crate::job::run_guard::Limits;
use crate::job::run_id::RunId;
use crate::log::log;
use crate::panics::caught;
use crate::schedule::clock::Clock;
use crate::schedule::plan::Step;
use crate::schedule::time::{ASK_AGAIN, Look, Time};
use crate::store::{Claimed, JobState, Lease, Store, StoreError};

/// Where a job stands in the catalogue, which every table of the runtime shares.
pub(crate) type JobIndex = usize;

/// A due time to claim.
pub(crate) type DueTime = (JobIndex, DateTime<Utc>);

/// A run to complete: how it ended, and up to which due time nothing is left to do.
pub(crate) type Ended = (Arc<Current>, Outcome, Option<DateTime<Utc>>);

pub(crate) struct Core {
    pub(crate) catalogue: Catalogue,
    /// The jobs, ordered by name.
    by_name: Box<[u32]>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) store: Arc<dyn Store>,
    /// How many jobs the store is asked about at once.
    pub(crate) at_once: usize,
    /// What became of due times, and when that was asked.
    pub(crate) claims: Gathering<DueTime, (Claimed, Instant)>,
    /// What is known about jobs once their runs are recorded.
    pub(crate) completions: Gathering<Ended, Option<JobState>>,
    pub(crate) settings: Settings,
    pub(crate) middlewares: Vec<Arc<dyn Middleware>>,
    pub(crate) holder: Arc<str>,
    pub(crate) messages: UnboundedSender<Message>,
    /// Graceful shutdown has begun: nothing is claimed any more.
    pub(crate) stop: Latch,
    /// Everything is to be left where it is.
    pub(crate) abort: Latch,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) interrupted: Mutex<Vec<RunId>>,
    pub(crate) time: Time,
    /// How many more runs may go on. Nothing if any number may.
    pub(crate) room: Option<Arc<Semaphore>>,
    /// The store is asked for the time, after our clock was stepped.
    pub(crate) asking_time: OneAtATime,
    /// The store is asked about jobs that are late.
    pub(crate) asking_about_late: OneAtATime,
    trouble: Trouble,
}

/// A job that is seen to: the store is asked for a lease of it, or it runs. Where this is dropped
/// before it is [`Busy::over`], by a panic or because nobody polls a task any more, the driver
/// takes the job back.
pub(crate) struct Busy {
    pub(crate) core: Arc<Core>,
    pub(crate) index: JobIndex,
    /// The room that it takes among the runs of the process, if that is bounded.
    pub(crate) room: Option<OwnedSemaphorePermit>,
    is_over: bool,
}

/// What the driver is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Message {
    /// Look at the job at a moment.
    Look(JobIndex, DateTime<Utc>),
    /// Look at its run at a moment.
    Watch(JobIndex, Instant),
    /// Nobody sees to the job any more.
    Abandoned(JobIndex),
    /// The last run in progress has ended, or something has changed about the clock.
    Wake,
}

/// Whether the store answers.
#[derive(Default)]
struct Trouble {
    is: AtomicBool,
    what: Mutex<Option<(DateTime<Utc>, StoreError)>>,
}

impl Busy {
    /// Somebody sees to a job from now on. Its plan says so, too.
    pub(crate) fn new(core: &Arc<Core>, index: JobIndex) -> Self {
        core.in_flight.fetch_add(1, Ordering::AcqRel);
        Self { core: core.clone(), index, room: None, is_over: false }
    }

    /// Takes its room among the runs of the process, if that is bounded. Answers how many go on if
    /// there is none.
    pub(crate) fn take_room_now(&mut self) -> Result<(), usize> {
        if let Some(room) = self.core.room.as_ref().filter(|_| self.room.is_none()) {
            let Ok(taken) = room.clone().try_acquire_owned() else {
                return Err(self.core.settings.max_runs.unwrap_or_default());
            };
            self.room = Some(taken);
        }
        Ok(())
    }

    /// Waits for its room among the runs of the process, or for the end of the runtime.
    pub(crate) async fn take_room(&mut self) {
        let Some(room) = self.core.room.clone().filter(|_| self.take_room_now().is_err()) else { return };
        // This is no store that does not answer.
        self.core.entries[self.index].live().claiming_since = None;
        tokio::select! {
            taken = room.acquire_owned() => self.room = taken.ok(),
            () = self.core.stop.raised() => {}
        }
        self.core.entries[self.index].live().claiming_since = Some(Instant::now());
    }

    /// The job was seen to, and its plan knows.
    pub(crate) fn over(mut self) {
        self.is_over = true;
    }
}

impl Drop for Busy {
    /// Whatever the place that it is dropped in holds: no lock is taken here.
    fn drop(&mut self) {
        if !self.is_over {
            self.core.entries[self.index].is_abandoned.store(true, Ordering::Release);
            let _ = self.core.messages.send(Message::Abandoned(self.index));
        }
        self.core.leave();
    }
}

impl Core {
    #[allow(clippy::too_many_arguments, reason = "the builder is the one place that has all of them")]
    pub(crate) fn new(
        catalogue: Catalogue,
        entries: Vec<Entry>,
        store: Arc<dyn Store>,
        settings: Settings,
        middlewares: Vec<Arc<dyn Middleware>>,
        clock: Arc<dyn Clock>,
        messages: UnboundedSender<Message>,
    ) -> Self {
        let at_once = caught(|| store.at_once()).unwrap_or(1).max(1);
        let jobs = catalogue.jobs();
        // A catalogue of four thousand million jobs is beyond any memory.
        let mut by_name: Box<[u32]> = (0..).take(jobs.len()).collect();
        by_name.sort_unstable_by_key(|index| jobs[*index as usize].name());
        Self {
            by_name,
            catalogue,
            entries,
            store,
            at_once,
            claims: Gathering::new(at_once),
            completions: Gathering::new(at_once),
            settings,
            middlewares,
            // Names of hosts and pods come back; this does not.
            holder: uuid::Uuid::new_v4().to_string().into(),
            messages,
            stop: Latch::default(),
            abort: Latch::default(),
            in_flight: AtomicUsize::new(0),
            interrupted: Mutex::default(),
            time: Time::new(clock),
            room: settings.max_runs.map(|most| Arc::new(Semaphore::new(most))),
            asking_time: OneAtATime::default(),
            asking_about_late: OneAtATime::default(),
            trouble: Trouble::default(),
        }
    }

    pub(crate) fn spec(&self, index: JobIndex) -> &JobSpec {
        &self.catalogue.jobs()[index]
    }

    /// Where a job stands in the catalogue, if it is there.
    pub(crate) fn index(&self, job: &JobName) -> Option<JobIndex> {
        let place = self.by_name.binary_search_by(|index| self.spec(*index as usize).name().cmp(job));
        place.ok().map(|place| self.by_name[place] as usize)
    }

    pub(crate) fn limits(&self, index: JobIndex) -> Limits {
        Limits { timeout: self.entries[index].timeout, lease: self.lease(index), grace: self.settings.grace }
    }

    /// How long a lease of a job lasts that is not renewed.
    pub(crate) fn lease(&self, index: JobIndex) -> Duration {
        self.entries[index].policy.lease.unwrap_or(self.settings.lease)
    }

    /// The time by the store's clock, as far as is known.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.time.now()
    }

    /// Learns what time it is by the store's clock.
    pub(crate) async fn set_clock(&self) -> Result<(), StoreError> {
        let asked = self.time.look();
        let theirs = self.ask("tell the time", |store| store.now()).await?;
        self.told(asked, theirs);
        Ok(())
    }

    /// Takes note of what time it was for the store at some moment since a look.
    pub(crate) fn told(&self, asked: Look, theirs: DateTime<Utc>) {
        if let Some(ahead) = self.time.told(asked, theirs) {
            log!(
                warn,
                milliseconds = ahead.num_milliseconds(),
                "the clock of the store is ahead of ours by this much; jobs go by it"
            );
        }
    }

    /// Learns it after our clock was stepped, apart from whoever noticed that: the store may take
    /// its time.
    pub(crate) async fn confirm_clock(self: Arc<Self>, under_way: UnderWay) {
        if self.set_clock().await.is_err() {
            tokio::time::sleep(ASK_AGAIN).await;
        }
        drop(under_way);
        let _ = self.messages.send(Message::Wake);
    }

    /// Takes note that the store has answered.
    pub(crate) fn recovered(&self) {
        if self.trouble.is.load(Ordering::Relaxed) && self.trouble.is.swap(false, Ordering::Relaxed) {
            *self.trouble() = None;
            log!(info, "the store answers again");
        }
    }

    /// Takes note that the store has not answered.
    pub(crate) fn failed(&self, error: &StoreError) {
        let now = self.now();
        let mut trouble = self.trouble();
        let known = trouble.take();
        let is_news = known.is_none();
        *trouble = Some((known.map_or(now, |(since, _)| since), error.clone()));
        self.trouble.is.store(true, Ordering::Relaxed);
        drop(trouble);
        if is_news {
            log!(error, %error, "the store does not answer; it is asked again until it does");
        }
    }

    /// Takes note of a store's answer about a job: whether somebody else has what it keeps.
    pub(crate) fn note_answer<T>(&self, index: JobIndex, answer: &Result<T, StoreError>) {
        let mut live = self.entries[index].live();
        let error = match answer {
            Ok(_) => {
                live.held_up = None;
                live.in_doubt = false;
                return;
            }
            Err(error) if error.is_busy() => error,
            Err(_) => return,
        };
        let known = live.held_up.replace(Box::new(error.clone()));
        drop(live);
        if known.is_none() {
            let job_name = self.spec(index).name().as_str();
            log!(error, job_name, %error, "the job is held up; others are not");
        }
    }

    fn trouble(&self) -> MutexGuard<'_, Option<(DateTime<Utc>, StoreError)>> {
        self.trouble.what.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Since when the store does not answer, and what it said last.
    pub(crate) fn store_trouble(&self) -> Option<(DateTime<Utc>, StoreError)> {
        self.trouble().clone()
    }

    /// Counts what a step skips, and has the driver look again in time. Answers the due time to
    /// claim.
    pub(crate) fn apply(&self, index: JobIndex, live: &mut Live, step: Step) -> Option<DateTime<Utc>> {
        if let Some(next) = self.take(index, live, step, Instant::now) {
            // Without a driver, the process is about to end.
            let _ = self.messages.send(Message::Look(index, next));
        }
        step.claim
    }

    /// Counts what a step skips, at a moment. Answers when the driver has to look again, if it
    /// would not.
    pub(crate) fn take(
        &self,
        index: JobIndex,
        live: &mut Live,
        step: Step,
        at: impl Fn() -> Instant,
    ) -> Option<DateTime<Utc>> {
        let entry = &self.entries[index];
        for (reason, number) in step.skipped.into_iter().flatten() {
            entry.metrics.skipped(reason, number);
        }
        if step.claim.is_some() {
            live.claiming_since = Some(at());
        }
        if step.cancel
            && let Some(current) = live.current.clone()
        {
            let now = at();
            current.guard.stop(Stop::Interrupted(Interruption::Cancelled), now);
            self.watch(index, live, now + self.settings.grace);
        }
        entry.expose_plan(live);
        let sooner = |next: &DateTime<Utc>| live.scheduled.is_none_or(|scheduled| *next < scheduled);
        let next = step.next.filter(sooner)?;
        live.scheduled = Some(next);
        Some(next)
    }

    /// Has the driver look at the job's run at a moment, unless it looks sooner anyway.
    pub(crate) fn watch(&self, index: JobIndex, live: &mut Live, at: Instant) {
        if live.watched.is_none_or(|watched| at < watched) {
            live.watched = Some(at);
            let _ = self.messages.send(Message::Watch(index, at));
        }
    }

    /// What [`Busy`] stands for is over.
    pub(crate) fn leave(&self) {
        if self.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 && self.stop.is_raised() {
            let _ = self.messages.send(Message::Wake);
        }
    }

    /// Takes note of how a run ended, for the report of the shutdown.
    pub(crate) fn note(&self, lease: &Lease, outcome: &Outcome) {
        if !outcome.is_final() && self.stop.is_raised() {
            let id = lease.run();
            self.interrupted.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
    }
}

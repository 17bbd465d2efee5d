//! The one task that keeps the time: it wakes each job's plan when it is due, and sees to the runs
//! in progress.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::engine::batch::{self, Batches, Due};
use crate::engine::catch_up::catch_up_about;
use crate::engine::core::{Busy, Core, JobIndex, Message};
use crate::engine::entry::Entry;
use crate::engine::give_back::give_back_apart;
use crate::engine::looks::Looks;
use crate::engine::renewal::renew_apart;
use crate::engine::supervise::{has_ended, supervised};
use crate::job::outcome::{Interruption, Outcome, Stop};
use crate::log::log;

/// How long the driver sleeps at most, so that it notices a clock that was put forward.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

pub(crate) struct Driver {
    core: Arc<Core>,
    /// Where runs are spawned.
    spawner: Handle,
    messages: UnboundedReceiver<Message>,
    looks: Looks,
    /// When to look at which run, by the time that passes.
    watches: BinaryHeap<Reverse<(Instant, JobIndex)>>,
    batches: Batches,
    /// When to ask again about jobs that are late.
    ask_about_late: Instant,
    shutdown: Option<Shutdown>,
}

/// The stages of a shutdown.
#[derive(Debug, Clone, Copy)]
struct Shutdown {
    /// When runs in progress are told to stop.
    stop_at: Instant,
    told: bool,
    /// When those that still go on are given up.
    give_up_at: Instant,
}

impl Driver {
    pub(crate) fn new(core: Arc<Core>, messages: UnboundedReceiver<Message>) -> Self {
        Self {
            core,
            spawner: Handle::current(),
            messages,
            looks: Looks::default(),
            watches: BinaryHeap::new(),
            batches: Batches::default(),
            ask_about_late: Instant::now() + LONGEST_SLEEP,
            shutdown: None,
        }
    }

    /// Keeps the time until everything has come to rest after a shutdown, or is to be left where it
    /// is.
    ///
    /// Beside other workers, the driver has a thread of its own: a body that blocks its thread
    /// would otherwise hold up whatever task was woken last on that thread, and that may be the
    /// driver, which is to notice that the run takes too long.
    pub(crate) async fn run_apart(self) {
        if self.spawner.runtime_flavor() != RuntimeFlavor::MultiThread {
            return self.run().await;
        }
        let leave = self.core.abort.raise_on_drop();
        if let Some(driver) = self.run_in_thread().await {
            driver.run().await;
        }
        leave.disarm();
    }

    /// Keeps the time in a thread of its own, or answers what could not be given one.
    async fn run_in_thread(self) -> Option<Self> {
        let (hand_over, handed_over) = oneshot::channel::<Self>();
        let (ended, end) = oneshot::channel();
        let started = thread::Builder::new().name("jobwatch-driver".to_owned()).spawn(move || {
            let Ok(driver) = handed_over.blocking_recv() else { return };
            let left = match Builder::new_current_thread().enable_time().build() {
                Ok(runtime) => {
                    runtime.block_on(driver.run());
                    None
                }
                Err(error) => Some((driver, error)),
            };
            // Nobody waits any more if the caller has dropped the runtime.
            let _ = ended.send(left);
        });
        let (driver, error) = match started {
            Err(error) => (self, error),
            // It fails only if the thread has ended, and the thread waits for it.
            Ok(_) => match hand_over.send(self) {
                Err(driver) => return Some(driver),
                Ok(()) => end.await.ok()??,
            },
        };
        log!(warn, %error, "the scheduler gets no thread of its own; a body that blocks may hold it up");
        Some(driver)
    }

    async fn run(mut self) {
        while !has_ended("the scheduler", self.keep_time()).await {}
    }

    async fn keep_time(&mut self) {
        self.look_at_everything();
        loop {
            let now = Instant::now();
            self.check_clock(now);
            if self.shutdown.is_none() && self.core.stop.is_raised() {
                self.begin_shutdown(now);
            }
            match self.shutdown {
                None => {
                    self.look(now);
                    self.see_to_late(now);
                }
                Some(shutdown) => {
                    if self.is_over(shutdown, now) {
                        return;
                    }
                }
            }
            self.batches.check(&self.spawner, now);
            self.see_to_runs(now);
            let wake = self.next_wake(now);
            tokio::select! {
                biased;
                () = self.core.abort.raised() => return,
                () = self.core.stop.raised(), if self.shutdown.is_none() => {}
                message = self.messages.recv() => if let Some(message) = message {
                    self.note(message);
                    while let Ok(message) = self.messages.try_recv() {
                        self.note(message);
                    }
                },
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Has every job looked at that is not going to be: none at the start, and after a panic the
    /// one that it was about.
    fn look_at_everything(&mut self) {
        let now = self.core.now();
        for index in 0..self.core.entries.len() {
            self.take_back(index);
        }
        for (index, entry) in self.core.entries.iter().enumerate() {
            let mut live = entry.live();
            if live.scheduled.is_none() && live.plan.is_some() {
                live.scheduled = Some(now);
                self.looks.push(now, index);
            }
            if live.watched.is_none() && live.current.is_some() {
                let now = Instant::now();
                live.watched = Some(now);
                self.watches.push(Reverse((now, index)));
            }
        }
    }

    fn note(&mut self, message: Message) {
        match message {
            Message::Look(index, at) => self.looks.push(at, index),
            Message::Watch(index, at) => self.watches.push(Reverse((at, index))),
            Message::Abandoned(index) => self.take_back(index),
            Message::Wake => {}
        }
    }

    /// Has the schedule of a job go on that nobody sees to any more. A due time that was being seen
    /// to is open.
    fn take_back(&self, index: JobIndex) {
        let entry = &self.core.entries[index];
        if !entry.is_abandoned.swap(false, Ordering::AcqRel) {
            return;
        }
        let now = self.core.now();
        let mut live = entry.live();
        if live.take_current().is_some() {
            entry.metrics.ended(&Outcome::Interrupted(Interruption::LeaseLost), Duration::ZERO, now);
        }
        live.trigger = None;
        live.in_doubt = true;
        let step = live.plan.as_mut().map(|plan| plan.abandon(now)).unwrap_or_default();
        self.core.apply(index, &mut live, step);
    }

    /// Notices a wall clock that was put forward or back, or that went on while the machine slept.
    /// What time it is then is the store's to say, and no lease is trusted before it is renewed.
    /// The driver does not wait for the answer: it has other runs to see to.
    fn check_clock(&self, now: Instant) {
        let core = &self.core;
        if let Some(step) = core.time.notice() {
            log!(
                warn,
                seconds = step.as_seconds_f64(),
                "the clock was put forward by so much, or the machine slept"
            );
            for (index, entry) in core.entries.iter().enumerate() {
                let mut live = entry.live();
                if let Some(current) = &live.current {
                    current.guard.distrust(now);
                    core.watch(index, &mut live, now);
                }
            }
        }
        if core.time.is_unconfirmed()
            && let Some(under_way) = core.asking_time.begin()
        {
            let asks = core.clone().confirm_clock(under_way);
            self.spawner.spawn(supervised("asking for the time", asks));
        }
    }

    /// Wakes the plans of the jobs that are due.
    fn look(&mut self, started: Instant) {
        let now = self.core.now();
        let mut due = Vec::new();
        while let Some(look) = self.looks.take_due(now) {
            let index = look.index;
            let mut live = self.core.entries[index].live();
            if !look.is_scheduled(live.scheduled) {
                continue;
            }
            live.scheduled = None;
            let Some(plan) = &mut live.plan else { continue };
            let step = plan.wake(now);
            if let Some(next) = self.core.take(index, &mut live, step, || started) {
                self.looks.push(next, index);
            }
            if let Some(slot) = step.claim {
                due.push(Due { busy: Busy::new(&self.core, index), slot });
            }
            drop(live);
            if due.len() == batch::MOST {
                self.batches.start(&self.spawner, std::mem::take(&mut due), started);
            }
        }
        self.batches.start(&self.spawner, due, started);
    }

    /// Has the store asked now and then about jobs that await a success longer than usual: another
    /// replica may have succeeded, or somebody may have paused the job there.
    fn see_to_late(&mut self, now: Instant) {
        if now < self.ask_about_late {
            return;
        }
        let Some(under_way) = self.core.asking_about_late.begin() else { return };
        self.ask_about_late = now + LONGEST_SLEEP;
        let late = self.core.now() - LONGEST_SLEEP;
        let is_late = |entry: &Entry| {
            let live = entry.live();
            !live.paused && live.current.is_none() && live.success_due.is_some_and(|due| due < late)
        };
        let entries = self.core.entries.iter().enumerate();
        let late: Vec<JobIndex> =
            entries.filter(|(_, entry)| is_late(entry)).map(|(index, _)| index).collect();
        if !late.is_empty() {
            let asks = catch_up_about(self.core.clone(), late, under_way);
            self.spawner.spawn(supervised("asking about late jobs", asks));
        }
    }

    /// Sees to the runs in progress whose time has come.
    fn see_to_runs(&mut self, now: Instant) {
        while let Some(Reverse((at, index))) = self.watches.peek().copied()
            && at <= now
        {
            self.watches.pop();
            let mut live = self.core.entries[index].live();
            if live.watched != Some(at) {
                continue;
            }
            live.watched = None;
            let Some(current) = live.current.clone() else { continue };
            let watch = current.guard.watch(now);
            self.core.watch(index, &mut live, watch.next);
            drop(live);
            let job_name = current.lease.job.as_str();
            let run_id = format_args!("{job_name}:{}", current.lease.token);
            match watch.stopped {
                Some(Stop::TimedOut(after)) => {
                    log!(warn, job_name, %run_id, seconds = after.as_secs_f64(), "run takes too long and is stopped");
                }
                Some(Stop::Interrupted(why)) => log!(warn, job_name, %run_id, %why, "run is stopped"),
                None => {}
            }
            if watch.stuck {
                log!(error,
                    job_name,
                    %run_id,
                    "run does not stop: its body blocks a thread; the job runs again when it has ended"
                );
            }
            if watch.renew {
                let renews = renew_apart(self.core.clone(), index, current);
                self.spawner.spawn(supervised("a renewal", renews));
            }
        }
    }

    fn begin_shutdown(&mut self, now: Instant) {
        let settings = &self.core.settings;
        let stop_at = now + settings.drain;
        let give_up_at = stop_at + settings.grace + settings.store_timeout;
        log!(
            info,
            runs = self.core.in_flight.load(Ordering::Acquire),
            "shutting down; runs in progress may end"
        );
        self.shutdown = Some(Shutdown { stop_at, told: false, give_up_at });
        self.give_back();
    }

    /// Has the leases given back that may be held here although nothing runs under them. False if
    /// there is no such doubt.
    fn give_back(&self) -> bool {
        let mut jobs = Vec::new();
        for index in 0..self.core.entries.len() {
            self.take_back(index);
            let mut live = self.core.entries[index].live();
            if live.rests() && std::mem::take(&mut live.in_doubt) {
                jobs.push(index);
            }
        }
        if jobs.is_empty() {
            return false;
        }
        let gives_back = give_back_apart(&self.core, jobs);
        self.spawner.spawn(supervised("giving leases back", gives_back));
        true
    }

    /// Tells the runs that still go on to stop when their time is up. True if nothing is left to
    /// wait for.
    fn is_over(&mut self, shutdown: Shutdown, now: Instant) -> bool {
        if now >= shutdown.give_up_at {
            return true;
        }
        if self.core.in_flight.load(Ordering::Acquire) == 0 {
            return !self.give_back();
        }
        if now >= shutdown.stop_at && !shutdown.told {
            self.shutdown = Some(Shutdown { told: true, ..shutdown });
            self.give_back();
            for (index, entry) in self.core.entries.iter().enumerate() {
                let mut live = entry.live();
                if let Some(current) = live.current.clone() {
                    current.guard.stop(Stop::Interrupted(Interruption::Shutdown), now);
                    self.core.watch(index, &mut live, now + self.core.settings.grace);
                }
            }
        }
        false
    }

    fn next_wake(&self, now: Instant) -> Instant {
        let mut wake = now + LONGEST_SLEEP;
        if let Some(Reverse((at, _))) = self.watches.peek() {
            wake = wake.min(*at);
        }
        if let Some(at) = self.batches.next_check() {
            wake = wake.min(at);
        }
        match self.shutdown {
            Some(Shutdown { told: false, stop_at, .. }) => wake.min(stop_at),
            Some(Shutdown { give_up_at, .. }) => wake.min(give_up_at),
            None => match self.looks.next_in(self.core.now()) {
                Some(left) => wake.min(now + left),
                None => wake,
            },
        }
    }
}

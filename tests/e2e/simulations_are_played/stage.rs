//! Where scripts are played: the clock, and the processes that are there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_runtime::clock::Clock as _;
use jobwatch_runtime::outcome::{Interruption, Outcome};
use jobwatch_runtime::store::{Claim, Claimed, Completion, MemoryStore, Store as _};
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{
    Catalogue, Handle, Job, JobError, JobSpec, Request, RunContext, Runtime, Settings, ShutdownReport,
};
use prometheus::Registry;
use prometheus::proto::MetricFamily;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::body::act;
use super::calendar::{Timing, delta};
use super::life::{Life, Part, crowd};
use super::patient_store::PatientStore;

/// Longer than any simulation: nothing runs out in it that the script does not end.
const FOR_EVER: Duration = Duration::from_secs(300 * 86_400);

struct Process {
    handle: Handle,
    registry: Registry,
    task: JoinHandle<ShutdownReport>,
}

/// What a play needs: the clock, the store that all processes share, and the processes.
pub(crate) struct Stage<'a> {
    job: &'a JobSpec,
    parts: &'a [Part],
    timings: Vec<Timing>,
    clock: Arc<VirtualClock>,
    store: Arc<MemoryStore>,
    beginning: DateTime<Utc>,
    /// Of each part, the runs that its script does not have.
    surprises: Arc<Mutex<Vec<Vec<String>>>>,
    processes: RefCell<HashMap<usize, Process>>,
}

impl<'a> Stage<'a> {
    /// Begins with nobody there. Jobs that were scheduled earlier are known to the store.
    pub(crate) async fn new(
        job: &'a JobSpec,
        parts: &'a [Part],
        timings: Vec<Timing>,
        beginning: DateTime<Utc>,
    ) -> Self {
        // Some jobs were scheduled before the first process of all starts.
        let earliest = timings.iter().filter_map(|timing| timing.anchor).min().unwrap_or(0).min(0);
        let clock = Arc::new(VirtualClock::at(beginning + TimeDelta::seconds(earliest)));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let mut now = earliest;
        let mut anchors: Vec<(i64, &Part)> =
            timings.iter().zip(parts).filter_map(|(timing, part)| Some((timing.anchor?, part))).collect();
        anchors.sort_by_key(|(anchor, _)| *anchor);
        for (anchor, part) in anchors {
            clock.step(TimeDelta::seconds(anchor - now));
            now = anchor;
            store.enable(&part.name, true).await.unwrap();
        }
        clock.step(TimeDelta::seconds(-now));
        Self {
            job,
            parts,
            timings,
            clock,
            store,
            beginning,
            surprises: Arc::new(Mutex::new(vec![Vec::new(); parts.len()])),
            processes: RefCell::default(),
        }
    }

    /// Returns the runs that the script of each part does not have.
    pub(crate) fn surprises(&self) -> Vec<Vec<String>> {
        self.surprises.lock().unwrap().clone()
    }

    /// Returns the process of a life. `None` if it is not there.
    pub(crate) fn handle(&self, life: usize) -> Option<Handle> {
        self.processes.borrow().get(&life).map(|process| process.handle.clone())
    }

    /// Returns the process that a part has now.
    pub(crate) fn handle_of(&self, part: usize, lives: &[Life]) -> Handle {
        let processes = self.processes.borrow();
        let (_, process) = processes.iter().find(|(life, _)| lives[**life].parts.contains(&part)).unwrap();
        process.handle.clone()
    }

    /// Tells a process to end, which stays for as long as it is scraped.
    pub(crate) fn shut_down(&self, life: usize) {
        if let Some(handle) = self.handle(life) {
            handle.shutdown();
        }
    }

    /// Ends a process without a word.
    pub(crate) fn kill(&self, life: usize) {
        if let Some(process) = self.processes.borrow_mut().remove(&life) {
            process.task.abort();
            process.handle.abort();
        }
    }

    /// Shows what each process exposes.
    pub(crate) fn scrape(&self, mut take: impl FnMut(usize, &[MetricFamily])) {
        for (life, process) in self.processes.borrow().iter() {
            take(*life, &process.registry.gather());
        }
    }

    /// Starts the process of a life.
    pub(crate) async fn start(&self, place: usize, life: &Life) {
        let inner = match life.forgetful {
            true => Arc::new(MemoryStore::new(self.clock.clone())),
            false => self.store.clone(),
        };
        let parts = || life.parts.iter().map(|part| (*part, &self.parts[*part]));
        if !life.forgetful && !life.disabled {
            for (_, part) in parts() {
                self.nothing_open_before_the_first(part, &inner, life.up.start).await;
            }
        }
        let scripts = parts().map(|(_, part)| (part.name.clone(), part.script.clone())).collect();
        let store = PatientStore {
            inner,
            clock: self.clock.clone(),
            beginning: self.beginning,
            scripts: Arc::new(scripts),
        };
        let mut catalogue =
            parts().fold(Catalogue::builder("stage"), |all, (_, part)| all.job(self.draft(part)));
        if !life.crowded.is_empty() {
            // It is due in another year, and runs when it is triggered.
            let new_year = JobSpec::cron(crowd(place), "0 0 1 1 *", "UTC");
            catalogue = catalogue.job(new_year.timeout(FOR_EVER));
        }
        let mut builder = Runtime::builder(catalogue.build().unwrap()).clock(self.clock.clone()).store(store);
        let mut settings = settings();
        if !life.crowded.is_empty() {
            builder = builder.job(crowd(place), self.crowding(life.crowded.clone()));
            settings.max_runs = Some(1);
        }
        for (number, part) in parts() {
            let job = self.played_by(number, part);
            builder = builder.job(part.name.as_str(), job.enabled(!life.disabled));
        }
        let registry = Registry::new();
        let runtime = builder.registry(&registry).settings(settings).build().unwrap();
        let handle = runtime.handle();
        let task = tokio::spawn(runtime.run_until(std::future::pending()));
        self.processes.borrow_mut().insert(place, Process { handle, registry, task });
    }

    /// A job under the name of a part.
    fn draft(&self, part: &Part) -> jobwatch_catalogue::JobDraft {
        let day = Duration::from_secs(86_400);
        let mut draft = JobSpec::every(part.name.as_str(), day).timeout(self.job.timeout());
        if let Some(items) = self.job.items() {
            draft = draft.items(items);
        }
        if let Some(queue) = self.job.queue() {
            draft = draft.queue(queue);
        }
        draft
    }

    /// A job that takes all room for as long as nothing else is to start.
    fn crowding(&self, crowded: Vec<(u64, u64)>) -> Job {
        let (clock, beginning) = (self.clock.clone(), self.beginning);
        Job::new(move |_: RunContext| {
            let now = (clock.now() - beginning).num_milliseconds().unsigned_abs();
            let until = crowded.iter().map(|(_, until)| *until).find(|until| *until > now);
            let wait = Duration::from_millis(until.unwrap_or(now) - now);
            async move { sleep(wait).await }
        })
    }

    fn played_by(&self, number: usize, part: &Part) -> Job {
        let (script, clock, beginning) = (part.script.clone(), self.clock.clone(), self.beginning);
        let surprises = self.surprises.clone();
        let now = move || (clock.now() - beginning).num_milliseconds().unsigned_abs();
        let (of_queue, at) = (script.clone(), now.clone());
        let body = move |run: RunContext| {
            let now = now();
            let found = script.executions.binary_search_by_key(&(now / 1_000), |execution| execution.start);
            let execution = found.ok().map(|place| (place, script.executions[place]));
            if execution.is_none() {
                surprises.lock().unwrap()[number].push(format!("an execution starts at {now} ms"));
            }
            act(run, execution, script.timeout)
        };
        let job = Job::new(body)
            .schedule(self.timings[number].schedule.clone())
            .timeout(Duration::from_secs(part.script.timeout));
        if self.job.queue().is_none() {
            return job;
        }
        job.queue(move || {
            let now = at() / 1_000;
            let length =
                of_queue.queue.iter().rfind(|(from, _)| *from <= now).map_or(0, |(_, length)| *length);
            async move { Ok::<_, JobError>(length) }
        })
    }

    /// No due time before the first of the simulation is open: a process waits a little before it
    /// runs anything.
    async fn nothing_open_before_the_first(&self, part: &Part, store: &MemoryStore, start: u64) {
        if start != part.script.up[0].start || part.script.up[0].start > part.script.first_due {
            return;
        }
        store.enable(&part.name, true).await.unwrap();
        let (holder, request) = (&"nobody".into(), &Request::default());
        let slot = Some(self.clock.now());
        let claim = Claim { job: &part.name, slot, holder, length: FOR_EVER, request };
        let Claimed::Granted(lease) = store.claim(claim).await.unwrap() else { return };
        let done = Some(self.beginning + delta(part.script.first_due) - TimeDelta::milliseconds(1));
        let outcome = &Outcome::Interrupted(Interruption::Shutdown);
        store.complete(Completion { lease: &lease, outcome, done }).await.unwrap();
    }
}

fn settings() -> Settings {
    Settings {
        start_delay: Duration::ZERO,
        // What is due while nobody is there is not run when somebody is.
        catch_up: Duration::from_secs(1),
        lease: FOR_EVER,
        store_timeout: FOR_EVER / 3,
        // An execution goes on for as long as the script says, whether or not it is told to stop.
        grace: FOR_EVER,
        drain: Duration::ZERO,
        ..Settings::default()
    }
}

//! The runtime plays scripts: each is a job of its own, whose body does as the script says, in
//! processes that start and end when it says so.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::label::RunStatus;
use jobwatch_observability::scenario::{Execution, ITEMS, Script};
use jobwatch_runtime::clock::Clock as _;
use jobwatch_runtime::outcome::{Interruption, Outcome};
use jobwatch_runtime::store::{Claim, Claimed, Completion, MemoryStore, Store as _};
use jobwatch_runtime::testing::VirtualClock;
use jobwatch_runtime::{
    Catalogue, Handle, Job, JobError, JobName, JobSpec, Report, Request, RunContext, Runtime, Settings,
    ShutdownReport,
};
use prometheus::Registry;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::calendar::{Timing, beginning, delta, each};
use super::exposed::{Exposed, Scrapes};
use super::patient_store::PatientStore;

/// Longer than any simulation: nothing runs out in it that the script does not end.
const FOR_EVER: Duration = Duration::from_secs(300 * 86_400);

/// What settles within a moment is seen by a scrape.
const A_MOMENT: u64 = 50;

/// A process of a scenario.
pub(crate) struct Part {
    /// The name of the job that plays it. Replicas of one have the same.
    pub(crate) name: JobName,
    pub(crate) script: Arc<Script>,
    /// When it is over.
    pub(crate) until: u64,
}

/// What came of it.
pub(crate) struct Played {
    /// What each part exposed, at every step at which its process was there.
    pub(crate) exposed: Vec<Exposed>,
    /// Runs that the script of each does not have.
    pub(crate) surprises: Vec<Vec<String>>,
    /// The moment at which time began.
    pub(crate) beginning: DateTime<Utc>,
    /// For how many seconds due times are spaced as in the simulation.
    pub(crate) even_until: u64,
    /// The parts whose job was first scheduled before its process started, so that its interval has
    /// the due times of the simulation.
    pub(crate) is_anchored: Vec<bool>,
}

/// One life of a process, of several parts.
struct Life {
    parts: Vec<usize>,
    up: Range<u64>,
    /// When it is told to shut down, and runs nothing any more.
    stops: Option<u64>,
    disabled: bool,
    /// Whether it knows nothing of what was before.
    forgetful: bool,
    /// From when until when something else takes all room for executions, in milliseconds.
    crowded: Vec<(u64, u64)>,
}

enum Event {
    Starts(usize),
    ShutsDown(usize),
    Dies(usize),
    Pauses(usize),
    Resumes(usize),
    Triggers(usize),
    Crowds(usize),
    Scrape(usize),
}

struct Process {
    handle: Handle,
    registry: Registry,
    task: JoinHandle<ShutdownReport>,
}

struct Stage<'a> {
    job: &'a JobSpec,
    parts: &'a [Part],
    timings: Vec<Timing>,
    clock: Arc<VirtualClock>,
    beginning: DateTime<Utc>,
    surprises: Arc<Mutex<Vec<Vec<String>>>>,
    processes: RefCell<HashMap<usize, Process>>,
}

/// Plays parts of a job that share a step.
pub(crate) fn play(job: &JobSpec, step: u64, parts: &[Part]) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(played(job, step, parts))
}

async fn played(job: &JobSpec, step: u64, parts: &[Part]) -> Played {
    let first_due = parts.first().map_or(0, |part| part.script.first_due);
    let (beginning, even_until) = beginning(job.schedule(), first_due);
    let timing = |part: &Part| {
        let script = &part.script;
        let of_job = job.schedule().shortest_gap().as_secs();
        let is_cron = matches!(job.schedule(), jobwatch_catalogue::Schedule::Cron(_));
        match script.gap == 0 || script.gap == of_job && is_cron {
            true => Timing { schedule: job.schedule().clone(), anchor: None },
            false => {
                each(script.gap, beginning + delta(script.first_due), script.up[0].start, script.first_due)
            }
        }
    };
    let timings: Vec<Timing> = parts.iter().map(timing).collect();
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
    let is_anchored = timings.iter().map(|timing| timing.anchor.is_some()).collect();
    let stage = Stage {
        job,
        parts,
        timings,
        clock,
        beginning,
        surprises: Arc::new(Mutex::new(vec![Vec::new(); parts.len()])),
        processes: RefCell::default(),
    };
    let until = parts.iter().map(|part| part.until).max().unwrap_or(0).min(even_until);
    let lives = lives(parts);
    let mut scrapes: Vec<Scrapes> = lives.iter().map(|_| Scrapes::default()).collect();
    let mut events = events(parts, &lives, step, until);
    events.sort_by_key(|(at, _)| *at);
    let began = Instant::now();
    for (at, event) in events {
        if at > until * 1_000 + A_MOMENT {
            break;
        }
        sleep_until(began + Duration::from_millis(at)).await;
        match event {
            Event::Starts(life) => stage.start(life, &lives[life], &store).await,
            Event::ShutsDown(life) => {
                stage.with(life, |process| process.handle.shutdown());
            }
            Event::Dies(life) => {
                if let Some(process) = stage.processes.borrow_mut().remove(&life) {
                    process.task.abort();
                    process.handle.abort();
                }
            }
            Event::Pauses(part) => {
                stage.handle_of(part, &lives).pause(parts[part].name.as_str()).await.unwrap()
            }
            Event::Resumes(part) => {
                stage.handle_of(part, &lives).resume(parts[part].name.as_str()).await.unwrap();
            }
            Event::Triggers(part) => {
                // One that is just due, or was and had to wait, starts by itself.
                let _ = stage.handle_of(part, &lives).trigger(parts[part].name.as_str()).await;
            }
            Event::Crowds(life) => {
                let handle = stage.with(life, |process| process.handle.clone()).unwrap();
                handle.trigger(&crowd(life)).await.unwrap();
            }
            Event::Scrape(place) => {
                for (life, process) in stage.processes.borrow().iter() {
                    scrapes[*life].take(place, &process.registry.gather());
                }
            }
        }
    }
    let mut exposed: Vec<Exposed> = parts.iter().map(|_| Exposed::default()).collect();
    for (scrapes, life) in scrapes.iter().zip(&lives) {
        for &part in &life.parts {
            scrapes.add_to(&mut exposed[part], parts[part].name.as_str());
        }
    }
    let surprises = stage.surprises.lock().unwrap().clone();
    Played { exposed, surprises, beginning, even_until, is_anchored }
}

/// The lives of all processes. Parts whose process is always there share one.
fn lives(parts: &[Part]) -> Vec<Life> {
    let mut shared: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut all = Vec::new();
    for (place, Part { script, .. }) in parts.iter().enumerate() {
        let is_disabled = |up: &Range<u64>| {
            let away = script.away.as_ref().filter(|away| away.disabled);
            script.interval == 0 || away.is_some_and(|away| away.during == *up)
        };
        if let [up] = script.up.as_slice()
            && up.end == u64::MAX
            && script.stops.is_none()
            && !is_disabled(up)
            && crowded(script).is_empty()
        {
            shared.entry(up.start).or_default().push(place);
            continue;
        }
        for (number, up) in script.up.iter().enumerate() {
            all.push(Life {
                parts: vec![place],
                up: up.clone(),
                stops: script.stops,
                disabled: is_disabled(up),
                forgetful: script.contract_only && number > 0,
                crowded: crowded(script),
            });
        }
    }
    let together = shared.into_iter().flat_map(|(start, places)| {
        // Replicas of one job are never one process.
        let mut crews: Vec<Vec<usize>> = Vec::new();
        for place in places {
            let is_free = |crew: &&mut Vec<usize>| crew.iter().all(|of| parts[*of].name != parts[place].name);
            match crews.iter_mut().find(is_free) {
                Some(crew) => crew.push(place),
                None => crews.push(vec![place]),
            }
        }
        crews.into_iter().map(move |parts| Life {
            parts,
            up: start..u64::MAX,
            stops: None,
            disabled: false,
            forgetful: false,
            crowded: Vec::new(),
        })
    });
    all.extend(together);
    all
}

/// The name of the job that takes all room in a process.
fn crowd(life: usize) -> String {
    format!("crowd-{life}")
}

/// Between which executions, in milliseconds, no other starts although one is due: there is no room
/// for it.
fn crowded(script: &Script) -> Vec<(u64, u64)> {
    let gaps = script.executions.windows(2).filter(|pair| pair[1].waits);
    let first = script.executions.first().filter(|first| first.waits);
    let before_first = first.map(|first| (script.up[0].start * 1_000 + 1, first.start * 1_000));
    let between =
        |pair: &[Execution]| (pair[0].start + pair[0].duration) * 1_000 + 500..pair[1].start * 1_000;
    let between = gaps.map(between).filter(|gap| !gap.is_empty()).map(|gap| (gap.start, gap.end));
    before_first.into_iter().chain(between).collect()
}

/// All that happens, in milliseconds.
fn events(parts: &[Part], lives: &[Life], step: u64, until: u64) -> Vec<(u64, Event)> {
    let mut all = Vec::new();
    for (place, life) in lives.iter().enumerate() {
        // Just before, so that what is due at that moment is not begun.
        if life.up.end != u64::MAX {
            all.push((life.up.end * 1_000 - 1, Event::Dies(place)));
        }
        if let Some(stops) = life.stops {
            all.push((stops * 1_000 - 1, Event::ShutsDown(place)));
        }
        all.push((life.up.start * 1_000, Event::Starts(place)));
        let is_there = |at: u64| (life.up.start * 1_000..life.up.end.saturating_mul(1_000)).contains(&at);
        let crowded = life.crowded.iter().filter(|(from, _)| is_there(*from));
        all.extend(crowded.map(|&(from, _)| (from, Event::Crowds(place))));
    }
    for (place, part) in parts.iter().enumerate() {
        if let Some(away) = part.script.away.as_ref().filter(|away| !away.disabled) {
            all.push((away.during.start * 1_000 - 1, Event::Pauses(place)));
            all.push((away.during.end * 1_000 - 1, Event::Resumes(place)));
        }
        for execution in part.script.executions.iter().filter(|execution| execution.by_hand) {
            all.push((execution.start * 1_000 + 1, Event::Triggers(place)));
        }
    }
    let steps = until / step;
    all.extend((0..=steps).map(|number| (number * step * 1_000 + A_MOMENT, Event::Scrape(number as usize))));
    all
}

impl Stage<'_> {
    fn with<T>(&self, life: usize, act: impl FnOnce(&Process) -> T) -> Option<T> {
        self.processes.borrow().get(&life).map(act)
    }

    /// The process that a part has now.
    fn handle_of(&self, part: usize, lives: &[Life]) -> Handle {
        let processes = self.processes.borrow();
        let (_, process) = processes.iter().find(|(life, _)| lives[**life].parts.contains(&part)).unwrap();
        process.handle.clone()
    }

    async fn start(&self, place: usize, life: &Life, store: &Arc<MemoryStore>) {
        let inner = match life.forgetful {
            true => Arc::new(MemoryStore::new(self.clock.clone())),
            false => store.clone(),
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

/// Does what a script says about an execution.
async fn act(
    run: RunContext,
    execution: Option<(usize, Execution)>,
    timeout: u64,
) -> Result<Report, JobError> {
    let Some((place, execution)) = execution else {
        return Err(JobError::permanent("the script does not have this execution"));
    };
    if execution.status == RunStatus::Failed && execution.duration == timeout {
        run.cancelled().await;
        return Err(JobError::Cancelled);
    }
    sleep(Duration::from_secs(execution.duration)).await;
    match execution.status {
        RunStatus::Success => {
            let failed = execution.failed_items.min(ITEMS);
            Ok(Report { succeeded: ITEMS - failed, failed, skipped: 0 })
        }
        // Some fail with an error, and some with a panic.
        RunStatus::Failed if place % 2 == 1 => resume_unwind(Box::new("the job panics")),
        RunStatus::Failed => Err(JobError::permanent("the job fails")),
    }
}

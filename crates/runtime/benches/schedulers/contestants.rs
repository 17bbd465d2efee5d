//! The schedulers that are compared.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis::prelude::WorkerBuilder;
use chrono::{TimeDelta, Utc};
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};
use jobwatch_runtime::store::{MemoryStore, Store};
use jobwatch_runtime::testing::{VirtualClock, register_metrics};
use jobwatch_runtime::{Report, Runtime, Settings};
use prometheus::Registry;

use crate::measure::note;

/// A scheduler, set up in a certain way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// This runtime in memory, with all its metrics.
    Jobwatch,
    /// The same, with nothing due.
    JobwatchIdle,
    /// The metrics alone, for their part of the memory.
    Metrics,
    /// A tokio task for each job.
    Tasks,
    Apalis,
    TokioCronScheduler,
    /// The same, with room for all the jobs in its channels.
    TokioCronSchedulerWithRoom,
    /// The same as those above, with each job due once a minute, and a sixtieth of the jobs each
    /// second.
    JobwatchSpread,
    TasksSpread,
    ApalisSpread,
    TokioCronSchedulerSpread,
}

/// When the jobs are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// All of them each second.
    EachSecond,
    /// Each once a minute, at a second of its own.
    OverAMinute,
}

impl Due {
    fn cron(self, number: usize) -> String {
        match self {
            Self::EachSecond => "* * * * * *".to_owned(),
            Self::OverAMinute => format!("{} * * * * *", number % 60),
        }
    }
}

impl Contestant {
    pub(crate) const ALL: [Self; 11] = [
        Self::Jobwatch,
        Self::JobwatchIdle,
        Self::Metrics,
        Self::Tasks,
        Self::Apalis,
        Self::TokioCronScheduler,
        Self::TokioCronSchedulerWithRoom,
        Self::JobwatchSpread,
        Self::TasksSpread,
        Self::ApalisSpread,
        Self::TokioCronSchedulerSpread,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Jobwatch => "jobwatch",
            Self::JobwatchIdle => "jobwatch, nothing due",
            Self::Metrics => "its metrics alone",
            Self::Tasks => "bare tokio tasks",
            Self::Apalis => "apalis-cron",
            Self::TokioCronScheduler => "tokio-cron-scheduler",
            Self::TokioCronSchedulerWithRoom => "tokio-cron-scheduler, large channel",
            Self::JobwatchSpread => "jobwatch, over a minute",
            Self::TasksSpread => "bare tokio tasks, over a minute",
            Self::ApalisSpread => "apalis-cron, over a minute",
            Self::TokioCronSchedulerSpread => "tokio-cron-scheduler, over a minute",
        }
    }

    pub(crate) fn is_idle(self) -> bool {
        matches!(self, Self::JobwatchIdle | Self::Metrics)
    }

    /// Whether each job is due once a minute and not each second. Its memory is the same then.
    pub(crate) fn is_spread(self) -> bool {
        matches!(
            self,
            Self::JobwatchSpread | Self::TasksSpread | Self::ApalisSpread | Self::TokioCronSchedulerSpread
        )
    }

    /// With more jobs than this it does not get through a second's runs within the second.
    pub(crate) fn most_jobs(self) -> usize {
        match self {
            Self::TokioCronScheduler | Self::TokioCronSchedulerWithRoom | Self::TokioCronSchedulerSpread => {
                10_000
            }
            _ => usize::MAX,
        }
    }

    pub(crate) async fn start(self, jobs: usize) {
        match self {
            Self::Jobwatch => jobwatch(jobs, Duration::from_secs(1), MemoryStore::default()),
            Self::JobwatchIdle => jobwatch(jobs, Duration::from_secs(3_600), MemoryStore::default()),
            Self::JobwatchSpread => jobwatch(jobs, Duration::from_secs(60), spread(jobs).await),
            Self::Metrics => metrics(jobs),
            Self::Tasks => tasks(jobs, Due::EachSecond),
            Self::TasksSpread => tasks(jobs, Due::OverAMinute),
            Self::Apalis => apalis(jobs, Due::EachSecond),
            Self::ApalisSpread => apalis(jobs, Due::OverAMinute),
            Self::TokioCronScheduler => tokio_cron_scheduler(jobs, 200, Due::EachSecond).await,
            Self::TokioCronSchedulerWithRoom => tokio_cron_scheduler(jobs, 65_536, Due::EachSecond).await,
            Self::TokioCronSchedulerSpread => tokio_cron_scheduler(jobs, 65_536, Due::OverAMinute).await,
        }
    }
}

fn catalogue(jobs: usize, interval: Duration) -> Catalogue {
    let name = |number| format!("job-{number}");
    let all = (0..jobs).map(|number| JobSpec::every(name(number), interval));
    all.fold(Catalogue::builder("bench"), |catalogue, job| catalogue.job(job)).build().unwrap()
}

/// A store that has seen the jobs for the first time in the last minute, a sixtieth of them each
/// second, which is when they are due.
async fn spread(jobs: usize) -> MemoryStore {
    let minute = TimeDelta::seconds(60);
    let clock = Arc::new(VirtualClock::at(Utc::now() - minute));
    let store = MemoryStore::new(clock.clone());
    for second in 0..60 {
        for number in (second..jobs).step_by(60) {
            let job = JobName::new(format!("job-{number}")).unwrap();
            store.enable(&job, true).await.unwrap();
        }
        clock.step(TimeDelta::seconds(1));
    }
    store
}

fn jobwatch(jobs: usize, interval: Duration, store: MemoryStore) {
    let catalogue = catalogue(jobs, interval);
    let names: Vec<String> = catalogue.jobs().iter().map(|job| job.name().to_string()).collect();
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let builder =
        names.iter().fold(Runtime::builder(catalogue).settings(settings).store(store), |builder, name| {
            builder.job(name, async |_| {
                note();
                Report::default()
            })
        });
    let runtime = builder.build().unwrap();
    tokio::spawn(runtime.run_until(std::future::pending()));
}

fn metrics(jobs: usize) {
    let registry = Registry::new();
    register_metrics(&catalogue(jobs, Duration::from_secs(1)), &registry).unwrap();
    // For as long as the process.
    std::mem::forget(registry);
}

fn tasks(jobs: usize, due: Due) {
    for number in 0..jobs as u64 {
        tokio::spawn(async move {
            loop {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                let wait = match due {
                    Due::EachSecond => 1,
                    Due::OverAMinute => 60 - (now.as_secs() + number) % 60,
                };
                tokio::time::sleep(Duration::from_secs(now.as_secs() + wait) - now).await;
                note();
            }
        });
    }
}

fn apalis(jobs: usize, due: Due) {
    async fn tick(_: apalis_cron::Tick) {
        note();
    }
    for number in 0..jobs {
        let schedule = cron::Schedule::from_str(&due.cron(number)).unwrap();
        let worker = WorkerBuilder::new(format!("job-{number}"))
            .backend(apalis_cron::CronScheduler::new(schedule))
            .build(tick);
        tokio::spawn(async move { worker.run().await.unwrap() });
    }
}

async fn tokio_cron_scheduler(jobs: usize, room: usize, due: Due) {
    let scheduler = tokio_cron_scheduler::JobScheduler::new_with_channel_size(room).await.unwrap();
    for number in 0..jobs {
        let job = tokio_cron_scheduler::Job::new_async(due.cron(number), |_, _| Box::pin(async { note() }));
        scheduler.add(job.unwrap()).await.unwrap();
    }
    scheduler.start().await.unwrap();
    std::mem::forget(scheduler);
}

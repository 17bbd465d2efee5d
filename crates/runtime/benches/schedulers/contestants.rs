//! The schedulers that are compared.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis::prelude::WorkerBuilder;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_runtime::metrics::Metrics;
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
}

impl Contestant {
    pub(crate) const ALL: [Self; 7] = [
        Self::Jobwatch,
        Self::JobwatchIdle,
        Self::Metrics,
        Self::Tasks,
        Self::Apalis,
        Self::TokioCronScheduler,
        Self::TokioCronSchedulerWithRoom,
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
        }
    }

    pub(crate) fn is_idle(self) -> bool {
        matches!(self, Self::JobwatchIdle | Self::Metrics)
    }

    /// With more jobs than this it does not get through a second's runs within the second.
    pub(crate) fn most_jobs(self) -> usize {
        match self {
            Self::TokioCronScheduler | Self::TokioCronSchedulerWithRoom => 10_000,
            _ => usize::MAX,
        }
    }

    pub(crate) async fn start(self, jobs: usize) {
        match self {
            Self::Jobwatch => jobwatch(jobs, Duration::from_secs(1)),
            Self::JobwatchIdle => jobwatch(jobs, Duration::from_secs(3_600)),
            Self::Metrics => metrics(jobs),
            Self::Tasks => tasks(jobs),
            Self::Apalis => apalis(jobs),
            Self::TokioCronScheduler => tokio_cron_scheduler(jobs, 200).await,
            Self::TokioCronSchedulerWithRoom => tokio_cron_scheduler(jobs, 65_536).await,
        }
    }
}

fn catalogue(jobs: usize, interval: Duration) -> Catalogue {
    let name = |number| format!("job-{number}");
    let all = (0..jobs).map(|number| JobSpec::every(name(number), interval));
    all.fold(Catalogue::builder("bench"), |catalogue, job| catalogue.job(job)).build().unwrap()
}

fn jobwatch(jobs: usize, interval: Duration) {
    let catalogue = catalogue(jobs, interval);
    let names: Vec<String> = catalogue.jobs().iter().map(|job| job.name().to_string()).collect();
    let settings = Settings { start_delay: Duration::ZERO, ..Settings::default() };
    let builder = names.iter().fold(Runtime::builder(catalogue).settings(settings), |builder, name| {
        builder.job(name, async |_| {
            note();
            Ok(Report::default())
        })
    });
    let runtime = builder.build().unwrap();
    tokio::spawn(runtime.run_until(std::future::pending()));
}

fn metrics(jobs: usize) {
    let metrics = Metrics::register(&catalogue(jobs, Duration::from_secs(1)), &Registry::new()).unwrap();
    // For as long as the process.
    std::mem::forget(metrics);
}

fn tasks(jobs: usize) {
    for _ in 0..jobs {
        tokio::spawn(async {
            loop {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                tokio::time::sleep(Duration::from_secs(now.as_secs() + 1) - now).await;
                note();
            }
        });
    }
}

fn apalis(jobs: usize) {
    async fn tick(_: apalis_cron::Tick) {
        note();
    }
    for number in 0..jobs {
        let schedule = cron::Schedule::from_str("* * * * * *").unwrap();
        let worker = WorkerBuilder::new(format!("job-{number}"))
            .backend(apalis_cron::CronScheduler::new(schedule))
            .build(tick);
        tokio::spawn(async move { worker.run().await.unwrap() });
    }
}

async fn tokio_cron_scheduler(jobs: usize, room: usize) {
    let scheduler = tokio_cron_scheduler::JobScheduler::new_with_channel_size(room).await.unwrap();
    for _ in 0..jobs {
        let job = tokio_cron_scheduler::Job::new_async("* * * * * *", |_, _| Box::pin(async { note() }));
        scheduler.add(job.unwrap()).await.unwrap();
    }
    scheduler.start().await.unwrap();
    std::mem::forget(scheduler);
}

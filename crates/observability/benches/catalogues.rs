//! What it takes to generate every file of a catalogue, and to check its runbook, by the number of jobs.
//!
//! `cargo bench -p jobwatch-observability` prints time and allocations. Jobs alternate between kinds of schedules, run times and
//! figures, as those of large catalogues do.

use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use jobwatch_catalogue::{AlertName, Catalogue, JobSpec, Quantity, ThresholdOverride, yaml, yaml_write};
use jobwatch_observability::alerts::alerts;
use jobwatch_observability::artifact::artifacts;
use jobwatch_observability::check::check;
use jobwatch_observability::runbook::section_for;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const JOBS: [usize; 3] = [6, 100, 10_000];

fn main() {
    divan::main();
}

#[expect(clippy::expect_used, reason = "the catalogue is made to be a good one")]
fn catalogue(jobs: usize) -> Catalogue {
    let intervals = [60, 300, 600, 900, 3_600, 21_600];
    let crons = ["0 3 * * *", "*/15 8-17 * * 1-5", "0 4 1 * *"];
    (0..jobs)
        .fold(Catalogue::builder("bench"), |builder, index| {
            let name = format!("job-{index}");
            let job = match index % 10 {
                9 => JobSpec::cron(name, crons[index / 10 % crons.len()], "Europe/Berlin"),
                _ => JobSpec::every(name, Duration::from_secs(intervals[index % intervals.len()])),
            };
            let job = job.summary("Does its work.").items("items");
            let job = if index % 3 == 0 { job.queue("items") } else { job };
            let figures =
                ThresholdOverride { above: Some(Quantity::Count(5_000)), ..ThresholdOverride::default() };
            builder.job(match index % 30 {
                0 => job.threshold(AlertName::BackgroundJobCriticalQueueSize, figures),
                _ => job,
            })
        })
        .build()
        .expect("the catalogue is good")
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn read_catalogue(bencher: Bencher<'_, '_>, jobs: usize) {
    let text = yaml_write::to_yaml(&catalogue(jobs)).unwrap_or_default();
    bencher.counter(ItemsCount::new(jobs)).bench(|| yaml::parse(&text));
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn generate_files(bencher: Bencher<'_, '_>, jobs: usize) {
    let catalogue = catalogue(jobs);
    bencher.counter(ItemsCount::new(jobs)).bench(|| artifacts(&catalogue));
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn check_runbook(bencher: Bencher<'_, '_>, jobs: usize) {
    let catalogue = catalogue(jobs);
    let runbook: String = alerts(&catalogue).iter().map(section_for).collect();
    bencher.counter(ItemsCount::new(jobs)).bench(|| check(&catalogue, &(), Some(&runbook)));
}

//! What it takes to read a catalogue, to work out its model, to generate its files and to check its
//! runbook, by the number of jobs.
//!
//! `cargo bench -p jobwatch-observability` prints time and allocations. What whole processes take,
//! against an earlier state, is printed by `cargo bench -p jobwatch`.

mod sample;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use jobwatch_catalogue::yaml::{self, Parsed};
use jobwatch_observability::check::check;
use jobwatch_observability::runbook::section_for;
use jobwatch_observability::{Generator, Model};
use sample::catalogue;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const JOBS: [usize; 3] = [6, 100, 10_000];

fn main() {
    divan::main();
}

#[expect(clippy::expect_used, reason = "the catalogue is made to be a good one")]
fn parsed(jobs: usize) -> Parsed {
    yaml::parse(&catalogue(jobs)).expect("the catalogue is good")
}

#[expect(clippy::expect_used, reason = "the catalogue is made to be a good one")]
fn model(parsed: &Parsed) -> Model<'_> {
    Model::new(&parsed.catalogue).expect("the thresholds are good")
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn read_catalogue(bencher: Bencher<'_, '_>, jobs: usize) {
    let text = catalogue(jobs);
    bencher.counter(ItemsCount::new(jobs)).bench(|| yaml::parse(&text));
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn work_out_model(bencher: Bencher<'_, '_>, jobs: usize) {
    let parsed = parsed(jobs);
    bencher.counter(ItemsCount::new(jobs)).bench(|| model(&parsed));
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn generate_files(bencher: Bencher<'_, '_>, jobs: usize) {
    let parsed = parsed(jobs);
    bencher.counter(ItemsCount::new(jobs)).bench(|| Generator::new(&model(&parsed)).files());
}

#[divan::bench(args = JOBS, sample_count = 5)]
fn check_runbook(bencher: Bencher<'_, '_>, jobs: usize) {
    let parsed = parsed(jobs);
    let model = model(&parsed);
    let runbook: String = model.alerts().iter().map(section_for).collect();
    let bencher = bencher.counter(ItemsCount::new(jobs));
    bencher.bench(|| check(&model, &parsed.positions, Some(&runbook)));
}

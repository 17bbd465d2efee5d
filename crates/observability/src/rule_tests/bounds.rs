//! Whatever the catalogue: rule tests are written in bounded time, never panic, and leave nothing
//! out in silence.

use std::time::Duration;

use jobwatch_catalogue::{Catalogue, JobSpec, ThresholdOverride};
use proptest::prelude::*;

use super::placement::{TestFile, test_files};
use super::tested::Tested;
use crate::generator::Generator;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::target::Target;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The most samples of one job's series in all its files.
const MOST_SAMPLES: usize = 100_000;

/// Thresholds of several alerts: staleness, failures a second, a queue's length, failures in a row,
/// `over`, `for`.
#[derive(Debug, Clone, Copy, Default)]
struct Thresholds {
    not_running: Option<u64>,
    critically_stale: Option<u64>,
    failures: Option<u64>,
    queue: Option<u64>,
    in_a_row: Option<u64>,
    over: Option<u64>,
    hold: Option<u64>,
}

fn catalogue(schedule: Schedule, timeout: u64, one_namespace: bool, thresholds: Thresholds) -> Catalogue {
    let job = match schedule {
        Schedule::Every(seconds) => JobSpec::every("job", Duration::from_secs(seconds)),
        Schedule::Cron(expression) => JobSpec::cron("job", expression, "Europe/Berlin"),
    };
    let job = job.timeout(Duration::from_secs(timeout)).items("items").queue("items");
    let builder = Catalogue::builder("test").job(job);
    let builder = if one_namespace { builder.selector("namespace", "shop") } else { builder };
    let duration = |seconds: Option<u64>| seconds.map(Quantity::Duration);
    let queue = thresholds.queue.map(Quantity::Count);
    let growth = thresholds.failures.map(|growth| Quantity::Ratio(growth.clamp(1, 1_000_000_000)));
    let hold = duration(thresholds.hold);
    builder
        .threshold("BackgroundJobNotRunning", set([("above", duration(thresholds.not_running))]))
        .threshold("BackgroundJobCriticallyStale", set([("above", duration(thresholds.critically_stale))]))
        .threshold("BackgroundJobFailing", set([("above", thresholds.failures.map(Quantity::PerSecond))]))
        .threshold("BackgroundJobCriticalQueueSize", set([("above", queue)]))
        .threshold(
            "BackgroundJobConsecutiveFailures",
            set([("at_least", thresholds.in_a_row.map(Quantity::Count))]),
        )
        .threshold(
            "BackgroundJobQueueGrowing",
            set([("above", queue), ("growth", growth), ("over", duration(thresholds.over)), ("for", hold)]),
        )
        .threshold("BackgroundJobCriticalFailureRate", set([("for", hold)]))
        .threshold("BackgroundJobStuck", set([("for", hold)]))
        .build()
        .unwrap()
}

fn set<const N: usize>(values: [(&str, Option<Quantity>); N]) -> ThresholdOverride {
    values.into_iter().fold(ThresholdOverride::new(), |set, (key, value)| match value {
        Some(value) => set.set(key, value),
        None => set,
    })
}

#[derive(Debug, Clone, Copy)]
enum Schedule {
    Every(u64),
    Cron(&'static str),
}

fn samples(file: &TestFile<'_>) -> usize {
    let scenarios = file.scenarios.iter().chain(file.firings.iter().map(|firing| &firing.scenario));
    scenarios
        .map(|scenario| {
            let (step, end) = (file.stage.step(), scenario.end());
            let exposed = scenario.replicas.iter().flat_map(|replica| replica.sampled(step, end));
            exposed.map(|series| series.samples.len()).sum::<usize>()
        })
        .sum()
}

/// The files with their steps and the number of scenarios, and how many are left out.
#[track_caller]
fn check(catalogue: &Catalogue, expected: &str) {
    let model = Model::new(catalogue).unwrap();
    let setting = Tested { model: &model }.setting(model.jobs()[0]);
    let files = test_files(&model, &setting);
    let mut found: Vec<String> = files
        .iter()
        .map(|file| format!("{} {}s {}", file.kind, file.stage.step(), file.scenarios.len()))
        .collect();
    found.push(format!("left out {}", files.iter().map(|file| file.left_out).sum::<usize>()));
    assert_eq!(found.join(", "), expected);
    assert!(files.iter().map(samples).sum::<usize>() <= MOST_SAMPLES);
}

#[test]
fn what_takes_too_many_steps_has_a_file_with_another_step() {
    let late = |days: u64| Thresholds { critically_stale: Some(days * DAY), ..Thresholds::default() };
    check(
        &catalogue(Schedule::Every(10), 60, false, late(1)),
        "runs 300s 35, states 60s 21, late 900s 4, left out 0",
    );
    check(
        &catalogue(Schedule::Every(10), 60, false, late(30)),
        "runs 300s 35, states 60s 21, late 21600s 3, left out 1",
    );
    check(
        &catalogue(Schedule::Every(10), 60, true, late(366)),
        "runs 300s 37, states 60s 19, late 604800s 3, left out 3",
    );
    check(
        &catalogue(Schedule::Every(1), DAY, false, Thresholds::default()),
        "runs 300s 27, states 300s 14, late 3600s 17, soon 10s 1, left out 3",
    );
    check(
        &catalogue(Schedule::Cron("0 0 1 1 *"), HOUR, false, Thresholds::default()),
        "runs 86400s 10, states 60s 22, late 2592000s 13, left out 13",
    );
    let soon = Thresholds { not_running: Some(MINUTE), ..Thresholds::default() };
    check(
        &catalogue(Schedule::Every(1), 1, false, soon),
        "runs 300s 24, states 60s 19, late 900s 4, soon 1s 13, left out 0",
    );
}

/// A file's comment says how much is left out.
#[test]
fn what_is_left_out_is_told() {
    let thresholds = Thresholds { critically_stale: Some(366 * DAY), ..Thresholds::default() };
    let catalogue = catalogue(Schedule::Every(10), 60, false, thresholds);
    let model = Model::new(&catalogue).unwrap();
    let artifacts = Generator::new(&model).files().unwrap();
    let told = |text: &str| text.replace("\n#", "").contains("Left out because it would take too long: one");
    let telling = artifacts.iter().filter(|artifact| told(&artifact.text));
    let paths: Vec<&str> = telling.map(|artifact| artifact.path.as_str()).collect();
    assert_eq!(paths, ["alerts/tests/background-jobs.job.late.yaml"]);
}

fn schedule() -> impl Strategy<Value = Schedule> {
    prop_oneof![
        prop::sample::select(vec![1, 10, MINUTE, 6 * HOUR, DAY, 366 * DAY]).prop_map(Schedule::Every),
        (1..366 * DAY).prop_map(Schedule::Every),
        prop::sample::select(vec!["0 3 * * *", "0 3 * * 1", "0 0 1 1 *", "*/15 8-17 * * 1-5"])
            .prop_map(Schedule::Cron),
    ]
}

/// Nothing set, or something from one to a bound, as often small as large.
fn up_to(most: u64) -> impl Strategy<Value = Option<u64>> {
    let bits = 64 - most.leading_zeros();
    prop::option::of((0..=bits, any::<u64>()).prop_map(move |(bits, number)| {
        let mask = 1_u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
        (number & mask).clamp(1, most)
    }))
}

fn thresholds() -> impl Strategy<Value = Thresholds> {
    let duration = || up_to(10 * 365 * DAY);
    let hold = || up_to(366 * DAY);
    (duration(), duration(), up_to(1_000_000_000_000), up_to(1_000_000_000_000), up_to(1_000), hold(), hold())
        .prop_map(|(not_running, critically_stale, failures, queue, in_a_row, over, hold)| Thresholds {
            not_running,
            critically_stale,
            failures,
            queue,
            in_a_row,
            over,
            hold,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_number_of_samples_is_bounded(
        schedule in schedule(),
        timeout in up_to(DAY),
        one_namespace in any::<bool>(),
        thresholds in thresholds(),
    ) {
        let catalogue = catalogue(schedule, timeout.unwrap_or(60), one_namespace, thresholds);
        let model = Model::new(&catalogue).unwrap();
        let setting = Tested { model: &model }.setting(model.jobs()[0]);
        let files = test_files(&model, &setting);
        prop_assert!(files.iter().map(samples).sum::<usize>() <= MOST_SAMPLES);
        prop_assert!(files.iter().any(|file| file.kind == "runs" || file.kind == "states"));
        let rules_alone = model.with_targets([Target::Prometheus].into());
        Generator::new(&rules_alone).files().unwrap();
    }
}

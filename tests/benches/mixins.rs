//! The mixin of 40 services, evaluated by the engine of `jobwatch` and by the reference, in turns.

use std::fs;
use std::time::{Duration, Instant};

use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};

#[path = "../e2e/mixins/engines.rs"]
#[expect(clippy::unwrap_used, reason = "a benchmark")]
mod engines;

/// How many services, each with a job.
const SERVICES: usize = 40;
/// How often each engine evaluates it.
const TURNS: usize = 5;

const PROGRAM: &str = "
local mixin = (import 'mixin.libsonnet')
  + { _config+:: { alerts+: { BackgroundJobHighDuration+: { jobs+: { service_1: { above: 900 } } } } } };
[mixin.prometheusRules, mixin.prometheusAlerts, mixin.grafanaDashboards]
";

#[expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]
fn main() {
    let job = |number| JobSpec::every(format!("service_{number}"), Duration::from_secs(300)).queue("things");
    let catalogue = (0..SERVICES).fold(Catalogue::builder("shop"), |all, number| all.job(job(number)));
    let catalogue = catalogue.build().unwrap();
    let model = Model::new(&catalogue).unwrap().with_targets([Target::Mixin].into());
    let folder = tempfile::tempdir().unwrap();
    for file in Generator::new(&model).files().unwrap() {
        let name = file.path.as_str().rsplit('/').next().unwrap();
        fs::write(folder.path().join(name), &file.text).unwrap();
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (engine, times) in [engines::ours, engines::reference].iter().zip(&mut times) {
            let start = Instant::now();
            let value = engine(folder.path(), PROGRAM);
            times.push(start.elapsed());
            assert!(value.is_array());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let [ours, reference] = times.each_mut().map(median);
    println!("{SERVICES} services, median of {TURNS}: ours {ours:.1?}, the reference {reference:.1?}");
    println!("{:.0} times as fast", reference.as_secs_f64() / ours.as_secs_f64());
}

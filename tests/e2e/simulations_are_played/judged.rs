//! Prometheus judges the rules by what the runtime exposed: its samples take the place of those
//! that the generator simulates, in every failure mode of a proof.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use e2e::{generated, promtool};
use jobwatch_catalogue::{Catalogue, JobName};
use jobwatch_observability::artifact::Artifact;
use jobwatch_observability::proof::{Observed, Plan, Report, Rules, Simulation, Wanted};
use jobwatch_observability::scenario::{Exposed as Simulated, SampledSeries, Script};
use jobwatch_observability::text::FilePath;
use serde_yaml::{Mapping, Value};

use super::compare::is_timestamp;
use super::exposed::{Exposed, Key};
use super::life::Part;
use super::play::play;

/// What each replica of a scenario exposed, with timestamps that count from its beginning.
type Replicas = Vec<Exposed>;

/// Has the runtime play every failure mode of a catalogue's jobs, and Prometheus tell what the
/// rules make of that.
pub(super) fn judged(catalogue: &Catalogue) -> (Plan, Report) {
    let model = generated::model(catalogue);
    let all = Plan::new(&model, Rules::OfModel, &Wanted::default()).unwrap();
    let modes = all.cases.iter().filter(|case| case.trouble.is_some());
    let modes: BTreeSet<String> = modes.map(|mode| mode.name().to_owned()).collect();
    let modes: Vec<String> = modes.into_iter().collect();
    let plan = Plan::new(&model, Rules::OfModel, &Wanted { jobs: &[], scenarios: &modes }).unwrap();
    let played = played(catalogue, &plan);
    let rules = Artifact { path: FilePath::new("alerts", "played.rules.yaml"), text: plan.rules.clone() };
    let tests = plan.simulations.iter().enumerate().map(|(number, simulation)| Artifact {
        path: FilePath::new("alerts/tests", &format!("{number:04}.yaml")),
        text: file(&plan, simulation, &played),
    });
    let verdicts = promtool::test_rules(&tests.chain([rules]).collect::<Vec<_>>());
    let observed = verdicts.iter().map(|verdict| Observed::read(verdict.passed, &verdict.output).unwrap());
    let report = Report::new(&plan, &observed.collect::<Vec<_>>());
    (plan, report)
}

/// Has the runtime play the scenarios of a plan from their beginning to their end.
fn played(catalogue: &Catalogue, plan: &Plan) -> Vec<Replicas> {
    let mut ends = vec![0; plan.cases.len()];
    for simulation in &plan.simulations {
        for &place in &simulation.cases {
            ends[place] = simulation.steps * plan.cases[place].step;
        }
    }
    let mut together: BTreeMap<(&str, u64), Vec<usize>> = BTreeMap::new();
    for (place, case) in plan.cases.iter().enumerate() {
        together.entry((case.job.as_str(), case.step)).or_default().push(place);
    }
    let mut all: Vec<Replicas> = plan.cases.iter().map(|_| Replicas::new()).collect();
    for ((name, step), places) in together {
        let job = catalogue.jobs().iter().find(|job| job.name().as_str() == name).unwrap();
        let mut parts = Vec::new();
        let mut of_parts = Vec::new();
        for place in places {
            for replica in &plan.cases[place].scenario.replicas {
                let script = Arc::new(script(replica, ends[place]));
                let name = JobName::new(format!("part-{place}")).unwrap();
                parts.push(Part { name, script, until: ends[place] });
                of_parts.push(place);
            }
        }
        let played = play(job, step, &parts);
        assert!(parts.iter().all(|part| part.until <= played.even_until), "{name} is due at uneven times");
        assert!(played.surprises.iter().all(Vec::is_empty), "{name}: {:?}", played.surprises);
        let beginning = played.beginning.timestamp() as f64;
        for (place, exposed) in of_parts.into_iter().zip(played.exposed) {
            all[place].push(since(beginning, exposed));
        }
    }
    all
}

fn script(replica: &Simulated, end: u64) -> Script {
    match replica {
        Simulated::Process(process) => process.script(end),
        Simulated::Series(_) => panic!("a failure mode is what a process does, and no series"),
    }
}

/// The same, with timestamps to the millisecond that count from a moment. Zero says "never".
fn since(beginning: f64, exposed: Exposed) -> Exposed {
    let moment = |value: f64| if value == 0.0 { value } else { ((value - beginning) * 1e3).round() / 1e3 };
    let series = exposed.0.into_iter().map(|((name, labels), samples)| {
        let samples = match is_timestamp(&name) {
            true => samples.into_iter().map(|sample| sample.map(moment)).collect(),
            false => samples,
        };
        ((name, labels), samples)
    });
    Exposed(series.collect())
}

/// The file of a simulation, with the series of the runtime instead of those of the generator.
fn file(plan: &Plan, simulation: &Simulation, played: &[Replicas]) -> String {
    let mut file: Value = serde_yaml::from_str(&simulation.text).unwrap();
    file["rule_files"][0] = "../played.rules.yaml".into();
    let simulated = file["tests"][0]["input_series"].as_sequence().unwrap();
    let mut simulated = simulated.iter().map(|series| series["series"].as_str().unwrap());
    let mut series = Vec::new();
    for &place in &simulation.cases {
        let case = &plan.cases[place];
        let end = simulation.steps * case.step;
        for (replica, exposed) in case.scenario.replicas.iter().zip(&played[place]) {
            let replaced = replica.sampled(case.step, end);
            let selectors: Vec<&str> = simulated.by_ref().take(replaced.len()).collect();
            let target = target(selectors[0], &replaced[0]);
            series.extend(exposed.0.iter().map(|(key, samples)| written(key, &target, samples)));
        }
    }
    assert_eq!(simulated.next(), None, "a series that is no replica's");
    file["tests"][0]["input_series"] = Value::Sequence(series);
    serde_yaml::to_string(&file).unwrap()
}

/// The labels that all series of a process have, as they stand in the selector of one of them.
fn target(selector: &str, series: &SampledSeries) -> String {
    let own = series.selector(&[]);
    let own = own.strip_prefix(&*series.name).unwrap();
    let labels = selector.strip_prefix(&*series.name).unwrap();
    let labels = labels.strip_suffix(&own[1..]).unwrap();
    labels.trim_start_matches('{').trim_end_matches(", ").to_owned()
}

/// A series of promtool's input.
fn written((name, labels): &Key, target: &str, samples: &[Option<f64>]) -> Value {
    let own =
        labels.iter().fold(String::new(), |own, (label, value)| own + &format!(", {label}=\"{value}\""));
    let mut values = String::new();
    for run in samples.chunk_by(|one, next| one == next) {
        let more = run.len() - 1;
        let (first, was_there) = (run[0], !values.is_empty() && !values.ends_with('_'));
        // Writing to a text cannot fail.
        let _ = match first {
            Some(value) => write!(values, " {value}x{more}"),
            // The first scrape that no longer finds it.
            None if was_there => write!(values, " stale{}", " _".repeat(more)),
            None => write!(values, "{}", " _".repeat(more + 1)),
        };
    }
    let series = [("series", format!("{name}{{{target}{own}}}")), ("values", values.trim_start().to_owned())];
    Value::Mapping(series.into_iter().map(|(key, value)| (key.into(), value.into())).collect::<Mapping>())
}

//! The smallest case in which rules and opinion disagree, as a test file of promtool that
//! somebody can read, run and keep.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use jobwatch_catalogue::duration;
use jobwatch_observability::artifact::Artifact;
use proptest::strategy::ValueTree;

use super::clock::Clock;
use super::event_log::EventLog;
use super::trial::{Case, Disagreement, Trial, World};

/// How often a case is made simpler, or tried to be.
const MOST_TRIES: u32 = 100;
/// How many executions are told.
const MOST_RUNS: usize = 30;

/// Makes a case simpler as long as rules and opinion still disagree about it.
pub(super) fn simplest(tree: &mut impl ValueTree<Value = Case>, disagree: impl Fn(&Case) -> bool) -> Case {
    let mut simplest = tree.current();
    let mut goes_on = tree.simplify();
    for _ in 0..MOST_TRIES {
        if !goes_on {
            break;
        }
        let simpler = tree.current();
        goes_on = if disagree(&simpler) {
            simplest = simpler;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    simplest
}

/// Says in which way rules and opinion disagree about some cases, and writes it down for
/// promtool.
pub(super) fn told(world: World, cases: &[Case], rules: &Artifact, found: &Disagreement) -> String {
    let trial = Trial::new(world, cases);
    let clock = Clock { end: found.at + world.clock.evaluation, ..world.clock };
    let label = |name: &str, value: &Option<String>| {
        value.as_ref().map_or_else(String::new, |value| format!(", {name}=\"{value}\""))
    };
    let environment = found.environment.as_ref();
    let environment = environment.map_or_else(String::new, |(label, value)| format!(", {label}=\"{value}\""));
    let alert = format!(
        "ALERTS{{alertname=\"{}\"{}, alertstate=\"firing\"{environment}, job_name=\"job_{}\"}}",
        found.alert,
        label("escalates", &found.escalates),
        found.case,
    );
    let expected = if found.fires { "" } else { "{labels: \"{}\", value: 1}" };
    let question = format!("expr: 'count({alert})', eval_time: {}s, exp_samples: [{expected}]", found.at);
    let must = if found.fires { "fires and must not" } else { "must fire and does not" };
    let mut about = vec![format!("At {}, this {must}: {alert}", time(found.at))];
    for (job, (case, logs)) in cases.iter().zip(&trial.logs).enumerate() {
        about.push(format!("job_{job}: {:?}", case.job));
        for log in logs {
            about.extend(happened(log, clock.end));
        }
    }
    let about: String = about.iter().map(|line| format!("# {line}\n")).collect();
    let text = about + &trial.file(&["trial.rules.yaml"], &trial.series(clock), clock, &question);
    let path = written(&text, rules);
    format!("{text}\nRun it: promtool test rules {}", path.display())
}

/// Writes a test and its rules into a temporary folder that stays.
fn written(test: &str, rules: &Artifact) -> PathBuf {
    let folder = tempfile::Builder::new().prefix("second-opinion-").tempdir().unwrap().keep();
    let path = folder.join("counterexample.yaml");
    fs::write(folder.join("trial.rules.yaml"), &rules.text).unwrap();
    fs::write(&path, test).unwrap();
    path
}

/// What happened in one environment, line by line.
fn happened(log: &EventLog, until: u64) -> Vec<String> {
    let span = |range: &std::ops::Range<u64>| format!("{} to {}", time(range.start), time(range.end));
    let spans = |ranges: &[std::ops::Range<u64>]| ranges.iter().map(span).collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("In one environment, first scheduled at {}:", time(log.first_scheduled))];
    for (place, host) in log.replicas.iter().enumerate() {
        let gaps = if host.gaps.is_empty() {
            String::new()
        } else {
            format!(", out of reach {}", spans(&host.gaps))
        };
        lines.push(format!("  replica {place}: {}{gaps}, clock {:+} s", spans(&host.processes), host.skew));
    }
    if !log.pauses.is_empty() {
        lines.push(format!("  paused {}", spans(&log.pauses)));
    }
    let runs: Vec<_> = log.runs.iter().filter(|run| run.start <= until).collect();
    for run in runs.iter().rev().take(MOST_RUNS).rev() {
        let (due, span) = (time(run.due), span(&(run.start..run.end)));
        lines.push(format!(
            "  replica {} ran what was due at {due} from {span}: {:?}",
            run.replica, run.outcome
        ));
    }
    lines
}

fn time(seconds: u64) -> String {
    duration::format(Duration::from_secs(seconds))
}

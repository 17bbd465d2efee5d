//! What rule tests and proofs take for the series of a process is what the runtime exposes: it
//! plays each of their scenarios, in simulated time, and is scraped as often.

mod body;
mod by_hand;
mod calendar;
mod compare;
mod event;
mod exposed;
mod judged;
mod life;
mod patient_store;
mod play;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use e2e::generated::{model, rule_file};
use e2e::repository::{self, CLIPPER};
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};
use jobwatch_observability::Model;
use jobwatch_observability::proof::{Plan, Rules, Wanted};
use jobwatch_observability::rule_tests;
use jobwatch_observability::scenario::{Exposed, Scenario};

use compare::{Circumstances, READ_BY_NO_RULE, differences};
use exposed::Key;
use life::Part;
use play::{Played, play};

/// What goes on for longer, in seconds, or with more executions, is played until then: a simulation
/// of weeks goes on as it did in the first days.
const LONGEST: u64 = 3 * 86_400;
const MOST_EXECUTIONS: usize = 150;

/// Jobs that are due otherwise than Clipper's: at night, once a week, in working hours, and always.
fn other_jobs() -> Catalogue {
    let minutes = |number: u64| Duration::from_secs(60 * number);
    Catalogue::builder("others")
        .job(JobSpec::cron("nightly", "30 2 * * *", "UTC").timeout(minutes(60)).items("rows"))
        .job(JobSpec::cron("weekly", "0 4 * * 1", "UTC").timeout(minutes(120)))
        .job(JobSpec::cron("office_hours", "*/15 8-17 * * 1-5", "UTC").timeout(minutes(15)).queue("letters"))
        .job(JobSpec::every("ten_seconds", Duration::from_secs(10)).timeout(minutes(1)).items("events"))
        .build()
        .unwrap()
}

/// A scenario at a step, and whether a proof shows it rather than a rule test.
struct Shown {
    step: u64,
    scenario: Scenario,
    source: &'static str,
}

/// All scenarios of the rule tests and of the proof, by the job that they are about.
fn standard(model: &Model<'_>) -> BTreeMap<String, Vec<Shown>> {
    let mut all: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    for (job, step, scenario) in rule_tests::scenarios(model) {
        let shown = Shown { step, scenario, source: "rule test" };
        all.entry(job.to_string()).or_default().push(shown);
    }
    let plan = Plan::new(model, Rules::OfModel, &Wanted::default()).unwrap();
    for case in plan.cases {
        let shown = Shown { step: case.step, scenario: case.scenario, source: "proof" };
        all.entry(case.job.to_string()).or_default().push(shown);
    }
    all
}

/// Has the runtime play all scenarios of a catalogue.
#[track_caller]
fn check(catalogue: &Catalogue) {
    let model = model(catalogue);
    let mut found = Vec::new();
    let mut played = 0;
    for (name, shown) in standard(&model) {
        let job = catalogue.jobs().iter().find(|job| job.name().as_str() == name).unwrap();
        let steps: BTreeSet<u64> = shown.iter().map(|shown| shown.step).collect();
        let mut known = BTreeSet::new();
        for step in steps {
            let shown: Vec<&Shown> = shown.iter().filter(|shown| shown.step == step).collect();
            let Found { exposed, different, number } = check_at(job, step, &shown);
            played += number;
            known.extend(exposed);
            found.extend(different);
        }
        for Shown { step, scenario, .. } in &shown {
            let impossible = by_hand::impossible(scenario, *step, &known).into_iter();
            found.extend(impossible.map(|what| format!("{} of {name} has {what}", scenario.name)));
        }
    }
    assert!(played > 20 * catalogue.jobs().len(), "only {played} scenarios were played");
    assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n"));
}

/// What was found out about the scenarios of a job that share a step.
#[derive(Default)]
struct Found {
    exposed: BTreeSet<Key>,
    different: Vec<String>,
    /// How many were played.
    number: usize,
}

/// Has the runtime play those of a job that share a step.
fn check_at(job: &JobSpec, step: u64, shown: &[&Shown]) -> Found {
    let mut parts = Vec::new();
    let mut of_parts = Vec::new();
    for (number, of) in shown.iter().enumerate() {
        let end = of.scenario.end().min(LONGEST);
        for (replica, exposed) in of.scenario.replicas.iter().enumerate() {
            let Exposed::Process(process) = exposed else { continue };
            let mut script = process.script(end);
            let until = script.executions.get(MOST_EXECUTIONS).map_or(end, |execution| execution.start);
            script.executions.truncate(MOST_EXECUTIONS + 1);
            let name = JobName::new(format!("part-{number}")).unwrap();
            parts.push(Part { name, script: Arc::new(script), until });
            of_parts.push((*of, replica, process));
        }
    }
    if parts.is_empty() {
        return Found::default();
    }
    let Played { exposed, surprises, beginning, even_until, is_anchored } = play(job, step, &parts);
    let mut found = Vec::new();
    for (place, (of, replica, process)) in of_parts.iter().enumerate() {
        let simulated = process.sampled(step, parts[place].until);
        let circumstances = Circumstances {
            beginning,
            step,
            even_until,
            contract_only: parts[place].script.contract_only,
            is_anchored: is_anchored[place],
            simulated: &simulated,
        };
        let mut lines = differences(&circumstances, &exposed[place]);
        lines.extend(surprises[place].iter().take(2).cloned());
        let where_it_is =
            format!("{} of {} at {step} s, {}, replica {replica}", of.scenario.name, job.name(), of.source);
        found.extend(lines.into_iter().map(|line| format!("{where_it_is}: {line}")));
    }
    let keys = exposed.iter().flat_map(|exposed| exposed.0.keys().cloned()).collect();
    Found { exposed: keys, different: found, number: parts.len() }
}

#[test]
fn the_scenarios_of_clipper_are_played_by_the_runtime() {
    check(&repository::catalogue(CLIPPER));
}

#[test]
fn the_scenarios_of_jobs_that_are_due_otherwise_are_played_by_the_runtime() {
    check(&other_jobs());
}

/// Nothing of the generator's simulation is left: each failure mode is what the runtime exposed.
#[test]
fn the_rules_tell_each_failure_mode_of_clipper_by_what_the_runtime_exposes() {
    let catalogue = repository::catalogue(CLIPPER);
    let (plan, report) = judged::judged(&catalogue);
    let jobs: BTreeSet<&str> = plan.cases.iter().map(|mode| mode.job.as_str()).collect();
    assert!(report.cells.len() >= 8 * jobs.len(), "{} failure modes of {jobs:?}", report.cells.len());
    let broken: Vec<_> = report.broken().collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let told = report.cells.iter().flat_map(|cell| cell.firings.iter().map(|firing| firing.alert.as_str()));
    let told: BTreeSet<&str> = told.collect();
    let model = model(&catalogue);
    let all = model.alerts().iter().map(|alert| alert.name().as_str());
    let untold: Vec<&str> = all.filter(|name| !told.contains(name)).collect();
    // No job of Clipper is due so often that one in ten seconds can fail.
    assert_eq!(untold, ["BackgroundJobFailing"]);
}

/// What simulations leave out is read by no rule.
#[test]
fn no_rule_reads_what_simulations_leave_out() {
    for catalogue in [repository::catalogue(CLIPPER), other_jobs()] {
        let text = rule_file(&catalogue).text;
        for name in READ_BY_NO_RULE {
            assert!(!text.contains(name), "a rule reads {name}, which no simulation has");
        }
        let items: Vec<&str> =
            text.lines().filter(|line| line.contains("job_items_processed_total{")).collect();
        let attempted = |line: &&str| {
            let statuses = [r#"status="failed"}"#, r#"status="success"}"#, r#"status=~"failed|success"}"#];
            statuses.iter().any(|status| line.contains(status))
        };
        assert!(!items.is_empty() && items.iter().all(attempted), "{items:#?}");
    }
}

//! A second opinion: what should happen is read from an event log, in plain Rust, as the runbook's
//! sentences say it, apart from PromQL and from the generator. Prometheus says whether the rules do
//! it: in random cases, of random jobs.
//!
//! An opinion leaves open what nobody can be blamed for. Where a sentence holds whatever that is,
//! its alert must fire; where it does not hold whatever that is, it must not:
//!
//! - What happened since the last scrape may be known or not. What a replica knew that is gone is
//!   known a minute later, when another asks.
//! - A sentence that has to hold for a time is counted from evaluation to evaluation.
//! - Clocks differ by as much as the story says.
//! - Whether the last five intervals of a job that rests at night hold three runs, for each time
//!   between those and half as long again.
//! - "The last five intervals, or longer" is any time between those and what three slow executions
//!   take, half as long again.
//! - An increase is extrapolated by 1.1 of the time between two samples at either end of a window
//!   that does not begin or end with a sample.
//!
//! `PROPTEST_CASES` says how many trials of each kind there are: each has its own number, by which
//! it is drawn, so that more of them include these.

mod absence;
mod broken_rules;
mod clock;
mod counterexample;
mod event_log;
mod exposition;
mod job;
mod opinion;
mod play;
mod sight;
mod story;
mod tally;
mod trial;
mod truth;

use std::env;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use clock::Clock;
use counterexample::{simplest, told};
use job::{Job, Pace};
use story::Story;
use trial::{Case, Scope, Trial, World};

/// How many trials of each kind there are where nobody asks for more.
const TRIALS: u64 = 1;
/// How many jobs each has. All are in one file of rules, and must not disturb each other.
const JOBS: usize = 5;

fn trials() -> u64 {
    env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(TRIALS)
}

/// The world of a trial. Slow jobs are watched for longer, and less often.
fn world(pace: Pace, number: u64) -> World {
    const HOUR: u64 = 3_600;
    let (scrape, every, hours) = match pace {
        Pace::Quick => (60, [2, 1, 3], 4),
        Pace::Hourly => (150, [4, 2, 3], 30),
        Pace::Daily => (300, [4, 2, 3], 100),
    };
    let scopes = [Scope::Namespaces, Scope::Clusters, Scope::OneNamespace];
    let scope = scopes[((number + pace as u64) % 3) as usize];
    let evaluation = scrape * every[(number % 3) as usize];
    let end = hours * HOUR / evaluation * evaluation;
    World { scope, clock: Clock { scrape, evaluation, end } }
}

/// The jobs of a trial, each of which can be made simpler.
fn drawn(pace: Pace, number: u64) -> Vec<impl ValueTree<Value = Case>> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    seed[8] = pace as u8;
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let case = (Job::drawn(pace), vec(Story::drawn(), 1..4));
    let case = case.prop_map(|(job, stories)| Case { job, stories });
    (0..JOBS).map(|_| case.new_tree(&mut runner).unwrap()).collect()
}

/// Lets Prometheus judge the rules of random jobs.
#[track_caller]
fn check(pace: Pace) {
    for number in 0..trials() {
        let world = world(pace, number);
        let mut trees = drawn(pace, number);
        let cases: Vec<Case> = trees.iter().map(ValueTree::current).collect();
        let trial = Trial::new(world, &cases);
        let rules = trial.rules();
        let all = trial.disagreements(rules.clone());
        let Some(first) = all.first() else { continue };
        let alone = |case: &Case| {
            let trial = Trial::new(world, std::slice::from_ref(case));
            let rules = trial.rules();
            (trial.disagreements(rules.clone()), rules)
        };
        let is_same =
            |found: &&trial::Disagreement| (&found.alert, found.fires) == (&first.alert, first.fires);
        let disagree = |case: &Case| alone(case).0.iter().any(|found| is_same(&found));
        let told = match disagree(&cases[first.case]) {
            true => {
                let simplest = simplest(&mut trees[first.case], disagree);
                let (found, rules) = alone(&simplest);
                let found = found.iter().find(is_same).unwrap_or(first);
                told(world, std::slice::from_ref(&simplest), &rules, found)
            }
            false => told(world, &cases, &rules, first),
        };
        panic!(
            "trial {number} of {pace:?} jobs: {} disagreements, of which one at its simplest:\n{told}",
            all.len()
        );
    }
}

#[test]
fn rules_of_jobs_that_are_due_every_few_minutes() {
    check(Pace::Quick);
}

#[test]
fn rules_of_jobs_that_are_due_every_hour() {
    check(Pace::Hourly);
}

#[test]
fn rules_of_jobs_that_are_due_a_few_times_a_day_or_in_working_hours() {
    check(Pace::Daily);
}

//! The rule tests notice mistakes: a share of all parts of the rules is changed, one at a time, and
//! some test fails.
//!
//! A mutant's rules, and what follows from them, stand beside the others under names of their own,
//! so that one simulation shows what becomes of many. Which mutants no test notices is written
//! down, with a reason: one that is not listed fails, and so does a listed one that is noticed.

mod mutation;
mod reach;
mod reasons;
mod rule_test;
mod subject;
mod survivors;
mod trial;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use e2e::generated;
use e2e::repository::{self, CLIPPER, PAYMENTS};
use e2e::rules::RuleFile;
use jobwatch_observability::artifact::Artifact;

use self::reasons::{Reason, fitting};
use self::rule_test::TestFile;
use self::subject::{Candidate, Subject};
use self::survivors::{any, clipper, payments};
use self::trial::Trial;

/// With a number, one of so many mutants is tried: of 1 each, which takes many minutes. What is
/// listed is what is known of all.
const ONE_OF: &str = "JOBWATCH_MUTANTS_ONE_OF";

/// Holds what the tests of a catalogue notice against what they are known not to: one of so many
/// mutants, the same ones each time.
#[track_caller]
fn check(catalogue: &str, one_of: usize, known: &[&[Reason]]) {
    let one_of = std::env::var(ONE_OF).map_or(one_of, |number| number.parse().unwrap());
    let files = generated::files(&repository::catalogue(catalogue));
    let rule_file = RuleFile::read(&generated::rules(&files).text);
    let subject = Subject::new(&rule_file);
    assert_eq!(
        subject.unread().into_iter().collect::<Vec<_>>(),
        ["job_name:job_state:info"],
        "no alert reads"
    );
    let alike = pages_like_their_warnings(&rule_file);
    let candidates = subject.candidates(&alike);
    let says = |number: usize| candidates[number].mutant.says.as_str();
    let reasons = |number: usize| fitting(known, says(number));
    let found: BTreeSet<&str> = (0..candidates.len()).flat_map(reasons).map(|(pattern, _)| pattern).collect();
    let listed: BTreeSet<&str> = known.iter().flat_map(|of| *of).flat_map(|of| of.mutants).copied().collect();
    assert_eq!(listed.difference(&found).collect::<Vec<_>>(), [&""; 0], "listed, and no mutant of the rules");

    let tried: BTreeSet<usize> = (0..candidates.len()).step_by(one_of).collect();
    let survivors = survivors(&files, &subject, &candidates, tried.clone());
    let unlisted = survivors.iter().filter(|number| reasons(**number).is_empty());
    let unlisted: Vec<&str> = unlisted.map(|number| says(*number)).collect();
    let noticed = tried.difference(&survivors).map(|number| (says(*number), reasons(*number)));
    let noticed: Vec<_> = noticed.filter(|(_, reasons)| !reasons.is_empty()).collect();
    assert!(
        unlisted.is_empty() && noticed.is_empty(),
        "no test notices, and no reason is listed: {unlisted:#?}\nlisted, and noticed: {noticed:#?}"
    );
}

/// Returns the titles of the pages that test what their warnings test: all those that are about all
/// jobs that their warnings are about, but that what is overdue pages although it is stale by then.
#[track_caller]
fn pages_like_their_warnings(rules: &RuleFile) -> BTreeSet<String> {
    let mut alike = BTreeSet::new();
    for page in rules.rules() {
        let Some(warning) = page.labels.get("escalates").and_then(|warning| warning.as_str()) else {
            continue;
        };
        if ["BackgroundJobOverdue", "BackgroundJobNotRunning"].contains(&warning) {
            continue;
        }
        let warning = rules.rules().find(|rule| rule.alert.as_deref() == Some(warning)).unwrap();
        assert_eq!(page.expr, warning.expr, "{}", page.title());
        alike.insert(page.title());
    }
    alike
}

/// Returns which of the mutants no test notices.
#[track_caller]
fn survivors(
    files: &[Artifact],
    subject: &Subject<'_>,
    candidates: &[Candidate],
    tried: BTreeSet<usize>,
) -> BTreeSet<usize> {
    let tests = files.iter().filter(|file| file.path.as_str().starts_with("alerts/tests/"));
    let tests: Vec<TestFile> = tests.map(|file| serde_yaml::from_str(&file.text).unwrap()).collect();
    let mut trials: Vec<Trial<'_>> =
        tests.iter().flat_map(|file| file.tests.iter().map(move |test| Trial { file, test })).collect();
    // Most mutants are noticed by the tests that ask for little.
    trials.sort_by_cached_key(|trial| (subject.asked(trial.test).len(), trial.test.steps()));
    let survivors = Mutex::new(tried);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZeroUsize::get) {
            scope.spawn(|| {
                while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let left: Vec<(usize, &Candidate)> = survivors
                        .lock()
                        .unwrap()
                        .iter()
                        .map(|number| (*number, &candidates[*number]))
                        .collect();
                    let noticed = trial.noticed(subject, &left);
                    survivors.lock().unwrap().retain(|number| !noticed.contains(number));
                }
            });
        }
    });
    survivors.into_inner().unwrap()
}

#[test]
fn the_tests_of_clipper_notice_each_mistake_in_a_rule() {
    check(CLIPPER, 22, &[any::SAME, any::UNSHOWN, clipper::SAME, clipper::UNSHOWN]);
}

#[test]
fn the_tests_of_another_catalogue_notice_each_mistake_in_a_rule() {
    check(PAYMENTS, 60, &[any::SAME, any::UNSHOWN, payments::SAME, payments::UNSHOWN]);
}

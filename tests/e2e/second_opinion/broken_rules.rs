//! The second opinion notices rules that are broken.

use std::collections::BTreeSet;

use jobwatch_observability::artifact::Artifact;
use proptest::strategy::ValueTree;

use super::job::Pace;
use super::trial::{Case, Trial};
use super::{drawn, world};

/// What somebody sees of a mistake: the alert, the warning that it escalates, and whether it fires
/// and must not.
type Seen = (&'static str, Option<&'static str>, bool);

/// A mistake: what is seen of it, the series or alert whose rule has it, what is right, and what is
/// written instead.
type Mistake = (Seen, &'static str, &'static str, &'static str);

/// The most trials that it may take.
const MOST_TRIALS: u64 = 3;

/// Writes something else into the rule of a series or an alert, wherever it can be found there.
fn broken(rules: &str, (_, rule, right, wrong): &Mistake) -> String {
    let mut text = String::new();
    let mut is_meant = false;
    for line in rules.split_inclusive('\n') {
        let name = line.trim_start().trim_start_matches("- ");
        if let Some(name) = name.strip_prefix("alert: ").or_else(|| name.strip_prefix("record: ")) {
            is_meant = name.trim_end() == *rule;
        }
        text.push_str(&if is_meant { line.replace(right, wrong) } else { line.to_owned() });
    }
    text
}

/// Breaks rules in several ways at once, each of which is seen in another way, and sees that the
/// opinion differs about each of them.
#[track_caller]
fn check(pace: Pace, mistakes: &[Mistake]) {
    let mut unnoticed: BTreeSet<Seen> = mistakes.iter().map(|&(seen, ..)| seen).collect();
    assert_eq!(unnoticed.len(), mistakes.len(), "two mistakes are seen in one way");
    for number in 0..MOST_TRIALS {
        let cases: Vec<Case> = drawn(pace, number).iter().map(ValueTree::current).collect();
        let trial = Trial::new(world(pace, number), &cases);
        let rules = trial.rules();
        let text = mistakes.iter().fold(rules.text.clone(), |text, mistake| broken(&text, mistake));
        for found in trial.disagreements(Artifact { text, ..rules }) {
            let seen = (found.alert.as_str(), found.escalates.as_deref(), found.fires);
            unnoticed.retain(|&noticed| noticed != seen);
        }
        if unnoticed.is_empty() {
            return;
        }
    }
    panic!("nobody noticed what is wrong with {unnoticed:?}");
}

/// Somebody is told too late or too early, or of something that is none.
#[test]
fn rules_that_are_broken_are_noticed() {
    const QUEUE: &str = "BackgroundJobQueueGrowing";
    const LONG_QUEUE: &str = "BackgroundJobCriticalQueueSize";
    const STUCK: &str = "BackgroundJobStuck";
    const UNRESOLVED: &str = "BackgroundJobUnresolved";
    const OVERDUE: &str = "job_name:job_success_overdue_seconds:min";
    const FAILURES: &str = "job_name:job_consecutive_failures:max";
    const ITEMS: &str = "job_name:job_items_failed:ratio";
    let fires = |alert| (alert, None, true);
    let is_silent = |alert| (alert, None, false);
    check(
        Pace::Quick,
        &[
            (is_silent(STUCK), STUCK, "for: 1m", "for: 20m"),
            ((UNRESOLVED, Some(STUCK), true), UNRESOLVED, "for: 31m", "for: 11m"),
            (fires("BackgroundJobOverdue"), OVERDUE, "job_name:job_timeout", "0 * job_name:job_timeout"),
            (fires(QUEUE), QUEUE, "max_over_time", "0 * max_over_time"),
            (fires(LONG_QUEUE), LONG_QUEUE, "for: 10m", "for: 0m"),
            (is_silent("BackgroundJobConsecutiveFailures"), FAILURES, "max by", "0 * max by"),
            (
                is_silent("BackgroundJobHighItemFailureRate"),
                ITEMS,
                "failed|success",
                "failed|skipped|success",
            ),
        ],
    );
}

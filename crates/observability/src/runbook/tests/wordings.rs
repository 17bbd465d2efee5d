//! Sentences in words of people, held against their alerts: the same sense passes, and another does
//! not, however few words make it.

use jobwatch_catalogue::yaml;

use super::{alerts, clipper, differences};
use crate::findings::Code;
use crate::model::Alert;
use crate::runbook::{codes, sentence};

/// Jobs with the same interval and the same timeout.
const EACH_HOUR: &str = "service: shop\njobs:\n  - {name: a, summary: S., interval: 1h, timeout: 15m}\n  \
                         - {name: b, summary: S., interval: 1h, timeout: 15m}\n";
/// Jobs whose timeouts and intervals differ.
const MIXED: &str = "service: shop\njobs:\n  - {name: often, summary: S., interval: 10m, timeout: 15m}\n  \
                     - {name: rare, summary: S., interval: 6h, timeout: 1h}\n";

#[track_caller]
fn check(catalogue: &str, name: &str, sentence: &str, expected: &[Code]) {
    let alerts = alerts(&yaml::parse(catalogue).unwrap().catalogue);
    let alert = alerts.iter().find(|alert| alert.name().as_str() == name).unwrap();
    let found: Vec<Code> =
        differences(sentence, alert).into_iter().map(|difference| difference.code).collect();
    assert_eq!(found, expected, "{sentence}");
}

#[test]
fn words_about_the_timeout_are_held_against_the_threshold() {
    const STUCK: &str = "BackgroundJobStuck";
    let right = [
        "A run in progress for its timeout for 1 minute",
        "A run in progress for longer than its allowed run time for 1 minute",
        "A run takes longer than its timeout for 1 minute",
    ];
    for sentence in right {
        check(EACH_HOUR, STUCK, sentence, &[]);
        check(MIXED, STUCK, sentence, &[]);
    }
    check(EACH_HOUR, STUCK, "A run in progress for more than 15 minutes for 1 minute", &[]);
    check(EACH_HOUR, STUCK, "A run in progress for > a quarter of its interval for 1 minute", &[]);
    let many = "A run in progress for more than 15 minutes (`rare`: > 1 hour) for 1 minute";
    check(MIXED, STUCK, many, &[]);
    let wrong = [
        "A run in progress for more than 20 minutes for 1 minute",
        "A run in progress for twice its timeout for 1 minute",
        "A run in progress for longer than its interval for 1 minute",
        "A run in progress for longer than 1 minute for 1 minute",
    ];
    for sentence in wrong {
        check(EACH_HOUR, STUCK, sentence, &[codes::THRESHOLD_DIFFERS]);
        check(MIXED, STUCK, sentence, &[codes::THRESHOLD_DIFFERS]);
    }
    check(
        MIXED,
        STUCK,
        "A run in progress for more than 15 minutes for 1 minute",
        &[codes::THRESHOLD_DIFFERS],
    );
    check(
        EACH_HOUR,
        STUCK,
        "A run in progress for less than its timeout for 1 minute",
        &[codes::COMPARISON_DIFFERS],
    );
    check(
        EACH_HOUR,
        STUCK,
        "A run in progress for longer than its timeout for its timeout",
        &[codes::DURATION_DIFFERS],
    );
    check(
        EACH_HOUR,
        STUCK,
        "A run in progress for 1 minute",
        &[codes::THRESHOLD_DIFFERS, codes::DURATION_DIFFERS],
    );
    check(EACH_HOUR, STUCK, "A timeout for 1 minute", &[codes::THRESHOLD_UNREADABLE]);
}

#[test]
fn an_interval_is_held_against_the_threshold_where_it_is_known() {
    const NAME: &str = "BackgroundJobNotRunning";
    check(EACH_HOUR, NAME, "No successful run for > twice the interval", &[]);
    check(EACH_HOUR, NAME, "No successful run for > twice the interval (2 hours)", &[]);
    check(EACH_HOUR, NAME, "No successful run for > 2 hours, i.e. two intervals", &[]);
    check(EACH_HOUR, NAME, "No successful run for > 3 intervals", &[codes::THRESHOLD_DIFFERS]);
    check(EACH_HOUR, NAME, "No successful run for > 2 hours (3 intervals)", &[codes::THRESHOLD_DIFFERS]);
    check(MIXED, NAME, "No successful run for > 2 hours (`rare`: > two intervals and its timeout)", &[]);
    let again = "No successful run for > 2 hours (`rare`: > 13 hours, i.e. 780 minutes)";
    check(MIXED, NAME, again, &[]);
    check(MIXED, NAME, &again.replace("780", "78"), &[codes::THRESHOLD_UNREADABLE]);
    check(MIXED, NAME, "No successful run for > 12 intervals", &[codes::THRESHOLD_DIFFERS]);
    check(MIXED, NAME, "No successful run for > 12 intervals (`rare`: > 13 hours)", &[]);
    let cron = EACH_HOUR.replace("interval: 1h", "cron: '*/30 8-17 * * 1-5'");
    check(&cron, NAME, "No successful run for > 4 intervals", &[codes::THRESHOLD_DIFFERS]);
}

#[test]
fn what_is_told_once_more_may_not_contradict() {
    const NAME: &str = "BackgroundJobHighDuration";
    let check = |sentence: &str, expected: &[Code]| check(EACH_HOUR, NAME, sentence, expected);
    check("P95 duration > 300 seconds (5 minutes) for 15 minutes", &[]);
    check("P95 duration > 300 seconds (> 5 minutes) for 15 minutes", &[]);
    let other = &[codes::THRESHOLD_DIFFERS];
    check("P95 duration > 300 seconds (6 minutes) for 15 minutes", other);
    check("P95 duration > 300 seconds, i.e. 6 minutes, for 15 minutes", other);
    check("P95 duration > 300 seconds (< 5 minutes) for 15 minutes", other);
    check("P95 duration > 300 seconds for 15 minutes (an hour)", other);
    check("P95 duration > 300 seconds for 15 minutes (one day)", other);
    check("P95 duration > 300 seconds for 15 minutes, i.e. half an hour.", other);
    check("P95 duration > 300 seconds for 15 minutes = 900 s", &[]);
    check("P95 duration > 300 seconds for 15 minutes (= 900)", other);
    check("i.e. 300 seconds P95 duration for 15 minutes", &[codes::THRESHOLD_UNREADABLE]);
}

/// Words of which each changes the sense of a sentence, wherever it stands.
const CHANGING: [&str; 53] = [
    "not",
    "never",
    "no",
    "without",
    "only",
    "except",
    "unless",
    "almost",
    "nearly",
    "about",
    "roughly",
    "half",
    "twice",
    "double",
    "first",
    "average",
    "mean",
    "median",
    "max",
    "minimum",
    "p50",
    "p99",
    "per",
    "daily",
    "weekly",
    "sometimes",
    "usually",
    "rarely",
    "until",
    "until",
    "weekends",
    "staging",
    "production",
    "other",
    "opposite",
    "minus",
    "plus",
    "every",
    "less than",
    "at most",
    "up to",
    "below",
    "under",
    "or",
    "tomorrow",
    "a quarter of",
    "three times",
    "isn't",
    "all",
    "in all jobs",
    "of all jobs",
    "no job",
    "not more than",
];

#[test]
fn no_word_is_left_over_that_changes_the_sense() {
    for alert in &clipper() {
        let right = sentence(alert);
        assert_eq!(differences(&right, alert), []);
        let ends = right.match_indices(' ').map(|(at, _)| at);
        for at in std::iter::once(0).chain(ends).chain([right.len()]) {
            for word in CHANGING {
                let changed = format!("{} {word} {}", &right[..at], right[at..].trim_start());
                let changed = changed.trim();
                assert!(is_noticed(changed, alert), "{changed}");
            }
        }
    }
}

fn is_noticed(sentence: &str, alert: &Alert) -> bool {
    !differences(sentence, alert).is_empty()
}

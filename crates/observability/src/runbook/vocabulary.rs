//! The words of thresholds: which there are, and what kind of condition they state.

use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::figure::Figure;

/// What kind of condition a sentence states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    FailureRate,
    FailureRatio,
    NoSuccess,
    DurationP95,
    QueueGrowing,
    QueueSize,
    ItemFailureRatio,
    ConsecutiveFailures,
    Stuck,
    MetricsAbsent,
}

const NEGATIONS: [&str; 6] = ["absent", "missing", "never", "no", "not", "without"];
const SUCCESS: [&str; 5] = ["succeed", "succeeded", "success", "successful", "successfully"];
const FAILURE: [&str; 7] = ["error", "errors", "fail", "failed", "failing", "failure", "failures"];
pub(super) const GROWTH: [&str; 7] = ["grew", "grow", "growing", "grown", "grows", "growth", "increased"];
const QUEUE: [&str; 2] = ["backlog", "queue"];
const PERCENTILE: [&str; 3] = ["95th", "p95", "percentile"];
const IN_A_ROW: [&str; 3] = ["consecutive", "consecutively", "row"];
const IN_PROGRESS: [&str; 2] = ["progress", "timeout"];

/// What kind of condition the words and figures of a sentence state, if they state one.
pub(super) fn kind(words: &[(&str, Range<usize>)], figures: &[Figure]) -> Option<Kind> {
    let any = |list: &[&str]| words.iter().any(|(word, _)| list.contains(word));
    let has_unit = |test: fn(&Quantity) -> bool| figures.iter().any(|figure| test(&figure.quantity));
    let per_second = has_unit(|quantity| matches!(quantity, Quantity::PerSecond(_)));
    let ratio = has_unit(|quantity| matches!(quantity, Quantity::Ratio(_)));
    let no = any(&NEGATIONS);
    // "Time since last success", "last success more than two hours ago".
    let since_last = any(&["last", "latest"]) && any(&["since", "ago"]);
    if any(&["metrics", "series"]) {
        no.then_some(Kind::MetricsAbsent)
    } else if (no || since_last) && any(&SUCCESS) {
        Some(Kind::NoSuccess)
    } else if any(&IN_PROGRESS) {
        Some(Kind::Stuck)
    } else if any(&QUEUE) {
        Some(if any(&GROWTH) { Kind::QueueGrowing } else { Kind::QueueSize })
    } else if any(&["item", "items"]) {
        any(&FAILURE).then_some(Kind::ItemFailureRatio)
    } else if any(&IN_A_ROW) {
        any(&FAILURE).then_some(Kind::ConsecutiveFailures)
    } else if any(&["95th", "p95"]) {
        Some(Kind::DurationP95)
    } else if per_second {
        Some(Kind::FailureRate)
    } else if any(&FAILURE) && (ratio || any(&["rate", "ratio"])) {
        Some(Kind::FailureRatio)
    } else {
        None
    }
}

/// Whether a word turns a sentence of this kind into another one: "no" before what is measured, a success where failures count.
pub(super) fn is_foreign(word: &str, kind: Kind) -> bool {
    let belongs: [(&[&str], &[Kind]); 7] = [
        (&NEGATIONS, &[Kind::NoSuccess, Kind::MetricsAbsent]),
        (&SUCCESS, &[Kind::NoSuccess]),
        (
            &FAILURE,
            &[Kind::FailureRate, Kind::FailureRatio, Kind::ItemFailureRatio, Kind::ConsecutiveFailures],
        ),
        (&QUEUE, &[Kind::QueueSize, Kind::QueueGrowing]),
        (&PERCENTILE, &[Kind::DurationP95]),
        (&IN_A_ROW, &[Kind::ConsecutiveFailures]),
        (&IN_PROGRESS, &[Kind::Stuck]),
    ];
    belongs.iter().any(|(words, kinds)| words.contains(&word) && !kinds.contains(&kind))
}

/// Words that say nothing which is not already known. Any other word makes a sentence unreadable, so that none is passed over.
pub(super) fn is_known(word: &str) -> bool {
    const WORDS: [&str; 98] = [
        "95th",
        "a",
        "absent",
        "ago",
        "all",
        "allowed",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "backlog",
        "been",
        "by",
        "consecutive",
        "consecutively",
        "depth",
        "duration",
        "each",
        "elements",
        "entries",
        "error",
        "errors",
        "execution",
        "executions",
        "exposed",
        "exposes",
        "fail",
        "failed",
        "failing",
        "failure",
        "failures",
        "for",
        "from",
        "given",
        "grew",
        "grow",
        "growing",
        "grown",
        "grows",
        "growth",
        "had",
        "has",
        "have",
        "hold",
        "holds",
        "in",
        "increased",
        "is",
        "item",
        "items",
        "its",
        "job",
        "job's",
        "jobs",
        "job’s",
        "last",
        "latest",
        "length",
        "longer",
        "messages",
        "metrics",
        "missing",
        "never",
        "no",
        "not",
        "of",
        "one",
        "own",
        "p95",
        "percentile",
        "progress",
        "queue",
        "rate",
        "ratio",
        "row",
        "run",
        "runs",
        "series",
        "since",
        "size",
        "succeed",
        "succeeded",
        "success",
        "successful",
        "successfully",
        "sustained",
        "takes",
        "tasks",
        "than",
        "the",
        "time",
        "timeout",
        "waiting",
        "was",
        "with",
        "without",
    ];
    WORDS.binary_search(&word).is_ok()
}

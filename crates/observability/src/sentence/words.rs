//! The words of sentences, in groups that a form may need or allow.

/// Words of which each does the same service in a sentence, in small letters.
pub type Words = &'static [&'static str];

/// That something is not so.
pub const NEGATIONS: Words = &["absent", "missing", "never", "no", "not", "without"];
/// That something is not so, or how long ago it was: "no success", "time since the last success".
pub const SINCE_OR_NOT: Words = &["absent", "ago", "missing", "never", "no", "not", "since", "without"];
/// "No success" and "success long ago" say the same; "success not long ago" says the opposite.
pub const AGO_OR_NOT: Words = &["absent", "ago", "missing", "never", "no", "not", "without"];
/// Runs that succeed.
pub const SUCCESS: Words = &["succeed", "succeeded", "success", "successful", "successfully"];
/// Runs or items that fail.
pub const FAILURE: Words = &["error", "errors", "fail", "failed", "failing", "failure", "failures"];
/// That something becomes more.
pub const GROWTH: Words = &["grew", "grow", "growing", "grown", "grows", "growth", "increased"];
/// A queue.
pub const QUEUE: Words = &["backlog", "queue"];
/// The things that a run handles.
pub const ITEMS: Words = &["item", "items"];
/// The 95th percentile.
pub const P95: Words = &["95th", "p95"];
/// What may be added to it.
pub const PERCENTILE: Words = &["percentile"];
/// One after the other.
pub const IN_A_ROW: Words = &["consecutive", "consecutively", "row"];
/// A run that goes on.
pub const IN_PROGRESS: Words = &["progress", "running", "takes", "taken"];
/// Behind a due time.
pub const OVERDUE: Words = &["due", "late", "overdue"];
/// What is told before it is urgent.
pub const WARNINGS: Words = &["alert", "alerts", "warning", "warnings"];
/// That it goes on.
pub const UNRESOLVED: Words = &["fires", "firing", "unresolved"];
/// What a process exposes.
pub const METRICS: Words = &["metrics", "series"];

/// What is measured about a thing, beside the words for the thing: the size of a queue, the rate of
/// failures. In a sentence about something else they would measure another thing.
pub const MEASURES: &[(Words, Words)] = &[
    (QUEUE, &["depth", "elements", "entries", "length", "messages", "size", "tasks", "waiting"]),
    (P95, &["duration", "latency", "runtime", "takes", "time"]),
    (FAILURE, &["rate", "ratio"]),
    (SUCCESS, &["completed", "finished", "time"]),
    (ITEMS, &["attempted", "handled", "processed"]),
    (METRICS, &["exposed", "exposes"]),
];

/// Words that change the sense of no sentence, sorted.
pub const NEUTRAL: Words = &[
    "a",
    "all",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "been",
    "by",
    "each",
    "execution",
    "executions",
    "for",
    "from",
    "had",
    "has",
    "have",
    "hold",
    "holds",
    "in",
    "is",
    "its",
    "job",
    "job's",
    "jobs",
    "job’s",
    "last",
    "latest",
    "of",
    "one",
    "run",
    "runs",
    "sustained",
    "the",
    "was",
    "with",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_words_are_sorted_and_belong_to_no_group() {
        assert!(NEUTRAL.is_sorted());
        for group in [
            NEGATIONS,
            SINCE_OR_NOT,
            SUCCESS,
            FAILURE,
            GROWTH,
            QUEUE,
            ITEMS,
            P95,
            PERCENTILE,
            IN_A_ROW,
            IN_PROGRESS,
            OVERDUE,
            METRICS,
        ] {
            assert_eq!(group.iter().find(|word| NEUTRAL.contains(word)), None);
        }
    }
}

//! The words of sentences, in groups that a form may need or allow.

/// Words of which each does the same service in a sentence, in small letters.
pub type Words = &'static [&'static str];

/// Words that deny what stands behind them. Other negations stand behind what they deny as well:
/// "success is missing".
pub(crate) const DENYING: Words = &["never", "no", "not", "without"];
/// Words about how long ago something was.
pub(crate) const TIME_AGO: Words = &["ago", "older", "since"];
/// That something is not so.
pub const NEGATIONS: Words = &joined::<6>(&[DENYING, &["absent", "missing"]]);
/// That something is not so, or how long ago it was: "no success", "time since the last success".
pub const SINCE_OR_NOT: Words = &joined::<9>(&[NEGATIONS, TIME_AGO]);
/// "No success" and "success long ago" say the same; "success not long ago" says the opposite.
pub const AGO_OR_NOT: Words = &joined::<8>(&[NEGATIONS, &["ago", "older"]]);
/// Runs that succeed.
pub const SUCCESS: Words = &["succeed", "succeeded", "success", "successful", "successfully"];
/// Runs or items that fail.
pub const FAILURE: Words = &["error", "errors", "fail", "failed", "failing", "fails", "failure", "failures"];
/// That something becomes more.
pub const GROWTH: Words = &["grew", "grow", "growing", "grown", "grows", "growth", "increased"];
/// A queue.
pub const QUEUE: Words = &["backlog", "queue", "queued"];
/// The things that a run handles.
pub const ITEMS: Words = &["item", "items"];
/// The 95th percentile.
pub const P95: Words = &["95th", "p95"];
/// What may be added to it.
pub const PERCENTILE: Words = &["percentile"];
/// One after the other.
pub const IN_A_ROW: Words = &["consecutive", "consecutively", "row"];
/// A run that goes on.
pub const IN_PROGRESS: Words = &["lasts", "progress", "running", "takes", "taken"];
/// Behind a due time.
pub const OVERDUE: Words = &["due", "late", "overdue"];
/// What is told before it is urgent.
pub const WARNINGS: Words = &["alert", "alerts", "warning", "warnings"];
/// That it has not ended.
pub const UNRESOLVED: Words = &["fires", "firing", "unresolved"];
/// What may be added to that: "goes on firing", "still in progress".
pub const GOING_ON: Words = &["continues", "goes", "keeps", "on", "still"];
/// What a process exposes.
pub const METRICS: Words = &["metrics", "series"];

/// What is measured about a thing, beside the words for the thing: the size of a queue, the rate of
/// failures. In a sentence about something else they would measure another thing.
pub const MEASURES: &[(Words, Words)] = &[
    (QUEUE, &["depth", "elements", "entries", "length", "messages", "size", "tasks", "waiting"]),
    (P95, &["duration", "durations", "latency", "runtime", "takes", "time"]),
    (FAILURE, &["rate", "ratio"]),
    (SUCCESS, &["completed", "finished", "time"]),
    (ITEMS, &["attempted", "handled", "processed"]),
    (METRICS, &["exposed", "exposes"]),
];

/// Words before a thing that neither count it nor say which one of many it is.
const ARTICLES: Words = &["a", "an", "its", "the"];
/// Words that say how many of a thing are meant.
const MANY: Words = &["all", "any", "each", "one"];
/// Words that say that the newest one is meant.
const NEWEST: Words = &["last", "latest"];
/// Words that say of how many something holds.
pub(crate) const QUANTIFIERS: Words = &joined::<8>(&[MANY, NEWEST, &["always", "every"]]);
/// Words before a thing that say which one it is.
pub(crate) const DETERMINERS: Words = &joined::<9>(&[ARTICLES, MANY, &["every"]]);
/// The executions of a job.
pub(crate) const RUNS: Words = &["execution", "executions", "run", "runs"];
/// Jobs as the thing that is spoken of, rather than what it belongs to.
pub(crate) const JOBS: Words = &["job", "jobs"];
/// Jobs as what a thing belongs to.
pub(crate) const OF_JOB: Words = &["job's", "job’s"];
/// Words before what something belongs to.
pub(crate) const OF: Words = &["by", "for", "from", "in", "of", "with"];
/// Words that hold a sentence together.
const BETWEEN: Words = &[
    "and",
    "are",
    "as",
    "at",
    "been",
    "had",
    "has",
    "have",
    "hold",
    "holds",
    "is",
    "remains",
    "stays",
    "sustained",
    "was",
];

/// Words that change the sense of no sentence by themselves.
pub const NEUTRAL: Words = &joined::<39>(&[ARTICLES, MANY, NEWEST, RUNS, JOBS, OF_JOB, OF, BETWEEN]);

/// Returns the words of some groups, which are so many.
const fn joined<const NUMBER: usize>(groups: &[Words]) -> [&'static str; NUMBER] {
    let mut words = [""; NUMBER];
    let (mut number, mut group) = (0, 0);
    while group < groups.len() {
        let mut at = 0;
        while at < groups[group].len() {
            words[number] = groups[group][at];
            number += 1;
            at += 1;
        }
        group += 1;
    }
    assert!(number == NUMBER);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_words_belong_to_no_group() {
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
            WARNINGS,
            UNRESOLVED,
            GOING_ON,
        ] {
            assert_eq!(group.iter().find(|word| NEUTRAL.contains(word)), None);
        }
    }
}

//! Sentences of the same sense and of another, by what makes the difference.

use jobwatch_catalogue::yaml;

use super::{alerts, differences};
use crate::model::Alert;

const CATALOGUE: &str = "service: shop\njobs:\n  - {name: often, summary: S., interval: 1m, timeout: 5m, \
                         queue: things, items: things}\n";

const NOT_RUNNING: &str = "BackgroundJobNotRunning";
const FAILING: &str = "BackgroundJobFailing";
const FAILURE_RATE: &str = "BackgroundJobCriticalFailureRate";
const DURATION: &str = "BackgroundJobHighDuration";
const QUEUE: &str = "BackgroundJobCriticalQueueSize";
const ITEMS: &str = "BackgroundJobHighItemFailureRate";
const IN_A_ROW: &str = "BackgroundJobConsecutiveFailures";
const OVERDUE: &str = "BackgroundJobOverdue";
const STUCK: &str = "BackgroundJobStuck";
const ABSENT: &str = "BackgroundJobMetricsAbsent";
const UNRESOLVED: &str = "BackgroundJobUnresolved";

fn alert(name: &str) -> Alert {
    let mut alerts = alerts(&yaml::parse(CATALOGUE).unwrap().catalogue);
    alerts.retain(|alert| alert.name().as_str() == name);
    alerts.remove(0)
}

/// Sentences that say what an alert tests.
#[track_caller]
fn same(name: &str, sentences: &[&str]) {
    let alert = alert(name);
    for sentence in sentences {
        assert_eq!(differences(sentence, &alert), [], "{sentence}");
    }
}

/// Sentences that say something else.
#[track_caller]
fn other(name: &str, sentences: &[&str]) {
    let alert = alert(name);
    for sentence in sentences {
        assert!(!differences(sentence, &alert).is_empty(), "{sentence}");
    }
}

#[test]
fn a_denied_comparison_says_the_opposite() {
    same(
        NOT_RUNNING,
        &[
            "No success for more than 2 hours",
            "No success since more than 2 hours",
            "Job has not succeeded for over 2 hours",
            "Job hasn't succeeded for more than 2 hours",
            "The job didn’t succeed for 2 hours",
            "has not completed successfully for more than 2 hours",
            "> 2 hours without success",
            "For more than 2 hours no successful run",
            "Success missing for > 2 hours",
        ],
    );
    other(
        NOT_RUNNING,
        &[
            "Not > 2 hours since last success",
            "Not more than 2 hours since the last success",
            "No more than 2 hours since the last successful run",
            "never more than 2 hours since the last success",
            "not longer than 2 hours since success",
            "Time since last success is not above 2 hours",
            "Time since last success isn't above 2 hours",
            "Time since last success not more than 2 hours",
            "Success not for more than 2 hours",
            "Last success not more than 2 hours ago",
            "No 2 hours without success",
            "No more than 2 hours without success",
            "Not since the last success > 2 hours",
        ],
    );
    same(ABSENT, &["Metrics are not exposed for > 10 minutes", "The job exposes no metrics for 10 minutes"]);
    other(ABSENT, &["Metrics of the job not for > 10 minutes", "Not for 10 minutes metrics of the job"]);
}

#[test]
fn a_time_that_has_passed_is_no_time_to_come_and_none_that_is_going_on() {
    same(
        NOT_RUNNING,
        &[
            "> 2 hours since the last successful run",
            "Time since the last success over 2 hours",
            "Last success more than 2 hours ago",
            "Last success over 2 hours ago",
            "Last success older than 2 hours",
            "The last successful run is older than two hours",
            "No success in the last 2 hours",
            "No successful run within 2 hours",
        ],
    );
    other(
        NOT_RUNNING,
        &[
            "Since 2 hours successful",
            "Time since last success within 2 hours",
            "Last success within 2 hours ago",
            "Last success in the last 2 hours ago",
            "Ago success > 2 hours",
            "Successful run within the last 2 hours",
            "> 2 hours since last run",
            "Last run older than 2 hours",
            "Last success not older than 2 hours",
            "No success older than 2 hours",
            "Last success older than 2 hours ago",
        ],
    );
    same(
        OVERDUE,
        &[
            "Success overdue for over 2 minutes for 1 minute",
            "A success is more than 2 minutes late for 1 minute",
            "A success is due for more than two minutes for a minute",
        ],
    );
    other(
        OVERDUE,
        &[
            "Success due in > 2 minutes for 1 minute",
            "Success due within 2 minutes for 1 minute",
            "Success late in 2 minutes for 1 minute",
        ],
    );
    same(DURATION, &["P95 duration over 5 minutes for 15 minutes"]);
    other(DURATION, &["P95 duration within 5 minutes for 15 minutes"]);
    same(STUCK, &["A run takes over 5 minutes for 1 minute"]);
    other(STUCK, &["A run in progress within its timeout for 1 minute"]);
}

#[test]
fn what_holds_of_many_jobs_or_of_some_is_another_condition() {
    same(
        NOT_RUNNING,
        &[
            "No successful run of the job for > 2 hours",
            "No successful job run for > 2 hours",
            "The job has had no success for > 2 hours",
            "Any job without success for > 2 hours",
            "No success in any run for > 2 hours",
        ],
    );
    other(
        NOT_RUNNING,
        &[
            "No job has had success for > 2 hours",
            "No successful job for > 2 hours",
            "No success in any job for > 2 hours",
            "All jobs have no success for > 2 hours",
            "Each job has no success for > 2 hours",
            "No success in all runs for > 2 hours",
            "No success in each run for > 2 hours",
            "One job has no success in any one run for > 2 hours",
        ],
    );
    other(ABSENT, &["No metrics of all jobs for 10 minutes", "No metrics of any job for 10 minutes"]);
    same(UNRESOLVED, &["Any warning firing for > 30 minutes", "One warning unresolved for 30 minutes"]);
    other(UNRESOLVED, &["All warnings unresolved for 30 minutes", "Each warning unresolved for 30 minutes"]);
    same(STUCK, &["Any run in progress for longer than its timeout for 1 minute"]);
    other(STUCK, &["All runs in progress for longer than its timeout for 1 minute"]);
    same(DURATION, &["P95 duration of all runs > 300 seconds for 15 minutes"]);
    other(DURATION, &["P95 duration of all jobs > 300 seconds for 15 minutes"]);
    same(IN_A_ROW, &["Any 3 failed runs in a row", "3 consecutive failures of one job"]);
    other(
        IN_A_ROW,
        &["one of 3 failed runs in a row", "any of 3 failed runs in a row", "last of 3 failed runs in a row"],
    );
}

#[test]
fn a_part_of_the_jobs_is_no_part_of_the_runs() {
    same(
        FAILURE_RATE,
        &[
            "> 50% failure rate of the job for 5 minutes",
            "> 50% job failure rate for 5 minutes",
            "> 50% of job runs fail for 5 minutes",
            "> 50% of the job's runs fail for 5 minutes",
            "More than half of all runs fail for 5 minutes",
            "More than half of all the job's executions have failed for 5 minutes",
            "More than one in two runs fails for 5 minutes",
            "More than 5 out of 10 runs fail for 5 minutes",
        ],
    );
    other(
        FAILURE_RATE,
        &[
            "> 50% of jobs failed for 5 minutes",
            "> 50% of the jobs have failed for 5 minutes",
            "> 50% of all jobs fail for 5 minutes",
            "> 50% of the job failed for 5 minutes",
            "More than half the jobs fail for 5 minutes",
            "> 50% failed jobs for 5 minutes",
            "Jobs failed > 50% for 5 minutes",
            "> 50% failure rate in all jobs for 5 minutes",
            "> 50% failure rate of all jobs for 5 minutes",
            "> 50% of failed runs for 5 minutes",
            "> 50% of the failures for 5 minutes",
            "More than one in three runs fails for 5 minutes",
            "More than one in two minutes a run fails for 5 minutes",
        ],
    );
    same(FAILING, &["> 0.1 failures/sec of the job for 5 minutes"]);
    other(FAILING, &["> 0.1 failed jobs/sec for 5 minutes", "> 0.1 jobs failed/sec for 5 minutes"]);
    other(IN_A_ROW, &["3 failed jobs in a row", "3 jobs failed in a row", "3 jobs in a row failed"]);
    same(QUEUE, &["More than 1000 jobs waiting in the queue for 10 minutes"]);
    same(
        ITEMS,
        &[
            "> 20% of processed items failed for 15 minutes",
            "More than one in five items fails for 15 minutes",
        ],
    );
    other(ITEMS, &["> 20% of failed items for 15 minutes", "> 20% of the failed items for 15 minutes"]);
}

#[test]
fn a_sign_is_read_as_it_is_meant() {
    same(QUEUE, &["Queue ＞ 1000 for 10 minutes", "📈 Queue > 1000 for 10 minutes 🚨"]);
    other(
        QUEUE,
        &[
            "Queue size > 1000+ for 10 minutes",
            "Queue > 1000 for 10 minutes 👎",
            "Queue ＜ 1000 for 10 minutes",
        ],
    );
    same(IN_A_ROW, &["3+ failures in a row", "Fails three times in a row"]);
    same(QUEUE, &["Queue stays above 1000 for 10 minutes", "> 1k items are queued for 10 minutes"]);
    same(DURATION, &["P95 of the run durations exceeds 300 s for 15 minutes"]);
}

/// Half of the executions fail often, and half is no more than half.
#[test]
fn a_share_that_is_reached_is_not_exceeded() {
    same(FAILURE_RATE, &["> 50% failure rate for 5 minutes"]);
    other(
        FAILURE_RATE,
        &[
            ">= 50% failure rate for 5 minutes",
            "Failure rate of at least 50% for 5 minutes",
            "At least half of the runs fail for 5 minutes",
            "50% or more of the runs fail for 5 minutes",
        ],
    );
    other(ITEMS, &["≥ 20% of items fail for 15 minutes"]);
    same(DURATION, &["P95 duration >= 300 seconds for 15 minutes"]);
}

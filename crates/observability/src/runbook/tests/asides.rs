//! What holds for single jobs, and words of the condition, within parentheses and without.

use jobwatch_catalogue::yaml;

use super::{alerts, differences};
use crate::findings::Code;
use crate::model::Alert;
use crate::runbook::codes;

const CATALOGUE: &str = "service: shop\njobs:\n  \
    - {name: often, summary: S., interval: 1m, timeout: 5m, queue: things}\n  \
    - {name: nightly, summary: S., cron: 0 2 * * *, timeout: 1h}\n  \
    - {name: bill, summary: S., interval: 1m, timeout: 5m, queue: bills, \
       thresholds: {BackgroundJobCriticalQueueSize: {above: 2000}}}\n";

const NOT_RUNNING: &str = "BackgroundJobNotRunning";
const QUEUE: &str = "BackgroundJobCriticalQueueSize";

fn alert(name: &str) -> Alert {
    let mut alerts = alerts(&yaml::parse(CATALOGUE).unwrap().catalogue);
    alerts.retain(|alert| alert.name().as_str() == name);
    alerts.remove(0)
}

#[track_caller]
fn check(name: &str, sentences: &[&str], expected: &[Code]) {
    let alert = alert(name);
    for sentence in sentences {
        let found: Vec<Code> =
            differences(sentence, &alert).into_iter().map(|difference| difference.code).collect();
        assert_eq!(found, expected, "{sentence}");
    }
}

#[test]
fn what_holds_for_single_jobs_is_read_outside_of_parentheses() {
    check(
        NOT_RUNNING,
        &[
            "No successful run for > 2 hours (`nightly`: > 3 days)",
            "No successful run for > 2 hours; nightly: > 3 days",
            "No successful run for > 2 hours, `nightly`: > 3 days",
            "No successful run for > 2 hours, nightly: 3 days.",
            "No successful run for > 2 hours. Nightly: > 3 days.",
            "No successful run for > 2 hours - nightly: > 3 days",
            "No successful run for > 2 hours, > 3 days for `nightly`",
            "No successful run for > 2 hours; `nightly` > 3 days",
            "No successful run for > 2 hours; 72 hours for nightly",
            "No successful run for > 2 hours, except for nightly: > 3 days",
            "No successful run for > 2 hours but nightly: > 3 days",
            "No successful run for > 2 hours (except nightly: > 3 days)",
            "No successful run for > 2 hours, often: > 2 hours and nightly: > 3 days",
            "No successful run for > 2 hours;\n`nightly`: > 3 days",
            "No successful run for > 2 hours\nnightly: > 3 days",
            "No successful run for > 2 hours (often: > 120 minutes); nightly: > 3 days",
            "No successful run for > 2 hours; for `nightly` > 3 days",
            "No successful run for > 2 hours; but for nightly: > 3 days",
            "No successful run for > 2 hours; > 3 days for the `nightly` job",
            "No successful run for more than 2 hours, or 3 days for `nightly`",
            "No successful run for > 2 hours (`nightly`: > 3 days since it is due once a day)",
            "No successful run for > 2 hours (`nightly`: > 3 days because it runs nightly)",
            "No successful run for > 2 hours (`nightly`: > 3 days, it runs once a day)",
            "No successful run for > 2 hours (`nightly`: > 3 days because it is rare)",
            "No successful run for > 2 hours (3 days for nightly, which runs every 24 hours)",
            "No successful run for > 2 hours (it is due every minute); nightly: > 3 days",
            "No successful run for > 2 hours (`nightly`: > 3 days) — see the dashboard",
            "No successful run for > 2 hours (`nightly`: > 3 days), as it is due every day",
        ],
        &[],
    );
    check(
        QUEUE,
        &[
            "Queue size > 1000 for 10 minutes; bill: > 2000",
            "Queue size > 1000 for 10 minutes, > 2k for bill",
            "Queue size > 1000 for 10 minutes, bill: > 2000 for 10 minutes",
            "Queue size > 1000 for 10 minutes (bill: > 2000 for 600 s)",
            "Queue size > 1000 for 10 minutes, > 2000 for 10 minutes for `bill`",
            "Queue size > 1000 for 10 minutes (> 2000 for 10 minutes for the bill job)",
            "Queue size > 1000 for 10 minutes (bill: > 2000, 10 minutes)",
            "Queue size > 1000 for 10 minutes (bill: > 2000, for 10 minutes; often: > 1000)",
            "Queue size > 1000 for 10 minutes; bill: > 2000, for 10 minutes",
            "Queue size > 1000 (sustained for 10 minutes); bill: > 2000",
        ],
        &[],
    );
}

#[test]
fn what_is_wrong_about_a_single_job_is_found_outside_of_parentheses() {
    check(
        NOT_RUNNING,
        &[
            "No successful run for > 2 hours; nightly: > 4 days",
            "No successful run for > 2 hours, > 4 days for nightly",
            "No successful run for > 2 hours; nightly > 4 days",
            "No successful run for > 2 hours; weekends > 3 days; nightly: > 3 days",
            "No successful run for > 2 hours. Nightly: > 4 days",
            "No successful run for > 2 hours;\nnightly: > 4 days",
            "No successful run for > 2 hours, except nightly: > 2 days",
            "No successful run for > 2 hours (except nightly: > 2 days)",
            "No successful run for > 2 hours, daily: > 3 days; nightly: > 3 days",
            "No successful run for > 2 hours; for `nightly` > 4 days",
            "No successful run for > 2 hours, or 4 days for `nightly`",
            "No successful run for > 2 hours (`nightly`: > 4 days since it is due once a day)",
        ],
        &[codes::JOB_THRESHOLD_DIFFERS],
    );
    check(NOT_RUNNING, &["No successful run for > 2 hours; nightly: < 3 days"], &[codes::COMPARISON_DIFFERS]);
    check(NOT_RUNNING, &["No successful run for > 3 hours; nightly: > 3 days"], &[codes::THRESHOLD_DIFFERS]);
    check(
        NOT_RUNNING,
        &[
            "No successful run for > 2 hours; nightly: not > 3 days",
            "No successful run for > 2 hours; not nightly: > 3 days",
            "No successful run for > 2 hours; only nightly: > 3 days",
            "No successful run for > 2 hours; nightly: > 3 days on weekdays",
            "No successful run for > 2 hours; nightly: > 3 days, unless it is Sunday",
            "No successful run for > 2 hours; nightly: never",
            "No successful run for > 2 hours; nightly is off",
            "Successful run for > 2 hours; nightly: > 3 days",
            "No successful run; nightly: > 3 days",
            "No successful run for > 2 hours (`nightly`: > 3 days since it is due)",
            "No successful run for > 2 hours (`nightly`: > 3 days since the deployment)",
            "No successful run for > 2 hours (`nightly`: > 3 days as of Monday)",
            "No successful run for > 2 hours (`nightly`: > 3 days, if it runs once a day)",
            "No successful run for > 2 hours (`nightly`: > 3 days, it runs less than once a day)",
            "No successful run for > 2 hours (it does not run every minute); nightly: > 3 days",
            "No successful run for > 2 hours; > 3 days for the night of a job",
        ],
        &[codes::THRESHOLD_UNREADABLE],
    );
    check(
        QUEUE,
        &[
            "Queue size > 1000 for 10 minutes, bill: > 2000 for 20 minutes",
            "Queue size > 1000 for 10 minutes, > 2000 for 20 minutes for bill",
            "Queue size > 1000 for 10 minutes (bill: > 2000, 20 minutes)",
            "Queue size > 1000 for 10 minutes; bill: > 2000, for 20 minutes",
        ],
        &[codes::DURATION_DIFFERS],
    );
    check(
        QUEUE,
        &["Queue size > 1000 for 10 minutes; bill: > 3000", "Queue size > 1000 for 10 minutes, > 3k on bill"],
        &[codes::JOB_THRESHOLD_DIFFERS],
    );
}

#[test]
fn a_word_of_the_condition_may_stand_in_parentheses() {
    const DURATION: &str = "BackgroundJobHighDuration";
    check(
        DURATION,
        &[
            "Duration (p95) > 300 seconds for 15 minutes",
            "Run time (95th) above 5 minutes for 15 minutes",
            "P95 duration (measured at the worker) > 300 seconds for 15 minutes",
        ],
        &[],
    );
    check(
        DURATION,
        &[
            "Duration (p99) > 300 seconds for 15 minutes",
            "Duration (mean) > 300 seconds for 15 minutes",
            "Duration (not p95) > 300 seconds for 15 minutes",
            "Duration (p95 of failures) > 300 seconds for 15 minutes",
            "Duration > 300 seconds for 15 minutes",
        ],
        &[codes::THRESHOLD_UNREADABLE],
    );
    check(DURATION, &["Duration (p95) > 400 seconds for 15 minutes"], &[codes::THRESHOLD_DIFFERS]);
    check(
        "BackgroundJobCriticalFailureRate",
        &["> 50% of runs (failed) for 5 minutes", "Ratio (failures) > 50% for 5 minutes"],
        &[],
    );
    check(
        "BackgroundJobCriticalFailureRate",
        &["> 50% of runs (successful) for 5 minutes", "> 50% of jobs (failed) for 5 minutes"],
        &[codes::THRESHOLD_UNREADABLE],
    );
}

#[test]
fn parts_rates_and_timeouts_are_read_as_people_say_them() {
    check(
        NOT_RUNNING,
        &[
            "No successful run for > 1/12 day (nightly: > 3 days)",
            "No success for 2/24 of a day, nightly: 3 days",
        ],
        &[],
    );
    check(
        NOT_RUNNING,
        &["No successful run for > 1/10 day (nightly: > 3 days)"],
        &[codes::THRESHOLD_DIFFERS],
    );
    check(
        "BackgroundJobFailing",
        &[
            "more than one failure per 10 seconds for 5 minutes",
            "> 1 failed run every 10 s for 5 minutes",
            "> 30 failures per 5 minutes for 5 minutes",
            "> 0.1 failures every second for 5 minutes",
        ],
        &[],
    );
    check(
        "BackgroundJobFailing",
        &[
            "more than one failure per 20 seconds for 5 minutes",
            "more than one failure per second for 5 minutes",
            "> 1 failed run every 5 seconds for 5 minutes",
        ],
        &[codes::THRESHOLD_DIFFERS],
    );
    check(
        "BackgroundJobStuck",
        &[
            "A run takes longer than the job may take for 1 minute",
            "A run in progress for longer than it may take for 1 minute",
            "A run still in progress for longer than allowed for 1 minute",
            "A run goes on running for longer than its allowed time for 1 minute",
        ],
        &[],
    );
    for wrong in [
        "A run takes longer than half the job may take for 1 minute",
        "A run takes longer than twice what is allowed for 1 minute",
        "A run takes less than the job may take for 1 minute",
        "A run takes longer than the job took for 1 minute",
        "A run not longer than the job may take for 1 minute",
        "A run takes longer than the interval may take for 1 minute",
    ] {
        assert!(!differences(wrong, &alert("BackgroundJobStuck")).is_empty(), "{wrong}");
    }
    check(
        "BackgroundJobUnresolved",
        &[
            "A warning goes on firing for 30 minutes",
            "A warning keeps firing for 30 minutes",
            "A warning still unresolved for half an hour",
        ],
        &[],
    );
    check(
        "BackgroundJobUnresolved",
        &[
            "A warning goes on for 30 minutes",
            "A warning goes off for 30 minutes",
            "A warning no longer firing for 30 minutes",
            "A warning stops firing for 30 minutes",
            "A warning firing on weekdays for 30 minutes",
        ],
        &[codes::THRESHOLD_UNREADABLE],
    );
}

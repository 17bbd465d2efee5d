//! Replicas whose clocks differ from each other, and from that of Prometheus, by half a minute:
//! nobody is told while the job is well, and somebody is when it is not.

use std::fmt::Write as _;
use std::time::Duration;

use e2e::exposed::{Exposes, Run, Skew, skewed};
use e2e::generated::{files, rules};
use e2e::promtool;
use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_observability::artifact::Artifact;

const MINUTE: u64 = 60;
/// A scrape and an evaluation.
const STEP: u64 = 15;
const END: u64 = 40 * MINUTE;
const TIMEOUT: u64 = MINUTE;

/// A replica: its clock, the runs it knows of, and until when it is there.
struct Replica {
    skew: Skew,
    runs: Vec<Run>,
    until: u64,
}

/// Each minute is a due time.
fn due() -> Vec<u64> {
    (1..=END / MINUTE + 2).map(|minute| minute * MINUTE).collect()
}

/// Runs that take nearly all the time they may, of the due times that are picked.
fn runs(picked: impl Fn(u64) -> bool) -> Vec<Run> {
    let seconds = TIMEOUT - 5;
    let run = |due| Run { end: due + seconds, succeeded: true, seconds };
    due().into_iter().filter(|due| picked(*due)).map(run).collect()
}

/// Lets Prometheus see these replicas, and checks between which moments something fires: a warning
/// that a success is overdue, and nothing else.
#[track_caller]
fn check(replicas: &[Replica], fires: impl Fn(u64) -> bool) {
    let job = JobSpec::every("job", Duration::from_secs(MINUTE)).timeout(Duration::from_secs(TIMEOUT));
    let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
    let generated = files(&catalogue);
    let mut test =
        "rule_files: [../background-jobs.rules.yaml]\nevaluation_interval: 15s\ngroup_eval_order: \
                    [background-jobs-recorded, background-jobs, background-jobs-items, \
                    background-jobs-runtime]\ntests:\n  - interval: 15s\n    input_series:\n"
            .to_owned();
    for (number, replica) in replicas.iter().enumerate() {
        let labels = format!("job_name=\"job\", instance=\"{number}\"");
        let exposes = Exposes::DueTimes(TIMEOUT);
        let there = 0..=replica.until;
        test.push_str(&skewed(&labels, &replica.runs, &due(), exposes, there, STEP, replica.skew));
    }
    test.push_str("    promql_expr_test:\n");
    for at in (2 * MINUTE..=END).step_by(30) {
        let samples = match fires(at) {
            true => r#"[{labels: '{alertname="BackgroundJobOverdue"}', value: 1}]"#,
            false => "[]",
        };
        let firing = r#"count by (alertname) (ALERTS{alertstate="firing"})"#;
        let _ = writeln!(test, "      - {{expr: '{firing}', eval_time: {at}s, exp_samples: {samples}}}");
    }
    let tests = generated.iter().find(|file| file.path.as_str().starts_with("alerts/tests/"));
    let test = Artifact { text: test, ..tests.unwrap().clone() };
    let verdicts = promtool::test_rules(&[rules(&generated).clone(), test]);
    assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.passed), "{verdicts:#?}");
}

fn replica(skew: Skew, runs: Vec<Run>) -> Replica {
    Replica { skew, runs, until: END }
}

#[test]
fn a_clock_that_is_half_a_minute_off_makes_nobody_late() {
    for skew in [-30, 0, 30] {
        check(&[replica(skew, runs(|_| true))], |_| false);
    }
}

/// They take turns: each knows of every second success alone, by its own clock.
#[test]
fn two_replicas_whose_clocks_differ_make_nobody_late() {
    let every_second = |rest: u64| runs(move |due| due / MINUTE % 2 == rest);
    check(&[replica(-30, every_second(0)), replica(30, every_second(1))], |_| false);
}

/// One of them dies in the middle of its run, and the other goes on.
#[test]
fn one_of_two_replicas_dies_and_nobody_is_told() {
    let dies = 20 * MINUTE;
    let first =
        Replica { until: dies, ..replica(30, runs(|due| due < dies && (due / MINUTE).is_multiple_of(2))) };
    let second = replica(-30, runs(|due| due / MINUTE % 2 == 1 || due >= dies));
    check(&[first, second], |_| false);
}

/// What was due at minute 20 is never run. That is overdue after the time that it may take and two
/// minutes of grace, and told after one more, whichever clock the process has.
#[test]
fn a_schedule_that_has_died_is_told_within_minutes() {
    let dies = 20 * MINUTE;
    for skew in [-30, 0, 30] {
        let replicas = [replica(skew, runs(|due| due < dies))];
        check(&replicas, |at| at > dies + TIMEOUT + 2 * MINUTE + MINUTE);
    }
}

//! Replicas whose clocks differ from each other, and from that of Prometheus, by half a minute:
//! nobody is told while the job is well, and somebody is when it is not.

use std::time::Duration;

use e2e::exposed::{self, Exposes, Run, Skew, series};
use jobwatch_catalogue::{Catalogue, JobSpec};

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
    let series = |(number, replica): (usize, &Replica)| {
        let labels = format!("job_name=\"job\", instance=\"{number}\"");
        let exposes = Exposes::DueTimes(TIMEOUT);
        series(&labels, &replica.runs, &due(), exposes, 0..=replica.until, STEP, replica.skew)
    };
    let series: String = replicas.iter().enumerate().map(series).collect();
    let firing = r#"count by (alertname) (ALERTS{alertstate="firing"})"#;
    let told = r#"{labels: '{alertname="BackgroundJobOverdue"}', value: 1}"#;
    let expected = (2 * MINUTE..=END)
        .step_by(30)
        .map(|at| (firing.to_owned(), at, if fires(at) { told.to_owned() } else { String::new() }));
    exposed::check(&catalogue, STEP, &series, &expected.collect::<Vec<_>>());
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

//! Runs that fail in turn with others, in one process or across a deploy: what Prometheus makes of
//! their counters tells more than half of them without a break, and never half.

use std::ops::Range;
use std::time::Duration;

use e2e::exposed::{self, Exposes, Run, runs, series};
use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Lets Prometheus see these series of a job, and checks that the alert about failures fires at all
/// these moments, or at none.
#[track_caller]
fn check(job: JobDraft, step: u64, series: &str, moments: impl IntoIterator<Item = u64>, fires: bool) {
    let catalogue = Catalogue::builder("shop").job(job).build().unwrap();
    let asked = moments.into_iter().map(|at| exposed::asked("BackgroundJobCriticalFailureRate", at, fires));
    exposed::check(&catalogue, step, series, &asked.collect::<Vec<_>>());
}

/// Two runs, one of which failed in a process that is gone: what Prometheus extrapolates of its
/// counters makes neither three runs of them nor more than half.
#[test]
fn one_failure_of_two_runs_is_no_ratio_after_a_deploy() {
    let job = JobSpec::every("job", Duration::from_secs(HOUR)).timeout(Duration::from_secs(20 * MINUTE));
    let due = [HOUR, 2 * HOUR, 3 * HOUR];
    let of = |instance: &str, due: &[u64], succeeds, there| {
        let labels = format!("job_name=\"job\", instance=\"{instance}\"");
        series(&labels, &runs(due.iter().copied(), |_| succeeds), due, Exposes::Contract, there, MINUTE, 0)
    };
    let gone = of("old", &due[..1], false, 0..=90 * MINUTE);
    let here = of("new", &due[1..], true, 91 * MINUTE..=4 * HOUR);
    let moments = [100, 130, 150, 179, 190, 240].map(|minutes| minutes * MINUTE);
    check(job, MINUTE, &format!("{gone}{here}"), moments, false);
}

/// Two of three runs fail, and the first of them takes longer than the second: that one is not
/// forgotten before the next has been seen.
#[test]
fn a_job_of_which_two_of_three_runs_fail_is_told_without_a_break() {
    const SCRAPE: u64 = 30;
    let every = Duration::from_secs(15 * MINUTE);
    let job = JobSpec::every("job", every).timeout(Duration::from_secs(10 * MINUTE));
    let run = |number: u64| {
        let seconds = if number.is_multiple_of(3) { 105 } else { 60 };
        Run { end: number * every.as_secs() + seconds, succeeded: number % 3 == 2, seconds }
    };
    let runs: Vec<Run> = (0..13).map(run).collect();
    let series = series(r#"job_name="job""#, &runs, &[], Exposes::Contract, 0..=3 * HOUR, SCRAPE, 0);
    check(job, SCRAPE, &series, (30 * MINUTE..=3 * HOUR).step_by(SCRAPE as usize), true);
}

/// Three of five runs fail, in turn with those that succeed: of the six that are looked back upon,
/// just half have now and then. Runs take longer and shorter in turn, too.
#[test]
fn a_job_of_which_three_of_five_runs_fail_is_told_without_a_break() {
    for minutes in [5, 10, 15, 60] {
        let every = Duration::from_secs(minutes * MINUTE);
        let job = JobSpec::every("job", every).timeout(Duration::from_secs(10 * MINUTE));
        let run = |number: u64| {
            let seconds = if number.is_multiple_of(2) { 75 } else { 20 };
            Run { end: number * every.as_secs() + seconds, succeeded: number % 5 % 2 == 1, seconds }
        };
        let runs: Vec<Run> = (0..16).map(run).collect();
        let end = 16 * every.as_secs();
        let series = series(r#"job_name="job""#, &runs, &[], Exposes::Contract, 0..=end, MINUTE, 0);
        check(job, MINUTE, &series, (7 * every.as_secs()..=end).step_by(MINUTE as usize), true);
    }
}

/// One of two runs fails, in one process and, after a deploy, in the next: what Prometheus
/// extrapolates of counters that are gone makes of half no more than half.
#[test]
fn half_of_the_runs_is_no_more_than_half_across_a_deploy() {
    let job =
        JobSpec::every("job", Duration::from_secs(15 * MINUTE)).timeout(Duration::from_secs(5 * MINUTE));
    let of = |instance: &str, numbers: Range<u64>, there| {
        let labels = format!("job_name=\"job\", instance=\"{instance}\"");
        let due: Vec<u64> = numbers.map(|number| number * 15 * MINUTE).collect();
        let runs = runs(due.iter().copied(), |due| due % (30 * MINUTE) == 0);
        series(&labels, &runs, &due, Exposes::Contract, there, MINUTE, 0)
    };
    let gone = of("old", 2..6, 0..=80 * MINUTE);
    let here = of("new", 6..16, 82 * MINUTE..=4 * HOUR);
    let moments = (30 * MINUTE..=4 * HOUR).step_by(5 * MINUTE as usize);
    check(job, MINUTE, &format!("{gone}{here}"), moments, false);
}

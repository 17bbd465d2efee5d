//! From when on a job that has not succeeded is late.
//!
//! The runbook's figures are floors: two hours without success are normal for a job that runs every six. A job whose schedule
//! makes the floor meaningless is judged by its own intervals and its allowed run time.

use jobwatch_catalogue::JobSpec;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// From how many seconds without success on a job is late: the floor, or for a job that could succeed more rarely than that
/// while nothing is wrong, two intervals and one allowed run time, so that one execution may fail without anybody being told.
pub(super) fn warning(floor: u64, job: &JobSpec) -> u64 {
    let interval = job.schedule().longest_gap().as_secs();
    let timeout = job.timeout().as_secs();
    if interval + timeout < floor && 2 * interval <= floor {
        return floor;
    }
    rounded_up(2 * interval + timeout).max(floor)
}

/// From how many seconds without success on a job is very late: the floor, or for a job that may not even be late by then,
/// three intervals and one allowed run time.
pub(super) fn critical(floor: u64, job: &JobSpec) -> u64 {
    let interval = job.schedule().longest_gap().as_secs();
    let timeout = job.timeout().as_secs();
    if 2 * interval + timeout <= floor {
        return floor;
    }
    rounded_up(3 * interval + timeout).max(floor)
}

/// A figure that people can keep in mind: whole hours, and from two days on whole days.
fn rounded_up(seconds: u64) -> u64 {
    let step = if seconds > 2 * DAY { DAY } else { HOUR };
    seconds.div_ceil(step) * step
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jobwatch_catalogue::{Catalogue, JobDraft, JobSpec, duration::format};

    use super::*;

    #[track_caller]
    fn check(job: JobDraft, expected: &str) {
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let job = &catalogue.jobs()[0];
        let text = |seconds| format(Duration::from_secs(seconds));
        assert_eq!(format!("{} {}", text(warning(2 * HOUR, job)), text(critical(DAY, job))), expected);
    }

    fn every(minutes: u64, timeout: u64) -> JobDraft {
        JobSpec::every("a", Duration::from_secs(minutes * 60)).timeout(Duration::from_secs(timeout * 60))
    }

    #[test]
    fn frequent_jobs_are_judged_by_the_floors() {
        check(every(1, 15), "2h 1d");
        check(every(60, 30), "2h 1d");
        check(every(60, 59), "2h 1d");
    }

    #[test]
    fn rare_jobs_are_judged_by_their_own_intervals() {
        check(every(60, 60), "3h 1d");
        check(every(105, 10), "4h 1d");
        check(every(360, 60), "13h 1d");
        check(every(12 * 60, 30), "25h 37h");
        check(JobSpec::cron("a", "0 3 * * *", "UTC"), "3d 4d");
        check(JobSpec::cron("a", "0 3 1 * *", "UTC"), "63d 94d");
    }
}

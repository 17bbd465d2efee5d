//! How far a job is looked back upon, so that what is seen always holds several executions.

use std::time::Duration;

use jobwatch_catalogue::{JobName, JobSpec, Schedule};
use strum::IntoStaticStr;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How many gaps a window holds: a ratio of five executions is steady enough.
const GAPS: u32 = 5;
/// How many executions a window holds even when each takes all the time it may.
const SLOW_EXECUTIONS: u64 = 3;

/// The windows that are used, so that jobs of similar schedules share them. The shortest is a
/// scrape interval of a minute ten times over.
const LADDER: [u64; 17] = [
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    45 * MINUTE,
    HOUR,
    90 * MINUTE,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
    18 * HOUR,
    DAY,
    36 * HOUR,
    2 * DAY,
];

/// A job that is due twice within less than this, in seconds, is not judged by its last two
/// executions: a condition about so few of them would change before it has held for the time it
/// has to.
const TWO_SELDOM: u64 = 10 * MINUTE;
/// For how much longer, in seconds, its last two executions are looked back upon: until the next
/// one has been seen, so that one that failed is not forgotten before.
const UNTIL_SEEN: u64 = 2 * MINUTE;
/// For how long executions have to be quick at least, in seconds, before the job is no longer slow.
/// Alerts about slow ones have to hold for a quarter of an hour, and would never where slow and
/// quick ones take turns.
const QUICK_FOR: u64 = 30 * MINUTE;

/// Which of a job's windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Lookback {
    /// Holds five executions where they are due most closely, as long as each ends before the next
    /// is due: notices soon what went wrong, and is empty where a job rests at night.
    Short,
    /// Holds five executions where they are due most rarely, and three even when each takes all the
    /// time it may: never empty while the job runs, unless it is due too rarely for
    /// Prometheus to remember.
    Long,
    /// Holds two executions of a job that is due twice in ten minutes or more rarely, where they
    /// are due most closely: what has not failed in it has recovered.
    Recent,
    /// Holds the executions of half an hour: one that is quick tells that a job is no longer slow,
    /// whether it was due or somebody asked for it. For jobs whose long window holds more.
    Last,
    /// Holds the last execution until the next may be due, if that takes longer than half an hour:
    /// what is known of the last one where rules were not evaluated in time to see it.
    Interval,
}

/// Jobs that are looked back upon over the same window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowClass {
    /// The window in seconds.
    pub window: u64,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
}

impl Lookback {
    /// Returns the value of the label `lookback`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether a job is looked back upon like this: over the last executions only if they
    /// are evidence, and the long window holds more.
    pub fn suits(self, job: &JobSpec) -> bool {
        match self {
            Self::Short | Self::Long => true,
            Self::Recent => job.schedule().shortest_span(2).as_secs() >= TWO_SELDOM,
            Self::Last => self.seconds(job, u64::MAX) < Self::Long.seconds(job, u64::MAX),
            Self::Interval => {
                let gap = self.seconds(job, u64::MAX);
                QUICK_FOR < gap && gap < Self::Long.seconds(job, u64::MAX)
            }
        }
    }

    /// Returns the window that tells whether the items of a job have stopped failing: the recent
    /// one, or the last one if that is longer, since the alert about them has to hold for a quarter
    /// of an hour. `None` if the long window holds no more.
    pub fn of_items(job: &JobSpec) -> Option<Self> {
        let seconds = |lookback: Self| lookback.seconds(job, u64::MAX);
        let longer = if seconds(Self::Recent) < seconds(Self::Last) { Self::Last } else { Self::Recent };
        longer.suits(job).then_some(longer)
    }

    /// Returns how many seconds a job is looked back upon, rounded up to a step that jobs share,
    /// unless it is about the last executions. The long window is never shorter than the short
    /// one. None is longer than Prometheus keeps samples, which is `retention` in seconds.
    pub fn seconds(self, job: &JobSpec, retention: u64) -> u64 {
        let schedule = job.schedule();
        let (gap, longest_gap) = (schedule.shortest_gap().as_secs().max(1), schedule.longest_gap().as_secs());
        let needed = match self {
            Self::Recent => return (schedule.shortest_span(2).as_secs() + UNTIL_SEEN).min(retention),
            Self::Last => return QUICK_FOR.min(retention),
            Self::Interval => return gap.min(retention),
            Self::Short => schedule.shortest_span(GAPS).as_secs(),
            Self::Long => schedule.longest_span(GAPS).as_secs().max(slow_executions(job) + longest_gap),
        };
        let shared = LADDER.into_iter().find(|&step| step >= needed);
        shared.unwrap_or_else(|| needed.div_ceil(DAY) * DAY).min(retention)
    }
}

/// Returns how many seconds three executions take from one to the next, each of which takes all the
/// time it may. One that outlasts its interval makes the due times pass that it covers.
pub fn slow_executions(job: &JobSpec) -> u64 {
    let gap = job.schedule().shortest_gap().as_secs().max(1);
    SLOW_EXECUTIONS * job.timeout().as_secs().div_ceil(gap) * gap
}

/// Returns whether a job is due at uneven times, so that its longest gap is no interval. Where
/// clocks are put back, one gap is longer than the others by that much: an hour nearly everywhere.
pub fn is_uneven(job: &JobSpec) -> bool {
    let schedule = job.schedule();
    let may_be = matches!(schedule, Schedule::Cron(cron) if cron.timezone().name() != "UTC");
    let put_back = Duration::from_secs(if may_be { HOUR } else { 0 });
    schedule.longest_span(2) + put_back < 2 * schedule.longest_gap()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jobwatch_catalogue::duration::format;
    use jobwatch_catalogue::{Catalogue, JobDraft};
    use proptest::prelude::*;

    use super::*;
    use crate::scope::Scope;

    const RETENTION: u64 = 15 * DAY;

    fn seconds(interval: u64, timeout: u64, lookback: Lookback) -> u64 {
        let job = JobSpec::every("a", Duration::from_secs(interval)).timeout(Duration::from_secs(timeout));
        lookback.seconds(&Catalogue::builder("test").job(job).build().unwrap().jobs()[0], RETENTION)
    }

    #[test]
    fn a_clock_that_is_put_back_once_a_year_makes_no_schedule_uneven() {
        let is_uneven = |expression: &str, timezone: &str| {
            let job = JobSpec::cron("a", expression, timezone);
            is_uneven(&Catalogue::builder("test").job(job).build().unwrap().jobs()[0])
        };
        for timezone in ["UTC", "Asia/Tokyo", "Europe/Berlin", "Australia/Lord_Howe"] {
            assert!(!is_uneven("0 2 * * *", timezone), "{timezone}");
            assert!(!is_uneven("0 */6 * * *", timezone), "{timezone}");
            assert!(!is_uneven("0 12 * * MON", timezone), "{timezone}");
            assert!(is_uneven("0 2,12 * * *", timezone), "{timezone}");
            assert!(is_uneven("*/15 8-17 * * MON-FRI", timezone), "{timezone}");
        }
    }

    #[track_caller]
    fn check(interval: u64, timeout: u64, expected: &str) {
        let text = |lookback| format(Duration::from_secs(seconds(interval, timeout, lookback)));
        assert_eq!(format!("{} {}", text(Lookback::Short), text(Lookback::Long)), expected);
    }

    #[test]
    fn windows_hold_five_intervals_and_three_slow_executions() {
        check(60, 900, "10m 1h");
        check(60, 60, "10m 10m");
        check(300, 900, "30m 1h");
        check(600, 1200, "1h 1h30m");
        check(3600, 1800, "6h 6h");
        check(21_600, 3600, "36h 36h");
        check(86_400, 3600, "5d 5d");
        check(1, 1, "10m 10m");
    }

    #[track_caller]
    fn check_last(job: JobDraft, expected: &[&str]) {
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let job = &catalogue.jobs()[0];
        let all = [Lookback::Recent, Lookback::Last, Lookback::Interval];
        let windows = all.into_iter().filter(|lookback| lookback.suits(job));
        let windows = windows.map(|lookback| format(Duration::from_secs(lookback.seconds(job, RETENTION))));
        assert_eq!(windows.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn windows_of_a_rare_job_hold_its_last_two_executions_and_its_last_one() {
        let quick =
            |interval| JobSpec::every("a", Duration::from_secs(interval)).timeout(Duration::from_secs(60));
        check_last(quick(60), &[]);
        check_last(quick(240), &[]);
        check_last(quick(300), &["12m"]);
        check_last(quick(300).timeout(Duration::from_secs(900)), &["12m", "30m"]);
        check_last(quick(600), &["22m", "30m"]);
        check_last(quick(900), &["32m", "30m"]);
        check_last(JobSpec::every("a", Duration::from_secs(3_600)), &["2h2m", "30m", "1h"]);
        check_last(JobSpec::cron("a", "*/15 8-17 * * 1-5", "UTC"), &["32m", "30m"]);
        check_last(JobSpec::cron("a", "0,10 3 * * *", "UTC"), &["24h2m", "30m"]);
        check_last(JobSpec::cron("a", "0 3 * * *", "UTC"), &["2d2m", "30m", "1d"]);
        check_last(JobSpec::cron("a", "0 3 * * 1-5", "UTC"), &["2d2m", "30m", "1d"]);
        check_last(JobSpec::cron("a", "0 3 * * 1", "UTC"), &["14d2m", "30m", "7d"]);
        check_last(JobSpec::cron("a", "0 3 1 * *", "UTC"), &["15d", "30m", "15d"]);
    }

    #[track_caller]
    fn check_cron(expression: &str, timezone: &str, expected: &str) {
        let job = JobSpec::cron("a", expression, timezone).timeout(Duration::from_secs(900));
        let catalogue = Catalogue::builder("test").job(job).build().unwrap();
        let job = &catalogue.jobs()[0];
        let text = |lookback: Lookback| format(Duration::from_secs(lookback.seconds(job, RETENTION)));
        let rests = if Scope::new(&catalogue).jobs()[0].rests() { " rests" } else { "" };
        assert_eq!(format!("{} {}{rests}", text(Lookback::Short), text(Lookback::Long)), expected);
    }

    #[test]
    fn windows_of_working_hours_know_nothing_of_the_night_and_the_weekend() {
        check_cron("*/15 8-17 * * 1-5", "UTC", "1h30m 3d rests");
        check_cron("*/15 8-17 * * 1-5", "Europe/Berlin", "1h30m 3d rests");
        check_cron("0 9-17 * * *", "UTC", "6h 1d rests");
        check_cron("0 3 * * 1-5", "UTC", "7d 7d");
        check_cron("0,5 * * * *", "UTC", "3h 3h");
        check_cron("* * * * *", "Europe/Berlin", "10m 1h");
    }

    #[test]
    fn no_window_is_longer_than_prometheus_remembers() {
        check_cron("0 3 * * 1", "UTC", "15d 15d");
        check_cron("0 3 1 * *", "UTC", "15d 15d");
        check_cron("0 3 1 1 *", "UTC", "15d 15d");
    }

    #[test]
    fn windows_are_as_long_as_prometheus_remembers_by_the_catalogue() {
        let windows = |days: u64| {
            let retention = Duration::from_secs(days * DAY);
            let job = JobSpec::cron("a", "0 3 1 * *", "UTC");
            let catalogue = Catalogue::builder("test").retention(retention).job(job).build().unwrap();
            let job = Scope::new(&catalogue).jobs()[0];
            let long = format(Duration::from_secs(job.window(Lookback::Long)));
            (long, job.holds_two_executions())
        };
        assert_eq!(windows(15), ("15d".to_owned(), false));
        assert_eq!(windows(31), ("31d".to_owned(), false));
        assert_eq!(windows(100), ("100d".to_owned(), true));
        assert_eq!(windows(1_000), ("153d".to_owned(), true));
    }

    proptest! {
        #[test]
        fn three_executions_always_complete_within_a_long_window(
            interval in 1_u64..1_000_000, timeout in 1_u64..86_400, took in 0.0..1.0,
        ) {
            let duration = ((timeout as f64 * took) as u64).max(1);
            let cycle = duration.div_ceil(interval) * interval;
            let window = seconds(interval, timeout, Lookback::Long);
            prop_assert!(window >= 3 * cycle || window == RETENTION);
        }
    }
}

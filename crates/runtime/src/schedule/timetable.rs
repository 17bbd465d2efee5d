//! When a job is due, and what becomes of due times that have passed.
//!
//! Nothing here reads a clock: every moment is an argument, so that a year of a schedule is a
//! matter of microseconds in a test, and replicas that see the same moments decide alike.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobwatch_catalogue::{JobName, Schedule};

/// How many due times of cron expressions are counted one by one before those in between are
/// passed over.
const COUNTED: u64 = 20_000;

/// The due times of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timetable {
    schedule: Schedule,
    anchor: DateTime<Utc>,
}

/// What has to be done at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// The due time to run now, if there is one: the latest that has passed and is not too old.
    pub(crate) run: Option<DateTime<Utc>>,
    /// How many due times have passed that will not be run: those before the latest, and the latest
    /// itself if it is too old. Of a cron expression that has been passed more than 20,000 times,
    /// as of a minutely one in a fortnight, no more than about that many count.
    pub(crate) missed: u64,
    /// The latest due time that has passed: what is done once this has been seen to. `done` itself
    /// if none has.
    pub(crate) latest: DateTime<Utc>,
    /// The first due time after the moment, and after every one that was done before.
    pub(crate) next: DateTime<Utc>,
}

impl Timetable {
    /// The due times of a schedule. Those of an interval are counted from `anchor`, which has to be
    /// the same on every replica and after every restart: when the job was first scheduled, in
    /// whole seconds. Cron expressions have no need of it.
    pub(crate) fn new(schedule: Schedule, anchor: DateTime<Utc>) -> Self {
        // Every moment that a calendar can show has its second.
        let anchor = DateTime::from_timestamp(anchor.timestamp(), 0).unwrap_or(anchor);
        Self { schedule, anchor }
    }

    /// The moment from which intervals are counted.
    pub(crate) fn anchor(&self) -> DateTime<Utc> {
        self.anchor
    }

    /// The first due time after a moment.
    ///
    /// Due times of an interval are whole intervals from the anchor, so that no run, however long,
    /// shifts those after it. Those of a cron expression follow the wall clock of its time zone: a
    /// time that is skipped when clocks go forward is due at the moment they do, and one that
    /// occurs twice is due once.
    pub(crate) fn next_after(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        match &self.schedule {
            Schedule::Interval(interval) => {
                let (interval, anchor) = (seconds(*interval), self.anchor.timestamp());
                let slots = (moment.timestamp() - anchor).div_euclid(interval) + 1;
                second(anchor.saturating_add(slots.saturating_mul(interval)))
            }
            // A schedule names a time at least once in its longest gap, so what stands in for a
            // time that no calendar has is never later than it should be.
            Schedule::Cron(cron) => cron
                .next_after(moment)
                .unwrap_or_else(|| moment + TimeDelta::seconds(seconds(self.schedule.longest_gap()))),
        }
    }

    /// What has to be done now about the due times after `done`, the latest that was run or missed
    /// before; `first` is the first of them.
    ///
    /// Of several that have passed, only the latest is run: a job that was down for a day does not
    /// run a day's worth at once. It is run unless it is older than `catch_up`; a job that is due
    /// once a day may want a longer one than a job that is due each minute. Every due time after
    /// `done` is accounted for: run, missed, or still to come.
    ///
    /// If the clock was put back behind `done`, nothing is due until it has caught up: no due time
    /// is run twice.
    pub(crate) fn due(
        &self,
        done: DateTime<Utc>,
        first: DateTime<Utc>,
        now: DateTime<Utc>,
        catch_up: Duration,
    ) -> Due {
        if first > now {
            return Due { run: None, missed: 0, latest: done, next: first };
        }
        let (latest, passed) = self.latest(first, now);
        let too_old = (now - latest).to_std().is_ok_and(|age| age > catch_up);
        Due {
            run: (!too_old).then_some(latest),
            missed: passed - u64::from(!too_old),
            latest,
            next: self.next_after(latest.max(now)),
        }
    }

    /// The latest due time up to now, beginning with one that has passed, and how many those are.
    fn latest(&self, first: DateTime<Utc>, now: DateTime<Utc>) -> (DateTime<Utc>, u64) {
        if let Schedule::Interval(interval) = &self.schedule {
            let further = (now.timestamp() - first.timestamp()) / seconds(*interval);
            let latest =
                if further == 0 { first } else { second(first.timestamp() + further * seconds(*interval)) };
            return (latest, further.unsigned_abs() + 1);
        }
        let (mut latest, mut passed) = (first, 1);
        // A minutely job whose database is restored from years ago would hold up all others while
        // it counts to a million.
        let near = now - TimeDelta::seconds(seconds(self.schedule.longest_gap()).saturating_mul(2));
        loop {
            if passed == COUNTED {
                latest = latest.max(near);
            }
            let next = self.next_after(latest);
            if next > now {
                return (latest, passed);
            }
            (latest, passed) = (next, passed + 1);
        }
    }
}

/// By how much a run is put off after its due time, at most by `most`: the same for the same job
/// and due time on every replica, and different for jobs that are due together, so that they do not
/// all start in the same instant.
pub(crate) fn jitter(job: &JobName, due: DateTime<Utc>, most: Duration) -> Duration {
    if most.is_zero() {
        return most;
    }
    // FNV-1a: small, and the same on every machine and in every release, which the hashes of the
    // standard library are not.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in job.as_str().bytes().chain(due.timestamp().to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // The low bits of names that differ in one letter are alike; the high ones are not.
    let fraction = (hash >> 32) as f64 / f64::from(u32::MAX);
    most.mul_f64(fraction)
}

/// A moment by its seconds since the epoch; the last that there is, if it is after that.
fn second(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn every(seconds: u64) -> Timetable {
        Timetable::new(Schedule::every(Duration::from_secs(seconds)).unwrap(), at("2026-01-01T00:00:00Z"))
    }

    fn cron(expression: &str, timezone: &str) -> Timetable {
        crons(&[expression], timezone)
    }

    fn crons(expressions: &[&str], timezone: &str) -> Timetable {
        Timetable::new(Schedule::crons(expressions, timezone).unwrap(), at("2026-01-01T00:00:00Z"))
    }

    #[track_caller]
    fn check(timetable: &Timetable, done: &str, now: &str, catch_up: u64, expected: &str) {
        let first = timetable.next_after(at(done));
        let due = timetable.due(at(done), first, at(now), Duration::from_secs(catch_up));
        let run = due.run.map_or("nothing".to_owned(), |run| run.format("%d %H:%M").to_string());
        let found = format!("run {run}, missed {}, next {}", due.missed, due.next.format("%d %H:%M"));
        assert_eq!(found, expected);
    }

    #[test]
    fn intervals_do_not_drift() {
        let timetable = every(300);
        check(
            &timetable,
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:04:59Z",
            600,
            "run nothing, missed 0, next 01 10:05",
        );
        check(
            &timetable,
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:05:00Z",
            600,
            "run 01 10:05, missed 0, next 01 10:10",
        );
        check(
            &timetable,
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:08:20Z",
            600,
            "run 01 10:05, missed 0, next 01 10:10",
        );
    }

    #[test]
    fn of_several_that_have_passed_the_latest_is_run() {
        let timetable = every(300);
        check(
            &timetable,
            "2026-03-01T10:00:00Z",
            "2026-03-02T10:02:00Z",
            600,
            "run 02 10:00, missed 287, next 02 10:05",
        );
        check(
            &timetable,
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:07:00Z",
            60,
            "run nothing, missed 1, next 01 10:10",
        );
        let daily = cron("0 3 * * *", "UTC");
        check(
            &daily,
            "2026-03-01T03:00:00Z",
            "2026-03-04T09:00:00Z",
            43_200,
            "run 04 03:00, missed 2, next 05 03:00",
        );
    }

    #[test]
    fn years_of_due_times_that_have_passed_are_not_counted_one_by_one() {
        let minutely = cron("* 9-17 * * 1-5", "Europe/Berlin");
        // From Friday evening, Monday morning is the longest gap.
        check(
            &minutely,
            "1996-03-01T10:00:00Z",
            "2026-03-02T08:30:30Z",
            600,
            "run 02 08:30, missed 21650, next 02 08:31",
        );
        check(
            &cron("* * * * *", "UTC"),
            "1996-03-01T10:00:00Z",
            "2026-03-02T08:30:30Z",
            600,
            "run 02 08:30, missed 20001, next 02 08:31",
        );
    }

    #[test]
    fn a_clock_that_is_put_back_runs_nothing_twice() {
        check(
            &every(300),
            "2026-03-01T10:00:00Z",
            "2026-03-01T09:00:00Z",
            600,
            "run nothing, missed 0, next 01 10:05",
        );
    }

    #[test]
    fn daylight_saving_skips_and_repeats_nothing() {
        let berlin = cron("30 2 * * *", "Europe/Berlin");
        // At two o'clock of the 29th of March it is three; on the 25th of October half past two
        // comes twice.
        check(
            &berlin,
            "2026-03-28T01:30:00Z",
            "2026-03-29T12:00:00Z",
            86_400,
            "run 29 01:00, missed 0, next 30 00:30",
        );
        check(
            &berlin,
            "2026-10-24T00:30:00Z",
            "2026-10-25T12:00:00Z",
            86_400,
            "run 25 00:30, missed 0, next 26 01:30",
        );
    }

    #[test]
    fn what_several_expressions_name_is_due_once() {
        let next = |timetable: &Timetable, from: &str, number: usize| {
            let mut moment = at(from);
            let times = (0..number).map(|_| {
                moment = timetable.next_after(moment);
                moment.format("%a %H:%M:%S").to_string()
            });
            times.collect::<Vec<_>>()
        };
        let two = crons(&["0 2 * * 1-5", "0 4 * * 0,6"], "UTC");
        // The 6th of March is a Friday.
        assert_eq!(
            next(&two, "2026-03-06T00:00:00Z", 4),
            ["Fri 02:00:00", "Sat 04:00:00", "Sun 04:00:00", "Mon 02:00:00"]
        );
        let both = crons(&["*/20 * * * *", "0 3 * * *"], "UTC");
        assert_eq!(next(&both, "2026-03-06T02:30:00Z", 3), ["Fri 02:40:00", "Fri 03:00:00", "Fri 03:20:00"]);
        // Half past two comes twice on the 25th of October, and the other expression is due
        // between.
        let berlin = crons(&["30 2 * * *", "45 * * * *"], "Europe/Berlin");
        assert_eq!(
            next(&berlin, "2026-10-25T00:00:00Z", 4),
            ["Sun 00:30:00", "Sun 00:45:00", "Sun 01:45:00", "Sun 02:45:00"]
        );
        let seconds = cron("*/10 * * * * *", "UTC");
        assert_eq!(next(&seconds, "2026-03-06T02:30:55Z", 2), ["Fri 02:31:00", "Fri 02:31:10"]);
    }

    #[test]
    fn jitter_is_the_same_everywhere_and_spreads_jobs() {
        let due = at("2026-03-01T10:00:00Z");
        let most = Duration::from_secs(60);
        let of = |name: String| jitter(&JobName::new(name).unwrap(), due, most);
        assert_eq!(of("webhook_retry".to_owned()), of("webhook_retry".to_owned()));
        let jitters: Vec<Duration> = (0..1000).map(|number| of(format!("job-{number}"))).collect();
        assert!(jitters.iter().all(|jitter| *jitter <= most));
        for tenth in 0..10 {
            let range = most * tenth / 10..most * (tenth + 1) / 10;
            let within = jitters.iter().filter(|jitter| range.contains(*jitter)).count();
            assert!((50..200).contains(&within), "{within} of 1000 jobs in tenth {tenth}");
        }
    }

    fn timetable() -> impl Strategy<Value = Timetable> {
        let known = ["* * * * *", "*/7 * * * *", "30 2 * * *", "0 9-17 * * 1-5", "0 4 1 * *", "30 5 2 * * *"];
        let expressions = prop::sample::subsequence(known.to_vec(), 1..=3);
        let timezone = prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata"]);
        prop_oneof![
            (1_u64..100_000).prop_map(every),
            (expressions, timezone).prop_map(|(expressions, timezone)| crons(&expressions, timezone)),
        ]
    }

    /// What the clock does between two looks at it: mostly it goes on, at times it jumps, also
    /// back.
    fn looks() -> impl Strategy<Value = Vec<i64>> {
        prop::collection::vec(
            prop_oneof![8 => 1_i64..5_000, 1 => 5_000_i64..200_000, 1 => -4_000_i64..0],
            1..60,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Against an oracle that walks from one due time to the next.
        #[test]
        fn every_due_time_is_run_or_missed_exactly_once(
            timetable in timetable(),
            looks in looks(),
            catch_up in 0_u64..20_000,
        ) {
            let start = at("2026-03-20T00:00:00Z");
            let (mut done, mut now, mut newest) = (start, start, start);
            let (mut runs, mut missed) = (Vec::new(), 0);
            for step in looks {
                now += TimeDelta::seconds(step);
                newest = newest.max(now);
                let first = timetable.next_after(done);
                let due = timetable.due(done, first, now, Duration::from_secs(catch_up));
                if let Some(run) = due.run {
                    prop_assert!(run > done && run <= now);
                    prop_assert!((now - run).num_seconds() <= i64::try_from(catch_up).unwrap());
                    runs.push(run);
                }
                missed += due.missed;
                prop_assert!(due.next > now || due.next > done);
                if due.run.is_some() || due.missed > 0 {
                    done = now;
                }
            }
            let mut occurrences = 0;
            let mut occurrence = timetable.next_after(start);
            while occurrence <= newest {
                occurrences += 1;
                occurrence = timetable.next_after(occurrence);
            }
            prop_assert!(runs.is_sorted_by(|a, b| a < b), "{runs:?}");
            prop_assert_eq!(runs.len() as u64 + missed, occurrences);
        }
    }
}

//! Changes of clocks, and what they do to the time between two occurrences of cron expressions.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::Cron;

/// The first day that gaps are looked for on. It is always the same, so that no result depends on
/// the day it is computed on.
pub(crate) const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// On how many days gaps are looked for. Four years and one more have a leap day between any two
/// days of the year that follow one another.
pub(crate) const DAYS: usize = 5 * 365 + 2;

/// In how many days changes of clocks are looked for. Each year has the same ones.
const DAYS_OF_CHANGES: u64 = 2 * 365;

/// No clock is changed by more than this; what occurs further away is not moved by the change.
const LARGEST_CHANGE: TimeDelta = TimeDelta::hours(3);

/// No clock is changed by less than this; a gap that a change makes longer is not shorter.
const SMALLEST_CHANGE: TimeDelta = TimeDelta::minutes(30);

/// Returns the moments at which the clocks of a time zone are changed, within two years.
pub(crate) fn clock_changes(timezone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |moment: DateTime<Utc>| timezone.offset_from_utc_datetime(&moment.naive_utc()).fix();
    let midnight = |days: u64| {
        FIRST_DAY.checked_add_days(Days::new(days)).map(|day| day.and_time(NaiveTime::MIN).and_utc())
    };
    let change_between = |mut before: DateTime<Utc>, mut after: DateTime<Utc>| {
        let earlier = offset(before);
        if offset(after) == earlier {
            return None;
        }
        while after - before > TimeDelta::seconds(1) {
            let between = before + TimeDelta::seconds((after - before).num_seconds() / 2);
            if offset(between) == earlier { before = between } else { after = between }
        }
        Some(after)
    };
    (0..DAYS_OF_CHANGES).filter_map(|day| change_between(midnight(day)?, midnight(day + 1)?)).collect()
}

/// Returns the longest time between two successive occurrences of some expressions together around
/// a change of clocks, if it is more than half an hour: others may be told or not. `None` if
/// nothing is told.
pub(crate) fn longest_gap_across(crons: &[&Cron], timezone: Tz, change: DateTime<Utc>) -> Option<Duration> {
    let until = (change + LARGEST_CHANGE).with_timezone(&timezone);
    let previous = |moment: &DateTime<Tz>| {
        crons.iter().filter_map(|cron| cron.find_previous_occurrence(moment, true).ok()).max()
    };
    let next = |moment: &DateTime<Tz>| {
        crons.iter().filter_map(|cron| cron.find_next_occurrence(moment, false).ok()).min()
    };
    let mut longest = None;
    let mut moment = (change - LARGEST_CHANGE).with_timezone(&timezone);
    while moment < until {
        // A gap of half an hour covers a moment that is half an hour after the end of one before.
        let (before, after) = (previous(&moment)?, next(&moment)?);
        longest = longest.max((after - before).to_std().ok());
        moment = after + SMALLEST_CHANGE;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(timezone: &str, expected: &[&str]) {
        let changes = clock_changes(timezone.parse().unwrap());
        let written: Vec<String> = changes.iter().map(|change| change.format("%F %R").to_string()).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn clocks_are_changed_where_the_time_zone_says_so() {
        check("UTC", &[]);
        check("Asia/Tokyo", &[]);
        check(
            "Europe/Berlin",
            &["2026-03-29 01:00", "2026-10-25 01:00", "2027-03-28 01:00", "2027-10-31 01:00"],
        );
        check(
            "Australia/Lord_Howe",
            &["2026-04-04 15:00", "2026-10-03 15:30", "2027-04-03 15:00", "2027-10-02 15:30"],
        );
    }
}

//! When a job is due.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// The shortest interval that a schedule may have.
pub const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest time that may lie between two due times.
pub const MAX_INTERVAL: Duration = Duration::from_secs(366 * 86_400);

/// When a job is due.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// Again and again after the same time.
    Interval(Duration),
    /// At the times that a cron expression names.
    Cron(Box<CronSchedule>),
}

/// A cron expression of five fields with its time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct CronSchedule {
    cron: Cron,
    expression: String,
    timezone: chrono_tz::Tz,
    longest_gap: Duration,
    shortest_gap: Duration,
}

/// Why a schedule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The interval is shorter than a second, or zero.
    #[error("an interval is at least one second")]
    TooShort,
    /// The interval is longer than a year.
    #[error("an interval is at most 366 days")]
    TooLong,
    /// The interval has fractions of a second.
    #[error("an interval is whole seconds")]
    Fraction,
    /// The cron expression cannot be read.
    #[error("no cron expression of five fields (minute hour day month weekday), as in `30 2 * * *`: {0}")]
    Cron(String),
    /// The cron expression names no time, or times that are more than a year apart.
    #[error("the cron expression has to name a time at least every 366 days")]
    NeverOccurs,
    /// There is no such time zone.
    #[error("unknown time zone: write a name of the IANA database, as `UTC` or `Europe/Berlin`")]
    Timezone,
}

impl Schedule {
    /// A schedule with a fixed interval.
    ///
    /// # Errors
    ///
    /// The interval has to be whole seconds, from [`MIN_INTERVAL`] to [`MAX_INTERVAL`].
    pub fn every(interval: Duration) -> Result<Self, ScheduleError> {
        if interval < MIN_INTERVAL {
            return Err(ScheduleError::TooShort);
        }
        if interval > MAX_INTERVAL {
            return Err(ScheduleError::TooLong);
        }
        if interval.subsec_nanos() != 0 {
            return Err(ScheduleError::Fraction);
        }
        Ok(Self::Interval(interval))
    }

    /// A schedule by a cron expression of five fields, in a time zone of the IANA database.
    ///
    /// # Errors
    ///
    /// The expression has to be readable and to name a time at least every 366 days; the time zone has to exist.
    pub fn cron(expression: &str, timezone: &str) -> Result<Self, ScheduleError> {
        CronSchedule::new(expression, timezone).map(|cron| Self::Cron(Box::new(cron)))
    }

    /// The longest time between two due times that follow one another: what a success can at most be apart from the next.
    pub fn longest_gap(&self) -> Duration {
        match self {
            Self::Interval(interval) => *interval,
            Self::Cron(cron) => cron.longest_gap,
        }
    }

    /// The shortest time between two due times that follow one another: how often the job can at most run.
    pub fn shortest_gap(&self) -> Duration {
        match self {
            Self::Interval(interval) => *interval,
            Self::Cron(cron) => cron.shortest_gap,
        }
    }
}

impl fmt::Display for Schedule {
    /// Writes it for people: `every 5m`, or `0 3 * * * (Europe/Berlin)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval(interval) => f.pad(&format!("every {}", crate::duration::format(*interval))),
            Self::Cron(cron) => f.pad(&format!("{} ({})", cron.expression, cron.timezone)),
        }
    }
}

impl CronSchedule {
    fn new(expression: &str, timezone: &str) -> Result<Self, ScheduleError> {
        let timezone = chrono_tz::Tz::from_str(timezone).map_err(|_| ScheduleError::Timezone)?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(expression).map_err(|e| ScheduleError::Cron(e.to_string()))?;
        let (shortest_gap, wall_clock_gap) = gaps(&cron, expression).ok_or(ScheduleError::NeverOccurs)?;
        if wall_clock_gap > MAX_INTERVAL {
            return Err(ScheduleError::NeverOccurs);
        }
        // Where clocks are put back, a day has 25 hours.
        let daylight_saving = Duration::from_secs(if timezone == chrono_tz::UTC { 0 } else { 3_600 });
        let longest_gap = wall_clock_gap + daylight_saving;
        let expression = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self { cron, expression, timezone, longest_gap, shortest_gap })
    }

    /// The parsed expression, to compute occurrences with.
    pub fn cron(&self) -> &Cron {
        &self.cron
    }

    /// The expression, its fields separated by single spaces.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The time zone that the expression is read in.
    pub fn timezone(&self) -> chrono_tz::Tz {
        self.timezone
    }
}

/// The shortest and the longest time between two occurrences that follow one another, by the wall clock.
///
/// The occurrences of one day are the same on every day that has any, so one day is enumerated whole, and of the others
/// only the first occurrence is looked up. Two years and a day hold two of anything that occurs every 366 days.
fn gaps(cron: &Cron, expression: &str) -> Option<(Duration, Duration)> {
    const DAYS: u64 = 2 * 366 + 1;
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let start = NaiveDate::from_ymd_opt(2026, 1, 1)?;
    let end = midnight(start.checked_add_days(Days::new(DAYS))?);
    let first_from =
        |moment: DateTime<Utc>| cron.find_next_occurrence(&moment, true).ok().filter(|found| *found < end);
    let first = first_from(midnight(start))?;
    let mut within_day: Vec<DateTime<Utc>> = Vec::new();
    let next_midnight = midnight(first.date_naive().checked_add_days(Days::new(1))?);
    within_day.extend(cron.iter_from(first, croner::Direction::Forward).take_while(|at| *at < next_midnight));
    let last_of_day = *within_day.last()? - midnight(first.date_naive());

    let mut shortest = TimeDelta::MAX;
    let mut longest = TimeDelta::zero();
    let mut note = |gap: TimeDelta| {
        shortest = shortest.min(gap);
        longest = longest.max(gap);
    };
    for pair in within_day.windows(2) {
        note(pair[1] - pair[0]);
    }
    let mut day = first.date_naive();
    // When the fields of the day are all stars, one step tells what all the others would.
    let every_day = expression.split_whitespace().skip(2).all(|field| field == "*");
    while let Some(next) = first_from(midnight(day.checked_add_days(Days::new(1))?)) {
        note(next - (midnight(day) + last_of_day));
        day = next.date_naive();
        if every_day {
            break;
        }
    }
    if longest.is_zero() {
        return None;
    }
    Some((shortest.to_std().ok()?, longest.to_std().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::format;

    #[track_caller]
    fn check(expression: &str, timezone: &str, expected: &str) {
        let found = match Schedule::cron(expression, timezone) {
            Ok(schedule) => format!(
                "{}: {} to {}",
                schedule,
                format(schedule.shortest_gap()),
                format(schedule.longest_gap())
            ),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_cron_expression_knows_its_gaps() {
        check("* * * * *", "UTC", "* * * * * (UTC): 1m to 1m");
        check("*/15 * * * *", "UTC", "*/15 * * * * (UTC): 15m to 15m");
        check("0,50 * * * *", "UTC", "0,50 * * * * (UTC): 10m to 50m");
        check("0 3 * * *", "UTC", "0 3 * * * (UTC): 1d to 1d");
        check("0 3 * * *", "Europe/Berlin", "0 3 * * * (Europe/Berlin): 1d to 25h");
        check("0 9-17 * * 1-5", "UTC", "0 9-17 * * 1-5 (UTC): 1h to 2d16h");
        check("30 2 1 * *", "UTC", "30 2 1 * * (UTC): 28d to 31d");
        check("0  0 1 1 *", "UTC", "0 0 1 1 * (UTC): 365d to 365d");
    }

    #[test]
    fn a_cron_expression_that_hardly_occurs_is_refused() {
        let never = "the cron expression has to name a time at least every 366 days";
        check("0 0 30 2 *", "UTC", never);
        check("0 0 29 2 *", "UTC", never);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        check(
            "0 3 * * *",
            "Berlin",
            "unknown time zone: write a name of the IANA database, as `UTC` or `Europe/Berlin`",
        );
        let refused = |expression| Schedule::cron(expression, "UTC").is_err();
        for expression in ["", "0 3 * *", "0 0 3 * * *", "61 * * * *", "every day", "0 3 * * * 2027"] {
            assert!(refused(expression), "{expression}");
        }
    }

    #[test]
    fn an_interval_has_bounds() {
        let check = |seconds| Schedule::every(Duration::from_secs(seconds)).map(|s| s.to_string());
        assert_eq!(check(300), Ok("every 5m".to_owned()));
        assert_eq!(check(0), Err(ScheduleError::TooShort));
        assert_eq!(check(367 * 86_400), Err(ScheduleError::TooLong));
        assert_eq!(Schedule::every(Duration::from_millis(1500)), Err(ScheduleError::Fraction));
    }
}

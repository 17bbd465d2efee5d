//! When a job is due.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use croner::Cron;

use crate::cron::CronError;
use crate::expression::{Expression, Expressions};

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
    expression: Arc<Expression>,
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
    #[error(transparent)]
    Cron(#[from] CronError),
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
    /// [`crate::cron`] has the notation.
    ///
    /// # Errors
    ///
    /// The expression has to be readable and to name a time at least every 366 days; the time zone
    /// has to exist.
    pub fn cron(expression: &str, timezone: &str) -> Result<Self, ScheduleError> {
        Self::cron_among(expression, timezone, &mut Expressions::default())
    }

    /// As [`Schedule::cron`], for one of many.
    pub(crate) fn cron_among(
        expression: &str,
        timezone: &str,
        known: &mut Expressions,
    ) -> Result<Self, ScheduleError> {
        CronSchedule::new(expression, timezone, known).map(|cron| Self::Cron(Box::new(cron)))
    }

    /// Returns the longest time between two successive due times.
    pub fn longest_gap(&self) -> Duration {
        match self {
            Self::Interval(interval) => *interval,
            Self::Cron(cron) => cron.longest_gap,
        }
    }

    /// Returns the shortest time between two successive due times.
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
            Self::Cron(cron) => f.pad(&format!("{} ({})", cron.expression(), cron.timezone)),
        }
    }
}

impl CronSchedule {
    fn new(expression: &str, timezone: &str, known: &mut Expressions) -> Result<Self, ScheduleError> {
        let timezone = chrono_tz::Tz::from_str(timezone).map_err(|_| ScheduleError::Timezone)?;
        let expression = known.read(expression)?;
        let (shortest_gap, wall_clock_gap) = expression
            .gaps
            .filter(|(_, longest)| *longest <= MAX_INTERVAL)
            .ok_or(ScheduleError::NeverOccurs)?;
        let longest_gap = wall_clock_gap.max(known.longest_gap_across_changes(&expression, timezone));
        Ok(Self { expression, timezone, longest_gap, shortest_gap })
    }

    /// Returns the parsed expression, to compute occurrences with.
    pub fn cron(&self) -> &Cron {
        &self.expression.cron
    }

    /// Returns the expression, its fields separated by single spaces.
    pub fn expression(&self) -> &str {
        &self.expression.fields
    }

    /// Returns the time zone that the expression is read in.
    pub fn timezone(&self) -> chrono_tz::Tz {
        self.timezone
    }
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
        check("@monthly", "UTC", "0 0 1 * * (UTC): 28d to 31d");
        check("0 0 L * *", "UTC", "0 0 L * * (UTC): 28d to 31d");
        check("0  0 1 1 *", "UTC", "0 0 1 1 * (UTC): 365d to 366d");
        check("30 2 29 3 *", "UTC", "30 2 29 3 * (UTC): 365d to 366d");
    }

    #[test]
    fn a_time_zone_makes_only_those_gaps_longer_that_are() {
        check("* * * * *", "Asia/Tokyo", "* * * * * (Asia/Tokyo): 1m to 1m");
        check("* * * * *", "Europe/Berlin", "* * * * * (Europe/Berlin): 1m to 1m");
        check("*/15 * * * *", "America/New_York", "*/15 * * * * (America/New_York): 15m to 15m");
        check("0 * * * *", "Europe/Berlin", "0 * * * * (Europe/Berlin): 1h to 1h");
        check("0 3 * * *", "Asia/Tokyo", "0 3 * * * (Asia/Tokyo): 1d to 1d");
        check("0 3 * * *", "Europe/Berlin", "0 3 * * * (Europe/Berlin): 1d to 25h");
        check("30 2 * * *", "Europe/Berlin", "30 2 * * * (Europe/Berlin): 1d to 25h");
        check("0 3 * * 1", "Europe/Berlin", "0 3 * * 1 (Europe/Berlin): 7d to 7d1h");
        check("*/15 8-17 * * 1-5", "Europe/Berlin", "*/15 8-17 * * 1-5 (Europe/Berlin): 15m to 2d15h15m");
        check("*/5 6-23 * * *", "Europe/Amsterdam", "*/5 6-23 * * * (Europe/Amsterdam): 5m to 7h5m");
        check("30 2 29 3 *", "Europe/Berlin", "30 2 29 3 * (Europe/Berlin): 365d to 366d");
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

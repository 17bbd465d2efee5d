//! When a job is due.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::cron::{CronError, MAX_OF_CATALOGUE, MAX_OF_JOB};
use crate::expression::{Expression, Expressions};
use crate::occurrences::MOST_GAPS;

/// The shortest interval that a schedule may have.
pub const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest time that may lie between two due times.
pub const MAX_INTERVAL: Duration = Duration::from_secs(366 * 86_400);

/// When a job is due.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// Again and again after the same time.
    Interval(Duration),
    /// At the times that cron expressions name.
    Cron(Box<CronSchedule>),
}

/// Cron expressions with their time zone. A time that several of them name is one time.
#[derive(Debug, Clone, PartialEq)]
pub struct CronSchedule {
    expressions: Vec<Arc<Expression>>,
    timezone: chrono_tz::Tz,
    /// The shortest and the longest time of one gap, of two in a row, and so on.
    spans: [(Duration, Duration); MOST_GAPS],
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
    /// A cron expression cannot be read.
    #[error("{error}")]
    Cron {
        /// Which of several it is, counted from zero.
        place: usize,
        /// What is wrong with it.
        error: CronError,
    },
    /// A cron expression is there twice.
    #[error("`{expression}` is there twice: keep one of them")]
    Repeated {
        /// Which of several it is, counted from zero.
        place: usize,
        /// The expression.
        expression: String,
    },
    /// There are none, or too many.
    #[error("a job has from one to {MAX_OF_JOB} cron expressions: this one has {0}")]
    ExpressionCount(usize),
    /// There are too many in the catalogue.
    #[error(
        "with this job the catalogue has more than {MAX_OF_CATALOGUE} cron expressions: divide the jobs \
         among several catalogues"
    )]
    TooManyInAll,
    /// The cron expressions name no time, or times that are more than a year apart.
    #[error("the cron expression has to name a time at least every 366 days")]
    NeverOccurs,
    /// There is no such time zone.
    #[error("unknown time zone: write a name of the IANA database, as `UTC` or `Europe/Berlin`")]
    Timezone,
}

impl Schedule {
    /// Returns the names of the time zones that a cron schedule may have, in the order of the
    /// alphabet.
    pub fn timezones() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|timezone| timezone.name())
    }

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

    /// A schedule by a cron expression, in a time zone of the IANA database. [`crate::cron`] has
    /// the notation.
    ///
    /// # Errors
    ///
    /// The expression has to be readable and to name a time at least every 366 days; the time zone
    /// has to exist.
    pub fn cron(expression: &str, timezone: &str) -> Result<Self, ScheduleError> {
        Self::crons(&[expression], timezone)
    }

    /// A schedule by several cron expressions in one time zone: a job is due when any of them says
    /// so, and once where several do.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobwatch_catalogue::Schedule;
    ///
    /// let weekdays_and_weekends = Schedule::crons(&["0 2 * * 1-5", "0 4 * * 0,6"], "UTC")?;
    /// assert_eq!(weekdays_and_weekends.longest_gap(), Duration::from_secs(26 * 3_600));
    /// # Ok::<(), jobwatch_catalogue::schedule::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Schedule::cron`], of all of them together. There have to be from one to
    /// [`crate::cron::MAX_OF_JOB`], each once.
    pub fn crons(expressions: &[impl AsRef<str>], timezone: &str) -> Result<Self, ScheduleError> {
        Self::crons_among(expressions, timezone, &mut Expressions::default())
    }

    /// As [`Schedule::crons`], for one of many jobs.
    pub(crate) fn crons_among(
        expressions: &[impl AsRef<str>],
        timezone: &str,
        known: &mut Expressions,
    ) -> Result<Self, ScheduleError> {
        CronSchedule::new(expressions, timezone, known).map(|cron| Self::Cron(Box::new(cron)))
    }

    /// Returns the longest time between two successive due times.
    pub fn longest_gap(&self) -> Duration {
        self.longest_span(1)
    }

    /// Returns the shortest time between two successive due times.
    pub fn shortest_gap(&self) -> Duration {
        self.shortest_span(1)
    }

    /// Returns the longest time that so many gaps between due times take that follow one another,
    /// from one to five: two gaps of a job that rests at weekends are no longer than a weekend and
    /// one gap of a working day.
    pub fn longest_span(&self, gaps: u32) -> Duration {
        match self {
            Self::Interval(interval) => *interval * in_a_row(gaps),
            Self::Cron(cron) => cron.spans[in_a_row(gaps) as usize - 1].1,
        }
    }

    /// Returns the shortest time that so many gaps between due times take that follow one another,
    /// from one to five.
    pub fn shortest_span(&self, gaps: u32) -> Duration {
        match self {
            Self::Interval(interval) => *interval * in_a_row(gaps),
            Self::Cron(cron) => cron.spans[in_a_row(gaps) as usize - 1].0,
        }
    }
}

/// Gaps in a row are known of from one to [`MOST_GAPS`].
fn in_a_row(gaps: u32) -> u32 {
    gaps.clamp(1, MOST_GAPS as u32)
}

impl fmt::Display for Schedule {
    /// Writes it for people: `every 5m`, `0 3 * * * (Europe/Berlin)`, or `0 2 * * 1-5; 0 4 * * 0,6
    /// (UTC)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval(interval) => f.pad(&format!("every {}", crate::duration::format(*interval))),
            Self::Cron(cron) => f.pad(&cron.to_string()),
        }
    }
}

impl CronSchedule {
    fn new(
        written: &[impl AsRef<str>],
        timezone: &str,
        known: &mut Expressions,
    ) -> Result<Self, ScheduleError> {
        let timezone = chrono_tz::Tz::from_str(timezone).map_err(|_| ScheduleError::Timezone)?;
        if !(1..=MAX_OF_JOB).contains(&written.len()) {
            return Err(ScheduleError::ExpressionCount(written.len()));
        }
        if !known.count(written.len()) {
            return Err(ScheduleError::TooManyInAll);
        }
        let mut expressions: Vec<Arc<Expression>> = Vec::with_capacity(written.len());
        for (place, text) in written.iter().enumerate() {
            let expression =
                known.read(text.as_ref()).map_err(|error| ScheduleError::Cron { place, error })?;
            if expressions.contains(&expression) {
                let expression = expression.fields.clone();
                return Err(ScheduleError::Repeated { place, expression });
            }
            expressions.push(expression);
        }
        let found = known.spans(&expressions);
        let (shortest, longest) =
            found[0].filter(|(_, longest)| *longest <= MAX_INTERVAL).ok_or(ScheduleError::NeverOccurs)?;
        // What a change of clocks adds to the longest gap, it may add to several that have that
        // gap.
        let added = known.longest_gap_across_changes(&expressions, timezone).saturating_sub(longest);
        let mut spans = [(shortest, longest); MOST_GAPS];
        for (gaps, (span, found)) in (1..).zip(spans.iter_mut().zip(found)) {
            // Five years hold fewer than five gaps of a job that is due once a year.
            let (shortest, longest) = found.unwrap_or((shortest * gaps, longest * gaps));
            *span = (shortest, longest + added);
        }
        Ok(Self { expressions, timezone, spans })
    }

    /// Returns the first time after a moment that any of the expressions names. `None` if there is
    /// none within the years that a calendar has.
    pub fn next_after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = moment.with_timezone(&self.timezone);
        let next = |expression: &Arc<Expression>| expression.cron.find_next_occurrence(&local, false).ok();
        self.expressions.iter().filter_map(next).min().map(|next| next.with_timezone(&Utc))
    }

    /// Returns the expressions, the fields of each separated by single spaces. There is one at
    /// least.
    pub fn expressions(&self) -> impl Iterator<Item = &str> {
        self.expressions.iter().map(|expression| expression.fields.as_str())
    }

    /// Returns the time zone that the expressions are read in.
    pub fn timezone(&self) -> chrono_tz::Tz {
        self.timezone
    }
}

impl fmt::Display for CronSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expressions: Vec<&str> = self.expressions().collect();
        write!(f, "{} ({})", expressions.join("; "), self.timezone)
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

    #[track_caller]
    fn check_several(expressions: &[&str], timezone: &str, expected: &str) {
        let found = match Schedule::crons(expressions, timezone) {
            Ok(schedule) => {
                format!("{} to {}", format(schedule.shortest_gap()), format(schedule.longest_gap()))
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{expressions:?}");
    }

    #[test]
    fn the_gaps_of_several_expressions_are_those_of_all_together() {
        check_several(&["0 2 * * 1-5", "0 4 * * 0,6"], "UTC", "22h to 26h");
        check_several(&["0 2 * * 1-5", "0 4 * * 0,6"], "Europe/Berlin", "22h to 26h");
        check_several(&["0 2 * * *", "0 2 1 * *"], "UTC", "1d to 1d");
        check_several(&["0 0 1 1 *", "0 0 1 7 *"], "UTC", "181d to 184d");
        check_several(&["0 0 29 2 *", "0 0 1 3 *"], "UTC", "1d to 365d");
        check_several(&["0 * * * *", "30 0 * * * *"], "UTC", "30s to 59m30s");
        // Clocks are put back from three to two: half past two comes once, three o'clock later.
        check_several(&["30 2 * * *", "0 3 * * *"], "Europe/Berlin", "30m to 23h30m");
        check_several(&["30 2 * * *", "*/10 * * * *"], "Europe/Berlin", "10m to 10m");
    }

    #[test]
    fn several_expressions_are_few_and_differ() {
        check_several(&[], "UTC", "a job has from one to 8 cron expressions: this one has 0");
        let nine = (0..9).map(|minute| format!("{minute} * * * *")).collect::<Vec<_>>();
        let nine: Vec<&str> = nine.iter().map(String::as_str).collect();
        check_several(&nine[1..], "UTC", "1m to 53m");
        check_several(&nine, "UTC", "a job has from one to 8 cron expressions: this one has 9");
        check_several(&["0 0 * * *", "@daily"], "UTC", "`0 0 * * *` is there twice: keep one of them");
    }

    #[test]
    fn a_sixth_field_in_front_is_the_second() {
        check("*/10 * * * * *", "UTC", "*/10 * * * * * (UTC): 10s to 10s");
        check("* * * * * *", "Europe/Berlin", "* * * * * * (Europe/Berlin): 1s to 1s");
        check("30 0 3 * * *", "UTC", "30 0 3 * * * (UTC): 1d to 1d");
        check("0,20 */5 9-17 * * 1-5", "UTC", "0,20 */5 9-17 * * 1-5 (UTC): 20s to 2d15h4m40s");
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

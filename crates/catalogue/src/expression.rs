//! Cron expressions that can be computed with.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};
use croner::{Cron, Weekday};

use crate::clock_change::{DAYS, FIRST_DAY, clock_changes, longest_gap_across};
use crate::cron::{CronError, five_fields};

/// A cron expression, and how far apart its occurrences are.
#[derive(Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) cron: Cron,
    /// The five fields, separated by single spaces.
    pub(crate) fields: String,
    /// The shortest and the longest time between two occurrences that follow one another, by the
    /// wall clock; `None` if there are no two within five years.
    pub(crate) gaps: Option<(Duration, Duration)>,
}

/// The expressions of one catalogue. What several jobs have in common is worked out once.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    known: HashMap<String, Arc<Expression>>,
    /// The shortest and the longest number of days between two that have occurrences, by the three
    /// fields of days.
    days: HashMap<String, Option<(u64, u64)>>,
    /// When the clocks of each time zone are changed.
    clock_changes: HashMap<Tz, Vec<DateTime<Utc>>>,
    /// The longest gap around a change of clocks, by expression and time zone.
    across_changes: HashMap<(String, Tz), Duration>,
}

impl Expressions {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// [`CronError`] if the text is no expression of five fields.
    pub(crate) fn read(&mut self, text: &str) -> Result<Arc<Expression>, CronError> {
        let fields = five_fields(text)?;
        if let Some(known) = self.known.get(&fields) {
            return Ok(known.clone());
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&fields).map_err(|error| CronError::Refused(error.to_string()))?;
        let gaps = self.gaps(&cron, &fields);
        let expression = Arc::new(Expression { cron, fields: fields.clone(), gaps });
        self.known.insert(fields, expression.clone());
        Ok(expression)
    }

    /// Returns the longest gap around a change of clocks in a time zone: an occurrence at a fixed
    /// hour comes an hour later in the night in which clocks are put back, one that is due each
    /// hour does not. Zero where clocks are never changed.
    pub(crate) fn longest_gap_across_changes(&mut self, expression: &Expression, timezone: Tz) -> Duration {
        let key = (expression.fields.clone(), timezone);
        if let Some(&known) = self.across_changes.get(&key) {
            return known;
        }
        let changes = self.clock_changes.entry(timezone).or_insert_with(|| clock_changes(timezone));
        let gaps =
            changes.iter().filter_map(|&change| longest_gap_across(&expression.cron, timezone, change));
        let longest = gaps.max().unwrap_or_default();
        self.across_changes.insert(key, longest);
        longest
    }

    /// Returns the shortest and the longest gap. The occurrences of one day are the same on every
    /// day that has any, so that the gaps within a day follow from the first two fields, and those
    /// between days from the others.
    fn gaps(&mut self, cron: &Cron, fields: &str) -> Option<(Duration, Duration)> {
        let (minutes, hours) = (cron.pattern.minutes.values(), cron.pattern.hours.values());
        let moments: Vec<u64> = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| u64::from(hour * 60 + minute)))
            .collect();
        let (first, last) = (moments.first()?, moments.last()?);
        let of_days = fields.splitn(3, ' ').nth(2)?;
        let days = match self.days.get(of_days) {
            Some(known) => *known,
            None => {
                let found = if of_days == "* * *" { Some((1, 1)) } else { days_between(cron) };
                self.days.insert(of_days.to_owned(), found);
                found
            }
        };
        let between = |days: u64| 24 * 60 * days + first - last;
        let (mut shortest, mut longest) =
            days.map(|(shortest, longest)| (between(shortest), between(longest)))?;
        for pair in moments.windows(2) {
            shortest = shortest.min(pair[1] - pair[0]);
            longest = longest.max(pair[1] - pair[0]);
        }
        Some((Duration::from_secs(60 * shortest), Duration::from_secs(60 * longest)))
    }
}

/// Returns the shortest and the longest number of days between two successive days that have
/// occurrences. `None` if there are no two within five years.
fn days_between(cron: &Cron) -> Option<(u64, u64)> {
    let occurs = |date: &NaiveDate| {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let weekday = Weekday::from_days_from_sunday(date.weekday().num_days_from_sunday());
        let is_in_month = cron.pattern.month_match(month).unwrap_or(false);
        is_in_month && cron.pattern.day_match(year, month, day, weekday).unwrap_or(false)
    };
    let mut days = FIRST_DAY.iter_days().take(DAYS).filter(occurs);
    let mut day = days.next()?;
    let mut gaps: Option<(u64, u64)> = None;
    for next in days {
        let gap = u64::try_from((next - day).num_days()).ok()?;
        gaps = Some(gaps.map_or((gap, gap), |(shortest, longest)| (shortest.min(gap), longest.max(gap))));
        day = next;
    }
    gaps
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use croner::Direction;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn gaps_are_those_of_the_occurrences(
            minute in "([0-9]|[0-9],[1-5][0-9]|\\*/20)",
            hour in "([0-9]|[0-9],1[0-9]|[0-9]-23/[4-9])",
            days in prop::sample::select(vec!["* * *", "1 * *", "L * *", "* * 1-5", "* * 7", "*/10 * *", "* 2-4 MON", "29 3 *"])
        ) {
            let expression = Expressions::default().read(&format!("{minute} {hour} {days}")).unwrap();
            let start = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
            let until = start + Days::new(DAYS as u64);
            let times = expression.cron.iter_from(start, Direction::Forward).take_while(|time| *time < until);
            let times: Vec<DateTime<Utc>> = times.collect();
            let gaps = || times.windows(2).map(|pair| (pair[1] - pair[0]).to_std().unwrap());
            prop_assert_eq!(expression.gaps, gaps().min().zip(gaps().max()));
        }
    }
}

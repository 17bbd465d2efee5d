//! Cron expressions that can be computed with.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::clock_change::{clock_changes, longest_gap_across};
use crate::cron::{CronError, MAX_OF_CATALOGUE, fields};
use crate::occurrences::{DaySet, Marks, Spans, spans};

/// A cron expression.
#[derive(Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) cron: Cron,
    /// The five or six fields, separated by single spaces.
    pub(crate) fields: String,
    days: Arc<DaySet>,
}

/// The expressions of one catalogue. What several jobs have in common is worked out once.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    /// How many there are in all jobs.
    counted: usize,
    known: HashMap<String, Arc<Expression>>,
    /// The days that have occurrences, by the three fields of days.
    days: HashMap<String, Arc<DaySet>>,
    /// How long gaps in a row take, by the expressions of a job.
    spans: HashMap<Vec<String>, Spans>,
    /// When the clocks of each time zone are changed.
    clock_changes: HashMap<Tz, Vec<DateTime<Utc>>>,
    /// The longest gap around a change of clocks, by the expressions of a job and time zone.
    across_changes: HashMap<(Vec<String>, Tz), Duration>,
}

impl Expressions {
    /// Counts the expressions of a further job. Returns whether there are not too many yet.
    pub(crate) const fn count(&mut self, further: usize) -> bool {
        self.counted += further;
        self.counted <= MAX_OF_CATALOGUE
    }

    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// [`CronError`] if the text is no expression of five or six fields.
    pub(crate) fn read(&mut self, text: &str) -> Result<Arc<Expression>, CronError> {
        let fields = fields(text)?;
        if let Some(known) = self.known.get(&fields) {
            return Ok(known.clone());
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(&fields).map_err(|error| CronError::Refused(error.to_string()))?;
        let of_days: Vec<&str> = fields.rsplitn(4, ' ').take(3).collect();
        let days = self.days.entry(of_days.join(" ")).or_insert_with(|| Arc::new(DaySet::of(&cron)));
        let expression = Arc::new(Expression { days: days.clone(), cron, fields: fields.clone() });
        self.known.insert(fields, expression.clone());
        Ok(expression)
    }

    /// Returns the shortest and the longest time of one gap between occurrences and of several in a
    /// row, of some expressions together, by the wall clock, within five years.
    pub(crate) fn spans(&mut self, expressions: &[Arc<Expression>]) -> Spans {
        *self.spans.entry(key(expressions)).or_insert_with(|| {
            let marks = expressions.iter().map(|expression| Marks::of(&expression.cron, &expression.days));
            spans(&marks.collect::<Vec<_>>())
        })
    }

    /// Returns the longest gap around a change of clocks in a time zone: an occurrence at a fixed
    /// hour comes an hour later in the night in which clocks are put back, one that is due each
    /// hour does not. Zero where clocks are never changed.
    pub(crate) fn longest_gap_across_changes(
        &mut self,
        expressions: &[Arc<Expression>],
        timezone: Tz,
    ) -> Duration {
        let changes = self.clock_changes.entry(timezone).or_insert_with(|| clock_changes(timezone));
        *self.across_changes.entry((key(expressions), timezone)).or_insert_with(|| {
            let crons: Vec<&Cron> = expressions.iter().map(|expression| &expression.cron).collect();
            let gaps = changes.iter().filter_map(|&change| longest_gap_across(&crons, timezone, change));
            gaps.max().unwrap_or_default()
        })
    }
}

fn key(expressions: &[Arc<Expression>]) -> Vec<String> {
    expressions.iter().map(|expression| expression.fields.clone()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use croner::Direction;
    use proptest::prelude::*;

    use super::*;
    use crate::clock_change::{DAYS, FIRST_DAY};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn gaps_are_those_of_the_occurrences(expressions in prop::collection::vec(expression(), 1..4)) {
            let mut known = Expressions::default();
            let expressions: Vec<_> = expressions.iter().map(|text| known.read(text).unwrap()).collect();
            let start = FIRST_DAY.and_time(chrono::NaiveTime::MIN).and_utc();
            let until = start + Days::new(DAYS as u64);
            let mut times: Vec<DateTime<Utc>> = Vec::new();
            for expression in &expressions {
                let of_one = expression.cron.iter_from(start, Direction::Forward);
                times.extend(of_one.take_while(|time| *time < until));
            }
            times.sort();
            times.dedup();
            for (number, found) in (1..).zip(known.spans(&expressions)) {
                let gaps = times.windows(number + 1);
                let gaps = || gaps.clone().map(|all| (all[number] - all[0]).to_std().unwrap());
                prop_assert_eq!(found, gaps().min().zip(gaps().max()), "{} gaps", number);
            }
        }
    }

    fn expression() -> impl Strategy<Value = String> {
        let days = ["* * *", "1 * *", "L * *", "* * 1-5", "* * 7", "*/10 * *", "* 2-4 MON", "29 3 *"];
        let parts = (
            "(|[0-9] |[0-9],[1-5][0-9] )",
            "([0-9]|[0-9],[1-5][0-9]|\\*/20)",
            "([0-9]|[0-9],1[0-9]|[0-9]-23/[4-9])",
            prop::sample::select(days.to_vec()),
        );
        parts.prop_map(|(second, minute, hour, days)| format!("{second}{minute} {hour} {days}"))
    }
}

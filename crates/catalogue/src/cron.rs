//! The notation of cron expressions, read strictly.
//!
//! The library that computes the occurrences takes much for a cron expression that is none: to it,
//! `JAN * * * *` is minute 1, and `1,,3` a list of two. So every expression is checked here first.
//!
//! There are five fields, of the minute, the hour, the day of the month, the month and the day of
//! the week. A sixth one in front is that of the second, which is 0 without it. Each is a list of
//! parts with commas between them:
//!
//! | part | where | what it means |
//! |---|---|---|
//! | `*` | alone in its field | every value |
//! | `5` | everywhere | this value |
//! | `JAN` … `DEC`, `SUN` … `SAT` | month, day of the week | this value; capitals do not matter |
//! | `7` | day of the week | Sunday, like `0` |
//! | `1-5` | everywhere | these values, ascending |
//! | `*/15`, `0-30/10` | everywhere | every so many of these values |
//! | `L` | day of the month | the last day |
//! | `15W`, `LW` | day of the month | the day from Monday to Friday that is nearest to it |
//! | `FRIL`, `5L` | day of the week | the last one of the month |
//! | `MON#2`, `1#2` | day of the week | the second one of the month |
//!
//! In place of the five fields there may be `@hourly`, `@daily`, `@midnight`, `@weekly`,
//! `@monthly`, `@yearly` or `@annually`.
//!
//! What other notations have is refused with the form to write: years, `?`, `5/15`, `H/15`,
//! `@every 5m`, `TZ=Europe/Berlin` in front, ranges across the end (`FRI-MON`), a `+` that joins
//! the two fields of days, and spaces that only look like one, such as U+00A0.

use crate::text::shown;

pub mod pattern;

/// The most characters of a cron expression. A list of all minutes of an hour is much shorter.
pub const MAX_EXPRESSION: usize = 500;
/// The most cron expressions of one job.
pub const MAX_OF_JOB: usize = 8;
/// The most cron expressions of all jobs of a catalogue together.
pub const MAX_OF_CATALOGUE: usize = 12_000;

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CronError {
    /// There are more or fewer fields than five or six.
    #[error(
        "a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the \
         second in front: this one has {0}"
    )]
    FieldCount(usize),
    /// Something stands between fields that looks like a space and is none.
    #[error("U+{:04X} stands between two fields, which only looks like a space: write `{fields}`", u32::from(*.sign))]
    Space {
        /// What stands there.
        sign: char,
        /// The expression with spaces.
        fields: String,
    },
    /// It is far too long.
    #[error("a cron expression has at most {MAX_EXPRESSION} characters")]
    TooLong,
    /// It is an interval.
    #[error("`@every` is an interval: write `interval: {0}` in place of `cron`")]
    Every(String),
    /// A time zone stands in front.
    #[error("the time zone has a key of its own: write `cron: {fields}` and `timezone: {timezone}`")]
    Timezone {
        /// The time zone.
        timezone: String,
        /// What follows it.
        fields: String,
    },
    /// There is no such short form.
    #[error("there is no `{0}`: write `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`")]
    Nickname(String),
    /// A part of a field makes no sense there.
    #[error("`{part}` cannot stand in the field of the {field}: expected {expected}")]
    Part {
        /// The field.
        field: &'static str,
        /// The part.
        part: String,
        /// What may stand there.
        expected: String,
    },
    /// The library that computes the occurrences refuses it.
    #[error("this cron expression cannot be used: {0}")]
    Refused(String),
}

/// What may stand in one field.
struct Field {
    name: &'static str,
    min: u8,
    max: u8,
    /// Names of values, from `first_named` on.
    names: &'static [&'static str],
    first_named: u8,
    /// Reads what only this field has.
    is_special: fn(&Field, &str) -> bool,
}

/// The fields with the one that may be missing in front.
const FIELDS: [Field; 6] = [
    Field { name: "second", min: 0, max: 59, names: &[], first_named: 0, is_special: |_, _| false },
    Field { name: "minute", min: 0, max: 59, names: &[], first_named: 0, is_special: |_, _| false },
    Field { name: "hour", min: 0, max: 23, names: &[], first_named: 0, is_special: |_, _| false },
    Field { name: "day of the month", min: 1, max: 31, names: &[], first_named: 0, is_special: is_day },
    Field { name: "month", min: 1, max: 12, names: &MONTHS, first_named: 1, is_special: |_, _| false },
    Field {
        name: "day of the week",
        min: 0,
        max: 7,
        names: &WEEKDAYS,
        first_named: 0,
        is_special: is_weekday,
    },
];

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// Returns the five or six fields of an expression with single spaces between them.
///
/// # Errors
///
/// [`CronError`] names the field and the part, and says what is expected there.
pub(crate) fn fields(expression: &str) -> Result<String, CronError> {
    if expression.len() > MAX_EXPRESSION {
        return Err(CronError::TooLong);
    }
    let expression = expression.trim();
    if let Some((timezone, fields)) = split_timezone(expression) {
        return Err(CronError::Timezone { timezone: shown(timezone), fields: shown(fields) });
    }
    if let Some(interval) = expression.strip_prefix("@every ") {
        return Err(CronError::Every(shown(interval.trim_start())));
    }
    if expression.starts_with('@') {
        let known = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(expression));
        return match known {
            Some((_, fields)) => Ok((*fields).to_owned()),
            None => Err(CronError::Nickname(shown(expression))),
        };
    }
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    if let Some(sign) = expression.chars().find(|c| c.is_whitespace() && !is_space(*c)) {
        return Err(CronError::Space { sign, fields: shown(&fields.join(" ")) });
    }
    let Some(without) = FIELDS.len().checked_sub(fields.len()).filter(|without| *without <= 1) else {
        return Err(CronError::FieldCount(fields.len()));
    };
    for (field, text) in FIELDS[without..].iter().zip(&fields) {
        field.check(text)?;
    }
    Ok(fields.join(" "))
}

/// Returns the time zone that stands in front of an expression, and the expression.
fn split_timezone(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ="))?;
    text.split_once(char::is_whitespace).map(|(timezone, fields)| (timezone, fields.trim_start()))
}

impl Field {
    fn check(&self, text: &str) -> Result<(), CronError> {
        if text == "*" {
            return Ok(());
        }
        text.split(',').try_for_each(|part| {
            if part.is_empty() {
                return Err(self.refused(text, "a value on both sides of every comma".to_owned()));
            }
            self.check_part(part)
        })
    }

    fn check_part(&self, part: &str) -> Result<(), CronError> {
        if (self.is_special)(self, part) {
            return Ok(());
        }
        let (values, step) = match part.split_once('/') {
            Some((values, step)) => (values, Some(step)),
            None => (part, None),
        };
        match (values, values.split_once('-')) {
            ("*", _) if step.is_some() => {}
            ("*", _) => return Err(self.refused(part, "`*` alone, because it names every value".to_owned())),
            ("?", _) => return Err(self.refused(part, "`*`, which means the same".to_owned())),
            (_, Some((from, to))) => {
                let range = self.value(from).zip(self.last_value(to));
                let (from, to) = range.ok_or_else(|| self.refused(part, self.a_value()))?;
                if from > to {
                    let expected = "a range that ascends, or two ranges with a comma between them";
                    return Err(self.refused(part, expected.to_owned()));
                }
            }
            // Jenkins spreads the starts of jobs by a hash, for which there is no need here.
            ("H" | "h", None) if step.is_some() => {
                return Err(self.refused(part, format!("`*{}`", &part[1..])));
            }
            ("H" | "h", None) => {
                let expected = format!("{}, because every job has a time of its own", self.a_value());
                return Err(self.refused(part, expected));
            }
            (value, None) if self.value(value).is_none() => return Err(self.refused(part, self.a_value())),
            (_, None) => {
                if let Some(step) = step {
                    let step = number(step).unwrap_or(5);
                    let expected = format!("a range before the `/`, such as `{values}-{}/{step}`", self.max);
                    return Err(self.refused(part, expected));
                }
            }
        }
        let most = self.max;
        match step {
            Some(step) if !number(step).is_some_and(|step| (1..=most).contains(&step)) => {
                Err(self.refused(part, format!("a number from 1 to {most} behind the `/`")))
            }
            _ => Ok(()),
        }
    }

    /// Returns the value that a number or a name stands for, or `None` if it stands for none.
    fn value(&self, text: &str) -> Option<u8> {
        let named =
            self.names.iter().zip(self.first_named..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        match named {
            Some((_, value)) => Some(value),
            None => number(text).filter(|value| (self.min..=self.max).contains(value)),
        }
    }

    /// Returns the value of the end of a range. A week that ends with `SUN` ends with its seventh
    /// day.
    fn last_value(&self, text: &str) -> Option<u8> {
        if self.max == 7 && text.eq_ignore_ascii_case("SUN") { Some(7) } else { self.value(text) }
    }

    fn a_value(&self) -> String {
        let numbers = format!("a number from {} to {}", self.min, self.max);
        match self.names {
            [first, .., last] => format!("{numbers}, or a name from `{first}` to `{last}`"),
            _ => numbers,
        }
    }

    fn refused(&self, part: &str, expected: String) -> CronError {
        CronError::Part { field: self.name, part: shown(part), expected }
    }
}

/// `L`, `LW` and `15W`.
fn is_day(field: &Field, part: &str) -> bool {
    let is = |text: &str| part.eq_ignore_ascii_case(text);
    is("L") || is("LW") || part.strip_suffix(['W', 'w']).is_some_and(|day| field.value(day).is_some())
}

/// `5L`, `FRIL`, `1#2` and `MON#2`.
fn is_weekday(field: &Field, part: &str) -> bool {
    let last = part.strip_suffix(['L', 'l']).is_some_and(|day| field.value(day).is_some());
    let nth = part.split_once('#').is_some_and(|(day, nth)| {
        field.value(day).is_some() && nth.len() == 1 && number(nth).is_some_and(|nth| (1..=5).contains(&nth))
    });
    last || nth
}

/// Returns a number of one or two digits.
fn number(text: &str) -> Option<u8> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;

//! Lengths of time as Prometheus writes them: `90s`, `5m`, `1h30m`, `1d`.

use std::time::Duration;

const UNITS: [(&str, u64); 6] =
    [("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// No duration is written with more bytes than this.
const MAX_WRITTEN: usize = 100;

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// There is nothing to read.
    #[error("a duration is missing")]
    Empty,
    /// A minus sign stands in front.
    #[error("a duration cannot be negative: write it as in `5m`")]
    Negative,
    /// A number has no unit behind it.
    #[error("the unit is missing: write `{0}s`, `{0}m` or `{0}h`")]
    UnitMissing(u64),
    /// A unit is not one of those known.
    #[error("unknown unit `{0}`: the units are `s`, `m`, `h`, `d`, `w` and `y`")]
    UnitUnknown(String),
    /// A unit stands after a smaller one, or twice.
    #[error("the units have to descend, each at most once, as in `1h30m`")]
    UnitOrder,
    /// It is more than the number type holds.
    #[error("the duration is longer than can be counted: write a shorter one, as in `5m`")]
    TooLong,
    /// It has the word of other schedulers in front.
    #[error("`@every` is not needed: write `{0}`")]
    Every(String),
    /// It is a cron expression.
    #[error("`{0}` is a cron expression: give it the key `cron`; a duration is written as in `5m`")]
    Cron(String),
    /// It is written in some other way.
    #[error("a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`")]
    Malformed,
}

/// Reads a duration in Prometheus' notation, to the second.
///
/// A year is 365 days and a week 7, as in PromQL. Milliseconds are refused, because no schedule and
/// no window of this project is shorter than a second.
///
/// # Errors
///
/// [`DurationError`] says what is wrong and what is expected.
///
/// ```
/// use std::time::Duration;
/// use jobwatch_catalogue::duration;
///
/// assert_eq!(duration::parse("1h30m"), Ok(Duration::from_secs(5400)));
/// assert!(duration::parse("5 minutes").is_err());
/// ```
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text.starts_with('-') {
        return Err(DurationError::Negative);
    }
    if text.len() > MAX_WRITTEN {
        return Err(DurationError::Malformed);
    }
    if let Some(duration) = text.strip_prefix("@every ") {
        return Err(DurationError::Every(duration.trim().to_owned()));
    }
    if (5..=6).contains(&text.split_whitespace().count()) && text.contains('*') {
        return Err(DurationError::Cron(text.to_owned()));
    }
    let mut rest = text;
    let mut seconds: u64 = 0;
    let mut smallest = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return Err(DurationError::Malformed);
        }
        let number: u64 = rest[..digits].parse().map_err(|_| DurationError::TooLong)?;
        rest = &rest[digits..];
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_alphabetic()).len();
        let unit = &rest[..letters];
        rest = &rest[letters..];
        if unit.is_empty() {
            return Err(if rest.is_empty() {
                DurationError::UnitMissing(number)
            } else {
                DurationError::Malformed
            });
        }
        let Some(&(_, length)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(DurationError::UnitUnknown(unit.to_owned()));
        };
        if length >= smallest {
            return Err(DurationError::UnitOrder);
        }
        smallest = length;
        seconds = number
            .checked_mul(length)
            .and_then(|part| seconds.checked_add(part))
            .ok_or(DurationError::TooLong)?;
    }
    Ok(Duration::from_secs(seconds))
}

/// Writes a duration in Prometheus' notation, in the form that people use: `90s` and `15m` rather
/// than `1m30s`, `1h30m` rather than `90m`, days from two days on.
///
/// Fractions of a second are cut off. [`parse`] reads every result back.
pub fn format(duration: Duration) -> String {
    let mut seconds = duration.as_secs();
    if seconds < 120 && seconds != 60 {
        return format!("{seconds}s");
    }
    let mut text = String::new();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if unit == "d" && duration.as_secs() < 2 * length && duration.as_secs() != length {
            continue;
        }
        let number = seconds / length;
        if number > 0 {
            text.push_str(&format!("{number}{unit}"));
            seconds -= number * length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<u64, &str>) {
        let found = parse(text).map(|d| d.as_secs()).map_err(|e| e.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn reads_what_prometheus_reads() {
        check("90s", Ok(90));
        check("1h30m", Ok(5400));
        check("1d", Ok(86_400));
        check("1w", Ok(604_800));
        check(" 5m ", Ok(300));
        check("0s", Ok(0));
    }

    #[test]
    fn says_what_is_wrong() {
        check("", Err("a duration is missing"));
        check("-5m", Err("a duration cannot be negative: write it as in `5m`"));
        check("5", Err("the unit is missing: write `5s`, `5m` or `5h`"));
        check("5min", Err("unknown unit `min`: the units are `s`, `m`, `h`, `d`, `w` and `y`"));
        check("500ms", Err("unknown unit `ms`: the units are `s`, `m`, `h`, `d`, `w` and `y`"));
        check("5m1h", Err("the units have to descend, each at most once, as in `1h30m`"));
        check(
            &format!("1{}", "x".repeat(1_000)),
            Err("a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`"),
        );
        check("1.5h", Err("a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`"));
        check("@every 5m", Err("`@every` is not needed: write `5m`"));
        check(
            "H/15 * * * *",
            Err(
                "`H/15 * * * *` is a cron expression: give it the key `cron`; a duration is written as in `5m`",
            ),
        );
        check("five", Err("a duration is whole numbers with units, as in `90s`, `5m` or `1h30m`"));
        check(
            "99999999999999999999s",
            Err("the duration is longer than can be counted: write a shorter one, as in `5m`"),
        );
        check(
            "999999999999999999y",
            Err("the duration is longer than can be counted: write a shorter one, as in `5m`"),
        );
    }

    #[test]
    fn writes_what_people_write() {
        let written = |seconds| format(Duration::from_secs(seconds));
        assert_eq!(
            [0, 60, 90, 300, 3_600, 5_400, 7_200, 86_400, 129_600, 172_800].map(written),
            ["0s", "1m", "90s", "5m", "1h", "1h30m", "2h", "1d", "36h", "2d"]
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0_u64..10_000_000_000) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse(&format(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,12}") {
            let _ = parse(&text);
        }
    }
}

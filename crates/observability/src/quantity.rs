//! Exact numbers with a unit: two of them compare without rounding.

use std::fmt;
use std::time::Duration;

use jobwatch_catalogue::duration::{self, DurationError};

/// One, or all of something, in millionths.
pub const WHOLE: u64 = 1_000_000;

/// What a value measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Events a second.
    PerSecond,
    /// A part of a whole.
    Ratio,
    /// A length of time in seconds.
    Seconds,
    /// A moment in seconds since the epoch.
    Timestamp,
    /// A bare number: a factor, or a mark that something is there.
    Number,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PerSecond => "a rate per second",
            Self::Ratio => "a percentage",
            Self::Seconds => "a duration",
            Self::Timestamp => "a moment",
            Self::Count | Self::Number => "a number",
        })
    }
}

/// A number with its unit.
///
/// The inner numbers are integers: millionths for rates and ratios, whole seconds for durations.
/// A runbook that says "50%" and a catalogue that says `0.5` are therefore equal, not merely close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// Events a second, in millionths.
    PerSecond(u64),
    /// A part of a whole, in millionths.
    Ratio(u64),
    /// A length of time, in seconds.
    Duration(u64),
    /// A number of things.
    Count(u64),
}

/// Why a text is no quantity of the expected unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It is no number.
    #[error("expected {expected}, as in `{example}`")]
    Malformed {
        /// The unit that was expected.
        expected: Unit,
        /// A quantity of that unit.
        example: &'static str,
    },
    /// It is below zero.
    #[error("a threshold cannot be negative")]
    Negative,
    /// It has more than six decimals, or more digits than fit.
    #[error("more digits than a threshold can have: at most six decimals")]
    TooPrecise,
    /// It is a duration that cannot be read.
    #[error(transparent)]
    Duration(#[from] DurationError),
}

impl Quantity {
    /// Reads a quantity of a known unit: `0.1` or `0.1/s`, `0.5` or `50%`, `2h`, `1000`.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] says what was expected.
    ///
    /// ```
    /// use jobwatch_observability::quantity::{Quantity, Unit};
    ///
    /// assert_eq!(Quantity::parse("50%", Unit::Ratio), Ok(Quantity::Ratio(500_000)));
    /// assert_eq!(Quantity::parse("0.5", Unit::Ratio), Ok(Quantity::Ratio(500_000)));
    /// ```
    pub fn parse(text: &str, unit: Unit) -> Result<Self, QuantityError> {
        let text = text.trim();
        let malformed = |example| QuantityError::Malformed { expected: unit, example };
        if text.starts_with('-') {
            return Err(QuantityError::Negative);
        }
        match unit {
            Unit::PerSecond => {
                let number = text.strip_suffix("/s").unwrap_or(text).trim_end();
                parse_scaled(number, 6).ok_or(malformed("0.1"))?.map(Self::PerSecond)
            }
            Unit::Ratio => match text.strip_suffix('%') {
                Some(percent) => {
                    parse_scaled(percent.trim_end(), 4).ok_or(malformed("50%"))?.map(Self::Ratio)
                }
                None => parse_scaled(text, 6).ok_or(malformed("50%"))?.map(Self::Ratio),
            },
            Unit::Seconds | Unit::Timestamp => Ok(Self::Duration(duration::parse(text)?.as_secs())),
            Unit::Count | Unit::Number => {
                let is_whole =
                    |number: &Result<u64, _>| number.is_ok() || text.bytes().all(|b| b.is_ascii_digit());
                parse_scaled(text, 0).filter(is_whole).ok_or(malformed("1000"))?.map(Self::Count)
            }
        }
    }

    /// Returns what it measures.
    pub const fn unit(self) -> Unit {
        match self {
            Self::PerSecond(_) => Unit::PerSecond,
            Self::Ratio(_) => Unit::Ratio,
            Self::Duration(_) => Unit::Seconds,
            Self::Count(_) => Unit::Count,
        }
    }

    /// Returns the number that a PromQL expression compares with: events a second, a ratio of one,
    /// seconds, or a count.
    pub fn to_promql(self) -> String {
        match self {
            Self::PerSecond(millionths) | Self::Ratio(millionths) => decimal(millionths, 6),
            Self::Duration(number) | Self::Count(number) => number.to_string(),
        }
    }

    /// The same number, for axes and arithmetic that need no exactness.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::PerSecond(millionths) | Self::Ratio(millionths) => millionths as f64 / 1e6,
            Self::Duration(number) | Self::Count(number) => number as f64,
        }
    }
}

impl fmt::Display for Quantity {
    /// Writes it as a catalogue has it, which [`Quantity::parse`] reads back: `0.1/s`, `50%`, `2h`,
    /// `1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PerSecond(millionths) => f.pad(&format!("{}/s", decimal(millionths, 6))),
            Self::Ratio(millionths) => f.pad(&format!("{}%", decimal(millionths, 4))),
            Self::Duration(seconds) => f.pad(&duration::format(Duration::from_secs(seconds))),
            Self::Count(number) => f.pad(&number.to_string()),
        }
    }
}

/// Reads a decimal number, which may have an exponent as in `1e-3`, times ten to the power of
/// `decimals`.
///
/// `None` if it is no number; an error if it has digits beyond these decimals, or too many.
fn parse_scaled(text: &str, decimals: i32) -> Option<Result<u64, QuantityError>> {
    const LARGEST_EXPONENT: i32 = 30;
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => {
            let digits = exponent.trim_start_matches(['+', '-']);
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if !is_number || exponent.len() - digits.len() > 1 {
                return None;
            }
            let largest = if exponent.starts_with('-') { -LARGEST_EXPONENT } else { LARGEST_EXPONENT };
            (number, exponent.parse().unwrap_or(largest))
        }
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let (Ok(behind), Ok(cut)) =
        (i32::try_from(fraction.len()), i32::try_from(digits.len() - significant.len()))
    else {
        return Some(Err(QuantityError::TooPrecise));
    };
    if significant.is_empty() {
        return Some(Ok(0));
    }
    let noughts = exponent.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT) + decimals - behind + cut;
    let Ok(noughts) = usize::try_from(noughts) else { return Some(Err(QuantityError::TooPrecise)) };
    let scaled = format!("{significant}{}", "0".repeat(noughts));
    Some(scaled.parse().map_err(|_| QuantityError::TooPrecise))
}

/// Writes `number / 10^decimals` without trailing zeros.
fn decimal(number: u64, decimals: usize) -> String {
    let digits = format!("{number:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, unit: Unit, expected: Result<&str, &str>) {
        let found = Quantity::parse(text, unit).map(|q| q.to_promql()).map_err(|e| e.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn reads_quantities_of_each_unit() {
        check("0.1", Unit::PerSecond, Ok("0.1"));
        check("0.1/s", Unit::PerSecond, Ok("0.1"));
        check(".5", Unit::PerSecond, Ok("0.5"));
        check("50%", Unit::Ratio, Ok("0.5"));
        check("0.50", Unit::Ratio, Ok("0.5"));
        check("12.5 %", Unit::Ratio, Ok("0.125"));
        check("150%", Unit::Ratio, Ok("1.5"));
        check("2h", Unit::Seconds, Ok("7200"));
        check("1000", Unit::Count, Ok("1000"));
    }

    #[test]
    fn reads_numbers_with_exponents() {
        check("1e-3", Unit::PerSecond, Ok("0.001"));
        check("2.5E-1 /s", Unit::PerSecond, Ok("0.25"));
        check("5e+1%", Unit::Ratio, Ok("0.5"));
        check("10.0e-1", Unit::Ratio, Ok("1"));
        check("1e3", Unit::Count, Ok("1000"));
        check("1000.0", Unit::Count, Ok("1000"));
        check("0e99", Unit::Count, Ok("0"));
        for text in ["15e-1", "1.5", "1e", "e3", "1e+-3", "1e3.5", "1 e3"] {
            let found = Quantity::parse(text, Unit::Count);
            assert!(matches!(found, Err(QuantityError::Malformed { .. })), "{text} {found:?}");
        }
        check("1e-7", Unit::Ratio, Err("more digits than a threshold can have: at most six decimals"));
        check("1e30", Unit::PerSecond, Err("more digits than a threshold can have: at most six decimals"));
        check(
            "1e-999999999",
            Unit::PerSecond,
            Err("more digits than a threshold can have: at most six decimals"),
        );
    }

    #[test]
    fn says_what_was_expected() {
        check("fast", Unit::PerSecond, Err("expected a rate per second, as in `0.1`"));
        check("half", Unit::Ratio, Err("expected a percentage, as in `50%`"));
        check("300", Unit::Seconds, Err("the unit is missing: write `300s`, `300m` or `300h`"));
        check("1k", Unit::Count, Err("expected a number, as in `1000`"));
        check("-1", Unit::Count, Err("a threshold cannot be negative"));
        check(
            "0.1234567",
            Unit::PerSecond,
            Err("more digits than a threshold can have: at most six decimals"),
        );
    }

    fn quantity() -> impl Strategy<Value = Quantity> {
        prop_oneof![
            (0..u64::from(u32::MAX)).prop_map(Quantity::PerSecond),
            (0..u64::from(u32::MAX)).prop_map(Quantity::Ratio),
            (0..u64::from(u32::MAX)).prop_map(Quantity::Duration),
            any::<u64>().prop_map(Quantity::Count),
        ]
    }

    proptest! {
        #[test]
        fn what_is_displayed_reads_back(quantity in quantity()) {
            prop_assert_eq!(Quantity::parse(&quantity.to_string(), quantity.unit()), Ok(quantity));
        }
    }
}

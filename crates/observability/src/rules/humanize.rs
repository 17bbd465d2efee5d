//! Numbers as Prometheus' template functions write them.

use crate::quantity::Unit;

/// A template function that makes a number readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// With a metric prefix: `1.2k`, `103.3m`.
    Number,
    /// As a part of a hundred: `51%`.
    Percentage,
    /// As a length of time: `2h 5m 0s`.
    Duration,
}

impl Filter {
    /// The function for values of a unit.
    pub(super) const fn of(unit: Unit) -> Self {
        match unit {
            Unit::Ratio => Self::Percentage,
            Unit::Seconds => Self::Duration,
            Unit::Count | Unit::PerSecond | Unit::Timestamp | Unit::Number => Self::Number,
        }
    }

    /// Returns the function's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Number => "humanize",
            Self::Percentage => "humanizePercentage",
            Self::Duration => "humanizeDuration",
        }
    }

    /// Returns what the function makes of a number that is not negative.
    pub(super) fn apply(self, value: f64) -> String {
        match self {
            Self::Number => number(value),
            Self::Percentage => format!("{}%", four_digits(value * 100.0)),
            Self::Duration => duration(value),
        }
    }
}

fn number(value: f64) -> String {
    let (mut value, mut prefix) = (value, "");
    if value >= 1.0 {
        for larger in ["k", "M", "G", "T", "P", "E", "Z", "Y"] {
            if value < 1000.0 {
                break;
            }
            (value, prefix) = (value / 1000.0, larger);
        }
    } else if value > 0.0 {
        for smaller in ["m", "u", "n", "p", "f", "a", "z", "y"] {
            if value >= 1.0 {
                break;
            }
            (value, prefix) = (value * 1000.0, smaller);
        }
    }
    format!("{}{prefix}", four_digits(value))
}

fn duration(value: f64) -> String {
    if value < 60.0 {
        // Below a second Prometheus goes on with prefixes.
        return if value >= 1.0 || value == 0.0 {
            format!("{}s", four_digits(value))
        } else {
            format!("{}s", number(value))
        };
    }
    let seconds = value as u64;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m {seconds}s"),
        (0, _) => format!("{hours}h {minutes}m {seconds}s"),
        _ => format!("{days}d {hours}h {minutes}m {seconds}s"),
    }
}

/// Returns a number with four significant digits and no trailing zeros, as `%.4g` writes it in C.
fn four_digits(value: f64) -> String {
    let scientific = format!("{value:.3e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text.to_owned(),
    };
    if !(-4..4).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(digits), exponent.unsigned_abs());
    }
    let decimals = usize::try_from(3 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(filter: Filter, values: &[f64], expected: &[&str]) {
        let written: Vec<String> = values.iter().map(|&value| filter.apply(value)).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn numbers_have_prefixes() {
        check(
            Filter::Number,
            &[0.0, 1.0, 101.0, 999.94, 1000.0, 1234.5, 1_234_567.0, 0.103_333, 0.000_5],
            &["0", "1", "101", "999.9", "1k", "1.234k", "1.235M", "103.3m", "500u"],
        );
    }

    #[test]
    fn parts_are_of_a_hundred() {
        check(Filter::Percentage, &[0.0, 0.501, 1.0, 0.123_456], &["0%", "50.1%", "100%", "12.35%"]);
    }

    #[test]
    fn durations_have_units() {
        check(
            Filter::Duration,
            &[0.0, 0.25, 1.5, 59.0, 60.0, 7500.0, 14_400.0, 90_061.0],
            &["0s", "250ms", "1.5s", "59s", "1m 0s", "2h 5m 0s", "4h 0m 0s", "1d 1h 1m 1s"],
        );
    }
}

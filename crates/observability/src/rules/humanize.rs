//! Numbers as people read them, by Prometheus' template functions:
//! <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>.

use crate::quantity::{Quantity, Unit};

/// What makes a number readable in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// As a whole number, in groups of three digits, with so many commas at most: `3,003`.
    Whole { commas: usize },
    /// With so many decimals: `0.10`.
    Decimals(usize),
    /// As a part of a hundred: `51%`.
    Percentage,
    /// As a length of time: `2h 5m 0s`.
    Duration,
}

/// Three commas are enough for every number below a million million.
const FEWEST_COMMAS: usize = 3;

impl Filter {
    /// The filter for values of a unit that are compared with thresholds from `smallest` to
    /// `largest`: rates have two significant digits at the one, and a hundred times the other is
    /// in groups.
    pub(super) fn of(unit: Unit, smallest: Option<Quantity>, largest: Option<Quantity>) -> Self {
        match unit {
            Unit::Ratio => Self::Percentage,
            Unit::Seconds => Self::Duration,
            Unit::PerSecond => Self::Decimals(decimals(smallest)),
            Unit::Count | Unit::Timestamp | Unit::Number => Self::Whole { commas: commas(largest) },
        }
    }

    /// Returns the functions of the template, to stand behind a value and a bar.
    pub(super) fn functions(self) -> String {
        match self {
            Self::Whole { commas } => {
                // Each puts a comma before the last three digits of the first group.
                let comma = " | reReplaceAll \"^([0-9]+)([0-9]{3})($|,)\" \"$1,$2$3\"";
                format!("printf \"%.0f\"{}", comma.repeat(commas))
            }
            Self::Decimals(decimals) => format!("printf \"%.{decimals}f\""),
            Self::Percentage => "humanizePercentage".to_owned(),
            Self::Duration => "humanizeDuration".to_owned(),
        }
    }

    /// Returns what the functions make of a number that is not negative.
    pub(super) fn apply(self, value: f64) -> String {
        match self {
            Self::Whole { .. } => grouped(&format!("{value:.0}")),
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Percentage => format!("{}%", four_digits(value * 100.0)),
            Self::Duration => duration(value),
        }
    }
}

/// Returns a threshold as a text: a number of things in groups of three digits as well.
pub(super) fn stated(threshold: Quantity) -> String {
    match threshold {
        Quantity::Count(number) => grouped(&number.to_string()),
        other => other.to_string(),
    }
}

/// How many commas a hundred times a threshold takes.
fn commas(largest: Option<Quantity>) -> usize {
    let digits = match largest {
        Some(Quantity::Count(number)) => number.max(1).ilog10() as usize + 1,
        _ => 1,
    };
    FEWEST_COMMAS.max((digits + 1) / 3)
}

/// How many decimals two significant digits take, but two at least.
fn decimals(smallest: Option<Quantity>) -> usize {
    let mut decimals = 2;
    let mut scaled = smallest.map_or(1.0, Quantity::as_f64) * 10.0;
    while scaled < 0.999 && decimals < 7 {
        scaled *= 10.0;
        decimals += 1;
    }
    decimals
}

fn grouped(digits: &str) -> String {
    let from_the_end = digits.len();
    let comma = |place: usize| if place > 0 && (from_the_end - place).is_multiple_of(3) { "," } else { "" };
    digits.char_indices().map(|(place, digit)| format!("{}{digit}", comma(place))).collect()
}

fn duration(value: f64) -> String {
    if value < 60.0 {
        // Below a second Prometheus goes on with prefixes.
        let (mut value, mut prefix) = (value, "");
        for smaller in ["m", "u", "n"] {
            if value >= 1.0 || value == 0.0 {
                break;
            }
            (value, prefix) = (value * 1000.0, smaller);
        }
        return format!("{}{prefix}s", four_digits(value));
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
    fn numbers_of_things_are_whole_and_in_groups() {
        check(
            Filter::of(Unit::Count, None, None),
            &[0.0, 1.0, 101.0, 999.94, 1000.0, 3003.0, 1_234_567.0, 12_345_678_901.0],
            &["0", "1", "101", "1,000", "1,000", "3,003", "1,234,567", "12,345,678,901"],
        );
    }

    #[test]
    fn there_are_commas_for_a_hundred_times_the_largest_threshold() {
        let filter = |largest| Filter::of(Unit::Count, Some(Quantity::Count(1)), largest);
        assert_eq!(filter(None), Filter::Whole { commas: 3 });
        for digits in 0..=12 {
            let threshold = 10_u64.pow(digits);
            let filter = filter(Some(Quantity::Count(threshold)));
            let functions = filter.functions();
            let longest = grouped(&(threshold * 1_000 - 1).to_string());
            assert_eq!(
                functions.matches("reReplaceAll").count(),
                longest.matches(',').count().max(3),
                "{longest}"
            );
        }
    }

    #[test]
    fn rates_have_two_digits_that_tell_them_from_the_threshold() {
        let rate = |millionths| Filter::of(Unit::PerSecond, Some(Quantity::PerSecond(millionths)), None);
        check(rate(100_000), &[0.0, 0.103_333, 12.0], &["0.00", "0.10", "12.00"]);
        check(rate(5_000_000), &[7.5], &["7.50"]);
        check(rate(16_700), &[0.0167], &["0.017"]);
        check(rate(1), &[0.000_002], &["0.0000020"]);
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

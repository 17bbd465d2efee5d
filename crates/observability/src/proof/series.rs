//! Series of a simulation, in promtool's notation.

use std::fmt::Write as _;

/// What a series holds at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    /// A value.
    Value(u64),
    /// Nothing: the process is not there, or does not expose the series.
    Nothing,
}

/// A series of a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) samples: Vec<Sample>,
}

impl Series {
    /// A series whose sample at each step, counted from zero, a function says.
    pub(super) fn new(
        name: impl Into<String>,
        labels: &[(&str, &str)],
        samples: impl Iterator<Item = Sample>,
    ) -> Self {
        let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { name: name.into(), labels, samples: samples.collect() }
    }

    /// Whether it holds any value at all.
    pub(super) fn is_exposed(&self) -> bool {
        self.samples.iter().any(|sample| matches!(sample, Sample::Value(_)))
    }

    /// The series as a selector that names every label, after labels that all series of the process have.
    pub(super) fn selector(&self, outer: &[(String, String)]) -> String {
        let mut text = format!("{}{{", self.name);
        for (index, (label, value)) in outer.iter().chain(&self.labels).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}{label}=\"");
            for c in value.chars() {
                match c {
                    '\\' | '"' => text.extend(['\\', c]),
                    '\n' => text.push_str("\\n"),
                    c => text.push(c),
                }
            }
            text.push('"');
        }
        text.push('}');
        text
    }

    /// The samples as runs: `3x4` is a 3 and four more, `0+2x3` is 0 2 4 6, `_x2` is nothing twice, and `stale` is the
    /// first step at which a scrape no longer finds the series.
    pub(super) fn values(&self) -> String {
        let mut text = String::new();
        let mut rest = self.samples.as_slice();
        let mut was_there = false;
        while let Some(&first) = rest.first() {
            if !text.is_empty() {
                text.push(' ');
            }
            let (length, growth) = match first {
                Sample::Nothing if was_there => (1, 0),
                Sample::Nothing => (rest.iter().take_while(|&&sample| sample == Sample::Nothing).count(), 0),
                Sample::Value(_) => progression(rest),
            };
            // Writing to a text cannot fail.
            let _ = match (first, length - 1, growth) {
                (Sample::Nothing, _, _) if was_there => write!(text, "stale"),
                (Sample::Nothing, 0, _) => write!(text, "_"),
                (Sample::Nothing, _, _) => write!(text, "_x{length}"),
                (Sample::Value(value), 0, _) => write!(text, "{value}"),
                (Sample::Value(value), more, 0) => write!(text, "{value}x{more}"),
                (Sample::Value(value), more, growth) => write!(text, "{value}{growth:+}x{more}"),
            };
            was_there = matches!(first, Sample::Value(_));
            rest = &rest[length..];
        }
        text
    }
}

/// How many samples from the first on grow by the same amount, and by which.
fn progression(samples: &[Sample]) -> (usize, i128) {
    let value = |index: usize| match samples.get(index) {
        Some(&Sample::Value(value)) => Some(i128::from(value)),
        _ => None,
    };
    let growth = |index: usize| Some(value(index + 1)? - value(index)?);
    let Some(first) = growth(0) else { return (1, 0) };
    let steps = (0..).take_while(|&index| growth(index) == Some(first)).count();
    // Two samples that differ are a jump, not a trend, unless nothing comes after them.
    if steps == 1 && first != 0 && growth(1).is_some() { (1, 0) } else { (steps + 1, first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(samples: &[Option<u64>], expected: &str) {
        let samples = samples.iter().map(|sample| sample.map_or(Sample::Nothing, Sample::Value));
        assert_eq!(Series::new("a", &[], samples).values(), expected);
    }

    #[test]
    fn values_are_written_as_runs() {
        check(&[Some(3)], "3");
        check(&[Some(3), Some(3), Some(3)], "3x2");
        check(&[Some(0), Some(5), Some(10), Some(15)], "0+5x3");
        check(&[Some(9), Some(6), Some(3)], "9-3x2");
        check(&[Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)], "0x1 1x1 2x1");
        check(&[None, None, Some(1), None, None, None, Some(1)], "_x2 1 stale _x2 1");
        check(&[], "");
    }

    #[test]
    fn labels_are_escaped() {
        let series = Series::new("a", &[("b", "c\"\\d")], [Sample::Value(1)].into_iter());
        assert_eq!(series.selector(&[("e".to_owned(), "f".to_owned())]), r#"a{e="f", b="c\"\\d"}"#);
    }
}

//! Series with their samples, in promtool's notation.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::promql::Quoted;

/// What a series holds at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A value.
    Value(u64),
    /// Nothing: the process is not there, or does not expose the series.
    Nothing,
}

/// A series with its sample at every step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledSeries {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its labels, in the order they are written.
    pub labels: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// What it holds at each step.
    pub samples: Vec<Sample>,
}

impl SampledSeries {
    /// Returns whether it holds any value at all.
    pub fn is_exposed(&self) -> bool {
        self.samples.iter().any(|sample| matches!(sample, Sample::Value(_)))
    }

    /// Returns a selector that names every label, after the labels that all series of the process
    /// have.
    pub fn selector(&self, outer: &[(String, String)]) -> String {
        let mut text = String::with_capacity(160);
        text.push_str(&self.name);
        text.push('{');
        let outer = outer.iter().map(|(label, value)| (label.as_str(), value.as_str()));
        let own = self.labels.iter().map(|(label, value)| (label.as_ref(), value.as_ref()));
        for (index, (label, value)) in outer.chain(own).enumerate() {
            text.push_str(if index == 0 { "" } else { ", " });
            text.push_str(label);
            text.push_str("=\"");
            // Writing to a text cannot fail.
            let _ = Quoted(value).write_to(&mut text);
            text.push('"');
        }
        text.push('}');
        text
    }

    /// Returns the samples as runs: `3x4` is a 3 and four more, `0+2x3` is 0 2 4 6, `_x2` is
    /// nothing twice, and `stale` is the first step at which a scrape no longer finds the series.
    pub fn values(&self) -> String {
        let mut text = String::with_capacity(64);
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

/// Returns how many samples from the first on grow by the same amount, and by which.
fn progression(samples: &[Sample]) -> (usize, i128) {
    // Differences that wrap around are the same if those of the numbers are.
    let growth = |pair: &[Sample]| match pair {
        [Sample::Value(a), Sample::Value(b)] => Some(b.wrapping_sub(*a)),
        _ => None,
    };
    let mut growths = samples.windows(2).map(growth);
    let (Some(Some(first)), Some(&[Sample::Value(a), Sample::Value(b)])) =
        (growths.next(), samples.first_chunk())
    else {
        return (1, 0);
    };
    let steps = 1 + growths.take_while(|&growth| growth == Some(first)).count();
    // Two samples that differ are a jump, not a trend, unless nothing comes after them.
    let goes_on = samples.get(1..3).is_some_and(|next| growth(next).is_some());
    match steps == 1 && first != 0 && goes_on {
        true => (1, 0),
        false => (steps + 1, i128::from(b) - i128::from(a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(samples: &[Option<u64>], expected: &str) {
        let samples = samples.iter().map(|sample| sample.map_or(Sample::Nothing, Sample::Value)).collect();
        assert_eq!(SampledSeries { name: "a".into(), labels: Vec::new(), samples }.values(), expected);
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
        let labels = vec![("b".into(), "c\"\\d".into())];
        let series = SampledSeries { name: "a".into(), labels, samples: vec![Sample::Value(1)] };
        assert_eq!(series.selector(&[("e".to_owned(), "f".to_owned())]), r#"a{e="f", b="c\"\\d"}"#);
    }
}

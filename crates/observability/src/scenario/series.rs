//! Series as scenarios describe them: by what they do, not sample by sample.

use std::borrow::Cow;

use super::sampled::{Sample, SampledSeries};

/// A series of a simulated process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    name: Cow<'static, str>,
    labels: Vec<(String, String)>,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// From each moment on another sample, in the order of time. Nothing before the first.
    Held(Vec<(u64, Sample)>),
    /// From zero on, by the same amount at every step.
    Growing(u64),
    /// From zero on, by the same amount whenever so many seconds have passed.
    Staircase { every: u64, by: u64 },
}

impl Series {
    /// Returns a series that never changes.
    pub fn constant(name: impl Into<Cow<'static, str>>, labels: &[(&str, &str)], value: u64) -> Self {
        Self::held(name, labels, [(0, Sample::Value(value))])
    }

    /// Returns a series that has another sample from each moment on. Moments are in the order of
    /// time.
    pub fn held(
        name: impl Into<Cow<'static, str>>,
        labels: &[(&str, &str)],
        samples: impl IntoIterator<Item = (u64, Sample)>,
    ) -> Self {
        Self::new(name, labels, Shape::Held(samples.into_iter().collect()))
    }

    /// Returns a counter that grows by the same amount at every step.
    pub fn growing(name: impl Into<Cow<'static, str>>, labels: &[(&str, &str)], by: u64) -> Self {
        Self::new(name, labels, Shape::Growing(by))
    }

    /// Returns a counter that grows by the same amount whenever so many seconds have passed.
    pub fn staircase(
        name: impl Into<Cow<'static, str>>,
        labels: &[(&str, &str)],
        every: u64,
        by: u64,
    ) -> Self {
        Self::new(name, labels, Shape::Staircase { every: every.max(1), by })
    }

    fn new(name: impl Into<Cow<'static, str>>, labels: &[(&str, &str)], shape: Shape) -> Self {
        let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { name: name.into(), labels, shape }
    }

    /// The same, with labels in front of its own.
    pub fn labelled(mut self, labels: impl IntoIterator<Item = (String, String)>) -> Self {
        self.labels.splice(0..0, labels);
        self
    }

    /// Returns whether two series are one to Prometheus.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.labels == other.labels
    }

    /// Returns its samples from the beginning until a moment.
    pub fn sampled(&self, step: u64, until: u64) -> SampledSeries {
        let samples = (0..=until / step).map(|index| self.shape.at(index, index * step)).collect();
        let labels = self.labels.iter().map(|(label, value)| (label.clone().into(), value.clone().into()));
        SampledSeries { name: self.name.clone(), labels: labels.collect(), samples }
    }
}

impl Shape {
    fn at(&self, index: u64, now: u64) -> Sample {
        match self {
            Self::Held(samples) => {
                samples.iter().rfind(|&&(from, _)| from <= now).map_or(Sample::Nothing, |&(_, sample)| sample)
            }
            Self::Growing(by) => Sample::Value(by.saturating_mul(index)),
            Self::Staircase { every, by } => Sample::Value(by.saturating_mul(now / every)),
        }
    }
}

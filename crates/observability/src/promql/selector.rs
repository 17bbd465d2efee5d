//! Which series an expression reads.

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::Metric;
use jobwatch_catalogue::{Catalogue, JobName};

use crate::signals::{CATALOGUE, Signal};

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// A metric that a process exposes.
    Metric(&'static Metric),
    /// The buckets of a histogram.
    Bucket(&'static Metric),
    /// A recorded signal.
    Signal(Signal),
    /// The alerts that are pending or firing, as Prometheus itself exposes them.
    Alerts,
    /// Since when each of them has been pending or firing.
    AlertsSince,
}

/// Series of one name with their matchers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// What is read.
    pub series: Series,
    /// Which of its series, in the order they are written.
    pub matchers: Vec<Matcher>,
    /// How many seconds ago.
    pub offset: u64,
}

/// A condition on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label's name.
    pub label: String,
    /// What its value has to be.
    pub value: MatcherValue,
}

/// What the value of a label has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatcherValue {
    /// Exactly this.
    Equal(String),
    /// One of these. Never empty.
    OneOf(Vec<String>),
    /// What a variable of the dashboard stands for, named without its dollar sign.
    Variable(&'static str),
}

impl Series {
    /// The name as expressions write it.
    pub fn name(self) -> String {
        match self {
            Self::Metric(metric) => metric.name.to_owned(),
            Self::Bucket(metric) => format!("{}_bucket", metric.name),
            Self::Signal(signal) => signal.name().to_owned(),
            Self::Alerts => "ALERTS".to_owned(),
            Self::AlertsSince => "ALERTS_FOR_STATE".to_owned(),
        }
    }
}

impl Selector {
    /// All series of one name.
    pub fn new(series: Series) -> Self {
        Self { series, matchers: Vec::new(), offset: 0 }
    }

    /// A metric of the given jobs, read from the catalogue's service alone.
    pub fn metric(metric: &'static Metric, catalogue: &Catalogue, jobs: &[JobName]) -> Self {
        let matchers = catalogue
            .selector()
            .iter()
            .map(|(label, value)| Matcher::equal(label, value))
            .chain([Matcher::jobs(jobs)])
            .collect();
        Self { series: Series::Metric(metric), matchers, offset: 0 }
    }

    /// A metric of every job of the catalogue's service, whichever catalogue it is in.
    pub fn service(metric: &'static Metric, catalogue: &Catalogue) -> Self {
        let labels = catalogue.selector().iter();
        let matchers = labels.map(|(label, value)| Matcher::equal(label, value)).collect();
        Self { series: Series::Metric(metric), matchers, offset: 0 }
    }

    /// Alerts of the catalogue.
    pub fn alerts(series: Series, catalogue: &Catalogue) -> Self {
        Self { series, matchers: vec![Matcher::equal(CATALOGUE, catalogue.name())], offset: 0 }
    }

    /// A signal that was recorded for the catalogue.
    pub fn signal(signal: Signal, catalogue: &Catalogue) -> Self {
        let matchers = vec![Matcher::equal(CATALOGUE, catalogue.name())];
        Self { series: Series::Signal(signal), matchers, offset: 0 }
    }

    /// The same, of the buckets of the histogram.
    #[must_use]
    pub fn buckets(mut self) -> Self {
        if let Series::Metric(metric) = self.series {
            self.series = Series::Bucket(metric);
        }
        self
    }

    /// The same, of the given jobs only.
    #[must_use]
    pub fn jobs(mut self, jobs: &[JobName]) -> Self {
        self.matchers.push(Matcher::jobs(jobs));
        self
    }

    /// The same, where a label has a value.
    #[must_use]
    pub fn equal(mut self, label: &str, value: &str) -> Self {
        self.matchers.push(Matcher::equal(label, value));
        self
    }

    /// The same, where a label has one of several values.
    #[must_use]
    pub fn one_of(mut self, label: &str, values: &[&str]) -> Self {
        let value = MatcherValue::OneOf(values.iter().map(|&value| value.to_owned()).collect());
        self.matchers.push(Matcher { label: label.to_owned(), value });
        self
    }

    /// The same, where a label has the value that was chosen on the dashboard.
    #[must_use]
    pub fn variable(mut self, label: &str, variable: &'static str) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), value: MatcherValue::Variable(variable) });
        self
    }

    /// The same, so many seconds ago.
    #[must_use]
    pub fn offset(mut self, seconds: u64) -> Self {
        self.offset = seconds;
        self
    }
}

impl Matcher {
    fn equal(label: &str, value: &str) -> Self {
        Self { label: label.to_owned(), value: MatcherValue::Equal(value.to_owned()) }
    }

    fn jobs(jobs: &[JobName]) -> Self {
        let value = match jobs {
            [job] => MatcherValue::Equal(job.to_string()),
            jobs => MatcherValue::OneOf(jobs.iter().map(ToString::to_string).collect()),
        };
        Self { label: JOB_NAME.to_owned(), value }
    }
}

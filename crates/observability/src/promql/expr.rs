//! Expressions.

use std::sync::Arc;

use strum::IntoStaticStr;

use super::selector::Selector;
use crate::quantity::Quantity;

/// An expression that yields an instant vector or a scalar. Its parts are shared, so that a copy
/// costs little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A number.
    Number(Quantity),
    /// The moment of the evaluation, in seconds since the epoch.
    Time,
    /// One sample without labels, of this value.
    Vector(Quantity),
    /// A vector that is always empty, but not a constant to Prometheus. See [`Expr::any`].
    Nothing,
    /// The latest sample of each series.
    Select(Selector),
    /// A function over the samples of a while.
    Range {
        /// Which function.
        function: RangeFunction,
        /// Of which series.
        selector: Selector,
        /// Over how long.
        window: Window,
    },
    /// One sample for each group of series that agree in some labels.
    Aggregate {
        /// How the group becomes one sample.
        operation: Aggregation,
        /// The labels that are kept. None of them means one sample for all.
        by: Vec<String>,
        /// Of what.
        of: Arc<Expr>,
    },
    /// The samples with the highest values, with their labels.
    Top {
        /// How many at most.
        number: u32,
        /// Of what.
        of: Arc<Expr>,
    },
    /// The quantile of a histogram's rate.
    HistogramQuantile {
        /// Which quantile, as a ratio.
        quantile: Quantity,
        /// A rate of buckets.
        of: Arc<Expr>,
    },
    /// The same samples, each with the next whole number as its value.
    Round {
        /// Of what.
        of: Arc<Expr>,
    },
    /// The same samples with a label of a fixed value.
    Labelled {
        /// Of what.
        of: Arc<Expr>,
        /// The label's name.
        label: String,
        /// The label's value. Not empty.
        value: String,
    },
    /// The samples of the first part, and those of each later part whose labels no part before has.
    Or {
        /// The parts. Never fewer than two.
        parts: Vec<Expr>,
        /// By which labels samples are the same.
        matching: Matching,
    },
    /// Two expressions and what is done with them.
    Binary {
        /// What is done.
        operator: Operator,
        /// The left one.
        left: Arc<Expr>,
        /// The right one.
        right: Arc<Expr>,
        /// Which series of the two belong together.
        matching: Matching,
    },
}

/// A function over the samples of a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RangeFunction {
    /// Growth a second of a counter.
    Rate,
    /// Growth of a counter.
    Increase,
    /// The latest sample, however old within the window.
    LastOverTime,
    /// The highest sample.
    MaxOverTime,
    /// The latest count since the process started, however old within the window. Only the ratio of
    /// two such counts means anything.
    #[strum(serialize = "last_over_time")]
    SinceStart,
}

/// How long a range function looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many seconds.
    Seconds(u64),
    /// What Grafana makes of the resolution of the panel and the scrape interval. Two neighbouring
    /// points share a scrape interval.
    RateInterval,
    /// The time between two points of the panel: each moment belongs to one of them.
    Interval,
}

/// How a group of series becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Aggregation {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// How many they are.
    Count,
    /// One, if there is any.
    Group,
}

/// What is done with two expressions. `or` joins any number of them: [`Expr::Or`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
pub enum Operator {
    /// `and`
    #[strum(serialize = "and")]
    And,
    /// `unless`
    #[strum(serialize = "unless")]
    Unless,
    /// `==`
    #[strum(serialize = "==")]
    Equal,
    /// `!=`
    #[strum(serialize = "!=")]
    NotEqual,
    /// `>`
    #[strum(serialize = ">")]
    Greater,
    /// `>=`
    #[strum(serialize = ">=")]
    GreaterOrEqual,
    /// `<`
    #[strum(serialize = "<")]
    Less,
    /// `<=`
    #[strum(serialize = "<=")]
    LessOrEqual,
    /// `+`
    #[strum(serialize = "+")]
    Add,
    /// `-`
    #[strum(serialize = "-")]
    Subtract,
    /// `*`
    #[strum(serialize = "*")]
    Multiply,
    /// `/`
    #[strum(serialize = "/")]
    Divide,
}

/// Which series of two vectors belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Matching {
    /// Those that agree in all labels.
    #[default]
    AllLabels,
    /// Those that agree in these.
    On(Vec<String>),
    /// Those that agree in these, several on the left to one on the right.
    OnManyToOne(Vec<String>),
    /// The same, where those on the left take labels over from the one on the right.
    OnWithLabels {
        /// In which they agree.
        on: Vec<String>,
        /// Which labels are taken over.
        labels: Vec<String>,
    },
}

impl Operator {
    /// Returns how expressions write it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns how tightly it binds: the higher, the tighter. `or` has 1.
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::And | Self::Unless => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Less
            | Self::LessOrEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide => 5,
        }
    }

    /// Returns whether it keeps or drops whole samples of the left side.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Unless)
    }

    /// Returns whether it compares.
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::Less
                | Self::LessOrEqual
        )
    }
}

impl Matching {
    /// Those that agree in these labels.
    pub fn on(labels: &[&str]) -> Self {
        Self::On(labels.iter().map(|&label| label.to_owned()).collect())
    }

    /// Those that agree in these labels, several on the left to one on the right.
    pub fn on_many_to_one(labels: &[&str]) -> Self {
        Self::OnManyToOne(labels.iter().map(|&label| label.to_owned()).collect())
    }
}

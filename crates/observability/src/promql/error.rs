//! Why an expression is refused.

use crate::quantity::Unit;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// A series is read that nobody knows.
    #[error("there is no series `{0}`")]
    UnknownSeries(&'static str),
    /// A label is used that the series does not have.
    #[error("`{series}` has no label `{label}`: it has {known}")]
    UnknownLabel {
        /// The series, or what is aggregated.
        series: String,
        /// The label.
        label: String,
        /// What labels there are.
        known: String,
    },
    /// A label is compared with a value that it never has.
    #[error("`{label}` of `{series}` is never `{value}`: it is one of {known}")]
    UnknownValue {
        /// The series.
        series: String,
        /// The label.
        label: String,
        /// The value.
        value: String,
        /// The values that occur.
        known: String,
    },
    /// A rate is taken of something that does not only grow.
    #[error("`{0}` is no counter, so it has no rate")]
    RateOfGauge(String),
    /// A counter is read without a rate.
    #[error("`{0}` is a counter: its value means nothing without `rate` or `increase`")]
    RawCounter(String),
    /// A quantile is taken of something that has no buckets.
    #[error("a quantile needs a rate of buckets, grouped by `le` among others")]
    QuantileWithoutBuckets,
    /// The two sides of an operator are matched by labels of which one side has more.
    #[error("the sides of `{operator}` have different labels: {left} and {right}")]
    LabelsDiffer {
        /// The operator.
        operator: &'static str,
        /// The labels on the left.
        left: String,
        /// The labels on the right.
        right: String,
    },
    /// One sample of one side would belong to several of the other.
    #[error("`{operator}` matches by {on}, but the {side} side tells more samples apart: {labels}")]
    ManyMatches {
        /// The operator.
        operator: &'static str,
        /// The labels that are matched by.
        on: String,
        /// Which side.
        side: &'static str,
        /// The labels on that side.
        labels: String,
    },
    /// Two values are compared or subtracted that measure different things.
    #[error("`{operator}` has {left:?} on its left and {right:?} on its right")]
    UnitsDiffer {
        /// The operator.
        operator: &'static str,
        /// What the left measures.
        left: Unit,
        /// What the right measures.
        right: Unit,
    },
    /// A number is given a label.
    #[error("`label_replace` needs series, not a number")]
    ScalarLabelled,
    /// A set operator has a scalar on one side.
    #[error("`{0}` needs series on both sides")]
    ScalarInSet(&'static str),
}

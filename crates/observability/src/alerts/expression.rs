//! What a rule tests for a condition.

use jobwatch_catalogue::label::JOB_NAME;
use jobwatch_catalogue::metric::JOB_EXECUTION_TOTAL;
use jobwatch_catalogue::{Catalogue, JobName, Quantity};

use super::{Alert, watches};
use crate::condition::Condition;
use crate::promql::{Expr, Matching, Operator, Selector};
use crate::signals::Signal;

impl Condition {
    /// The signal whose value an alert of this condition compares.
    pub const fn signal(&self) -> Signal {
        match self {
            Self::FailureRate { .. } => Signal::FailedExecutionRate,
            Self::FailureRatio { .. } => Signal::FailedExecutionRatio,
            Self::NoSuccess { .. } => Signal::TimeSinceLastSuccess,
            Self::DurationP95 { .. } => Signal::DurationP95,
            Self::QueueGrowing { .. } | Self::QueueSize { .. } => Signal::QueueSize,
            Self::ItemFailureRatio { .. } => Signal::FailedItemRatio,
            Self::ConsecutiveFailures { .. } => Signal::ConsecutiveFailures,
            Self::Stuck { .. } => Signal::InProgress,
            Self::MetricsAbsent => Signal::Catalogued,
        }
    }
}

/// The expression of an alert's rule, or nothing where it has no job to watch.
pub(super) fn expression(alert: &Alert, catalogue: &Catalogue) -> Option<Expr> {
    let watched = catalogue.jobs().iter().filter(|job| watches(alert.name, job)).count();
    let tests = Expr::any(alert.classes.iter().map(|class| {
        let select = |signal: Signal| {
            let selector = Selector::signal(signal, catalogue);
            if class.jobs.len() == watched { selector } else { selector.jobs(&class.jobs) }
        };
        test(class.condition, &class.jobs, catalogue, select)
    }))?;
    Some(match alert.condition {
        Condition::NoSuccess { .. } => tests.binary(Operator::Unless, within_two_intervals(catalogue)),
        _ => tests,
    })
}

fn test(
    condition: Condition,
    jobs: &[JobName],
    catalogue: &Catalogue,
    select: impl Fn(Signal) -> Selector,
) -> Expr {
    let value = || select(condition.signal());
    let above = |threshold: Quantity| Expr::from(value()).binary(Operator::Greater, threshold);
    match condition {
        Condition::FailureRate { above: threshold }
        | Condition::FailureRatio { above: threshold }
        | Condition::DurationP95 { above: threshold }
        | Condition::QueueSize { above: threshold }
        | Condition::ItemFailureRatio { above: threshold }
        | Condition::NoSuccess { longer_than: threshold } => above(threshold),
        // Multiplied, not divided: a queue that was empty has grown by any measure, and one that was not there yet has not.
        Condition::QueueGrowing { above: threshold, growth, over } => {
            let (Quantity::Ratio(growth), Quantity::Duration(over)) = (growth, over) else {
                return above(threshold);
            };
            let factor = Expr::from(Quantity::Ratio(1_000_000 + growth));
            let earlier = factor.binary(Operator::Multiply, value().offset(over));
            above(threshold).binary(Operator::And, Expr::from(value()).binary(Operator::Greater, earlier))
        }
        Condition::ConsecutiveFailures { at_least } => {
            Expr::from(value()).binary(Operator::GreaterOrEqual, at_least)
        }
        Condition::Stuck { timeout } => above(timeout.unwrap_or(Quantity::Duration(0))),
        Condition::MetricsAbsent => Expr::from(value()).matched(
            Operator::Unless,
            Matching::On(vec![JOB_NAME]),
            Selector::metric(&JOB_EXECUTION_TOTAL, catalogue, jobs),
        ),
    }
}

/// Jobs that succeeded within two of the intervals that are in force, which the environment may have made longer than the
/// catalogue's.
fn within_two_intervals(catalogue: &Catalogue) -> Expr {
    let two_intervals = Expr::from(Quantity::Count(2))
        .binary(Operator::Multiply, Selector::signal(Signal::ScheduleInterval, catalogue));
    Expr::from(Selector::signal(Signal::TimeSinceLastSuccess, catalogue))
        .binary(Operator::Less, two_intervals)
}

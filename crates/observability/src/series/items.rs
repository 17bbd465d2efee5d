//! How many of the items fail.

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, NAMESPACE, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;

use super::recorded::{About, RecordedSeries};
use super::success::MEMORY;
use super::windows::{over, over_each};
use crate::lookback::{Lookback, WindowClass};
use crate::promql::{Aggregation, Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::{Scope, WINDOW, WatchedJob};

const NONE: Quantity = Quantity::Count(0);
/// How many items it takes to tell. Increases are extrapolated, and never to less.
const ENOUGH: Quantity = Quantity::Count(3);

/// The failure ratio of the attempted items.
pub const FAILED_ITEM_RATIO: RecordedSeries = RecordedSeries {
    name: "job_name:job_items_failed:ratio",
    unit: Unit::Ratio,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Long),
    comment: "The failure ratio of the attempted items, of which it takes three; skipped ones were \
              not attempted.",
    about: About::Other,
    expression: failed_item_ratio,
};

/// The items that failed lately, which tell whether they still do.
pub const FAILED_ITEMS: RecordedSeries = RecordedSeries {
    name: "job_name:job_items_failed:increase",
    unit: Unit::Count,
    labels: &[JOB_NAME, NAMESPACE],
    window: None,
    comment: "Failed items in two intervals, and in half an hour at least. What was known holds until \
              others are attempted.",
    about: About::Other,
    expression: failed_items,
};

fn failed_item_ratio(scope: &Scope<'_>) -> Option<Expr> {
    let classes = scope.by_window(Lookback::Long, has_items);
    over_each(&classes, |class| {
        let attempted = increase(scope, class, &[ItemStatus::Failed, ItemStatus::Success]);
        let failed = increase(scope, class, &[ItemStatus::Failed]);
        failed.binary(Operator::Divide, attempted.binary(Operator::GreaterOrEqual, ENOUGH))
    })
}

/// That none failed is known where some succeeded: a process may expose no series of failures
/// before the first.
fn failed_items(scope: &Scope<'_>) -> Option<Expr> {
    let classes = [Lookback::Recent, Lookback::Last].into_iter().flat_map(|lookback| {
        scope.by_window(lookback, |job| has_items(job) && Lookback::of_items(job.spec) == Some(lookback))
    });
    let classes: Vec<WindowClass> = classes.collect();
    let some = |status| {
        let counted = Expr::any(classes.iter().map(|class| increase(scope, class, &[status])))?;
        Some(counted.binary(Operator::Greater, NONE))
    };
    let none_failed = Expr::from(NONE).binary(Operator::Multiply, some(ItemStatus::Success)?);
    // While there is a ratio that could be above its threshold.
    let before = Expr::last_over(scope.recorded(FAILED_ITEMS.name), MEMORY)
        .aggregate(Aggregation::Max, scope.group_by())
        .matched(
            Operator::And,
            Matching::on(scope.group_by()),
            Expr::from(scope.recorded(FAILED_ITEM_RATIO.name)),
        );
    Some(some(ItemStatus::Failed)?.or(none_failed).or(before))
}

fn has_items(job: &WatchedJob<'_>) -> bool {
    job.spec.items().is_some()
}

fn increase(scope: &Scope<'_>, class: &WindowClass, statuses: &[ItemStatus]) -> Expr {
    let statuses: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    let items = scope.metric(JOB_ITEMS_PROCESSED_TOTAL.name, &class.jobs).one_of(STATUS, &statuses);
    Expr::increase(items, over(class)).aggregate(Aggregation::Sum, scope.group_by())
}

//! How many of the items fail.

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, NAMESPACE, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;

use super::recorded::{About, RecordedSeries};
use super::windows::{over, over_each};
use crate::lookback::Lookback;
use crate::promql::{Aggregation, Expr, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::{Scope, WINDOW};

/// The failure ratio of the attempted items.
pub const FAILED_ITEM_RATIO: RecordedSeries = RecordedSeries {
    name: "job_name:job_items_failed:ratio",
    unit: Unit::Ratio,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Long),
    comment: "The failure ratio of the attempted items; skipped ones were not attempted.",
    about: About::Other,
    expression: failed_item_ratio,
};

fn failed_item_ratio(scope: &Scope<'_>) -> Option<Expr> {
    let attempted = [ItemStatus::Failed.as_str(), ItemStatus::Success.as_str()];
    let classes = scope.by_window(Lookback::Long, |job| job.spec.items().is_some());
    over_each(&classes, |class| {
        let items = || scope.metric(JOB_ITEMS_PROCESSED_TOTAL.name, &class.jobs);
        let rate = |selector| Expr::rate(selector, over(class)).aggregate(Aggregation::Sum, scope.group_by());
        let failed = rate(items().equal(STATUS, ItemStatus::Failed.as_str()));
        let attempted = rate(items().one_of(STATUS, &attempted));
        failed.binary(Operator::Divide, attempted.binary(Operator::Greater, Quantity::Count(0)))
    })
}

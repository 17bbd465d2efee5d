//! What the two alerts about slow executions have in common.

use jobwatch_catalogue::{DURATION_BUCKETS_SECONDS, JobSpec};

use crate::definition::{ABOVE, Condition, OutOfReach, Texts};
use crate::lookback::Lookback;
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::Quantity;
use crate::sentence::words::{P95, PERCENTILE};
use crate::sentence::{Blank, Form, Spoken, Stands, Time};
use crate::series::DURATION_LAST;

pub(super) const SLOW_TEXTS: Texts = Texts {
    summary: "{job} takes too long",
    description: "The 95th percentile of the duration of {job} is {value}, over the last {window} \
                  (threshold: {threshold}).",
    fires: "{thresholds}",
};

/// The sentence of both in a runbook.
pub(super) const SLOW_FORM: Form = Form {
    template: "P95 duration > {above}",
    needs: &[P95],
    allows: &[PERCENTILE],
    parameters: &[Blank { name: ABOVE, stands: Stands::Compared, spoken: Spoken::Seconds }],
    time: Time::AfterOver,
    ..Form::ABOVE
};

/// The 95th percentile exceeds the threshold. That of few executions is the slowest of them, and
/// that of a long window remembers for long: a job is no longer slow when its last execution was
/// quick, and all those of half an hour.
pub(super) fn slow(condition: &Condition<'_>) -> Expr {
    let exceeded = condition.exceeded();
    let threshold = condition.operands.first().filter(|_| condition.any_job(|job| Lookback::Last.suits(job)));
    let Some(&threshold) = threshold else { return exceeded };
    let last = condition.scope.recorded(DURATION_LAST.name);
    let quick = condition.compared(last.into(), Operator::LessOrEqual, threshold);
    exceeded.matched(Operator::Unless, Matching::on(condition.scope.group_by()), quick)
}

/// An execution is stopped at its timeout, and a quantile is never above the highest finite bucket.
pub(super) fn out_of_reach(threshold: Quantity, job: &JobSpec) -> Option<OutOfReach> {
    let Quantity::Duration(threshold) = threshold else { return None };
    let timeout = job.timeout().as_secs();
    let bound = DURATION_BUCKETS_SECONDS.last().map_or(0, |bound| *bound as u64);
    if threshold >= timeout {
        let by_default = if job.has_default_timeout() { ", the default timeout" } else { "" };
        let because = format!("is stopped after {}{by_default}", Quantity::Duration(timeout));
        return Some(OutOfReach { highest: timeout, because });
    }
    let because = || format!("is measured up to {} only", Quantity::Duration(bound));
    (threshold >= bound).then(|| OutOfReach { highest: bound, because: because() })
}

/// The quantile of executions that take no time at all lies within the lowest bucket.
pub(super) fn below_the_lowest_bucket(threshold: Quantity, _: &JobSpec) -> Option<String> {
    let lowest = DURATION_BUCKETS_SECONDS[0];
    (threshold.as_f64() < lowest).then(|| format!("durations below {lowest} s are not told apart"))
}

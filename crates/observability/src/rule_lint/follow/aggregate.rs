//! What an aggregation yields.

use jobwatch_catalogue::label::JOB_NAME;

use super::call::runs_a_second;
use crate::query::{Aggregation, Grouping, Kind, Node};
use crate::rule_lint::bounds::Bounds;
use crate::rule_lint::known::Known;
use crate::rule_lint::labels::{Labels, Values};
use crate::rule_lint::yielded::{Nature, Yielded};

pub(super) fn aggregate(
    operation: Aggregation,
    grouping: Option<&Grouping>,
    parameter: Option<&Node>,
    of: &Node,
    done: &[Yielded],
    known: &Known<'_>,
) -> Yielded {
    let before = &done[of.id];
    if operation.selects() {
        return before.clone();
    }
    let labels = before.labels();
    let mut labels = match grouping {
        None => Labels::default(),
        Some(Grouping { is_without: false, labels: by }) => labels.only(by),
        Some(Grouping { is_without: true, labels: without }) => labels.without(without),
    };
    if let (Aggregation::CountValues, Some(Kind::Text(label))) = (operation, parameter.map(|node| &node.kind))
    {
        labels.set(label, Values::Present);
    }
    let Bounds { low, .. } = before.bounds;
    let (bounds, nature) = match operation {
        Aggregation::Count => (Bounds::between(1.0, f64::INFINITY), Nature::Gauge),
        Aggregation::Group => (Bounds::exactly(1.0), Nature::Gauge),
        Aggregation::Sum if low >= 0.0 => {
            let bounds = Bounds::between(low, f64::INFINITY);
            (of_runs(bounds, grouping, of, known), before.nature)
        }
        Aggregation::Sum => (Bounds::ANY, before.nature),
        Aggregation::Stddev | Aggregation::Stdvar => (Bounds::NOT_NEGATIVE, Nature::Gauge),
        Aggregation::CountValues => (Bounds::between(1.0, f64::INFINITY), Nature::Gauge),
        _ => (before.bounds.clone(), before.nature),
    };
    Yielded { labels: Some(labels), bounds, nature, ..before.clone() }
}

/// Bounds a sum of rates of runs by what the schedules of the jobs allow. Replicas run a job
/// between them no more often than one would.
fn of_runs(bounds: Bounds, grouping: Option<&Grouping>, of: &Node, known: &Known<'_>) -> Bounds {
    let Kind::Call { function, arguments } = &of.kind else { return bounds };
    let Some(runs) = runs_a_second(function.name, arguments, known) else { return bounds };
    let keeps_job = grouping
        .is_some_and(|grouping| grouping.labels.iter().any(|label| label == JOB_NAME) != grouping.is_without);
    let most = if keeps_job { runs.most } else { runs.most * runs.jobs as f64 };
    bounds.at_most(most, runs.because)
}

//! What a recorded series is.

use jobwatch_catalogue::label::NAMESPACE;

use crate::lookback::Lookback;
use crate::promql::Expr;
use crate::quantity::Unit;
use crate::scope::Scope;

/// A series about each job that a recording rule records, so that alerts and panels read the same.
///
/// There is one rule for each, however many jobs there are.
#[derive(Debug, Clone, Copy)]
pub struct RecordedSeries {
    /// Its name, which follows Prometheus' convention `level:metric:operations`
    /// (<https://prometheus.io/docs/practices/rules/>).
    pub name: &'static str,
    /// What its values measure.
    pub unit: Unit,
    /// Its labels, besides `catalogue`, which each has.
    pub labels: &'static [&'static str],
    /// Which of a job's windows it is taken over, for one that has the label `window`.
    pub window: Option<Lookback>,
    /// What it is, in one or two sentences, for whoever reads the rules.
    pub comment: &'static str,
    /// What its values are about, as far as scenarios about other things have to mind it.
    pub about: About,
    /// The expression of its rule, for a catalogue that has a watched job. It may read series that
    /// are recorded before it. Returns `None` if there is no job that it is about.
    pub expression: fn(&Scope<'_>) -> Option<Expr>,
}

/// What the values of a series are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The time since the last success.
    Staleness,
    /// How long a success has been overdue.
    Overdue,
    /// How long runs take.
    RunDuration,
    /// Something else.
    Other,
}

impl RecordedSeries {
    /// Returns its labels in a catalogue, besides `catalogue`: with those that tell copies of jobs
    /// apart, where it has the namespace.
    pub fn labels_in<'c>(&self, scope: &Scope<'c>) -> Vec<&'c str> {
        let mut labels = self.labels.to_vec();
        if labels.contains(&NAMESPACE) {
            labels.extend(scope.grouping_labels());
        }
        labels
    }
}

impl PartialEq for RecordedSeries {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RecordedSeries {}

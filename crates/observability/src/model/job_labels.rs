//! The labels by which alerts are routed: the same on the alerts of all jobs, or each job's own.

use std::collections::{BTreeMap, BTreeSet};

use jobwatch_catalogue::JobSpec;
use jobwatch_catalogue::label::JOB_NAME;

use super::recording::RecordingRule;
use crate::promql::{Expr, Matching, Operator};
use crate::quantity::{Quantity, Unit};
use crate::scope::Scope;

/// The series that has each job's own labels.
pub const JOB_LABELS: &str = "job_name:job_labels:info";

/// The labels that a catalogue and its jobs give to alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobLabels {
    /// Those that are the same on the alerts of every watched job. Rules set them.
    pub common: BTreeMap<String, String>,
    /// The names of the others, which a recorded series has for each job.
    pub by_job: BTreeSet<String>,
}

impl JobLabels {
    pub(super) fn new(scope: &Scope<'_>) -> Self {
        let catalogue = scope.catalogue();
        let own = |job: &JobSpec| job.labels().keys().cloned().collect::<Vec<_>>();
        let set_by_jobs: BTreeSet<String> = scope.jobs().iter().flat_map(|job| own(job.spec)).collect();
        let mut labels = Self { common: catalogue.labels().clone(), by_job: BTreeSet::new() };
        for name in set_by_jobs {
            let mut values = scope.jobs().iter().map(|job| catalogue.label_of(job.spec, &name));
            let first = values.next().flatten();
            match first.filter(|first| values.all(|value| value == Some(*first))) {
                Some(value) => drop(labels.common.insert(name, value.to_owned())),
                None => {
                    labels.common.remove(&name);
                    labels.by_job.insert(name);
                }
            }
        }
        labels
    }

    /// Returns the labels that the series of a job has, and so its alerts.
    pub fn of_job<'a>(&self, scope: &Scope<'a>, job: &'a JobSpec) -> BTreeMap<String, &'a str> {
        let value = |name: &String| Some((name.clone(), scope.catalogue().label_of(job, name)?));
        self.by_job.iter().filter_map(value).collect()
    }

    /// Returns what a rule tests, with the labels of each job. Every watched job has a series of
    /// its own, so that none is left out.
    pub fn joined(&self, scope: &Scope<'_>, tested: Expr) -> Expr {
        if self.by_job.is_empty() {
            return tested;
        }
        let labels = self.by_job.iter().cloned().collect();
        let matching = Matching::OnWithLabels { on: vec![JOB_NAME.to_owned()], labels };
        tested.matched(Operator::Multiply, matching, scope.recorded(JOB_LABELS))
    }

    /// Returns the rule that records them. `None` if all jobs have the same.
    pub(super) fn rule(&self, scope: &Scope<'_>) -> Option<RecordingRule> {
        if self.by_job.is_empty() {
            return None;
        }
        // Linters take everything behind a bare `vector(1)` and an `or` for dead code.
        let one = || Expr::Vector(Quantity::Count(1)).binary(Operator::Greater, Quantity::Count(0));
        let of_job = |job: &JobSpec| {
            let labels = self.of_job(scope, job);
            let named = one().labelled(JOB_NAME, job.name().as_str());
            labels.into_iter().fold(named, |series, (label, value)| series.labelled(&label, value))
        };
        let jobs = scope.jobs().iter().map(|job| of_job(job.spec));
        Some(RecordingRule {
            series: JOB_LABELS,
            unit: Unit::Number,
            labels: [JOB_NAME].into_iter().map(str::to_owned).chain(self.by_job.iter().cloned()).collect(),
            comment: "The labels of each job's alerts that not all jobs have alike.".to_owned(),
            expression: Expr::any_on(&Matching::on(&[JOB_NAME]), jobs)?,
        })
    }
}

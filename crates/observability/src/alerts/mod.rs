//! Which alerts a catalogue has: name, severity, condition, and for which jobs the condition has other figures.

mod defaults;
mod expression;
mod figures;
mod staleness;

use std::collections::BTreeMap;

use jobwatch_catalogue::{AlertName, Catalogue, JobName, JobSpec};

use crate::condition::Condition;
use crate::promql::Expr;
use crate::severity::Severity;

/// An alert of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its name.
    pub name: AlertName,
    /// How urgent it is.
    pub severity: Severity,
    /// The heading of its section in the runbook; the anchor of `runbook_url` follows from it.
    pub section: &'static str,
    /// For how many seconds the condition has to hold before the alert fires.
    pub hold: u64,
    /// The condition as the runbook states it: the catalogue's figures, or the defaults.
    pub condition: Condition,
    /// The jobs that the alert watches, grouped by the figures that hold for them. The jobs that the stated condition holds
    /// for come first; the other groups follow in the order of their figures. No group is empty.
    pub classes: Vec<JobClass>,
}

/// Jobs that an alert judges by the same figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobClass {
    /// The condition with the figures that hold for these jobs.
    pub condition: Condition,
    /// The jobs, in the catalogue's order.
    pub jobs: Vec<JobName>,
}

/// Every alert of a catalogue, in the order of [`AlertName::ALL`].
///
/// An alert that can watch no job of the catalogue is there too, without classes: a catalogue without queues has no queue to
/// alert about, and says so to whoever asks.
pub fn alerts(catalogue: &Catalogue) -> Vec<Alert> {
    AlertName::ALL.into_iter().map(|name| alert(name, catalogue)).collect()
}

fn alert(name: AlertName, catalogue: &Catalogue) -> Alert {
    let defaults = defaults::defaults(name);
    let stated = catalogue.thresholds().get(&name);
    let condition = stated.map_or(defaults.condition, |set| figures::with(defaults.condition, set));
    let hold = stated.and_then(|set| set.hold).unwrap_or(defaults.hold);
    let mut groups: BTreeMap<Condition, Vec<JobName>> = BTreeMap::new();
    for job in catalogue.jobs().iter().filter(|job| watches(name, job)) {
        let for_job = match job.thresholds().get(&name) {
            Some(set) => figures::with(condition, set),
            None => figures::for_job(name, condition, job),
        };
        groups.entry(for_job).or_default().push(job.name().clone());
    }
    let mut classes: Vec<JobClass> =
        groups.into_iter().map(|(condition, jobs)| JobClass { condition, jobs }).collect();
    classes.sort_by_key(|class| class.condition != condition);
    Alert { name, severity: defaults.severity, section: defaults.section, hold, condition, classes }
}

impl Alert {
    /// The groups of jobs whose figures differ from what the runbook's sentence states.
    ///
    /// Where the statement has no figure of its own, as "longer than its timeout", there are none.
    pub fn exceptions(&self) -> impl Iterator<Item = &JobClass> {
        let stated = self.condition;
        self.classes.iter().filter(move |class| class.condition != stated && stated.threshold().is_some())
    }

    /// The figures that hold for one job, or nothing where the alert does not watch it.
    pub fn condition_for(&self, job: &JobName) -> Option<Condition> {
        self.classes.iter().find(|class| class.jobs.contains(job)).map(|class| class.condition)
    }

    /// What its rule tests, or nothing where the catalogue has no job for it to watch.
    pub fn expression(&self, catalogue: &Catalogue) -> Option<Expr> {
        expression::expression(self, catalogue)
    }

    /// The anchor of its section: the heading's text as GitHub makes an anchor of it.
    pub fn anchor(&self) -> String {
        self.section.to_lowercase().replace(' ', "-")
    }
}

/// Whether an alert has anything to watch about a job.
fn watches(name: AlertName, job: &JobSpec) -> bool {
    job.enabled()
        && match name {
            AlertName::BackgroundJobQueueGrowing | AlertName::BackgroundJobCriticalQueueSize => {
                job.queue().is_some()
            }
            AlertName::BackgroundJobHighItemFailureRate => job.items().is_some(),
            _ => true,
        }
}

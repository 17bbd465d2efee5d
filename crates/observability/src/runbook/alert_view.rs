//! What the runbook needs to know about an alert.

use std::cell::OnceCell;
use std::collections::HashMap;

use jobwatch_catalogue::JobName;

use crate::definition::{AlertName, Comparison};
pub(super) use crate::model::{Alert, Pace};
pub(super) use crate::quantity::Quantity;
use crate::sentence::Form;
pub(super) use crate::severity::Severity;

/// An alert as a runbook speaks of it.
pub(super) struct AlertView<'a> {
    pub(super) id: AlertName,
    pub(super) name: &'a str,
    pub(super) severity: Severity,
    /// The severities that single jobs have instead.
    pub(super) own_severities: HashMap<&'a JobName, Severity>,
    /// Whether the catalogue switches it off.
    pub(super) is_off: bool,
    /// The heading of its section.
    pub(super) heading: &'a str,
    /// For how many seconds the condition has to hold.
    pub(super) hold: u64,
    pub(super) form: &'a Form,
    /// How its value is compared with its threshold.
    pub(super) comparison: Comparison,
    /// The values of the form's parameters, by name.
    pub(super) values: Vec<(&'a str, Quantity)>,
    /// The jobs that it watches, by what holds for them. Empty where it watches none.
    pub(super) groups: Vec<JobGroup>,
    /// How many of the groups are exceptions.
    pub(super) exception_count: usize,
    pub(super) by_name: OnceCell<JobsByName>,
}

/// Groups and places in them, by names in small letters, which several jobs may share.
pub(super) type JobsByName = HashMap<String, Vec<(usize, usize)>>;

/// Jobs with the same parameters, for the same reason.
pub(super) struct JobGroup {
    pub(super) threshold: Option<Quantity>,
    /// Whether that is another threshold than the sentence states for all.
    pub(super) has_own_threshold: bool,
    /// The other parameters that differ from what the sentence states for all, by name.
    pub(super) others: Vec<(&'static str, Quantity)>,
    /// Whether any of them differs from that.
    pub(super) is_exception: bool,
    /// Whether the catalogue sets it for these jobs, so that it does not just follow from them.
    pub(super) is_set: bool,
    pub(super) jobs: Vec<JobName>,
    /// What they have in common.
    pub(super) pace: Pace,
}

impl<'a> AlertView<'a> {
    /// Returns the view of an alert.
    pub(super) fn of(alert: &'a Alert) -> Self {
        let definition = alert.definition;
        let mut groups: Vec<JobGroup> = Vec::new();
        let mut classes: Vec<_> = alert.classes.iter().collect();
        classes.sort_by(|one, other| one.parameters.cmp(&other.parameters));
        for class in classes {
            let stated = definition.parameters.iter().zip(&alert.stated).zip(&class.parameters);
            let differs = stated.map(|((parameter, stated), value)| {
                (stated.is_some_and(|stated| stated != *value), parameter.key, *value)
            });
            let differs: Vec<(bool, &str, Quantity)> = differs.collect();
            let has_own_threshold = differs.first().is_some_and(|(differs, ..)| *differs);
            let others = differs.iter().skip(1).filter(|(differs, ..)| *differs);
            let others: Vec<_> = others.map(|(_, name, value)| (*name, *value)).collect();
            let is_set = |job: &JobName| {
                (has_own_threshold && alert.is_own_threshold(job))
                    || (!others.is_empty() && alert.has_own_parameters(job))
            };
            let (set, derived): (Vec<JobName>, Vec<JobName>) = class.jobs.iter().cloned().partition(is_set);
            for (is_set, jobs) in [(true, set), (false, derived)] {
                if !jobs.is_empty() {
                    groups.push(JobGroup {
                        threshold: class.parameters.first().copied(),
                        has_own_threshold,
                        others: others.clone(),
                        is_exception: has_own_threshold || !others.is_empty(),
                        is_set,
                        jobs,
                        pace: class.pace,
                    });
                }
            }
        }
        let values = definition.parameters.iter().zip(&alert.stated);
        let own_severities = alert.severities().iter();
        let own_severities = own_severities.flat_map(|(own, jobs)| jobs.iter().map(move |job| (job, *own)));
        Self {
            id: definition.name,
            name: definition.name.as_str(),
            severity: alert.severity,
            own_severities: own_severities.collect(),
            is_off: alert.is_off,
            heading: definition.heading,
            hold: alert.hold,
            form: &definition.form,
            comparison: definition.comparison,
            values: values.filter_map(|(parameter, value)| Some((parameter.key, (*value)?))).collect(),
            exception_count: groups.iter().filter(|group| group.is_exception).count(),
            groups,
            by_name: OnceCell::new(),
        }
    }

    /// Returns the value of a parameter; `None` if the alert has none of this name.
    pub(super) fn value(&self, name: &str) -> Option<Quantity> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    /// Returns how urgent it is for a job.
    pub(super) fn severity_of(&self, job: &JobName) -> Severity {
        self.own_severities.get(job).copied().unwrap_or(self.severity)
    }

    /// Returns the parameter at a place of the form as it is for a group. `None` if there is none.
    pub(super) fn parameter_of(&self, group: &JobGroup, place: usize) -> Option<Quantity> {
        if place == 0 {
            return group.threshold;
        }
        let name = self.form.parameters.get(place)?.name;
        let own = group.others.iter().find(|(own, _)| *own == name);
        own.map(|(_, value)| *value).or_else(|| self.value(name))
    }

    /// Returns the groups that differ from what the sentence states for all, with their numbers.
    pub(super) fn exceptions(&self) -> impl Iterator<Item = (usize, &JobGroup)> {
        self.groups.iter().enumerate().filter(|(_, group)| group.is_exception)
    }

    /// Returns what all its jobs have in common. `None` if it has no job.
    pub(super) fn pace(&self) -> Option<Pace> {
        self.groups.iter().map(|group| group.pace).reduce(Pace::common)
    }

    /// Returns the job that a text names, with the number of its group. `None` if the alert does
    /// not watch it. Capitals matter only where they tell two jobs apart.
    pub(super) fn job(&self, text: &str) -> Option<(usize, &JobName)> {
        let by_name = self.by_name.get_or_init(|| by_name(&self.groups));
        let alike = by_name.get(&text.to_lowercase())?;
        let mut jobs = alike.iter().map(|&(group, at)| (group, &self.groups[group].jobs[at]));
        match alike.as_slice() {
            [_] => jobs.next(),
            _ => jobs.find(|(_, job)| job.as_str() == text),
        }
    }
}

/// Returns the places of the jobs with each name in small letters.
fn by_name(groups: &[JobGroup]) -> JobsByName {
    let mut by_name = JobsByName::new();
    for (number, group) in groups.iter().enumerate() {
        for (at, job) in group.jobs.iter().enumerate() {
            by_name.entry(job.as_str().to_lowercase()).or_default().push((number, at));
        }
    }
    by_name
}

/// Returns the name that a finding has for a job; `None` if no job can be named like that.
pub(super) fn job_name(name: &str) -> Option<JobName> {
    JobName::new(name).ok()
}

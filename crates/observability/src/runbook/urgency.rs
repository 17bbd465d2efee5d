//! How urgent the alerts of a section are, and what a runbook says about that.

use std::collections::HashSet;

use jobwatch_catalogue::JobName;

use super::alert_view::{AlertView, Severity};
use super::severities::{Stated, severities};

/// How urgent the alerts of a section are.
pub(super) struct Urgency<'a> {
    alerts: Vec<&'a AlertView<'a>>,
    /// The severities of its alerts, each once, most urgent last.
    severities: Vec<Severity>,
}

/// What is wrong with a severity that a runbook states.
pub(super) struct Contradiction {
    pub(super) message: String,
    /// The job that it is about, if it is about one.
    pub(super) job: Option<String>,
}

impl<'a> Urgency<'a> {
    pub(super) fn new(alerts: Vec<&'a AlertView<'a>>) -> Self {
        let has = |severity: &Severity| alerts.iter().any(|alert| alert.severity == *severity);
        let severities = [Severity::Warning, Severity::Critical].into_iter().filter(has).collect();
        Self { alerts, severities }
    }

    /// Returns the severities as a runbook states them, with those of single jobs.
    pub(super) fn spoken(&self) -> String {
        let named = self.severities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ");
        let mut of_jobs: Vec<(&JobName, Severity)> = self.of_jobs().collect();
        if of_jobs.is_empty() {
            return named;
        }
        of_jobs.sort_unstable();
        of_jobs.dedup();
        let of_jobs = of_jobs.into_iter().map(|(job, severity)| format!("`{job}`: {severity}"));
        format!("{named} ({})", of_jobs.collect::<Vec<_>>().join("; "))
    }

    /// Returns what contradicts the alerts in a value. `None` if it states their severities, those
    /// of single jobs among them, and no other.
    pub(super) fn contradiction(&self, value: &str) -> Option<Contradiction> {
        let of_all = |message: String| Some(Contradiction { message, job: None });
        let name = self.alerts.first().map_or("", |alert| alert.name);
        let Some(Stated { named, of_jobs, .. }) = severities(value) else {
            return of_all(
                "a severity is `Warning` or `Critical`, with those of single jobs in parentheses".to_owned(),
            );
        };
        let is_stated = self.severities.iter().all(|severity| named.contains(severity));
        if !is_stated || !named.iter().all(|severity| self.severities.contains(severity)) {
            return of_all(format!("the runbook states another severity than the rule of {name} has"));
        }
        let mut known: HashSet<(&JobName, Severity)> = HashSet::new();
        for (job, severity) in &of_jobs {
            let mut watched =
                self.alerts.iter().filter_map(|alert| Some((alert, alert.job(job)?.1))).peekable();
            let is_watched = watched.peek().is_some();
            match watched.find(|(alert, job)| alert.severity_of(job) == *severity) {
                Some((_, job)) => drop(known.insert((job, *severity))),
                None => {
                    let message = match is_watched {
                        true => format!("{name} has another severity for {job} than the runbook states"),
                        false => format!("{name} watches no job named {job}"),
                    };
                    return Some(Contradiction { message, job: Some(job.clone()) });
                }
            }
        }
        let unstated = || self.of_jobs().filter(|own| !known.contains(own)).map(|(job, _)| job);
        let first = unstated().min()?;
        let others = unstated().filter(|job| *job != first).count();
        let others = if others == 0 { String::new() } else { format!(" and {others} more") };
        let message = format!(
            "the catalogue sets another severity of {name} for {first}{others} than the runbook states"
        );
        Some(Contradiction { message, job: Some(first.to_string()) })
    }

    /// Returns the jobs that have severities of their own.
    fn of_jobs(&self) -> impl Iterator<Item = (&'a JobName, Severity)> {
        let alerts = self.alerts.iter();
        alerts.flat_map(|alert| alert.own_severities.iter().map(|(job, severity)| (*job, *severity)))
    }
}

//! What a lint is: a question about the rules of a catalogue, with a code for what it finds.

use std::collections::HashMap;

use jobwatch_catalogue::yaml::Positions;
use jobwatch_catalogue::{Catalogue, JobName, JobSpec};

use super::code::Code;
use super::finding::{Finding, Location, Source};
use crate::definition::AlertName;
use crate::model::Model;

/// A question about the rules of a catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// The kind of its findings.
    pub code: Code,
    /// Finds them.
    pub run: fn(&Subject<'_>) -> Vec<Finding>,
}

/// What lints look at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model<'a>,
    positions: &'a Positions,
    beside: &'a [&'a Catalogue],
    jobs: HashMap<&'a str, (usize, &'a JobSpec)>,
}

impl<'a> Subject<'a> {
    /// A model, and where the values of its catalogue stand. No other catalogue is beside it.
    pub fn new(model: &'a Model<'a>, positions: &'a Positions) -> Self {
        let jobs = model.jobs().iter().map(|job| (job.spec.name().as_str(), (job.index, job.spec)));
        Self { model, positions, beside: &[], jobs: jobs.collect() }
    }

    /// The same, beside other catalogues.
    #[must_use]
    pub const fn among(mut self, others: &'a [&'a Catalogue]) -> Self {
        self.beside = others;
        self
    }

    /// Returns the other catalogues that are checked along with this one.
    pub const fn beside(&self) -> &'a [&'a Catalogue] {
        self.beside
    }

    /// Returns a watched job. `None` if none has this name.
    pub fn job(&self, name: &JobName) -> Option<&'a JobSpec> {
        self.jobs.get(name.as_str()).map(|&(_, job)| job)
    }

    /// Returns a finding about an alert: where the catalogue sets its threshold, or where the jobs
    /// begin if it sets none.
    pub fn about_alert(&self, code: Code, alert: AlertName, message: String, hint: &str) -> Finding {
        let is_set = self.model.catalogue().thresholds().contains_key(alert.as_str());
        let path = if is_set { format!("alerts.{alert}") } else { "jobs".to_owned() };
        self.finding(code, Some(alert), None, &path, message, hint)
    }

    /// Returns a finding about an alert and a job: where the job sets the alert's threshold, or
    /// else where the job stands. One about no alert stands there, too.
    pub fn about_job(
        &self,
        code: Code,
        alert: impl Into<Option<AlertName>>,
        job: &JobName,
        message: String,
        hint: &str,
    ) -> Finding {
        let alert = alert.into();
        let sets = |job: &JobSpec, alert: &AlertName| job.thresholds().contains_key(alert.as_str());
        let path = match self.jobs.get(job.as_str()) {
            Some((index, job)) => match alert.filter(|alert| sets(job, alert)) {
                Some(alert) => format!("jobs[{index}].alerts.{alert}"),
                None => format!("jobs[{index}].name"),
            },
            None => "jobs".to_owned(),
        };
        self.finding(code, alert, Some(job.clone()), &path, message, hint)
    }

    /// Returns a finding at a path of the catalogue, as in `jobs[2].timeout`.
    pub fn finding(
        &self,
        code: Code,
        alert: Option<AlertName>,
        job: Option<JobName>,
        path: &str,
        message: String,
        hint: &str,
    ) -> Finding {
        Finding {
            code,
            alert,
            job,
            rule: None,
            location: Location { source: Source::Catalogue, position: self.positions.of(path).clone() },
            message,
            expected: None,
            found: None,
            hint: hint.to_owned(),
            suppressed: None,
        }
    }
}

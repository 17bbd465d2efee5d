//! Findings that a team knows of and lives with.

use crate::job_name::JobName;

/// A finding that is not reported.
///
/// ```
/// use jobwatch_catalogue::Suppression;
///
/// let known = Suppression::new("alert-never-fires", "No job here runs often enough.")
///     .alert("BackgroundJobFailing");
/// assert_eq!(known.alert.as_deref(), Some("BackgroundJobFailing"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The code of the finding.
    pub code: String,
    /// The alert that the finding is about; `None` stands for all findings of this code.
    pub alert: Option<String>,
    /// The job that the finding is about; `None` stands for all jobs.
    pub job: Option<JobName>,
    /// Why the team lives with it.
    pub reason: String,
}

impl Suppression {
    /// Suppresses the findings of a code, whatever alert and job they are about.
    pub fn new(code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { code: code.into(), alert: None, job: None, reason: reason.into() }
    }

    /// Suppresses only what is about this alert.
    #[must_use]
    pub fn alert(mut self, alert: impl Into<String>) -> Self {
        self.alert = Some(alert.into());
        self
    }

    /// Returns whether it is about rules that somebody wrote, not about the catalogue or its
    /// runbook: the names of such codes begin with `rule-`.
    pub fn is_about_rules(&self) -> bool {
        self.code.starts_with("rule-")
    }

    /// Suppresses only what is about this job.
    #[must_use]
    pub fn job(mut self, job: JobName) -> Self {
        self.job = Some(job);
        self
    }
}

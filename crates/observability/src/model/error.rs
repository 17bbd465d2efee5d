//! What a catalogue says about alerts that cannot be so.

use std::fmt;

use jobwatch_catalogue::problem::{Problems, list};

use crate::definition::AlertName;
use crate::quantity::{Quantity, QuantityError};

/// Everything that is wrong with what a catalogue says about alerts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// The problems, in the catalogue's order; at most
    /// [`jobwatch_catalogue::problem::MAX_PROBLEMS`]. Never empty.
    pub problems: Vec<ModelProblem>,
    /// How many more there are.
    pub omitted: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct ModelProblem {
    /// The path to the value in the catalogue, as in
    /// `jobs[2].alerts.BackgroundJobFailing.above`. Empty for what no catalogue says.
    pub path: String,
    /// Whether it is about the key at this path rather than its value.
    pub is_key: bool,
    /// What is wrong.
    pub kind: ModelProblemKind,
    /// What to do about it, where that does not follow from what is wrong.
    pub hint: Option<String>,
}

/// What can be wrong with what a catalogue says about an alert.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelProblemKind {
    /// Two definitions have the same name.
    #[error("two alerts are named {0}: give one of them another name")]
    DuplicateAlert(AlertName),
    /// Two rules would record the same series.
    #[error("two rules would record `{0}`: give one of the series another name")]
    DuplicateSeries(&'static str),
    /// There is no such alert.
    #[error("there is no alert `{0}`")]
    UnknownAlert(String),
    /// There is no such format.
    #[error("there is no target `{0}`")]
    UnknownTarget(String),
    /// The alert has no such parameter.
    #[error("{alert} has no `{key}`: it has {known}")]
    UnknownParameter {
        /// The alert.
        alert: AlertName,
        /// The key.
        key: String,
        /// Which keys there are.
        known: String,
    },
    /// The value cannot be read.
    #[error("{0}")]
    Malformed(QuantityError),
    /// The value is zero where that would say nothing.
    #[error("`{0}` cannot be zero")]
    Zero(String),
    /// The value is larger than anything that is measured.
    #[error("`{key}` is too large: at most {most}")]
    TooLarge {
        /// The key.
        key: String,
        /// The largest value that makes sense.
        most: String,
    },
    /// The time before an escalation is so short that a restart makes it begin anew.
    #[error(
        "`for` of {alert} is too short: at least {least}, or Prometheus forgets at a restart how much has passed"
    )]
    EscalatesTooSoon {
        /// The alert.
        alert: AlertName,
        /// The shortest time.
        least: Quantity,
    },
    /// Jobs look back over too many different times.
    #[error("the jobs of {alert} have more than {most} different values of `over`: let some have the same")]
    TooManyWindows {
        /// The alert.
        alert: AlertName,
        /// How many there may be.
        most: usize,
    },
    /// A severity is none.
    #[error("a severity is `warning` or `critical`")]
    Severity,
    /// A setting of the whole rule is set for one job.
    #[error(
        "`{0}` holds for all jobs, because each alert is one rule: set it under the catalogue's `alerts`"
    )]
    NotPerJob(String),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, &self.problems, self.omitted)
    }
}

/// What is wrong, and what to do about it.
type Explained = (ModelProblemKind, Option<String>);

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct ModelProblems(Problems<ModelProblem>);

impl ModelProblems {
    /// Notes a problem with a value.
    pub(super) fn value(&mut self, path: &str, kind: ModelProblemKind) {
        self.value_explained(path, || (kind, None));
    }

    /// The same, with what to do about it. What is wrong and what to do is found out only if it is
    /// kept.
    pub(super) fn value_explained(&mut self, path: &str, explained: impl FnOnce() -> Explained) {
        self.add(path, false, explained);
    }

    /// Notes a problem with a key, as [`Self::value_explained`] does.
    pub(super) fn key(&mut self, path: &str, explained: impl FnOnce() -> Explained) {
        self.add(path, true, explained);
    }

    fn add(&mut self, path: &str, is_key: bool, explained: impl FnOnce() -> Explained) {
        self.0.add(|| {
            let (kind, hint) = explained();
            ModelProblem { path: path.to_owned(), is_key, kind, hint }
        });
    }

    pub(super) fn into_result(self) -> Result<(), ModelError> {
        match self.0.found() {
            Some((problems, omitted)) => Err(ModelError { problems, omitted }),
            None => Ok(()),
        }
    }
}

//! What can be wrong with a catalogue.

use std::fmt;

use crate::job_name::JobNameError;
use crate::schedule::ScheduleError;
use crate::text::TextError;

/// The most problems that are told of one catalogue.
pub const MAX_PROBLEMS: usize = 100;

/// One thing that is wrong with a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct Problem {
    /// Where: the path to the value, as in `jobs[2].timeout`.
    pub path: String,
    /// What.
    pub kind: ProblemKind,
}

/// What can be wrong with a value of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There is no job at all.
    #[error("the catalogue has no jobs: add at least one")]
    NoJobs,
    /// The name of a job cannot be one.
    #[error(transparent)]
    JobName(#[from] JobNameError),
    /// Two jobs have the same name.
    #[error("two jobs are named `{name}`: the other is job {other}; give each its own name")]
    DuplicateName {
        /// The name.
        name: String,
        /// The place of the first of them, counted from one.
        other: usize,
    },
    /// The schedule cannot be one.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// What holds for all jobs would be too long for some.
    #[error("the timeout {timeout} is longer than a day: say so of the job that may take so long")]
    DefaultTimeoutTooLong {
        /// What was given.
        timeout: String,
    },
    /// An execution could not take any time.
    #[error("a timeout is at least one second")]
    TimeoutTooShort,
    /// An execution could take longer than makes sense.
    #[error("the timeout {timeout} is longer than the job's interval and longer than a day: at most {most}")]
    TimeoutTooLong {
        /// What was given.
        timeout: String,
        /// What is possible.
        most: String,
    },
    /// A name of the catalogue does not fit into file names and dashboard uids.
    #[error(
        "a catalogue's name has small letters, digits and `-`, starts with a letter, and has at most 40 characters"
    )]
    CatalogueName,
    /// A text that has to say something is empty.
    #[error("this text is empty: {0}")]
    EmptyText(&'static str),
    /// Prometheus could not keep samples for so long, or for so short a time.
    #[error("{0} is no retention of Prometheus: from a day to ten years (3650d)")]
    Retention(String),
    /// The uid of the dashboard is none to Grafana.
    #[error("a uid has letters, digits, `-` and `_`, and at most 40 of them")]
    DashboardUid,
    /// The namespace is no name of a Kubernetes namespace.
    #[error("a namespace has at most 63 small letters, digits and `-`, with a letter or digit at both ends")]
    Namespace,
    /// The key of a label of a Kubernetes object is not one.
    #[error(
        "`{0}` is no key of a Kubernetes label: at most 63 letters, digits, `-`, `_` and `.`, as in `release`, \
         behind a domain and `/` or not"
    )]
    KubernetesLabelKey(String),
    /// The value of a label of a Kubernetes object is not one.
    #[error(
        "the value of a Kubernetes label has at most 63 letters, digits, `-`, `_` and `.`, with a letter or \
         digit at both ends"
    )]
    KubernetesLabelValue,
    /// A format is named more than once.
    #[error("the target `{0}` is named already: leave it out")]
    TargetTwice(String),
    /// No format at all is named.
    #[error("these are no targets: name one, or leave the key out")]
    NoTargets,
    /// A label's name is not one.
    #[error("`{0}` is no label name: letters, digits and `_`, not starting with a digit or `__`")]
    LabelName(String),
    /// A label is set by the rules themselves.
    #[error("the label `{0}` is set by the rules themselves: choose another name")]
    LabelReserved(String),
    /// Copies of jobs are told apart by a label anyhow.
    #[error("rules group by `{0}` anyhow: leave it out")]
    GroupedAnyhow(String),
    /// All alerts of a job would get the same value of a label that tells its copies apart.
    #[error(
        "`{0}` cannot be both in `labels` and in `grouping_labels`, of whichever job: leave it out of one of them"
    )]
    GroupedAndSet(String),
    /// A label is named more than once.
    #[error("`{0}` is named already: leave it out")]
    GroupedTwice(String),
    /// There are more labels to tell copies apart by than rules take.
    #[error("copies of jobs are told apart by {} labels at most", crate::text::MAX_GROUPING_LABELS)]
    TooManyGroupingLabels,
    /// There are more labels than any series has.
    #[error("{found} labels are too many: at most {}", crate::text::MAX_LABELS)]
    TooManyLabels {
        /// How many there are.
        found: usize,
    },
    /// The labels are too long together: they stand in every expression, or on every alert.
    #[error("these labels have {found} characters together: at most {}", crate::text::MAX_LABELS_LENGTH)]
    LabelsTooLong {
        /// How many characters names and values have.
        found: usize,
    },
    /// The owner is named twice.
    #[error("the label `owner` is what the key `owner` sets: keep one of them")]
    OwnerTwice,
    /// Jobs set too many different labels.
    #[error("with this one, jobs set more than {} different labels", crate::text::MAX_JOB_LABELS)]
    TooManyJobLabels,
    /// The labels by which jobs differ are too long together: they are recorded for each job.
    #[error(
        "the labels that jobs set have {found} characters together for this one: at most {}",
        crate::text::MAX_JOB_LABELS_LENGTH
    )]
    JobLabelsTooLong {
        /// How many characters names and values have.
        found: usize,
    },
    /// A variable's name cannot be set in an environment.
    #[error(
        "a variable has capitals, digits and `_`, and starts with a letter, as `HOT_SCORE_REFRESH_INTERVAL`"
    )]
    Variable,
    /// A URL is none.
    #[error("a URL starts with `https://` or `http://`, and has neither spaces nor braces")]
    Url,
    /// A path leads out of the repository.
    #[error(
        "a path is relative, has `/` between its parts, and stays below the folder that files are generated into"
    )]
    Path,
    /// A text holds what no text may hold, or is too long.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A suppression names a job that is not there.
    #[error("no job of this catalogue is named `{0}`: name one that is, or leave `job` out")]
    UnknownJob(String),
}

/// Everything that is wrong with a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CatalogueError {
    /// The problems, in the catalogue's order: at least one, at most [`MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// How many further problems there are.
    pub omitted: usize,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, &self.problems, self.omitted)
    }
}

/// Writes what is wrong with a catalogue, a line for each problem.
///
/// # Errors
///
/// That of the writer.
pub fn list(f: &mut fmt::Formatter<'_>, problems: &[impl fmt::Display], omitted: usize) -> fmt::Result {
    f.write_str("the catalogue cannot be used")?;
    for problem in problems {
        write!(f, "\n  {problem}")?;
    }
    match omitted {
        0 => Ok(()),
        1 => f.write_str("\n  and one more problem"),
        omitted => write!(f, "\n  and {omitted} more problems"),
    }
}

/// Problems while they are found. The first are kept, [`MAX_PROBLEMS`] unless another limit is
/// given, and the others counted: whoever has made ten thousand mistakes reads no ten thousand
/// lines.
#[derive(Debug)]
pub struct Problems<P = Problem> {
    kept: Vec<P>,
    omitted: usize,
    limit: usize,
}

impl<P> Default for Problems<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> Problems<P> {
    /// No problem yet.
    pub const fn new() -> Self {
        Self::with_limit(MAX_PROBLEMS)
    }

    /// No problem yet, of which another number is kept.
    pub const fn with_limit(limit: usize) -> Self {
        Self { kept: Vec::new(), omitted: 0, limit }
    }

    /// Notes a problem, which is put together only if it is kept.
    pub fn add(&mut self, problem: impl FnOnce() -> P) {
        if self.room() > 0 {
            self.kept.push(problem());
        } else {
            self.omitted += 1;
        }
    }

    /// Counts some problems as well, none of which is kept.
    pub const fn omit(&mut self, number: usize) {
        self.omitted += number;
    }

    /// Returns how many more problems will be kept.
    pub const fn room(&self) -> usize {
        self.limit.saturating_sub(self.kept.len())
    }

    /// Takes over what others found.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = P>, omitted: usize) {
        for problem in problems {
            self.add(|| problem);
        }
        self.omit(omitted);
    }

    /// Returns the problems and the number of the others, or `None` if there is none.
    pub fn found(self) -> Option<(Vec<P>, usize)> {
        (!self.kept.is_empty()).then_some((self.kept, self.omitted))
    }

    /// Returns the problems and the number of the others.
    pub fn into_parts(self) -> (Vec<P>, usize) {
        (self.kept, self.omitted)
    }
}

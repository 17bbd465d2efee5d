//! What makes a catalogue a good one. Catalogues in YAML and catalogues in Rust pass the same checks.

mod figures;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use crate::alert::AlertName;
use crate::catalogue::{Catalogue, CatalogueBuilder};
use crate::duration::format;
use crate::job::{JobDraft, JobSpec, ScheduleDraft};
use crate::job_name::{JobName, JobNameError};
use crate::quantity::Unit;
use crate::schedule::{Schedule, ScheduleError};
use figures::check_thresholds;

/// Labels that rules set or group by themselves.
const OWN_LABELS: [&str; 8] =
    ["alertname", "catalogue", "job_name", "le", "reason", "severity", "status", "window"];

/// The longest time that any job may run: a day, or its interval where that is longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

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
    /// Two jobs would read the same environment variable.
    #[error("`{other}` is configured by `{variable}` too: {remedy}")]
    DuplicateVariable {
        /// The variable.
        variable: String,
        /// The job that has it already.
        other: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// The schedule cannot be one.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
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
    /// A text would be read as a template.
    #[error("Prometheus reads `{{{{` in a label as the start of a template: leave it out")]
    Template,
    /// The namespace is no name of a Kubernetes namespace.
    #[error("a namespace has small letters, digits and `-`, and at most 63 characters")]
    Namespace,
    /// A label's name is not one.
    #[error("`{0}` is no label name: letters, digits and `_`, not starting with a digit or `__`")]
    LabelName(String),
    /// A label is set by the rules themselves.
    #[error("the label `{0}` is set by the rules themselves: choose another name")]
    LabelReserved(String),
    /// A variable's name cannot be set in an environment.
    #[error(
        "a variable has capitals, digits and `_`, and starts with a letter, as `HOT_SCORE_REFRESH_INTERVAL`"
    )]
    Variable,
    /// A URL is none.
    #[error("a URL starts with `https://` or `http://`")]
    Url,
    /// A path leads out of the repository.
    #[error("a path is relative and stays below the folder that files are generated into")]
    Path,
    /// An alert has no such figure.
    #[error("{alert} has no `{figure}`: {known}")]
    FigureUnknown {
        /// The alert.
        alert: AlertName,
        /// The figure that was set.
        figure: &'static str,
        /// Which figures it has.
        known: String,
    },
    /// A figure has the wrong unit.
    #[error("{alert} compares with {expected}, not with {found}")]
    FigureUnit {
        /// The alert.
        alert: AlertName,
        /// The unit of the alert.
        expected: Unit,
        /// The unit of the figure.
        found: Unit,
    },
    /// A figure is zero where that would say nothing.
    #[error("{0} cannot be zero")]
    FigureZero(&'static str),
    /// A figure is larger than anything that is measured.
    #[error("{what} is too large: at most {most}")]
    FigureTooLarge {
        /// The figure.
        what: &'static str,
        /// The largest that makes sense.
        most: String,
    },
    /// A ratio of a whole is above the whole.
    #[error("the part that fails cannot be above 100 %: the alert would never fire")]
    FigureAboveWhole,
    /// A figure of a whole rule is set for one job.
    #[error(
        "`{0}` holds for all jobs, because each alert is one rule: set it under the catalogue's `thresholds`"
    )]
    FigurePerJob(&'static str),
    /// An acceptance names a job that is not there.
    #[error("no job of this catalogue is named `{0}`: name one that is, or leave `job` out")]
    UnknownJob(String),
}

/// Everything that is wrong with a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CatalogueError {
    /// The problems, in the catalogue's order. Never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the catalogue cannot be used")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

pub(crate) fn catalogue(builder: CatalogueBuilder) -> Result<Catalogue, CatalogueError> {
    let mut problems = Problems(Vec::new());
    if !is_catalogue_name(&builder.name) {
        problems.add("name", ProblemKind::CatalogueName);
    }
    if builder.service.trim().is_empty() {
        problems.add("service", ProblemKind::EmptyText("name the service that the jobs belong to"));
    }
    if builder.service.contains("{{") {
        problems.add("service", ProblemKind::Template);
    }
    if let Some(namespace) = &builder.namespace
        && !(is_dns_label(namespace) && namespace.len() <= 63)
    {
        problems.add("namespace", ProblemKind::Namespace);
    }
    check_labels(&mut problems, "selector", &builder.selector);
    check_labels(&mut problems, "labels", &builder.labels);
    if builder.runbook.as_deref().is_some_and(|path| !is_inner_path(path)) {
        problems.add("runbook", ProblemKind::Path);
    }
    for (key, url) in [("runbook_url", &builder.runbook_url), ("grafana_url", &builder.grafana_url)] {
        if url.as_deref().is_some_and(|url| !is_url(url)) {
            problems.add(key, ProblemKind::Url);
        }
    }
    check_thresholds(&mut problems, "thresholds", &builder.thresholds, true);
    if builder.jobs.is_empty() {
        problems.add("jobs", ProblemKind::NoJobs);
    }
    let mut jobs = Vec::with_capacity(builder.jobs.len());
    for (index, draft) in builder.jobs.into_iter().enumerate() {
        jobs.extend(job(&mut problems, &format!("jobs[{index}]"), draft).map(|job| (index, job)));
    }
    check_unique(&mut problems, &jobs);
    for (index, acceptance) in builder.accepted.iter().enumerate() {
        let path = format!("accept[{index}]");
        if acceptance.reason.trim().is_empty() {
            problems
                .add(&format!("{path}.reason"), ProblemKind::EmptyText("say why the finding is accepted"));
        }
        if let Some(name) = &acceptance.job
            && !jobs.iter().any(|(_, job)| job.name == *name)
        {
            problems.add(&format!("{path}.job"), ProblemKind::UnknownJob(name.to_string()));
        }
    }
    if !problems.0.is_empty() {
        return Err(CatalogueError { problems: problems.0 });
    }
    let runbook = builder.runbook.unwrap_or_else(|| format!("docs/runbooks/{}.md", builder.name));
    Ok(Catalogue {
        title: builder.title.unwrap_or_else(|| format!("{} Monitoring", capitalised(&builder.name))),
        name: builder.name,
        service: builder.service,
        namespace: builder.namespace,
        selector: builder.selector,
        labels: builder.labels,
        runbook_url: builder.runbook_url.unwrap_or_else(|| runbook.clone()),
        runbook,
        grafana_url: builder.grafana_url.map(|url| url.trim_end_matches('/').to_owned()),
        thresholds: builder.thresholds.into_iter().filter(|(_, figures)| !figures.is_empty()).collect(),
        accepted: builder.accepted,
        jobs: jobs.into_iter().map(|(_, job)| job).collect(),
    })
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: &str, kind: impl Into<ProblemKind>) {
        self.0.push(Problem { path: path.to_owned(), kind: kind.into() });
    }
}

fn job(problems: &mut Problems, path: &str, draft: JobDraft) -> Option<JobSpec> {
    let name = JobName::new(draft.name).map_err(|error| problems.add(&format!("{path}.name"), error)).ok();
    let schedule = match &draft.schedule {
        ScheduleDraft::Interval(interval) => {
            Schedule::every(*interval).map_err(|error| problems.add(&format!("{path}.interval"), error)).ok()
        }
        ScheduleDraft::Cron { expression, timezone } => Schedule::cron(expression, timezone)
            .map_err(|error| {
                let key = if error == ScheduleError::Timezone { "timezone" } else { "cron" };
                problems.add(&format!("{path}.{key}"), error);
            })
            .ok(),
    };
    if draft.timeout < Duration::from_secs(1) {
        problems.add(&format!("{path}.timeout"), ProblemKind::TimeoutTooShort);
    }
    if let Some(schedule) = &schedule {
        let most = MAX_TIMEOUT.max(schedule.longest_gap());
        if draft.timeout > most {
            let kind = ProblemKind::TimeoutTooLong { timeout: format(draft.timeout), most: format(most) };
            problems.add(&format!("{path}.timeout"), kind);
        }
    }
    if draft.interval_variable.as_deref().is_some_and(|variable| !is_variable(variable)) {
        problems.add(&format!("{path}.interval_variable"), ProblemKind::Variable);
    }
    for (key, text) in [("items", &draft.items), ("queue", &draft.queue)] {
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            problems.add(
                &format!("{path}.{key}"),
                ProblemKind::EmptyText("say what they are, or leave the key out"),
            );
        }
    }
    check_thresholds(problems, &format!("{path}.thresholds"), &draft.thresholds, false);
    let name = name?;
    Some(JobSpec {
        interval_variable: draft
            .interval_variable
            .unwrap_or_else(|| format!("{}_INTERVAL", name.variable_prefix())),
        name,
        summary: draft.summary.trim().to_owned(),
        schedule: schedule?,
        timeout: draft.timeout,
        items: draft.items,
        queue: draft.queue,
        enabled: draft.enabled,
        thresholds: draft.thresholds.into_iter().filter(|(_, figures)| !figures.is_empty()).collect(),
    })
}

fn check_unique(problems: &mut Problems, jobs: &[(usize, JobSpec)]) {
    let mut names: HashMap<&JobName, usize> = HashMap::new();
    let mut variables: HashMap<String, &JobName> = HashMap::new();
    for (index, job) in jobs {
        if let Some(other) = names.insert(&job.name, *index) {
            let kind = ProblemKind::DuplicateName { name: job.name.to_string(), other: other + 1 };
            problems.add(&format!("jobs[{index}].name"), kind);
            continue;
        }
        let prefix = job.name.variable_prefix();
        let timeout = ("name", format!("{prefix}_TIMEOUT"), "rename one of the jobs");
        let interval = (
            "interval_variable",
            job.interval_variable.clone(),
            "rename one of the jobs, or set `interval_variable`",
        );
        for (key, variable, remedy) in [timeout, interval] {
            if let Some(other) = variables.insert(variable.clone(), &job.name) {
                let kind = ProblemKind::DuplicateVariable { variable, other: other.to_string(), remedy };
                problems.add(&format!("jobs[{index}].{key}"), kind);
                break;
            }
        }
    }
}

fn check_labels(problems: &mut Problems, key: &str, labels: &BTreeMap<String, String>) {
    for (name, value) in labels {
        let path = format!("{key}.{name}");
        if !is_label_name(name) {
            problems.add(&path, ProblemKind::LabelName(name.clone()));
        } else if OWN_LABELS.contains(&name.as_str()) {
            problems.add(&path, ProblemKind::LabelReserved(name.clone()));
        } else if key == "labels" && value.contains("{{") {
            problems.add(&path, ProblemKind::Template);
        } else if value.is_empty() {
            problems.add(&path, ProblemKind::EmptyText("an empty label is no label to Prometheus"));
        }
    }
}

fn is_catalogue_name(name: &str) -> bool {
    is_dns_label(name) && name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_dns_label(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_label_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !name.starts_with("__")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_url(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '{' | '}'))
}

fn is_inner_path(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', '\\'])
        && !path.contains(['\0', ':'])
        && path.split(['/', '\\']).all(|part| part != "..")
}

fn capitalised(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}

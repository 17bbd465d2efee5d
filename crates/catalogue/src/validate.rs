//! What makes a catalogue a good one. Catalogues in YAML and catalogues in Rust pass the same
//! checks.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;
use std::time::Duration;

use crate::builder::CatalogueBuilder;
use crate::catalogue::Catalogue;
use crate::duration::format;
use crate::expression::Expressions;
use crate::job::{JobDraft, JobSpec, ScheduleDraft};
use crate::job_name::JobName;
use crate::problem::{CatalogueError, Problem, ProblemKind, Problems};
use crate::schedule::{Schedule, ScheduleError};
use crate::suppression::Suppression;
use crate::text::{
    self, MAX_LABEL_VALUE, MAX_LABELS, MAX_LABELS_LENGTH, MAX_PATH, MAX_TEXT, MAX_URL, MAX_WORD,
};
use crate::threshold::{ThresholdOverride, Thresholds};

/// Labels that rules set on alerts besides those of every series.
const OWN_LABELS_OF_ALERTS: [&str; 2] = ["namespace", "service"];

/// Labels that rules set or group by themselves.
const OWN_LABELS: [&str; 9] =
    ["alertname", "catalogue", "job_name", "le", "lookback", "reason", "severity", "status", "window"];

/// The longest time that any job may run: a day, or its interval where that is longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

impl CatalogueBuilder {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`] holds the problems, each with the path to the value, as in
    /// `jobs[2].timeout`.
    pub fn build(self) -> Result<Catalogue, CatalogueError> {
        let mut problems = Problems::new();
        let catalogue = checked(self, &mut problems);
        match problems.found() {
            Some((problems, omitted)) => Err(CatalogueError { problems, omitted }),
            None => Ok(catalogue),
        }
    }
}

/// Returns the catalogue as far as it can be used; it is complete if no problem was added.
fn checked(builder: CatalogueBuilder, problems: &mut Problems) -> Catalogue {
    if !is_catalogue_name(&builder.name) {
        add(problems, "name", ProblemKind::CatalogueName);
    }
    let service = said(problems, "service", builder.service, "name the service that the jobs belong to");
    let title = builder.title.map(|title| said(problems, "title", title, "say what the dashboard is about"));
    let namespace = builder.namespace.map(|namespace| namespace.trim().to_owned());
    if namespace.as_deref().is_some_and(|namespace| !(is_dns_label(namespace) && namespace.len() <= 63)) {
        add(problems, "namespace", ProblemKind::Namespace);
    }
    let selector = labels(problems, "selector", builder.selector, &[]);
    let labels = labels(problems, "labels", builder.labels, &OWN_LABELS_OF_ALERTS);
    let runbook = builder.runbook.map(|path| line(problems, "runbook", path, MAX_PATH));
    if runbook.as_deref().is_some_and(|path| !is_inner_path(path)) {
        add(problems, "runbook", ProblemKind::Path);
    }
    let runbook_url = url(problems, "runbook_url", builder.runbook_url);
    let grafana_url = url(problems, "grafana_url", builder.grafana_url);
    let thresholds = thresholds(problems, "thresholds", builder.thresholds);
    if builder.jobs.is_empty() {
        add(problems, "jobs", ProblemKind::NoJobs);
    }
    // A suppression may name a job that has problems of its own.
    let named: HashSet<String> = match builder.suppressed.iter().any(|suppression| suppression.job.is_some())
    {
        true => builder.jobs.iter().map(|job| job.name.clone()).collect(),
        false => HashSet::new(),
    };
    let mut jobs = Vec::with_capacity(builder.jobs.len());
    let mut expressions = Expressions::default();
    let mut names: HashMap<JobName, usize> = HashMap::with_capacity(builder.jobs.len());
    for (index, draft) in builder.jobs.into_iter().enumerate() {
        let path = format!("jobs[{index}]");
        let Some(job) = job(problems, &path, draft, &mut expressions) else { continue };
        if let Some(first) = names.get(&job.name) {
            let kind = || ProblemKind::DuplicateName { name: job.name.to_string(), other: first + 1 };
            problems.add(|| Problem { path: format!("{path}.name"), kind: kind() });
            continue;
        }
        names.insert(job.name.clone(), index);
        jobs.push(job);
    }
    let suppressed = builder.suppressed.into_iter().enumerate();
    let suppressed = suppressed
        .map(|(index, suppression)| self::suppression(problems, index, suppression, &named))
        .collect();
    let runbook = runbook.unwrap_or_else(|| format!("docs/runbooks/{}.md", builder.name));
    Catalogue {
        title: title.unwrap_or_else(|| format!("{} Monitoring", capitalised(&builder.name))),
        name: builder.name,
        service,
        namespace,
        selector,
        labels,
        runbook_url: runbook_url.unwrap_or_else(|| runbook.clone()),
        runbook,
        grafana_url: grafana_url.map(|url| url.trim_end_matches('/').to_owned()),
        thresholds,
        suppressed,
        jobs,
    }
}

fn add(problems: &mut Problems, path: impl Display, kind: impl Into<ProblemKind>) {
    problems.add(|| Problem { path: path.to_string(), kind: kind.into() });
}

/// Returns a text of one line, which may be empty.
fn line(problems: &mut Problems, path: impl Display, text: String, most: usize) -> String {
    text::one_line(text, most).unwrap_or_else(|error| {
        add(problems, path, error);
        "unread".to_owned()
    })
}

/// Returns a text of one line that has to say something.
fn said(problems: &mut Problems, path: impl Display, text: String, advice: &'static str) -> String {
    let text = line(problems, &path, text, MAX_TEXT);
    if text.is_empty() {
        add(problems, path, ProblemKind::EmptyText(advice));
    }
    text
}

/// Returns a text that may be written on several lines.
fn folded(problems: &mut Problems, path: impl Display, text: &str) -> String {
    text::folded(text, MAX_TEXT).unwrap_or_else(|error| {
        add(problems, path, error);
        "unread".to_owned()
    })
}

fn url(problems: &mut Problems, path: &str, url: Option<String>) -> Option<String> {
    let found = text::one_line(url?, MAX_URL).map_err(ProblemKind::from);
    let checked = found.and_then(|url| if is_url(&url) { Ok(url) } else { Err(ProblemKind::Url) });
    checked.map_err(|kind| add(problems, path, kind)).ok()
}

fn labels(
    problems: &mut Problems,
    key: &str,
    labels: BTreeMap<String, String>,
    reserved: &[&str],
) -> BTreeMap<String, String> {
    if labels.len() > MAX_LABELS {
        add(problems, key, ProblemKind::TooManyLabels { found: labels.len() });
    }
    let length: usize = labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
    if length > MAX_LABELS_LENGTH {
        add(problems, key, ProblemKind::LabelsTooLong { found: length });
    }
    let mut checked = BTreeMap::new();
    for (name, value) in labels.into_iter().take(MAX_LABELS) {
        let path = format!("{key}.{}", in_path(&name));
        if !is_label_name(&name) {
            add(problems, path, ProblemKind::LabelName(text::shown(&name)));
        } else if OWN_LABELS.iter().chain(reserved).any(|own| *own == name) {
            add(problems, path, ProblemKind::LabelReserved(name));
        } else {
            let value = line(problems, &path, value, MAX_LABEL_VALUE);
            if value.is_empty() {
                add(problems, path, ProblemKind::EmptyText("an empty label is no label to Prometheus"));
            }
            checked.insert(name, value);
        }
    }
    checked
}

/// Returns whether the texts of thresholds are texts. What they say is for those to check who know
/// the alerts.
fn thresholds(problems: &mut Problems, path: &str, thresholds: Thresholds) -> Thresholds {
    let mut checked = Thresholds::new();
    for (alert, set) in thresholds {
        let path = format!("{path}.{}", in_path(&alert));
        let alert = word(problems, &path, alert);
        let mut values = ThresholdOverride::new();
        for (key, value) in set {
            let path = format!("{path}.{}", in_path(&key));
            let key = word(problems, &path, key);
            values.insert(key, word(problems, &path, value));
        }
        checked.insert(alert, values);
    }
    checked
}

fn word(problems: &mut Problems, path: &str, text: String) -> String {
    let text = line(problems, path, text, MAX_WORD);
    if text.is_empty() {
        add(problems, path, ProblemKind::EmptyText("write a value, or leave the key out"));
    }
    text
}

/// Returns a key as a path has it: as it is, unless somebody who writes Rust gave one that no YAML
/// could have.
fn in_path(key: &str) -> Cow<'_, str> {
    if key.len() > 4 * MAX_WORD || key.contains(text::is_control) {
        Cow::Owned(text::shown(key))
    } else {
        Cow::Borrowed(key)
    }
}

fn job(
    problems: &mut Problems,
    path: &str,
    draft: JobDraft,
    expressions: &mut Expressions,
) -> Option<JobSpec> {
    let name =
        JobName::new(draft.name).map_err(|error| add(problems, format_args!("{path}.name"), error)).ok();
    let summary = folded(problems, format_args!("{path}.summary"), &draft.summary);
    let schedule = schedule(problems, path, &draft.schedule, expressions);
    if draft.timeout < Duration::from_secs(1) {
        add(problems, format_args!("{path}.timeout"), ProblemKind::TimeoutTooShort);
    }
    if let Some(schedule) = &schedule {
        let most = MAX_TIMEOUT.max(schedule.longest_gap());
        if draft.timeout > most {
            let kind = ProblemKind::TimeoutTooLong { timeout: format(draft.timeout), most: format(most) };
            add(problems, format_args!("{path}.timeout"), kind);
        }
    }
    if draft.interval_variable.as_deref().is_some_and(|variable| !is_variable(variable)) {
        add(problems, format_args!("{path}.interval_variable"), ProblemKind::Variable);
    }
    let mut things = |key: &str, text: Option<String>| {
        let advice = "say what they are, or leave the key out";
        text.map(|text| said(problems, format_args!("{path}.{key}"), text, advice))
    };
    let items = things("items", draft.items);
    let queue = things("queue", draft.queue);
    let thresholds = if draft.thresholds.is_empty() {
        Thresholds::new()
    } else {
        self::thresholds(problems, &format!("{path}.thresholds"), draft.thresholds)
    };
    let name = name?;
    let interval_variable =
        draft.interval_variable.unwrap_or_else(|| format!("{}_INTERVAL", name.variable_prefix()));
    Some(JobSpec {
        name,
        summary,
        schedule: schedule?,
        interval_variable,
        timeout: draft.timeout,
        items,
        queue,
        enabled: draft.enabled,
        thresholds,
    })
}

fn schedule(
    problems: &mut Problems,
    path: &str,
    draft: &ScheduleDraft,
    expressions: &mut Expressions,
) -> Option<Schedule> {
    let schedule = match draft {
        ScheduleDraft::Interval(interval) => {
            Schedule::every(*interval).map_err(|error| ("interval".to_owned(), error))
        }
        ScheduleDraft::Cron { expressions: written, timezone } => {
            let schedule = Schedule::crons_among(written, timezone, expressions);
            schedule.map_err(|error| {
                let key = match &error {
                    ScheduleError::Timezone => "timezone".to_owned(),
                    ScheduleError::Cron { place, .. } | ScheduleError::Repeated { place, .. }
                        if written.len() > 1 =>
                    {
                        format!("cron[{place}]")
                    }
                    _ => "cron".to_owned(),
                };
                (key, error)
            })
        }
    };
    schedule.map_err(|(key, error)| add(problems, format_args!("{path}.{key}"), error)).ok()
}

fn suppression(
    problems: &mut Problems,
    index: usize,
    given: Suppression,
    named: &HashSet<String>,
) -> Suppression {
    let path = format!("suppress[{index}]");
    let code = said(problems, format_args!("{path}.code"), given.code, "name the code of the finding");
    let alert = given.alert.map(|alert| {
        said(problems, format_args!("{path}.alert"), alert, "name the alert, or leave the key out")
    });
    let reason = folded(problems, format_args!("{path}.reason"), &given.reason);
    if reason.is_empty() {
        let kind = ProblemKind::EmptyText("say why the team lives with the finding");
        add(problems, format_args!("{path}.reason"), kind);
    }
    if let Some(name) = given.job.as_ref().filter(|name| !named.contains(name.as_str())) {
        add(problems, format_args!("{path}.job"), ProblemKind::UnknownJob(name.to_string()));
    }
    Suppression { code, alert, job: given.job, reason }
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
        && !url.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}'))
}

fn is_inner_path(path: &str) -> bool {
    // A backslash and a drive's colon mean something to Windows.
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', ':'])
        && path.split('/').all(|part| part != "..")
}

fn capitalised(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}

//! Whether labels can be labels of series and of alerts.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{add, in_path, line};
use crate::catalogue::OWNER;
use crate::job::JobSpec;
use crate::label::{GROUPED_ANYHOW, OF_ALERTS, OF_RULES};
use crate::problem::{ProblemKind, Problems};
use crate::text::{
    self, MAX_GROUPING_LABELS, MAX_JOB_LABELS, MAX_JOB_LABELS_LENGTH, MAX_LABEL_VALUE, MAX_LABELS,
    MAX_LABELS_LENGTH,
};

/// Returns the labels of every series of a service.
pub(super) fn labels_of_series(
    problems: &mut Problems,
    selector: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    labels(problems, "selector", selector, &[])
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
        } else if OF_RULES.iter().chain(reserved).any(|own| *own == name) {
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

/// Returns the labels of alerts with the owner among them. `paths` are those of both.
pub(super) fn labels_of_alerts(
    problems: &mut Problems,
    paths: (&str, &str),
    given: BTreeMap<String, String>,
    owner: Option<String>,
) -> BTreeMap<String, String> {
    let mut labels = labels(problems, paths.0, given, &OF_ALERTS);
    let Some(owner) = owner else { return labels };
    let named = line(problems, paths.1, owner, MAX_LABEL_VALUE);
    if named.is_empty() {
        add(problems, paths.1, ProblemKind::EmptyText("name somebody, or leave the key out"));
    }
    if labels.insert(OWNER.to_owned(), named).is_some() {
        add(problems, format_args!("{}.{OWNER}", paths.0), ProblemKind::OwnerTwice);
    }
    labels
}

/// Checks that jobs differ by few labels, which are recorded for each of them.
pub(super) fn labels_of_jobs(
    problems: &mut Problems,
    of_all: &BTreeMap<String, String>,
    jobs: &[(String, JobSpec)],
) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (path, job) in jobs {
        for name in job.labels.keys() {
            names.insert(name);
            if names.len() > MAX_JOB_LABELS {
                add(problems, format_args!("{path}.labels.{name}"), ProblemKind::TooManyJobLabels);
                return;
            }
        }
    }
    let length = |(name, value): (&str, &str)| name.chars().count() + value.chars().count();
    for (path, job) in jobs {
        let value = |name: &&str| job.labels.get(*name).or_else(|| of_all.get(*name));
        let labels = names.iter().filter_map(|name| Some((*name, value(name)?.as_str())));
        let found = labels.map(length).sum();
        if found > MAX_JOB_LABELS_LENGTH {
            add(problems, format_args!("{path}.labels"), ProblemKind::JobLabelsTooLong { found });
        }
    }
}

/// Returns the labels that tell copies of jobs apart. `of_all` are those of all jobs, for a job
/// that names more, and `set` the labels of alerts, which have one value.
pub(super) fn grouping_labels(
    problems: &mut Problems,
    path: &str,
    given: Vec<String>,
    of_all: &[String],
    set: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut checked: Vec<String> = Vec::new();
    for (index, name) in given.into_iter().enumerate() {
        let path = format_args!("{path}[{index}]");
        if !is_label_name(&name) {
            add(problems, path, ProblemKind::LabelName(text::shown(&name)));
        } else if GROUPED_ANYHOW.contains(&name.as_str()) {
            add(problems, path, ProblemKind::GroupedAnyhow(name));
        } else if OF_RULES.iter().chain(&OF_ALERTS).any(|own| *own == name) {
            add(problems, path, ProblemKind::LabelReserved(name));
        } else if set.contains_key(&name) {
            add(problems, path, ProblemKind::GroupedAndSet(name));
        } else if of_all.contains(&name) || checked.contains(&name) {
            add(problems, path, ProblemKind::GroupedTwice(name));
        } else {
            checked.push(name);
        }
    }
    checked
}

/// Checks that few labels tell the copies of all jobs apart, because every rule groups by them, and
/// that no job sets one of them, which its rules would then give to all.
pub(super) fn all_grouping_labels(problems: &mut Problems, of_all: &[String], jobs: &[(String, JobSpec)]) {
    let of_jobs: BTreeSet<&String> = jobs.iter().flat_map(|(_, job)| &job.grouping_labels).collect();
    for (path, job) in jobs.iter().filter(|_| !of_jobs.is_empty()) {
        for name in job.labels.keys().filter(|name| of_jobs.contains(name)) {
            let path = format_args!("{path}.labels.{name}");
            add(problems, path, ProblemKind::GroupedAndSet(name.clone()));
        }
    }
    let mut names: BTreeSet<&String> = of_all.iter().collect();
    if names.len() > MAX_GROUPING_LABELS {
        add(problems, "grouping_labels", ProblemKind::TooManyGroupingLabels);
        return;
    }
    for (path, job) in jobs {
        names.extend(&job.grouping_labels);
        if names.len() > MAX_GROUPING_LABELS {
            let path = format_args!("{path}.grouping_labels");
            add(problems, path, ProblemKind::TooManyGroupingLabels);
            return;
        }
    }
}

pub(super) fn is_label_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !name.starts_with("__")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

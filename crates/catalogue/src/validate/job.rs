//! Whether a job can be one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::labels::{grouping_labels, labels_of_alerts};
use super::words::{add, folded, said, thresholds};
use crate::duration::format;
use crate::expression::Expressions;
use crate::job::{self, JobDraft, JobSpec, ScheduleDraft};
use crate::job_name::JobName;
use crate::problem::{ProblemKind, Problems};
use crate::schedule::{Schedule, ScheduleError};
use crate::threshold::Thresholds;

/// The longest time that any job may run: a day, or its interval where that is longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

/// What holds for all jobs.
#[derive(Clone, Copy)]
pub(super) struct OfAll<'a> {
    /// The timeout of jobs that set none.
    pub(super) timeout: Option<Duration>,
    pub(super) grouping_labels: &'a [String],
    /// The labels of alerts.
    pub(super) labels: &'a BTreeMap<String, String>,
}

/// Returns a job. `None` if it has no name or no schedule.
pub(super) fn job(
    problems: &mut Problems,
    path: &str,
    draft: JobDraft,
    of_all: OfAll<'_>,
    expressions: &mut Expressions,
) -> Option<JobSpec> {
    let name =
        JobName::new(draft.name).map_err(|error| add(problems, format_args!("{path}.name"), error)).ok();
    let summary = folded(problems, format_args!("{path}.summary"), &draft.summary);
    let schedule = schedule(problems, path, &draft.schedule, expressions);
    if let Some(timeout) = draft.timeout {
        self::timeout(problems, path, timeout, schedule.as_ref());
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
    let labels = if draft.labels.is_empty() && draft.owner.is_none() {
        BTreeMap::new()
    } else {
        let (labels, owner) = (format!("{path}.labels"), format!("{path}.owner"));
        labels_of_alerts(problems, (&labels, &owner), draft.labels, draft.owner)
    };
    let grouping_labels = grouping_labels_of(problems, path, draft.grouping_labels, of_all, &labels);
    let thresholds = if draft.thresholds.is_empty() {
        Thresholds::new()
    } else {
        thresholds(problems, &format!("{path}.alerts"), draft.thresholds)
    };
    let name = name?;
    let interval_variable =
        draft.interval_variable.unwrap_or_else(|| format!("{}_INTERVAL", name.variable_prefix()));
    let schedule = schedule?;
    let timeout = draft.timeout.or(of_all.timeout);
    Some(JobSpec {
        name,
        summary,
        timeout: timeout.unwrap_or_else(|| job::default_timeout(&schedule)),
        has_default_timeout: timeout.is_none(),
        schedule,
        interval_variable,
        items,
        queue,
        enabled: draft.enabled.unwrap_or(true),
        grouping_labels,
        labels,
        thresholds,
    })
}

fn grouping_labels_of(
    problems: &mut Problems,
    path: &str,
    given: Vec<String>,
    of_all: OfAll<'_>,
    labels: &BTreeMap<String, String>,
) -> Vec<String> {
    for name in of_all.grouping_labels.iter().filter(|name| labels.contains_key(*name)) {
        add(problems, format_args!("{path}.labels.{name}"), ProblemKind::GroupedAndSet(name.clone()));
    }
    if given.is_empty() {
        return given;
    }
    let path = format!("{path}.grouping_labels");
    grouping_labels(problems, &path, given, of_all.grouping_labels, of_all.labels)
}

/// Checks a timeout that holds for all jobs that set none.
pub(super) fn default_timeout(problems: &mut Problems, timeout: Duration) {
    if timeout < Duration::from_secs(1) {
        add(problems, "defaults.timeout", ProblemKind::TimeoutTooShort);
    }
    if timeout > MAX_TIMEOUT {
        let kind = ProblemKind::DefaultTimeoutTooLong { timeout: format(timeout) };
        add(problems, "defaults.timeout", kind);
    }
}

fn timeout(problems: &mut Problems, path: &str, timeout: Duration, schedule: Option<&Schedule>) {
    if timeout < Duration::from_secs(1) {
        add(problems, format_args!("{path}.timeout"), ProblemKind::TimeoutTooShort);
    }
    let Some(schedule) = schedule else { return };
    let most = MAX_TIMEOUT.max(schedule.longest_gap());
    if timeout > most {
        let kind = ProblemKind::TimeoutTooLong { timeout: format(timeout), most: format(most) };
        add(problems, format_args!("{path}.timeout"), kind);
    }
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

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

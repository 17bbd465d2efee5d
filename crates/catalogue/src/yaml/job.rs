//! Reads one job.

use super::entry::{Entries, problem};
use super::keys::JOB;
use super::node::Node;
use super::problem::YamlProblem;
use crate::job::{JobDraft, ScheduleDraft};
use crate::problem::Problems;
use crate::schedule::MAX_INTERVAL;

pub(super) fn read(node: &Node, index: usize, problems: &mut Problems<YamlProblem>) -> JobDraft {
    let path = format!("jobs[{index}]");
    let mut draft = stand_in(index);
    let Some(mut entries) = Entries::new(node, &path, &JOB, problems) else { return draft };
    if let Some(name) = entries.required_text("name", "hot_score_refresh") {
        draft.name = name;
    }
    if let Some(summary) = entries.required_text("summary", "Ranks clips by votes and age.") {
        draft.summary = summary;
    }
    if let Some(schedule) = schedule(&mut entries) {
        draft.schedule = schedule;
    }
    draft.interval_variable = entries.text("interval_variable");
    draft.timeout = entries.duration("timeout");
    draft.items = entries.text("items");
    draft.queue = entries.text("queue");
    draft.enabled = entries.truth("enabled");
    draft.owner = entries.text("owner");
    draft.grouping_labels = entries.text_or_texts("grouping_labels").unwrap_or_default();
    draft.labels = entries.texts("labels").into_iter().collect();
    draft.thresholds = entries.alerts("alerts");
    draft
}

/// Returns a job that passes every check, in place of one that could not be read. No timeout is too
/// long for its interval.
pub(super) fn stand_in(index: usize) -> JobDraft {
    JobDraft::new(format!("unnamed-{index}"), ScheduleDraft::Interval(MAX_INTERVAL))
}

fn schedule(entries: &mut Entries<'_, '_>) -> Option<ScheduleDraft> {
    let (interval, cron, timezone) = (entries.get("interval"), entries.get("cron"), entries.get("timezone"));
    if let (Some(_), Some(cron)) = (interval, cron) {
        let message = "a job has either `interval` or `cron`: remove one of them".to_owned();
        let path = entries.path_of("cron");
        entries.problems().add(|| problem(cron, &path, message));
        return None;
    }
    if let (None, Some(timezone)) = (cron, timezone) {
        let message = "`timezone` belongs to a `cron` expression: an interval has none".to_owned();
        let path = entries.path_of("timezone");
        entries.problems().add(|| problem(timezone, &path, message));
    }
    if interval.is_some() {
        return entries.duration("interval").map(ScheduleDraft::Interval);
    }
    if cron.is_none() {
        entries.missing("interval", "5m` or `cron: 0 3 * * *");
        return None;
    }
    let expressions = entries.text_or_texts("cron")?;
    let timezone = match timezone {
        Some(_) => entries.text("timezone")?,
        None => "UTC".to_owned(),
    };
    Some(ScheduleDraft::Cron { expressions, timezone })
}

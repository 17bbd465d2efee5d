//! Reads one job.

use std::time::Duration;

use super::YamlProblem;
use super::entry::{Entries, problem};
use super::node::Node;
use crate::job::{JobDraft, ScheduleDraft};

const KEYS: [&str; 11] = [
    "name",
    "summary",
    "interval",
    "cron",
    "timezone",
    "interval_variable",
    "timeout",
    "items",
    "queue",
    "enabled",
    "thresholds",
];

pub(super) fn read(node: &Node, index: usize, problems: &mut Vec<YamlProblem>) -> JobDraft {
    let path = format!("jobs[{index}]");
    let mut draft = stand_in(index);
    let Some(mut entries) = Entries::new(node, &path, &KEYS, problems) else { return draft };
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
    if entries.get("timeout").is_none() {
        entries.missing("timeout", "15m");
    }
    if let Some(timeout) = entries.duration("timeout") {
        draft.timeout = timeout;
    }
    draft.items = entries.text("items");
    draft.queue = entries.text("queue");
    draft.enabled = entries.truth("enabled").unwrap_or(true);
    draft.thresholds = entries.thresholds("thresholds");
    draft
}

/// A job that passes every check, in place of one that could not be read.
pub(super) fn stand_in(index: usize) -> JobDraft {
    let interval = Duration::from_secs(60);
    JobDraft::new(format!("unnamed-{index}"), ScheduleDraft::Interval(interval)).timeout(interval)
}

fn schedule(entries: &mut Entries<'_, '_>) -> Option<ScheduleDraft> {
    let (interval, cron, timezone) = (entries.get("interval"), entries.get("cron"), entries.get("timezone"));
    if let (Some(_), Some(cron)) = (interval, cron) {
        let message = "a job has either `interval` or `cron`: remove one of them".to_owned();
        let problem = problem(cron, &entries.path_of("cron"), message);
        entries.problems().push(problem);
        return None;
    }
    if let (None, Some(timezone)) = (cron, timezone) {
        let message = "`timezone` belongs to a `cron` expression: an interval has none".to_owned();
        let problem = problem(timezone, &entries.path_of("timezone"), message);
        entries.problems().push(problem);
    }
    if interval.is_some() {
        return entries.duration("interval").map(ScheduleDraft::Interval);
    }
    if cron.is_none() {
        entries.missing("interval", "5m` or `cron: 0 3 * * *");
        return None;
    }
    let expression = entries.text("cron")?;
    let timezone = match timezone {
        Some(_) => entries.text("timezone")?,
        None => "UTC".to_owned(),
    };
    Some(ScheduleDraft::Cron { expression, timezone })
}

//! Writes the sentence of a threshold.

use super::alert_view::{Alert, AlertView, JobGroup, Quantity};
use crate::sentence::Spoken;

/// Returns the sentence that a runbook's threshold should be, with the thresholds of single jobs
/// where they differ.
pub fn sentence(alert: &Alert) -> String {
    spoken(&AlertView::of(alert))
}

/// Returns the sentence of an alert, with the thresholds of single jobs where they differ.
pub(super) fn spoken(alert: &AlertView<'_>) -> String {
    let exceptions: Vec<&JobGroup> = alert.exceptions().map(|(_, group)| group).collect();
    let aside =
        if exceptions.is_empty() { String::new() } else { format!(" ({})", listed(alert, &exceptions)) };
    format!("{}{aside}{}", stated(alert), held(alert))
}

/// Returns the sentence of an alert with what it states for all jobs alone.
pub(super) fn spoken_for_all(alert: &AlertView<'_>) -> String {
    format!("{}{}", stated(alert), held(alert))
}

fn stated(alert: &AlertView<'_>) -> String {
    let mut text = String::new();
    for part in alert.form.parts() {
        match part {
            Ok(words) => text.push_str(words),
            Err(name) => match alert.value(name) {
                Some(value) => text.push_str(&spoken_value(alert, name, value)),
                None => text.push_str(name),
            },
        }
    }
    text
}

fn held(alert: &AlertView<'_>) -> String {
    if alert.hold == 0 { String::new() } else { format!(" for {}", spoken_time(alert.hold)) }
}

/// Returns what holds for single jobs, as it stands in parentheses.
fn listed(alert: &AlertView<'_>, exceptions: &[&JobGroup]) -> String {
    let mut parts = Vec::new();
    for group in exceptions {
        let differs = spoken_group(alert, group);
        parts.extend(group.jobs.iter().map(|job| format!("`{job}`: {differs}")));
    }
    parts.join("; ")
}

/// Returns what holds for a group of jobs in place of what is stated for all: "> 200", "growing by
/// > 300% over 2 hours".
pub(super) fn spoken_group(alert: &AlertView<'_>, group: &JobGroup) -> String {
    let mut text = String::new();
    if let Some(threshold) = group.threshold.filter(|_| group.has_own_threshold) {
        text = format!("{} {}", alert.comparison.as_str(), spoken_threshold(alert, threshold));
    }
    for (name, value) in &group.others {
        let before = alert.form.before(name);
        let before = match text.is_empty() {
            true => before.trim_start().strip_prefix("and ").unwrap_or(before.trim_start()),
            false => before,
        };
        text.push_str(before);
        text.push_str(&spoken_value(alert, name, *value));
    }
    text
}

/// Returns a threshold in the words that the sentence of an alert has for it.
pub(super) fn spoken_threshold(alert: &AlertView<'_>, threshold: Quantity) -> String {
    match alert.form.parameters.first() {
        Some(parameter) => spoken_as(parameter.spoken, threshold),
        None => spoken_as(Spoken::Plain, threshold),
    }
}

/// Returns the value of a parameter in the words that the sentence of an alert has for it.
pub(super) fn spoken_value(alert: &AlertView<'_>, name: &str, value: Quantity) -> String {
    let parameter = alert.form.parameters.iter().find(|parameter| parameter.name == name);
    spoken_as(parameter.map_or(Spoken::Plain, |parameter| parameter.spoken), value)
}

fn spoken_as(spoken: Spoken, value: Quantity) -> String {
    match (spoken, value) {
        (Spoken::NumberOf(words), value) => format!("{} {words}", value.to_promql()),
        (Spoken::Seconds, Quantity::Duration(seconds)) if seconds % 3_600 != 0 => counted(seconds, "second"),
        (_, Quantity::Duration(seconds)) => spoken_time(seconds),
        (_, Quantity::PerSecond(_)) => format!("{}/sec", value.to_promql()),
        (_, value) => value.to_string(),
    }
}

/// Returns a duration in the largest unit that it is a whole number of; days from two on.
pub(super) fn spoken_time(seconds: u64) -> String {
    match seconds {
        s if s >= 2 * 86_400 && s % 86_400 == 0 => counted(s / 86_400, "day"),
        s if s >= 3_600 && s % 3_600 == 0 => counted(s / 3_600, "hour"),
        s if s >= 60 && s % 60 == 0 => counted(s / 60, "minute"),
        s => counted(s, "second"),
    }
}

fn counted(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

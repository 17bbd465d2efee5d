//! Writes rule groups as Prometheus reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use jobwatch_catalogue::{Catalogue, duration};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Rule, RuleGroup};
use crate::artifact::MARK;
use crate::signals::Signal;

/// The longest line of a comment, in characters.
const WIDTH: usize = 100;

#[derive(Serialize)]
struct RecordingRule<'a> {
    record: &'a str,
    expr: String,
    labels: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct AlertingRule<'a> {
    alert: &'a str,
    expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: Annotations<'a>,
}

/// Annotations in the order they are read, which is not that of the alphabet.
struct Annotations<'a>(&'a [(&'static str, String)]);

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, text) in self.0 {
            map.serialize_entry(name, text)?;
        }
        map.end()
    }
}

/// The text of a rule file. Comments stand above groups and signals, so groups and rules are written one by one.
pub(super) fn render(catalogue: &Catalogue, groups: &[RuleGroup]) -> Result<String, serde_yaml::Error> {
    let mut text = format!(
        "# {MARK} from the catalogue `{}` of {}: edit that, not this.\n",
        catalogue.name(),
        catalogue.service()
    );
    text.push_str(if groups.is_empty() { "groups: []\n" } else { "groups:\n" });
    for group in groups {
        text.push('\n');
        comment(&mut text, "  ", group.comment);
        text.push_str(&indented("  ", &sequence_item(&GroupHead { name: &group.name })?));
        text.push_str("    rules:\n");
        let mut last_signal = None;
        for rule in &group.rules {
            if let Rule::Recording(recorded) = rule
                && last_signal != Some(recorded.signal)
            {
                comment(&mut text, "      ", signal_comment(recorded.signal));
                last_signal = Some(recorded.signal);
            }
            text.push_str(&indented("      ", &rule_item(rule, catalogue)?));
        }
    }
    Ok(text)
}

#[derive(Serialize)]
struct GroupHead<'a> {
    name: &'a str,
}

fn rule_item(rule: &Rule, catalogue: &Catalogue) -> Result<String, serde_yaml::Error> {
    let labels = rule.labels(catalogue);
    let expr = rule.expression().to_string();
    match rule {
        Rule::Recording(recorded) => {
            sequence_item(&RecordingRule { record: recorded.signal.name(), expr, labels })
        }
        Rule::Alerting(rule) => sequence_item(&AlertingRule {
            alert: rule.alert.name.as_str(),
            expr,
            hold: (rule.alert.hold > 0).then(|| duration::format(Duration::from_secs(rule.alert.hold))),
            labels,
            annotations: Annotations(&rule.annotations),
        }),
    }
}

pub(crate) fn sequence_item(value: &impl Serialize) -> Result<String, serde_yaml::Error> {
    serde_yaml::to_string(&[value])
}

pub(crate) fn indented(indent: &str, text: &str) -> String {
    let mut result = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        if !line.is_empty() {
            result.push_str(indent);
            result.push_str(line);
        }
        result.push('\n');
    }
    result
}

pub(crate) fn comment(text: &mut String, indent: &str, sentence: &str) {
    let mut line = format!("{indent}#");
    for word in sentence.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = format!("{indent}#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

const fn signal_comment(signal: Signal) -> &'static str {
    match signal {
        Signal::Catalogued => "One series for each job of the catalogue, whether it runs or not.",
        Signal::ScheduleInterval => "The interval in force, after overrides; 0 while the job is disabled.",
        Signal::FailedExecutionRate => "Failed executions a second.",
        Signal::Executions => {
            "Executions in a short window of five intervals, and in a long one that holds three executions even \
             when each takes all the time it may."
        }
        Signal::FailedExecutions => "Failed executions in the same windows.",
        Signal::FailedExecutionRatio => {
            "The part of the executions that failed: in the short window if it holds at least three, else in the \
             long one."
        }
        Signal::FailedItemRatio => {
            "The part of the attempted items that failed; skipped ones were not attempted."
        }
        Signal::DurationP95 => "The 95th percentile of the duration.",
        Signal::LastSuccess => {
            "The newest success that any replica knows of, remembered for an hour if a restarted process forgot it."
        }
        Signal::FirstScheduled => {
            "When the job was first scheduled; for processes that do not tell, when it was first seen."
        }
        Signal::TimeSinceLastSuccess => {
            "Time since the last success, or since the job was first scheduled if it never succeeded. Disabled \
             jobs have none."
        }
        Signal::ConsecutiveFailures => {
            "Failures in a row. A replica that knows only of an older success than another is out of date."
        }
        Signal::QueueSize => "The queue's length: one queue, seen by every replica.",
        Signal::InProgress => "How long the oldest execution in progress has taken.",
    }
}

//! What the dashboard and its panels say about themselves.

use std::time::Duration;

use jobwatch_catalogue::duration;

use super::board::MOST_DRAWN;
use super::links::section;
use super::panel::Link;
use super::thresholds::thresholds;
use crate::artifact::header;
use crate::definition::Comparison;
use crate::model::{Alert, Model, ValueClass, few};

/// How many exceptions from a threshold a description spells out.
const MOST_EXCEPTIONS: usize = 3;

pub(super) fn dashboard(model: &Model<'_>) -> String {
    format!("What the background jobs do, and where each alert stands. {}", header(model.catalogue()))
}

/// Returns a panel's own sentences, whether it is cut to a few of many jobs, and a sentence for
/// each alert that it plots.
pub(super) fn panel(sentences: &str, is_cut: bool, alerts: &[&Alert], model: &Model<'_>) -> String {
    let mut text = sentences.to_owned();
    if is_cut {
        text.push_str(&format!(
            " Of many jobs, the {MOST_DRAWN} that need somebody most are drawn; choose a job to see it."
        ));
    }
    for alert in alerts {
        let Link { title, url } = section(alert, model);
        let hold = match alert.hold {
            0 => String::new(),
            hold => format!(", once that has held for {}", duration::format(Duration::from_secs(hold))),
        };
        text.push_str(&format!(
            "\n\n`{}` ({}) fires {}{hold}. Runbook: [{title}]({url}).",
            alert.name(),
            alert.severity.as_str(),
            when(alert)
        ));
    }
    text
}

fn when(alert: &Alert) -> String {
    let mut text = alert.definition.texts.fires.replace("{thresholds}", &compared(alert));
    for parameter in alert.definition.parameters {
        if let Some(value) = alert.stated(parameter.key) {
            text = text.replace(&format!("{{{}}}", parameter.key), &value.to_string());
        }
    }
    text
}

/// Returns what the value is compared with, by job where jobs differ.
fn compared(alert: &Alert) -> String {
    let compared = match alert.definition.comparison {
        Comparison::AtLeast => "from",
        Comparison::Above => "above",
        Comparison::Below => "below",
        Comparison::AtMost => "up to",
    };
    let thresholds = thresholds(alert);
    let mut text = match thresholds.across.or(alert.stated_threshold()) {
        Some(value) => format!("{compared} {value}"),
        None => String::new(),
    };
    if thresholds.others.len() > MOST_EXCEPTIONS {
        text.push_str(&format!(", for some jobs {compared} another threshold"));
        return text;
    }
    for ValueClass { value, jobs, .. } in &thresholds.others {
        text.push_str(&format!(", for {} {compared} {value}", few(jobs)));
    }
    text
}

/// Returns the name of a label as a heading has it: `cluster` as `Cluster`.
pub(super) fn label(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

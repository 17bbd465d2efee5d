//! What a firing alert says.

use jobwatch_catalogue::{Catalogue, JobName};

use super::humanize::Filter;
use crate::alerts::Alert;
use crate::condition::Condition;

/// The annotations of an alert, in the order they are read: summary, description with value and threshold, and where to go on.
pub(super) fn annotations(alert: &Alert, catalogue: &Catalogue) -> Vec<(&'static str, String)> {
    let words = Words {
        job: "{{ $labels.job_name }}".to_owned(),
        value: format!("{{{{ $value | {} }}}}", filter(&alert.condition).name()),
        window: "{{ $labels.window }}".to_owned(),
        threshold: threshold(alert),
    };
    filled(alert, catalogue, &words)
}

/// What the annotations say when the alert fires for a job: the templates, filled in.
pub(crate) fn said(
    alert: &Alert,
    catalogue: &Catalogue,
    job: &JobName,
    value: f64,
    window: &str,
) -> Vec<(&'static str, String)> {
    let threshold = alert.condition_for(job).and_then(|condition| condition.threshold());
    let words = Words {
        job: job.to_string(),
        value: filter(&alert.condition).apply(value),
        window: window.to_owned(),
        threshold: threshold.map_or_else(String::new, |figure| figure.to_string()),
    };
    filled(alert, catalogue, &words)
}

/// What differs from alert to alert of one rule: templates in the rule, texts when it fires.
struct Words {
    job: String,
    value: String,
    window: String,
    threshold: String,
}

const fn filter(condition: &Condition) -> Filter {
    match condition {
        Condition::FailureRatio { .. } | Condition::ItemFailureRatio { .. } => Filter::Percentage,
        Condition::NoSuccess { .. } | Condition::DurationP95 { .. } | Condition::Stuck { .. } => {
            Filter::Duration
        }
        _ => Filter::Number,
    }
}

fn filled(alert: &Alert, catalogue: &Catalogue, words: &Words) -> Vec<(&'static str, String)> {
    vec![
        ("summary", summary(alert, &words.job)),
        ("description", description(alert, words)),
        ("runbook_url", format!("{}#{}", catalogue.runbook_url(), alert.anchor())),
        ("dashboard_url", catalogue.dashboard_url()),
    ]
}

fn summary(alert: &Alert, job: &str) -> String {
    let says = match alert.condition {
        Condition::FailureRate { .. } => "fails often",
        Condition::FailureRatio { .. } => "fails most of the time",
        Condition::NoSuccess { .. } => "has not succeeded for too long",
        Condition::DurationP95 { .. } => "takes too long",
        Condition::QueueGrowing { .. } => "falls behind: its queue grows",
        Condition::QueueSize { .. } => "is far behind: its queue is very long",
        Condition::ItemFailureRatio { .. } => "fails for many of its items",
        Condition::ConsecutiveFailures { .. } => "fails again and again",
        Condition::Stuck { .. } => "does not come to an end",
        Condition::MetricsAbsent => "exposes no metrics",
    };
    format!("{job} {says}")
}

fn description(alert: &Alert, words: &Words) -> String {
    let Words { job, value, window, threshold } = words;
    match alert.condition {
        Condition::FailureRate { .. } => format!(
            "{value} executions of {job} failed a second, over the last \
             {window} (threshold: {threshold})."
        ),
        Condition::FailureRatio { .. } => format!(
            "{value} of the executions of {job} failed lately \
             (threshold: {threshold})."
        ),
        Condition::NoSuccess { .. } => {
            format!("{job} has had no successful run for {value} (threshold: {threshold}).")
        }
        Condition::DurationP95 { .. } => format!(
            "The 95th percentile of the duration of {job} is {value}, over the last \
             {window} (threshold: {threshold})."
        ),
        Condition::QueueGrowing { growth, over, .. } => format!(
            "{value} items wait for {job} (threshold: {threshold}), more than {growth} more \
             than {over} ago."
        ),
        Condition::QueueSize { .. } => {
            format!("{value} items wait for {job} (threshold: {threshold}).")
        }
        Condition::ItemFailureRatio { .. } => format!(
            "{value} of the items that {job} attempted failed, over the last \
             {window} (threshold: {threshold})."
        ),
        Condition::ConsecutiveFailures { .. } => {
            format!("The last {value} executions of {job} failed (threshold: {threshold} in a row).")
        }
        Condition::Stuck { .. } => format!(
            "An execution of {job} has been in progress for {value} (it may take \
             {threshold})."
        ),
        Condition::MetricsAbsent => format!(
            "Prometheus has no series of {job}: its process is gone or is not scraped, or the job is not \
             registered."
        ),
    }
}

/// The threshold as a text, or a template that picks the text by job where jobs differ.
fn threshold(alert: &Alert) -> String {
    let text =
        |condition: &Condition| condition.threshold().map_or_else(String::new, |figure| figure.to_string());
    let Some((last, others)) = alert.classes.split_first() else { return String::new() };
    let mut template = String::new();
    for class in others {
        let jobs: Vec<String> = class.jobs.iter().map(|job| job.as_str().replace('.', "[.]")).collect();
        let test = match class.jobs.as_slice() {
            [job] => format!("eq $labels.job_name \"{job}\""),
            _ => format!("match \"^({})$\" $labels.job_name", jobs.join("|")),
        };
        let branch = if template.is_empty() { "if" } else { "else if" };
        template.push_str(&format!("{{{{ {branch} {test} }}}}{}", text(&class.condition)));
    }
    if template.is_empty() {
        return text(&last.condition);
    }
    format!("{template}{{{{ else }}}}{}{{{{ end }}}}", text(&last.condition))
}

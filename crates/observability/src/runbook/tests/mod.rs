//! What a runbook yields, held against alerts.

mod asides;
mod differences;
mod entries;
mod exceptions;
mod fixes;
mod html_tables;
mod ignores;
mod layouts;
mod links;
mod markdown;
mod mutations;
mod reading;
mod remarks;
mod sections;
mod senses;
mod sentences;
mod wordings;
mod words;

use jobwatch_catalogue::{Catalogue, yaml};

use super::compare;
use super::expected::Expectations;
use super::judge::{Difference, judge};
use super::section;
use crate::anchor::AnchorStyle;
use crate::findings::Code;
use crate::model::{Alert, Model};

const RUNBOOK: &str = include_str!("../../../../../docs/runbooks/background-jobs.md");

fn alerts(catalogue: &Catalogue) -> Vec<Alert> {
    Model::new(catalogue).unwrap().alerts().to_vec()
}

fn clipper() -> Vec<Alert> {
    alerts(&catalogue())
}

fn catalogue() -> Catalogue {
    yaml::parse(include_str!("../../../../../jobs/catalogue.yaml")).unwrap().catalogue
}

fn codes(text: &str) -> Vec<Code> {
    compare(&clipper(), text).into_iter().map(|finding| finding.code).collect()
}

/// Each finding, with the text of its line in place of the number, which every sentence that is
/// added above would change.
fn shown(text: &str) -> String {
    compare(&clipper(), text)
        .into_iter()
        .map(|finding| {
            let at = &finding.location;
            format!(
                "at column {} of {:?}\n  {} {:?}\n  {}\n  expected {:?}, found {:?}\n  {}",
                at.position.column,
                text.lines().nth(at.position.line - 1).unwrap_or_default(),
                finding.code,
                &text[at.position.span.clone()],
                finding.message,
                finding.expected.unwrap_or_default(),
                finding.found.unwrap_or_default(),
                finding.hint.lines().next().unwrap_or_default(),
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a sentence says that its alert does not.
fn differences(sentence: &str, alert: &Alert) -> Vec<Difference> {
    let all = Expectations::new(std::slice::from_ref(alert));
    let sentence = &section::read(&format!("Threshold: {sentence}"), AnchorStyle::default(), &all.names)
        .entries[0]
        .thresholds[0]
        .text;
    judge(sentence, &all.all[0], &all, 10).into_parts().0
}

/// The runbook with one text in place of another, which has to be there.
fn with(old: &str, new: &str) -> String {
    assert!(RUNBOOK.contains(old), "{old}");
    RUNBOOK.replacen(old, new, 1)
}

//! What a runbook is expected to say about all alerts, worked out once.

use super::alert_view::{Alert, AlertView};
use super::names::Names;
use super::spoken::{spoken, spoken_for_all};
use super::urgency::Urgency;
use crate::sentence::Form;

/// Longer texts are cut where they are told, not where they are written.
const LONGEST_TOLD: usize = 2_000;

/// What a runbook is expected to say about an alert.
pub(super) struct Expected<'a> {
    pub(super) alert: AlertView<'a>,
    /// The sentence of its threshold.
    pub(super) sentence: String,
    /// Its severity, with those of single jobs where they differ.
    pub(super) severity: String,
}

/// What a runbook is expected to say about all alerts.
pub(super) struct Expectations<'a> {
    pub(super) all: Vec<Expected<'a>>,
    pub(super) names: Names<'a>,
    /// The forms that these alerts have, each once.
    pub(super) forms: Vec<&'a Form>,
    /// A sentence of each form, as a list in one line.
    pub(super) examples: String,
}

impl<'a> Expected<'a> {
    pub(super) fn new(alert: AlertView<'a>) -> Self {
        let sentence = spoken(&alert);
        let severity = Urgency::new(vec![&alert]).spoken();
        Self { alert, sentence, severity }
    }

    /// Returns the sentence as it is told: cut where thousands of jobs have thresholds of their
    /// own.
    pub(super) fn told(&self) -> String {
        told(&self.sentence)
    }

    /// Returns the head of the alert's section.
    pub(super) fn section(&self) -> String {
        let Self { alert: AlertView { heading, name, .. }, sentence, severity } = self;
        format!("### {heading}\n**Alert**: `{name}`\n**Severity**: {severity}\n**Threshold**: {sentence}\n")
    }
}

impl<'a> Expectations<'a> {
    pub(super) fn new(alerts: &'a [Alert]) -> Self {
        Self::of(alerts.iter().map(AlertView::of).collect())
    }

    pub(super) fn of(alerts: Vec<AlertView<'a>>) -> Self {
        let mut forms: Vec<&Form> = Vec::new();
        let mut examples = Vec::new();
        for alert in &alerts {
            if !forms.contains(&alert.form) {
                forms.push(alert.form);
                examples.push(format!("`{}`", spoken_for_all(alert)));
            }
        }
        let names = Names::new(alerts.iter().map(|alert| alert.name));
        let all = alerts.into_iter().map(Expected::new).collect();
        Self { all, names, forms, examples: told(&examples.join(", ")) }
    }
}

/// Returns a text as it is told: cut where nobody would read on.
pub(super) fn told(text: &str) -> String {
    if text.len() <= LONGEST_TOLD {
        return text.to_owned();
    }
    format!("{} …", &text[..text.floor_char_boundary(LONGEST_TOLD)])
}

//! What may depend on thresholds, by where it stands.

use std::collections::BTreeMap;
use std::fmt;

use super::dashed::{Dashed, parted};
use crate::promql::Expr;
use crate::rules::Rule;
use crate::scope::ESCALATES;
use crate::text::Template;
use crate::views::Views;

/// Texts by where they stand.
pub(super) type Texts = BTreeMap<String, String>;

/// What may depend on a threshold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written<'a> {
    Expression(&'a Expr),
    Description(&'a Template),
}

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(expression) => expression.fmt(f),
            Self::Description(text) => text.fmt(f),
        }
    }
}

/// What is generated that may depend on a threshold, by where it stands.
pub(super) struct Unvaried<'a> {
    /// As values.
    pub(super) written: BTreeMap<String, Written<'a>>,
    /// As texts.
    pub(super) texts: Texts,
}

impl<'a> Unvaried<'a> {
    /// Returns what is generated for a model.
    pub(super) fn of(views: &'a Views<'_>, dashed: &Dashed) -> Self {
        let written = written(views, dashed);
        let texts = written.iter().map(|(place, written)| (place.clone(), written.to_string())).collect();
        Self { written, texts }
    }
}

/// The name of a place of a rule: that of its group and its own, and that of the warning which it
/// escalates.
pub(super) fn place_of_rule(group: &str, rule: &Rule) -> String {
    let escalated = match rule {
        Rule::Alerting { labels, .. } => labels.iter().find(|(label, _)| label == ESCALATES),
        Rule::Recording { .. } => None,
    };
    let escalated = escalated.map(|(_, warning)| format!("/{warning}")).unwrap_or_default();
    format!("{group}/{}{escalated}", rule.name())
}

/// The name of a place of a query: those for values and further ones, without thresholds that
/// differ by job.
pub(super) fn place_of_query(panel: &str, number: usize) -> String {
    format!("{panel}/{number}")
}

/// Returns what may depend on thresholds, by where it stands.
pub(super) fn written<'a>(views: &'a Views<'_>, dashed: &Dashed) -> BTreeMap<String, Written<'a>> {
    let mut all = BTreeMap::new();
    for group in &views.groups {
        let is_threshold = |name: &str| views.model.thresholds().iter().any(|rule| rule.series == name);
        // Thresholds themselves are written anew.
        for rule in group.rules.iter().filter(|rule| !is_threshold(rule.name())) {
            let place = place_of_rule(&group.name, rule);
            if let Rule::Alerting { annotations, .. } = rule {
                for (_, text) in annotations.iter().filter(|(name, _)| *name == "description") {
                    all.insert(format!("{place}/description"), Written::Description(text));
                }
            }
            all.insert(place, Written::Expression(rule.expression()));
        }
    }
    for panel in views.dashboard.panels() {
        for (number, (_, query)) in parted(views.model, panel, dashed).fixed.iter().enumerate() {
            all.insert(place_of_query(panel.title, number), Written::Expression(&query.expression));
        }
    }
    all
}

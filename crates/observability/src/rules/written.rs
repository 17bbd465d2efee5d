//! Rules as texts: what formats write, whoever made them.

use std::time::Duration;

use jobwatch_catalogue::duration;

use super::{Rule, RuleGroup};
use crate::scope::ESCALATES;
use crate::text::{Comment, LabelValue, Template};

/// A group of rules as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenGroup {
    /// Its name.
    pub name: String,
    /// What it is, for whoever reads the file. Empty if nobody says.
    pub comment: Comment,
    /// How often it is evaluated. `None` for the server's own interval.
    pub interval: Option<String>,
    /// How many alerts or series each of its rules may yield. `None` for no limit.
    pub limit: Option<u64>,
    /// Its rules.
    pub rules: Vec<WrittenRule>,
}

/// A rule as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenRule {
    /// Records a series.
    Recording {
        /// The name of the series.
        series: String,
        /// What it is, for whoever reads the file. Empty if nobody says.
        comment: Comment,
        /// What is recorded.
        expression: String,
        /// Labels that the series gets besides those of the expression.
        labels: Vec<(String, LabelValue)>,
    },
    /// Fires an alert.
    Alerting {
        /// The name of the alert.
        alert: String,
        /// What is tested.
        expression: String,
        /// For how long the condition has to hold. `None` if it need not.
        hold: Option<String>,
        /// For how long the alert fires when it no longer holds. `None` if it ends at once.
        keep_firing_for: Option<String>,
        /// Labels that firing alerts get besides those of the expression, sorted by name.
        labels: Vec<(String, Template)>,
        /// What firing alerts say, in the order it is read.
        annotations: Vec<(String, Template)>,
    },
}

/// What a rule is known by within its group: whether it alerts, its name, and the alert that it
/// escalates.
pub(crate) type RuleKey<'r> = (bool, &'r str, Option<&'r str>);

impl WrittenRule {
    /// Returns what the rule is known by within its group.
    pub(crate) fn key(&self) -> RuleKey<'_> {
        match self {
            Self::Recording { series, .. } => (false, series, None),
            Self::Alerting { alert, labels, .. } => {
                let escalated = labels.iter().find(|(label, _)| label == ESCALATES);
                (true, alert, escalated.map(|(_, value)| value.as_str()))
            }
        }
    }
}

impl From<&RuleGroup> for WrittenGroup {
    fn from(RuleGroup { name, comment, rules }: &RuleGroup) -> Self {
        let rules = rules.iter().map(WrittenRule::from).collect();
        Self { name: name.clone(), comment: comment.clone(), interval: None, limit: None, rules }
    }
}

impl From<&Rule> for WrittenRule {
    fn from(rule: &Rule) -> Self {
        let expression = rule.expression().to_string();
        match rule {
            Rule::Recording { series, comment, labels, .. } => Self::Recording {
                series: (*series).to_owned(),
                comment: comment.clone(),
                expression,
                labels: labels.clone(),
            },
            Rule::Alerting { alert, hold, labels, annotations, .. } => Self::Alerting {
                alert: alert.to_string(),
                expression,
                hold: (*hold > 0).then(|| duration::format(Duration::from_secs(*hold))),
                keep_firing_for: None,
                labels: labels.clone(),
                annotations: annotations
                    .iter()
                    .map(|(name, text)| ((*name).to_owned(), text.clone()))
                    .collect(),
            },
        }
    }
}

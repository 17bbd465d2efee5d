//! What stands in a rule file.

use jobwatch_catalogue::yaml::Position;

/// What is written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// What is written.
    pub value: T,
    /// Where it stands. Of a text in a block, its bytes begin with the block's first line.
    pub position: Position,
}

/// A group of rules, which are evaluated one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleGroup {
    /// Its name.
    pub name: Located<String>,
    /// How often its rules are evaluated, as it is written. `None` for the server's own interval.
    pub interval: Option<Located<String>>,
    /// How many series or alerts each of its rules may come to, as it is written. `None` if that is
    /// not limited.
    pub limit: Option<Located<String>>,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
    /// The number of the document of the text that it stands in, counted from zero: each becomes a
    /// rule file of its own.
    pub document: usize,
    /// Keys that say nothing here, such as `query_offset`, and such as nobody knows.
    pub other_keys: Vec<Located<String>>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub position: Position,
    /// Whether it records or alerts.
    pub kind: RuleKind,
    /// The name of its alert or of the series that it records.
    pub name: Located<String>,
    /// Its expression.
    pub expression: Located<String>,
    /// For how long the expression has to hold before the alert fires, as it is written.
    pub hold: Option<Located<String>>,
    /// For how long the alert goes on firing when the expression no longer holds, as it is written.
    pub keep_firing_for: Option<Located<String>>,
    /// The labels that it sets, in the order of names.
    pub labels: Vec<Named>,
    /// What the alert says, in the order of names.
    pub annotations: Vec<Named>,
    /// Keys that say nothing here, such as nobody knows.
    pub other_keys: Vec<Located<String>>,
}

impl Rule {
    /// Returns the labels that it sets, each with its value as it is written.
    pub(crate) fn set_labels(&self) -> Vec<(&str, &str)> {
        self.labels.iter().map(|label| (label.name.value.as_str(), label.text.value.as_str())).collect()
    }
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// It makes an alert fire.
    Alert,
    /// It records a series.
    Record,
}

/// A label or an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: Located<String>,
    /// Its text.
    pub text: Located<String>,
}

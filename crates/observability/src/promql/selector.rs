//! Which series an expression reads.

/// Series of one name with their matchers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The name of the series.
    pub series: &'static str,
    /// Which of them, in the order the matchers are written.
    pub matchers: Vec<Matcher>,
    /// How many seconds ago.
    pub offset: u64,
}

/// A condition on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label's name.
    pub label: String,
    /// What its value has to be.
    pub value: MatcherValue,
}

/// What the value of a label has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatcherValue {
    /// Exactly this.
    Equal(String),
    /// One of these. Never empty.
    OneOf(Vec<String>),
    /// None of these. Never empty.
    NoneOf(Vec<String>),
    /// What a variable of the dashboard stands for, named without its dollar sign.
    Variable(String),
    /// The same, or nothing.
    VariableOrNone(String),
}

impl Selector {
    /// All series of one name.
    pub const fn new(series: &'static str) -> Self {
        Self { series, matchers: Vec::new(), offset: 0 }
    }

    /// The same, where a label has a value.
    #[must_use]
    pub fn equal(mut self, label: &str, value: impl Into<String>) -> Self {
        let value = MatcherValue::Equal(value.into());
        self.matchers.push(Matcher { label: label.to_owned(), value });
        self
    }

    /// The same, where a label has one of several values. Of a single value it is the same as
    /// [`Selector::equal`]; there has to be one at least.
    #[must_use]
    pub fn one_of<V: ToString>(mut self, label: &str, values: &[V]) -> Self {
        if let [value] = values {
            return self.equal(label, value.to_string());
        }
        let value = MatcherValue::OneOf(values.iter().map(ToString::to_string).collect());
        self.matchers.push(Matcher { label: label.to_owned(), value });
        self
    }

    /// The same, where a label has none of several values, or there are none.
    #[must_use]
    pub fn none_of<V: ToString>(mut self, label: &str, values: &[V]) -> Self {
        if !values.is_empty() {
            let value = MatcherValue::NoneOf(values.iter().map(ToString::to_string).collect());
            self.matchers.push(Matcher { label: label.to_owned(), value });
        }
        self
    }

    /// The same, where a label has the value that was chosen on the dashboard.
    #[must_use]
    pub fn variable(mut self, label: &str, variable: impl Into<String>) -> Self {
        let value = MatcherValue::Variable(variable.into());
        self.matchers.push(Matcher { label: label.to_owned(), value });
        self
    }

    /// The same, where a label has the value that was chosen on the dashboard, or is not there.
    #[must_use]
    pub fn variable_or_none(mut self, label: &str, variable: impl Into<String>) -> Self {
        let value = MatcherValue::VariableOrNone(variable.into());
        self.matchers.push(Matcher { label: label.to_owned(), value });
        self
    }

    /// The same, so many seconds ago.
    #[must_use]
    pub const fn offset(mut self, seconds: u64) -> Self {
        self.offset = seconds;
        self
    }
}

//! What the variables of a template stand for, and what is read of the alert.

/// What a template reads, and where in its text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rule_lint) enum Read<'t> {
    /// A label of the alert, with the first byte of its name.
    Label(&'t str, usize),
    /// The value of the expression.
    Value,
}

/// What a part of an action stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// All that is known of the alert, with `.Labels` and `.Value`.
    Alert,
    /// Its labels.
    Labels,
    /// Its value.
    Value,
    /// Anything else, such as what Prometheus is asked for.
    Other,
}

/// The variables that are defined, and what `.` is.
#[derive(Debug)]
pub(super) struct Scope<'t> {
    variables: Vec<(&'t str, Meaning)>,
    pub(super) dot: Meaning,
}

/// How much is defined at some place.
#[derive(Debug)]
pub(super) struct Mark {
    variables: usize,
    /// What `.` is there.
    pub(super) dot: Meaning,
}

impl<'t> Scope<'t> {
    /// What Prometheus defines.
    pub(super) fn of_alert() -> Self {
        let variables = [
            ("$", Meaning::Alert),
            ("$labels", Meaning::Labels),
            ("$externalLabels", Meaning::Other),
            ("$externalURL", Meaning::Other),
            ("$value", Meaning::Value),
        ];
        Self { variables: variables.to_vec(), dot: Meaning::Alert }
    }

    /// What a template within a template has: nothing but what it is given.
    pub(super) fn of_definition() -> Self {
        Self { variables: vec![("$", Meaning::Other)], dot: Meaning::Other }
    }

    /// Returns what a variable stands for. `None` if it is not defined.
    pub(super) fn variable(&self, name: &str) -> Option<Meaning> {
        Some(self.variables.iter().rev().find(|(known, _)| *known == name)?.1)
    }

    /// Returns how much is defined, for [`Self::back_to`].
    pub(super) fn mark(&self) -> Mark {
        Mark { variables: self.variables.len(), dot: self.dot }
    }

    /// Forgets what was defined behind a mark.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        self.variables.truncate(mark.variables);
        self.dot = mark.dot;
    }

    /// Returns the names of the variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.variables.iter().map(|(name, _)| *name)
    }

    /// Defines a variable, which hides one of the same name.
    pub(super) fn define(&mut self, name: &'t str, meaning: Meaning) {
        self.variables.push((name, meaning));
    }

    /// Says what the variable stands for that was defined last.
    pub(super) fn mean(&mut self, meaning: Meaning) {
        if let Some(last) = self.variables.last_mut() {
            last.1 = meaning;
        }
    }
}

//! What is known about the labels of the series that an expression yields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is known about one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// No series has it.
    Absent,
    /// Each series has it, whatever its value.
    Present,
    /// It has one of these values. The empty one means that it is absent.
    OneOf(BTreeSet<String>),
    /// A series may have it or not.
    Unknown,
}

/// What is known about all labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Labels {
    known: BTreeMap<String, Values>,
    /// Whether there may be labels of which nothing is known. Without that, there are none.
    pub(super) is_open: bool,
}

impl Values {
    /// One value. The empty one means that the label is absent.
    pub(super) fn one(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.is_empty() { Self::Absent } else { Self::OneOf(BTreeSet::from([value])) }
    }

    /// Returns whether no value is both one of these and one of the others.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Present) | (Self::Present, Self::Absent) => true,
            (Self::Absent, Self::OneOf(values)) | (Self::OneOf(values), Self::Absent) => !values.contains(""),
            (Self::OneOf(left), Self::OneOf(right)) => left.is_disjoint(right),
            _ => false,
        }
    }

    /// Returns what is known of a value that is one of these and one of the others.
    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::OneOf(left), Self::OneOf(right)) => Self::OneOf(left & right),
            (Self::Absent, _) | (_, Self::Absent) => Self::Absent,
            (Self::OneOf(values), _) | (_, Self::OneOf(values)) => Self::OneOf(values.clone()),
            (Self::Present, _) | (_, Self::Present) => Self::Present,
            (Self::Unknown, Self::Unknown) => Self::Unknown,
        }
    }

    /// Returns what is known of a value that is one of these or one of the others.
    fn or(&self, other: &Self) -> Self {
        match (self, other) {
            _ if self == other => self.clone(),
            (Self::OneOf(left), Self::OneOf(right)) => Self::OneOf(left | right),
            (Self::Absent, Self::OneOf(values)) | (Self::OneOf(values), Self::Absent) => {
                let mut values = values.clone();
                values.insert(String::new());
                Self::OneOf(values)
            }
            (Self::Present, Self::OneOf(values)) | (Self::OneOf(values), Self::Present)
                if !values.contains("") =>
            {
                Self::Present
            }
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("does not have it"),
            Self::Present => f.write_str("has it"),
            Self::Unknown => f.write_str("may have it"),
            Self::OneOf(values) => {
                let shown: Vec<String> = values.iter().take(5).map(|value| format!("`{value}`")).collect();
                let more = if values.len() > 5 { " or others" } else { "" };
                write!(f, "has {}{more}", shown.join(" or "))
            }
        }
    }
}

impl Labels {
    /// Series that may have any label.
    pub(super) fn open() -> Self {
        Self { known: BTreeMap::new(), is_open: true }
    }

    /// Returns what is known about a label.
    pub(super) fn get(&self, label: &str) -> &Values {
        match self.known.get(label) {
            Some(values) => values,
            None if self.is_open => &Values::Unknown,
            None => &Values::Absent,
        }
    }

    /// Says what a label is, whatever was known before.
    pub(super) fn set(&mut self, label: &str, values: Values) {
        self.known.insert(label.to_owned(), values);
    }

    /// Says something more about a label.
    pub(super) fn narrow(&mut self, label: &str, values: &Values) {
        let values = self.get(label).and(values);
        self.set(label, values);
    }

    /// Returns the labels of which something is known here or there.
    fn names<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        self.known.keys().chain(other.known.keys()).map(String::as_str).collect()
    }

    /// Returns what is left of series that are grouped by these labels.
    pub(super) fn only(&self, labels: &[String]) -> Self {
        let known = labels.iter().map(|label| (label.clone(), self.get(label).clone())).collect();
        Self { known, is_open: false }
    }

    /// Returns what is left of series that lose these labels.
    pub(super) fn without(&self, labels: &[String]) -> Self {
        let mut left = self.clone();
        labels.iter().for_each(|label| left.set(label, Values::Absent));
        left
    }

    /// Returns the labels of series that are among these and among the others.
    pub(super) fn and(&self, other: &Self) -> Self {
        let both = |label: &str| (label.to_owned(), self.get(label).and(other.get(label)));
        Self {
            known: self.names(other).into_iter().map(both).collect(),
            is_open: self.is_open && other.is_open,
        }
    }

    /// Returns the labels of series that are among these or among the others.
    pub(super) fn or(&self, other: &Self) -> Self {
        let either = |label: &str| (label.to_owned(), self.get(label).or(other.get(label)));
        Self {
            known: self.names(other).into_iter().map(either).collect(),
            is_open: self.is_open || other.is_open,
        }
    }

    /// Returns a label of which no value is both here and there. `None` if there may be one for
    /// each of the labels that are looked at.
    pub(super) fn conflict<'a>(
        &'a self,
        other: &'a Self,
        is_compared: impl Fn(&str) -> bool,
    ) -> Option<(&'a str, &'a Values, &'a Values)> {
        let all = self.names(other).into_iter().filter(|label| is_compared(label));
        let mut found = all.map(|label| (label, self.get(label), other.get(label)));
        found.find(|(_, left, right)| left.excludes(right))
    }

    /// Returns the labels that series may have, for a message.
    pub(super) fn listed(&self) -> String {
        let is_there = |(_, values): &(&String, &Values)| **values != Values::Absent;
        let names: Vec<String> =
            self.known.iter().filter(is_there).map(|(label, _)| format!("`{label}`")).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_exclude_each_other_only_where_no_series_can_have_both() {
        let one_of = |values: &[&str]| Values::OneOf(values.iter().map(|&value| value.to_owned()).collect());
        let check = |left: Values, right: Values, expected| {
            assert_eq!(left.excludes(&right), expected, "{left:?} {right:?}");
            assert_eq!(right.excludes(&left), expected, "{right:?} {left:?}");
        };
        check(one_of(&["a"]), one_of(&["b"]), true);
        check(one_of(&["a", "b"]), one_of(&["b"]), false);
        check(Values::Absent, one_of(&["a"]), true);
        check(Values::Absent, one_of(&["a", ""]), false);
        check(Values::Absent, Values::Present, true);
        check(Values::Absent, Values::Unknown, false);
        check(Values::Present, one_of(&["a"]), false);
    }
}

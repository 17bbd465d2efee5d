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
    /// It has none of these values, of which there is at least one that is not empty.
    NoneOf(BTreeSet<String>),
    /// Each series has it, and its value begins with one of these texts, none of which is empty.
    Begins(BTreeSet<String>),
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

    /// None of some values. Without the empty one, it may be absent.
    pub(super) fn none_of(values: BTreeSet<String>) -> Self {
        match values.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Self::Unknown,
            [""] => Self::Present,
            _ => Self::NoneOf(values),
        }
    }

    /// Returns the values that are possible. `None` if they cannot be told one by one.
    fn possible(&self) -> Option<BTreeSet<String>> {
        match self {
            Self::Absent => Some(BTreeSet::from([String::new()])),
            Self::OneOf(values) => Some(values.clone()),
            Self::Present | Self::NoneOf(_) | Self::Begins(_) | Self::Unknown => None,
        }
    }

    /// Returns the values that are known to be impossible, where the possible ones are not known.
    fn impossible(&self) -> BTreeSet<String> {
        match self {
            Self::Present | Self::Begins(_) => BTreeSet::from([String::new()]),
            Self::NoneOf(values) => values.clone(),
            Self::Absent | Self::OneOf(_) | Self::Unknown => BTreeSet::new(),
        }
    }

    /// Returns whether a value is possible.
    fn may_be(&self, value: &str) -> bool {
        match self {
            Self::Absent => value.is_empty(),
            Self::Present => !value.is_empty(),
            Self::OneOf(values) => values.contains(value),
            Self::NoneOf(values) => !values.contains(value),
            Self::Begins(begins) => begins.iter().any(|begin| value.starts_with(begin.as_str())),
            Self::Unknown => true,
        }
    }

    /// Returns whether no value is both one of these and one of the others.
    fn excludes(&self, other: &Self) -> bool {
        match (self.possible(), other.possible()) {
            (Some(values), _) => !values.iter().any(|value| other.may_be(value)),
            (None, Some(values)) => !values.iter().any(|value| self.may_be(value)),
            (None, None) => match (self, other) {
                (Self::Begins(begins), Self::Begins(others)) => longer(begins, others).is_empty(),
                _ => false,
            },
        }
    }

    /// Returns what is known of a value that is one of these and one of the others.
    fn and(&self, other: &Self) -> Self {
        let left = |values: BTreeSet<String>, other: &Self| {
            Self::OneOf(values.into_iter().filter(|value| other.may_be(value)).collect())
        };
        match (self.possible(), other.possible()) {
            _ if *self == Self::Absent || *other == Self::Absent => Self::Absent,
            (Some(values), _) => left(values, other),
            (None, Some(values)) => left(values, self),
            (None, None) => match (self, other) {
                (Self::Begins(begins), Self::Begins(others)) => match longer(begins, others) {
                    none if none.is_empty() => Self::OneOf(none),
                    some => Self::Begins(some),
                },
                (begins @ Self::Begins(_), _) | (_, begins @ Self::Begins(_)) => begins.clone(),
                _ => Self::none_of(&self.impossible() | &other.impossible()),
            },
        }
    }

    /// Returns what is known of a value that is one of these or one of the others.
    fn or(&self, other: &Self) -> Self {
        match (self.possible(), other.possible()) {
            _ if self == other => self.clone(),
            (Some(left), Some(right)) => Self::OneOf(&left | &right),
            (Some(values), None) => Self::none_of(&other.impossible() - &values),
            (None, Some(values)) => Self::none_of(&self.impossible() - &values),
            (None, None) => Self::none_of(&self.impossible() & &other.impossible()),
        }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("does not have it"),
            Self::Present => f.write_str("has it"),
            Self::Unknown => f.write_str("may have it"),
            Self::OneOf(values) => write!(f, "has {}", listed(values)),
            Self::NoneOf(values) => write!(f, "does not have {}", listed(values)),
            Self::Begins(begins) => write!(f, "begins with {}", listed(begins)),
        }
    }
}

/// Returns how texts begin that begin with one of these texts and with one of the others.
fn longer(begins: &BTreeSet<String>, others: &BTreeSet<String>) -> BTreeSet<String> {
    let both = begins.iter().flat_map(|begin| others.iter().map(move |other| (begin, other)));
    let longer = both.filter_map(|(begin, other)| match begin.starts_with(other.as_str()) {
        true => Some(begin.clone()),
        false => other.starts_with(begin.as_str()).then(|| other.clone()),
    });
    longer.collect()
}

fn listed(values: &BTreeSet<String>) -> String {
    let shown: Vec<String> = values.iter().take(5).map(|value| format!("`{value}`")).collect();
    let more = if values.len() > 5 { " or others" } else { "" };
    shown.join(" or ") + more
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
        let none_of =
            |values: &[&str]| Values::none_of(values.iter().map(|&value| value.to_owned()).collect());
        check(none_of(&["a"]), one_of(&["a"]), true);
        check(none_of(&["a"]), one_of(&["a", "b"]), false);
        check(none_of(&["a", ""]), Values::Absent, true);
        check(none_of(&["a"]), Values::Absent, false);
        check(none_of(&["a"]), none_of(&["b"]), false);
        check(one_of(&["a"]).or(&none_of(&["a", "b"])), one_of(&["b"]), true);
        check(one_of(&["a"]).or(&none_of(&["a", "b"])), one_of(&["a"]), false);
        check(Values::Present.and(&none_of(&["a"])), one_of(&["a", ""]), true);
        let begins = |values: &[&str]| Values::Begins(values.iter().map(|&value| value.to_owned()).collect());
        check(begins(&["a", "b"]), one_of(&["c", ""]), true);
        check(begins(&["a", "b"]), one_of(&["c", "bc"]), false);
        check(begins(&["a"]), Values::Absent, true);
        check(begins(&["a"]), none_of(&["a"]), false);
        check(begins(&["a"]), begins(&["b", "c"]), true);
        check(begins(&["a"]), begins(&["ab", "c"]), false);
        check(begins(&["a"]).and(&begins(&["ab", "c"])), one_of(&["ac"]), true);
        check(begins(&["a"]).and(&begins(&["b"])), Values::Unknown, true);
        check(begins(&["a"]).or(&one_of(&["b"])), one_of(&["c"]), false);
    }
}

//! The labels of what an expression yields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The labels of a vector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Labels that may tell its samples apart.
    pub free: BTreeSet<String>,
    /// Labels that have the same value on all of them.
    pub fixed: BTreeMap<String, String>,
    /// Whether it also has those that Prometheus adds to the target, as `instance`.
    pub target: bool,
}

impl Labels {
    /// Returns whether two vectors have the same labels, whatever their values.
    pub(super) fn has_same_names(&self, other: &Self) -> bool {
        self.names() == other.names() && self.target == other.target
    }

    /// The labels of samples of which some have these and some those. What is not the same on all
    /// of them tells them apart.
    pub(super) fn or(self, other: Self) -> Self {
        let all: BTreeSet<String> =
            self.names().into_iter().chain(other.names()).map(str::to_owned).collect();
        let fixed: BTreeMap<String, String> =
            self.fixed.into_iter().filter(|(label, value)| other.fixed.get(label) == Some(value)).collect();
        let free = all.into_iter().filter(|label| !fixed.contains_key(label)).collect();
        Self { free, fixed, target: self.target || other.target }
    }

    fn names(&self) -> BTreeSet<&str> {
        self.free.iter().chain(self.fixed.keys()).map(String::as_str).collect()
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        if names.is_empty() && !self.target {
            return f.write_str("none");
        }
        let mut list: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
        if self.target {
            list.push("those of its target".to_owned());
        }
        f.write_str(&list.join(", "))
    }
}

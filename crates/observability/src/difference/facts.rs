//! What is said about each thing that a catalogue has.

use std::collections::BTreeMap;

use jobwatch_catalogue::JobName;
use serde_json::Value;

/// What a rule or a panel evaluates.
pub(super) const EXPRESSION: &str = "expression";

/// What kind of thing something is said about, in the order in which differences are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The catalogue as a whole.
    Catalogue,
    /// A job.
    Job,
    /// An alert.
    Alert,
    /// A recorded series.
    Series,
    /// A group of rules.
    Group,
    /// A dashboard as a whole. The catalogue's own has no name.
    Dashboard,
    /// A panel of a dashboard, or a choice that it offers.
    Panel,
}

impl Kind {
    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Job => "job",
            Self::Alert => "alert",
            Self::Series => "series",
            Self::Group => "group",
            Self::Dashboard => "dashboard",
            Self::Panel => "panel",
        }
    }
}

/// A thing, by its kind and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    pub(super) name: String,
}

/// What is said about a thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Aspect {
    pub(super) name: String,
    /// For which job. `None` for all of them alike.
    pub(super) job: Option<JobName>,
}

/// What is said about the things of one catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub(super) catalogue: String,
    pub(super) things: BTreeMap<Thing, BTreeMap<Aspect, String>>,
    /// Whether they follow from a model. Of files alone nothing is known to follow.
    pub(super) has_model: bool,
    /// What the model yields alone, where a team makes something else of it.
    pub(super) generated: Option<Box<Facts>>,
}

impl Facts {
    pub(super) fn new(catalogue: &str) -> Self {
        let things = BTreeMap::new();
        Self { catalogue: catalogue.to_owned(), things, has_model: false, generated: None }
    }

    /// Returns the name of the catalogue.
    pub fn catalogue(&self) -> &str {
        &self.catalogue
    }

    /// Returns the same with what the model yields alone: of what a team makes of that, nothing
    /// follows from the model.
    #[must_use]
    pub fn over(mut self, generated: Self) -> Self {
        self.generated = Some(Box::new(generated));
        self
    }

    /// Returns what the model yields alone.
    pub(super) fn generated(&self) -> &Self {
        self.generated.as_deref().unwrap_or(self)
    }

    pub(super) fn has(&self, kind: Kind, name: &str) -> bool {
        self.things.contains_key(&Thing { kind, name: name.to_owned() })
    }

    pub(super) fn thing(&mut self, kind: Kind, name: impl Into<String>) -> &mut BTreeMap<Aspect, String> {
        self.things.entry(Thing { kind, name: name.into() }).or_default()
    }

    /// The same for a thing that is not there yet: those of one name are told apart by a number.
    pub(super) fn another(&mut self, kind: Kind, name: String) -> &mut BTreeMap<Aspect, String> {
        let is_known = |name: &str| self.has(kind, name);
        let numbered = |number: usize| if number == 1 { name.clone() } else { format!("{name} #{number}") };
        // Somewhere the numbers are free, as there are not endlessly many things.
        let free = (1..).map(numbered).find(|name| !is_known(name)).unwrap_or(name.clone());
        self.thing(kind, free)
    }
}

/// Returns what is said for all jobs alike.
pub(super) fn of_all(name: impl Into<String>) -> Aspect {
    Aspect { name: name.into(), job: None }
}

/// Returns a text as it is, and anything else as JSON.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

//! Compares what is said on two sides.

use std::collections::{BTreeMap, BTreeSet};

use jobwatch_catalogue::JobName;

use super::facts::{Aspect, EXPRESSION, Facts, Kind, Thing};
use super::of_dashboards::in_dashboard;
use super::of_model::WATCHES;
use super::of_rules::{GROUP, OF};

/// The first line that people read of an alert.
const SUMMARY: &str = "summary";
/// What tells dashboards apart, and stands in links to them.
const UID: &str = "uid";

/// A difference between two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The catalogue that it is about.
    pub catalogue: String,
    /// What kind of thing differs.
    pub kind: Kind,
    /// The thing's name.
    pub name: String,
    /// How it differs.
    pub change: Change,
    /// Whether it follows from another difference, as what a rule tests follows from a threshold.
    pub follows: bool,
}

/// How a thing differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is there on the second side alone.
    Added,
    /// It is there on the first side alone.
    Removed,
    /// Something else is said about it.
    Changed {
        /// What that is about: `threshold`, `severity`, `due`.
        aspect: String,
        /// The jobs for which it is so. Empty where it is the same for all.
        jobs: Vec<JobName>,
        /// What the first side says. `None` if it says nothing.
        before: Option<String>,
        /// What the second side says. `None` if it says nothing.
        after: Option<String>,
    },
}

impl Difference {
    fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.name, &self.change) == (other.kind, &other.name, &other.change)
    }
}

impl Change {
    /// Returns whether the thing is there on one side alone.
    const fn is_whole(&self) -> bool {
        matches!(self, Self::Added | Self::Removed)
    }

    fn is_about(&self, name: &str) -> bool {
        matches!(self, Self::Changed { aspect, .. } if aspect == name)
    }

    /// Returns whether a part that is replaced by another one is all that differs.
    fn is_replaced(&self, part: &str, other: &str) -> bool {
        let Self::Changed { before: Some(before), after: Some(after), .. } = self else { return false };
        before.replace(part, other) == *after
    }
}

/// Returns what differs, from the catalogue as a whole down to the dashboard. What follows from
/// something else differs in the same way where nobody has made anything of what is generated.
fn differences(before: &Facts, after: &Facts) -> Vec<Difference> {
    let mut all = compared(before, after);
    let has_model = before.has_model && after.has_model;
    let is_plain = before.generated.is_none() && after.generated.is_none();
    let generated = match is_plain {
        true => all.clone(),
        false => compared(before.generated(), after.generated()),
    };
    let generated: Vec<&Difference> = generated.iter().filter(|_| has_model).collect();
    mark_what_follows(&mut all, &generated);
    all
}

fn compared(before: &Facts, after: &Facts) -> Vec<Difference> {
    let things: BTreeSet<&Thing> = before.things.keys().chain(after.things.keys()).collect();
    let come_and_gone = jobs_of_one_side(before, after);
    let mut all = Vec::new();
    for thing in things {
        let changes = match (before.things.get(thing), after.things.get(thing)) {
            (Some(_), None) => vec![Change::Removed],
            (None, Some(_)) => vec![Change::Added],
            (Some(before), Some(after)) => changes(before, after, &come_and_gone),
            (None, None) => Vec::new(),
        };
        all.extend(changes.into_iter().map(|change| Difference {
            catalogue: after.catalogue.clone(),
            kind: thing.kind,
            name: thing.name.clone(),
            change,
            follows: false,
        }));
    }
    all
}

/// The same for several catalogues on each side, which are told apart by their names. One on each
/// side are compared whatever they are called.
pub fn all_differences(before: &[Facts], after: &[Facts]) -> Vec<Difference> {
    if let ([before], [after]) = (before, after) {
        return differences(before, after);
    }
    let named = |side: &[Facts], name: &str| side.iter().position(|facts| facts.catalogue == name);
    let whole = |facts: &Facts, change| Difference {
        catalogue: facts.catalogue.clone(),
        kind: Kind::Catalogue,
        name: facts.catalogue.clone(),
        change,
        follows: false,
    };
    let mut all = Vec::new();
    for facts in after {
        match named(before, &facts.catalogue) {
            Some(place) => all.extend(differences(&before[place], facts)),
            None => all.push(whole(facts, Change::Added)),
        }
    }
    let gone = before.iter().filter(|facts| named(after, &facts.catalogue).is_none());
    all.extend(gone.map(|facts| whole(facts, Change::Removed)));
    all
}

/// The names of jobs that one side alone has. That an alert watches such a job goes without saying.
fn jobs_of_one_side(before: &Facts, after: &Facts) -> BTreeSet<String> {
    let jobs = |facts: &Facts| {
        let jobs = facts.things.keys().filter(|thing| thing.kind == Kind::Job);
        jobs.map(|thing| thing.name.clone()).collect::<BTreeSet<String>>()
    };
    jobs(before).symmetric_difference(&jobs(after)).cloned().collect()
}

/// What an aspect is called, and what both sides say about it.
type Saying<'a> = (&'a str, Option<&'a String>, Option<&'a String>);

fn changes(
    before: &BTreeMap<Aspect, String>,
    after: &BTreeMap<Aspect, String>,
    come_and_gone: &BTreeSet<String>,
) -> Vec<Change> {
    // Jobs for which the same is changed in the same way are told together.
    let mut found: BTreeMap<Saying<'_>, Vec<JobName>> = BTreeMap::new();
    let mut watched: BTreeMap<&str, BTreeSet<&JobName>> = BTreeMap::new();
    let aspects: BTreeSet<&Aspect> = before.keys().chain(after.keys()).collect();
    for aspect in aspects {
        let job = aspect.job.as_ref();
        if job.is_some_and(|job| come_and_gone.contains(job.as_str())) {
            continue;
        }
        // Nothing else can be said about a job that is watched on one side alone.
        let is_watched = |side: &BTreeMap<Aspect, String>| {
            side.contains_key(&Aspect { name: WATCHES.to_owned(), job: aspect.job.clone() })
        };
        if job.is_some() && aspect.name != WATCHES && is_watched(before) != is_watched(after) {
            continue;
        }
        watched.entry(&aspect.name).or_default().extend(job);
        let pair = (before.get(aspect), after.get(aspect));
        if pair.0 != pair.1 {
            found.entry((&aspect.name, pair.0, pair.1)).or_default().extend(job.cloned());
        }
    }
    let change = |((aspect, before, after), mut jobs): (Saying<'_>, Vec<JobName>)| {
        if watched.get(aspect).is_some_and(|all| all.len() == jobs.len()) {
            jobs.clear();
        }
        let said = |text: Option<&String>| match (aspect, text) {
            (WATCHES, None) => Some("no".to_owned()),
            (_, text) => text.cloned(),
        };
        Change::Changed { aspect: aspect.to_owned(), jobs, before: said(before), after: said(after) }
    };
    found.into_iter().map(change).collect()
}

/// Marks what follows from something else: what an alert tests and says follows from its
/// thresholds, and what is recorded and drawn from jobs and alerts, if it is `generated`.
fn mark_what_follows(all: &mut [Difference], generated: &[&Difference]) {
    let is_text = |difference: &Difference| match &difference.change {
        Change::Changed { aspect, .. } => is_written(difference, aspect),
        // Which series are recorded follows from jobs and thresholds, and their groups, too.
        Change::Added | Change::Removed => matches!(difference.kind, Kind::Series | Kind::Group),
    };
    let told: Vec<(Kind, String)> = all
        .iter()
        .filter(|difference| difference.kind <= Kind::Alert && !is_text(difference))
        .map(|difference| (difference.kind, difference.name.clone()))
        .collect();
    let uid =
        all.iter().filter(|of| of.kind == Kind::Dashboard && of.name.is_empty()).find_map(|difference| {
            match &difference.change {
                Change::Changed { aspect, before: Some(before), after: Some(after), .. } if aspect == UID => {
                    Some([before, after].map(|uid| format!("/d/{uid}")))
                }
                _ => None,
            }
        });
    let come_and_gone: Vec<String> = all
        .iter()
        .filter(|difference| difference.kind == Kind::Dashboard && difference.change.is_whole())
        .map(|difference| in_dashboard(&difference.name))
        .collect();
    for difference in all.iter_mut() {
        let follows_from = |(kind, name): &(Kind, String)| match difference.kind {
            // It names the labels that tell copies apart, and no threshold.
            Kind::Alert if difference.change.is_about(SUMMARY) => *kind == Kind::Catalogue,
            Kind::Alert => {
                let is_escalated = || difference.name.ends_with(&format!("{OF}{name}"));
                *kind < Kind::Alert || *name == difference.name || is_escalated()
            }
            Kind::Dashboard => *kind == Kind::Catalogue,
            Kind::Catalogue | Kind::Job | Kind::Series | Kind::Group | Kind::Panel => true,
        };
        let is_part = |dashboard: &String| {
            difference.kind == Kind::Panel && difference.name.starts_with(dashboard.as_str())
        };
        let is_generated = || generated.iter().any(|known| known.is_same(difference));
        difference.follows = is_text(difference) && told.iter().any(follows_from) && is_generated()
            || uid.as_ref().is_some_and(|[before, after]| difference.change.is_replaced(before, after))
            || difference.change.is_whole() && come_and_gone.iter().any(is_part);
    }
}

/// Returns whether an aspect is a text that is generated from the others.
fn is_written(difference: &Difference, aspect: &str) -> bool {
    match difference.kind {
        Kind::Alert => {
            [EXPRESSION, GROUP, SUMMARY, "description", "runbook_url", "dashboard_url"].contains(&aspect)
                || aspect.starts_with("label ")
                || difference.name.contains(OF)
        }
        Kind::Dashboard => ["title", "description", "tags", "links", "annotations"].contains(&aspect),
        Kind::Series | Kind::Panel => true,
        Kind::Catalogue | Kind::Job | Kind::Group => false,
    }
}

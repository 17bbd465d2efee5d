//! How texts differ where the threshold of an alert is another one: found by letting it be another
//! one, and comparing.

use std::collections::{BTreeMap, HashSet};

use jobwatch_catalogue::JobName;
use serde::Serialize;

use super::dashed::{Dashed, parted};
use super::holes::{Settable, cut};
use super::marks::{marked, marked_by_job};
use super::written::{Texts, Unvaried, Written, written};
use crate::model::{Alert, JobClass, Model};
use crate::quantity::Quantity;
use crate::views::Views;

/// Texts by where they stand, without those that stand there anyway.
type Changed = BTreeMap<String, Option<String>>;

/// A text that depends on which jobs set the threshold themselves.
#[derive(Serialize, Clone, PartialEq, Eq)]
#[serde(untagged)]
pub(super) enum ByOwn {
    /// It does not.
    Same(String),
    /// It does.
    Differs {
        /// Where none does.
        none: String,
        /// Where all do.
        all: String,
        /// Where some do: `@{own}` leaves them and `besides` out.
        some: String,
        /// Jobs that are treated as if they did.
        besides: Vec<String>,
    },
}

/// A part of a text that depends on a threshold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Varied {
    /// The part as it is generated.
    from: String,
    /// Where the threshold is the same for all jobs.
    same: ByOwn,
    /// Where it differs by job.
    by_job: ByOwn,
}

/// What follows from the threshold of an alert.
pub(super) struct Variants {
    /// The parts of texts that depend on it, by where they stand.
    pub(super) texts: BTreeMap<String, Varied>,
    /// The queries that draw it where it differs by job, by the titles of their panels.
    pub(super) dashed: Texts,
}

/// Returns what follows from the threshold of an alert. `None` if it has none that can be set.
/// `unvaried` is what the views are without another threshold.
pub(super) fn variants(
    views: &Views<'_>,
    unvaried: &Unvaried<'_>,
    alert: &Alert,
    dashed: &Dashed,
) -> Option<Variants> {
    let settable = Settable::of(alert);
    if alert.classes.is_empty() || settable.is_empty() {
        return None;
    }
    let by_own = |classes: &[JobClass]| ByOwnTexts::new(views, unvaried, alert, &settable, classes, dashed);
    let same = by_own(&marked(alert, &settable));
    let by_job = by_own(&marked_by_job(alert, &settable));
    let mut varied = BTreeMap::new();
    for (place, from) in &unvaried.texts {
        if same.is_unchanged(place) && by_job.is_unchanged(place) {
            continue;
        }
        let (same, by_job) = (same.of(place, from), by_job.of(place, from));
        let (Some(same), Some(by_job)) = (same, by_job) else { continue };
        if same.is(from) && by_job.is(from) {
            continue;
        }
        let all: Vec<&str> = same.texts().into_iter().chain(by_job.texts()).collect();
        let (before, after) = frame(from, &all);
        // There has to be something to replace.
        let before = if middle(from, before, after).is_empty() { before.saturating_sub(1) } else { before };
        let part = |text: &str| middle(text, before, after).to_owned();
        let varied_part = Varied { from: part(from), same: same.map(&part), by_job: by_job.map(&part) };
        varied.insert(place.clone(), varied_part);
    }
    Some(Variants { texts: varied, dashed: by_job.dashed })
}

/// All texts, by which jobs set the threshold themselves.
struct ByOwnTexts {
    none: Changed,
    all: Option<Changed>,
    some: Option<(Changed, JobName)>,
    dashed: Texts,
}

impl ByOwnTexts {
    fn new(
        views: &Views<'_>,
        unvaried: &Unvaried<'_>,
        alert: &Alert,
        settable: &[Settable],
        classes: &[JobClass],
        dashed: &Dashed,
    ) -> Self {
        let jobs: Vec<JobName> = classes.iter().flat_map(|class| class.jobs.iter().cloned()).collect();
        let stated = alert.definition.parameters.iter().enumerate().map(|(place, _)| {
            let of = settable.iter().find(|of| of.place == place);
            of.map(|of| of.mark()).or(alert.stated.get(place).copied().flatten())
        });
        let stated: Vec<Option<Quantity>> = stated.collect();
        let model_of = |own: &[JobName]| {
            let own: HashSet<JobName> = own.iter().cloned().collect();
            views.model.judging(alert, stated.clone(), classes.to_vec(), own)
        };
        let texts_of = |views: &Views<'_>| {
            let changed = |place: &str, written: &Written<'_>| {
                let is_same = unvaried.written.get(place) == Some(written);
                (!is_same).then(|| cut(settable, &written.to_string()))
            };
            let all = written(views, dashed).into_iter();
            all.map(|(place, written)| {
                let text = changed(&place, &written);
                (place, text)
            })
            .collect::<Changed>()
        };
        let tested = |model: &Model<'_>| model.alert(alert.name()).and_then(|alert| alert.expression.clone());
        let none = model_of(&[]);
        let all = model_of(&jobs);
        let of_none = views.of(&none);
        let drawn = drawn(&of_none, alert, dashed);
        let drawn = drawn.into_iter().map(|(title, text)| (title, cut(settable, &text))).collect();
        let (all, some) = if tested(&none) == tested(&all) {
            (None, None)
        } else {
            let some = jobs.first().filter(|_| jobs.len() > 1);
            let some = some
                .map(|first| (texts_of(&views.of(&model_of(std::slice::from_ref(first)))), first.clone()));
            (Some(texts_of(&views.of(&all))), some)
        };
        Self { none: texts_of(&of_none), all, some, dashed: drawn }
    }

    /// Returns whether the text at a place is the generated one, whatever jobs set.
    fn is_unchanged(&self, place: &str) -> bool {
        let is_changed = |texts: &Changed| texts.get(place).is_some_and(Option::is_some);
        self.none.get(place).is_some_and(Option::is_none) && !self.all.as_ref().is_some_and(is_changed)
    }

    /// Returns the text at a place where `from` is generated. `None` if nothing stands there.
    fn of(&self, place: &str, from: &str) -> Option<ByOwn> {
        let text = |texts: &Changed| Some(texts.get(place)?.clone().unwrap_or_else(|| from.to_owned()));
        let none = text(&self.none)?;
        let all = self.all.as_ref().and_then(text).filter(|all| *all != none);
        let Some(all) = all else { return Some(ByOwn::Same(none)) };
        let some = self.some.as_ref().and_then(|(some, first)| opened(&text(some)?, first));
        let (some, besides) = some.unwrap_or_else(|| (none.clone(), Vec::new()));
        Some(ByOwn::Differs { none, all, some, besides })
    }
}

/// Returns a text with a hole in place of the jobs that are named with a job that sets the
/// threshold itself, and the others of them.
fn opened(text: &str, first: &JobName) -> Option<(String, Vec<String>)> {
    let first = first.as_str();
    let literal = first.replace('.', "[.]");
    let (matcher, names) = ["job_name!~\"", "job_name!=\""].iter().find_map(|opening| {
        text.match_indices(opening).find_map(|(at, _)| {
            let names = &text[at + opening.len()..];
            let names = &names[..names.find('"')?];
            let is_named = names.split('|').any(|name| name == literal || name == first);
            is_named.then(|| (format!("{opening}{names}\""), names))
        })
    })?;
    let names = names.split('|').filter(|name| *name != literal && *name != first);
    let besides = names.map(|name| name.replace("[.]", ".")).collect();
    Some((text.replace(&matcher, "@{own}"), besides))
}

impl ByOwn {
    fn is(&self, text: &str) -> bool {
        matches!(self, Self::Same(same) if same == text)
    }

    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Same(text) => vec![text],
            Self::Differs { none, all, some, .. } => vec![none, all, some],
        }
    }

    fn map(self, each: &impl Fn(&str) -> String) -> Self {
        match self {
            Self::Same(text) => Self::Same(each(&text)),
            Self::Differs { none, all, some, besides } => {
                Self::Differs { none: each(&none), all: each(&all), some: each(&some), besides }
            }
        }
    }
}

/// Returns how many lines a text has in common with all others at its beginning and at its end.
fn frame(text: &str, others: &[&str]) -> (usize, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let mut frame = (lines.len(), lines.len());
    for other in others {
        let other: Vec<&str> = other.lines().collect();
        let same =
            |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
        let before = same(&mut lines.iter().zip(&other));
        let after = same(&mut lines.iter().rev().zip(other.iter().rev()));
        let shortest = lines.len().min(other.len());
        frame.0 = frame.0.min(before);
        frame.1 = frame.1.min(after).min(shortest - before.min(shortest));
    }
    // The two may not overlap in any of them.
    let shortest = others.iter().map(|other| other.lines().count()).min().unwrap_or(0).min(lines.len());
    (frame.0, frame.1.min(shortest.saturating_sub(frame.0)))
}

/// Returns the lines of a text without some at its beginning and at its end.
fn middle(text: &str, before: usize, after: usize) -> &str {
    let starts = |line: usize| match line {
        0 => Some(0),
        line => text.match_indices('\n').nth(line - 1).map(|(at, _)| at + 1),
    };
    let number = text.lines().count();
    let start = starts(before).unwrap_or(text.len());
    let end = match after {
        0 => text.len(),
        after => starts(number - after).map_or(text.len(), |at| at.saturating_sub(1)),
    };
    text.get(start..end).unwrap_or_default()
}

/// Returns the queries that draw the thresholds of an alert, by the titles of their panels.
fn drawn(views: &Views<'_>, alert: &Alert, dashed: &Dashed) -> Texts {
    let mut drawn = Texts::new();
    for panel in views.dashboard.panels() {
        for (name, _, query) in parted(views.model, panel, dashed).dashed {
            if name == alert.name().as_str() {
                drawn.insert(panel.title.to_owned(), query.expression.to_string());
            }
        }
    }
    drawn
}

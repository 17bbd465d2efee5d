//! What is different where an alert is switched off: found by switching it off, and comparing.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use serde::Serialize;

use super::dashed::Dashed;
use super::written::{Texts, Unvaried, written};
use crate::dashboard::{Panel, Visual};
use crate::views::Views;

/// What is different where alerts are switched off.
#[derive(Serialize, Default)]
pub(super) struct Off {
    /// Expressions that have arms for single alerts, by where they stand.
    arms: BTreeMap<String, Arms>,
    /// What else is different, by alert.
    alerts: BTreeMap<&'static str, OfOff>,
}

/// The arms of an expression that are about alerts.
#[derive(Serialize)]
struct Arms {
    /// What stands between two arms.
    joint: String,
    /// The arm of each alert.
    of: BTreeMap<&'static str, String>,
    /// The expression if all of these alerts are off. `None` if other arms are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<String>,
}

/// What is different where one alert is switched off.
#[derive(Serialize, Default)]
struct OfOff {
    /// The titles of the panels that are not there.
    panels: Vec<&'static str>,
    /// The queries that tables are without, by the titles of the panels.
    columns: BTreeMap<&'static str, usize>,
    /// The expressions that are other ones, by where they stand.
    texts: Texts,
}

/// Returns what is different where alerts are switched off. `unvaried` is what the views are.
pub(super) fn off(views: &Views<'_>, unvaried: &Unvaried<'_>, dashed: &Dashed) -> Off {
    let mut off = Off::default();
    for alert in views.model.alerts().iter().filter(|alert| alert.expression.is_some()) {
        let name = alert.name().as_str();
        let model = views.model.without(alert);
        let without = views.of(&model);
        let mut of = OfOff::default();
        for panel in views.dashboard.panels() {
            match without.dashboard.panels().find(|known| known.title == panel.title) {
                None => of.panels.push(panel.title),
                Some(without) => of.columns.extend(column(panel, without).map(|at| (panel.title, at))),
            }
        }
        let is_table = |place: &str| of.columns.keys().any(|title| place.starts_with(&format!("{title}/")));
        let texts = written(&without, dashed);
        for (place, from) in unvaried.texts.iter().filter(|(place, _)| !is_table(place)) {
            let Some(text) = texts.get(place).filter(|text| unvaried.written.get(place) != Some(*text))
            else {
                continue;
            };
            let text = text.to_string();
            if !is_arm(&mut off.arms, place, name, from, &text) {
                of.texts.insert(place.clone(), text);
            }
        }
        if !(of.panels.is_empty() && of.columns.is_empty() && of.texts.is_empty()) {
            off.alerts.insert(name, of);
        }
    }
    for (place, arms) in &mut off.arms {
        arms.none = unvaried.texts.get(place).and_then(|from| none(views, arms, place, from, dashed));
    }
    off
}

/// Returns the place of the one query that a table is without.
fn column(panel: &Panel, without: &Panel) -> Option<usize> {
    if !matches!(panel.visual, Visual::Table(_)) || panel.queries.len() != without.queries.len() + 1 {
        return None;
    }
    let same = panel.queries.iter().zip(&without.queries);
    Some(same.take_while(|(query, other)| query.expression == other.expression).count())
}

/// Notes the arm of an alert. Returns whether an expression is without that arm what it is without
/// the alert.
fn is_arm(
    all: &mut BTreeMap<String, Arms>,
    place: &str,
    alert: &'static str,
    from: &str,
    without: &str,
) -> bool {
    let without = bare(without);
    let found = chains(from).into_iter().find_map(|chain| {
        let at = (0..chain.arms.len()).find(|&at| bare(&chain.without(at)) == without)?;
        Some((format!("\n{}\n", chain.joint), chain.arm(at)))
    });
    let Some((joint, arm)) = found else { return false };
    let arms = all.entry(place.to_owned()).or_insert_with(|| Arms {
        joint: joint.clone(),
        of: BTreeMap::new(),
        none: None,
    });
    // Arms of several chains are more than a mixin removes.
    let is_same_chain = arms.joint == joint;
    if is_same_chain {
        arms.of.insert(alert, arm);
    }
    is_same_chain
}

/// Returns the expression at a place if no alert is on that has an arm there. `None` if others have
/// arms as well.
fn none(views: &Views<'_>, arms: &Arms, place: &str, from: &str, dashed: &Dashed) -> Option<String> {
    let known: HashSet<&String> = arms.of.values().collect();
    let is_all =
        chains(from).iter().any(|chain| (0..chain.arms.len()).all(|at| known.contains(&chain.arm(at))));
    if !is_all {
        return None;
    }
    let alerts = views.model.alerts().iter().filter(|alert| arms.of.contains_key(alert.name().as_str()));
    let model = alerts.fold(views.model.clone(), |model, alert| model.without(alert));
    let without = views.of(&model);
    written(&without, dashed).get(place).map(ToString::to_string)
}

/// Arms that are joined by `or`, in a text of several lines.
struct Chain<'t> {
    lines: Vec<&'t str>,
    /// The line between two arms.
    joint: &'t str,
    /// The lines of each.
    arms: Vec<Range<usize>>,
}

impl Chain<'_> {
    fn arm(&self, at: usize) -> String {
        self.lines[self.arms[at].clone()].join("\n")
    }

    /// Returns the text without an arm.
    fn without(&self, at: usize) -> String {
        let Range { start, end } = self.arms[at];
        // The line that joins it goes with it.
        let gone = if at == 0 { start..end + 1 } else { start - 1..end };
        let lines = self.lines.iter().enumerate().filter(|(number, _)| !gone.contains(number));
        lines.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    }
}

/// Returns the chains of a text, as the printer of expressions breaks their lines.
fn chains(text: &str) -> Vec<Chain<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_joint = |line: &str| {
        let line = line.trim_start();
        line == "or" || line.starts_with("or on (")
    };
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for (number, joint) in lines.iter().enumerate().filter(|(_, line)| is_joint(line)) {
        let is_in = |line: &&&str| indent(line) >= indent(joint) && **line != *joint;
        let before = lines[..number].iter().rev().take_while(is_in).count();
        let after = lines[number + 1..].iter().take_while(is_in).count();
        let arm = number + 1..number + 1 + after;
        match chains
            .iter_mut()
            .find(|chain| chain.joint == *joint && chain.arms.last().is_some_and(|arm| arm.end == number))
        {
            Some(chain) => chain.arms.push(arm),
            None => {
                let arms = vec![number - before..number, arm];
                chains.push(Chain { lines: lines.clone(), joint, arms });
            }
        }
    }
    chains
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

//! Thresholds that panels draw as series, because they differ by job.

use std::collections::{BTreeMap, HashSet};

use super::holes::Settable;
use super::marks::{marked, marked_by_job};
use crate::dashboard::{Panel, Purpose, Query};
use crate::definition::Operand;
use crate::model::Model;
use crate::views::Views;

/// Which panels draw which thresholds as series where these differ by job: the names of alerts, by
/// the titles of panels.
pub(super) type Dashed = BTreeMap<&'static str, Vec<&'static str>>;

/// Returns for each panel the alerts whose thresholds it draws: those that get one more query as
/// soon as the threshold differs by job.
pub(super) fn dashed(views: &Views<'_>) -> Dashed {
    let mut dashed = Dashed::new();
    for alert in views.model.alerts() {
        let settable = Settable::of(alert);
        if settable.is_empty() || alert.watched() < 2 {
            continue;
        }
        let stated = || alert.stated.clone();
        let same = views.model.judging(alert, stated(), marked(alert, &settable), HashSet::new());
        let by_job = views.model.judging(alert, stated(), marked_by_job(alert, &settable), HashSet::new());
        let (same, by_job) = (views.dashboard_of(&same), views.dashboard_of(&by_job));
        for (same, by_job) in same.panels().zip(by_job.panels()) {
            if same.queries.len() < by_job.queries.len() {
                dashed.entry(same.title).or_default().push(alert.name().as_str());
            }
        }
    }
    for names in dashed.values_mut() {
        let place =
            |name: &&str| views.model.alerts().iter().position(|alert| alert.name().as_str() == *name);
        names.sort_by_key(place);
    }
    dashed
}

/// Returns whether a query draws the threshold of an alert.
pub(super) fn draws(legend: &str, alert: &str) -> bool {
    legend.split_once(':').is_some_and(|(name, _)| name == alert)
}

/// What the queries of a panel are.
pub(super) struct Parted<'p> {
    /// Those whose values are drawn, and further ones, with their places among all.
    pub(super) fixed: Vec<(usize, &'p Query)>,
    /// The thresholds that differ by job, with their alerts and their places.
    pub(super) dashed: Vec<(&'static str, usize, &'p Query)>,
}

/// Tells thresholds that differ by job from the other queries of a panel. A panel draws each once;
/// what else it draws of an alert stands behind.
pub(super) fn parted<'p>(model: &Model<'_>, panel: &'p Panel, dashed: &Dashed) -> Parted<'p> {
    let mut parted = Parted { fixed: Vec::new(), dashed: Vec::new() };
    let names = dashed.get(panel.title).map(Vec::as_slice).unwrap_or_default();
    for (place, query) in panel.queries.iter().enumerate() {
        let is_threshold = matches!(query.purpose, Purpose::Threshold(_));
        let by_job = |name: &str| {
            let alert = model.alerts().iter().find(|alert| alert.name().as_str() == name);
            alert.is_some_and(|alert| matches!(alert.operands.first(), Some(Operand::ByJob(_))))
        };
        let is_new = |name: &str| parted.dashed.iter().all(|(known, ..)| *known != name);
        let of = names
            .iter()
            .find(|name| is_threshold && draws(&query.legend, name) && by_job(name) && is_new(name));
        match of {
            Some(name) => parted.dashed.push((name, place, query)),
            None => parted.fixed.push((place, query)),
        }
    }
    parted
}

//! Which of the alerts of a section each of its sentences is about.

use super::expected::Expectations;
use super::field::Field;
use super::judge::judge;

/// What the sentences of a section are about.
pub(super) struct Claims {
    /// For each sentence, the number of the alert that it is held against.
    pub(super) of: Vec<usize>,
    /// The alerts that no sentence is left for.
    pub(super) without: Vec<usize>,
}

/// Of more sentences than these all are held against the first alert.
const MOST_SENTENCES: usize = 50;

/// Gives each sentence an alert: one that it is right about, or else one of those that have none
/// yet. A section is about at least one alert.
pub(super) fn claims(thresholds: &[Field], alerts: &[usize], all: &Expectations<'_>) -> Claims {
    let first = alerts.first().copied().unwrap_or_default();
    if alerts.len() < 2 || thresholds.len() > MOST_SENTENCES {
        let without = if thresholds.is_empty() { alerts } else { alerts.get(1..).unwrap_or_default() };
        return Claims { of: vec![first; thresholds.len()], without: without.to_vec() };
    }
    let is_right =
        |field: &Field, alert: usize| judge(&field.text, &all.all[alert], all, 1).found().is_none();
    let mut without = alerts.to_vec();
    let mut of: Vec<Option<usize>> = Vec::with_capacity(thresholds.len());
    for field in thresholds {
        let right: Vec<usize> = alerts.iter().copied().filter(|alert| is_right(field, *alert)).collect();
        without.retain(|alert| !right.contains(alert));
        of.push(right.first().copied());
    }
    let mut left = std::mem::take(&mut without).into_iter();
    let of = of.into_iter().map(|alert| alert.or_else(|| left.next()).unwrap_or(first)).collect();
    Claims { of, without: left.collect() }
}

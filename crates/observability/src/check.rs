//! The whole check of a catalogue and its runbook.

use jobwatch_catalogue::Catalogue;

use crate::alerts::alerts;
use crate::finding::{Finding, sort};
use crate::lint::{Places, accept, lint};
use crate::runbook::compare;

/// Everything that is found about a catalogue and, if there is one, its runbook, sorted by file and place. What the catalogue
/// accepts is marked as accepted.
pub fn check(catalogue: &Catalogue, places: &dyn Places, runbook: Option<&str>) -> Vec<Finding> {
    let mut findings = lint(catalogue, places);
    findings.extend(runbook.into_iter().flat_map(|text| compare(&alerts(catalogue), text)));
    accept(catalogue, places, &mut findings);
    sort(&mut findings);
    findings
}

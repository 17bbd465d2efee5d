//! A proof for programs.

use jobwatch_observability::proof::{Cell, Firing, Plan, Report};
use serde::Serialize;

use super::error_json::{self, WireError};
use super::reason::Reason;

#[derive(Serialize)]
struct WireProof<'a> {
    scenarios: Vec<WireScenario<'a>>,
    /// The alerts that fired in no scenario in which something is wrong.
    never_fired: Vec<&'a str>,
    /// Why it could not be proved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireScenario<'a> {
    job: &'a str,
    scenario: &'a str,
    says: &'a str,
    is_trouble: bool,
    judgement: &'a str,
    kept: bool,
    step_seconds: u64,
    first_alert: Option<&'a str>,
    after_seconds: Option<u64>,
    best_alert: Option<&'a str>,
    best_after_seconds: Option<u64>,
    clears_after_seconds: Option<u64>,
    firings: Vec<WireFiring<'a>>,
}

/// Seconds count from the beginning of the scenario.
#[derive(Serialize)]
struct WireFiring<'a> {
    alert: &'a str,
    severity: Option<&'a str>,
    first_seconds: u64,
    last_seconds: u64,
    steps: u64,
}

/// Returns the proofs of some catalogues as one object.
pub(crate) fn proof(proofs: &[(&Plan, &Report)]) -> Result<String, serde_json::Error> {
    let reports = || proofs.iter().map(|(_, report)| *report);
    let proof = WireProof {
        scenarios: reports().flat_map(|report| &report.cells).map(scenario).collect(),
        never_fired: reports().flat_map(|report| &report.never).map(String::as_str).collect(),
        errors: Vec::new(),
    };
    Ok(serde_json::to_string_pretty(&proof)? + "\n")
}

/// Returns an object without scenarios that says why there is no proof.
pub(crate) fn failed(reasons: &[Reason<'_>]) -> Result<String, serde_json::Error> {
    let errors = error_json::errors(reasons);
    let proof = WireProof { scenarios: Vec::new(), never_fired: Vec::new(), errors };
    Ok(serde_json::to_string_pretty(&proof)? + "\n")
}

fn scenario(cell: &Cell) -> WireScenario<'_> {
    let first = cell.first.as_ref();
    WireScenario {
        job: cell.job.as_str(),
        scenario: cell.scenario,
        says: &cell.says,
        is_trouble: cell.is_trouble,
        judgement: cell.judgement.as_str(),
        kept: cell.judgement.is_kept(),
        step_seconds: cell.step,
        first_alert: first.map(|(alert, _)| alert.as_str()),
        after_seconds: first.map(|&(_, after)| after),
        best_alert: cell.best.map(|(alert, _)| alert),
        best_after_seconds: cell.best.map(|(_, after)| after),
        clears_after_seconds: cell.clears,
        firings: cell.firings.iter().map(firing).collect(),
    }
}

fn firing(firing: &Firing) -> WireFiring<'_> {
    WireFiring {
        alert: &firing.alert,
        severity: firing.severity.as_deref(),
        first_seconds: firing.first,
        last_seconds: firing.last,
        steps: firing.steps,
    }
}

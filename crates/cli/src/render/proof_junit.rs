//! A proof as JUnit's XML: a suite for each job, a test for each scenario.

use std::fmt::Write as _;
use std::time::Duration;

use jobwatch_catalogue::duration;
use jobwatch_observability::proof::{Cell, Plan, Report};

use super::junit::escaped;

/// Returns the proofs of some catalogues as one file.
pub(crate) fn proof(proofs: &[(&Plan, &Report)]) -> String {
    let cells: Vec<&Cell> = proofs.iter().flat_map(|(_, report)| &report.cells).collect();
    let failures = |cells: &[&Cell]| cells.iter().filter(|cell| !cell.judgement.is_kept()).count();
    let counts = |cells: &[&Cell]| format!(r#"tests="{}" failures="{}""#, cells.len(), failures(cells));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a text cannot fail.
    let _ = writeln!(text, "<testsuites name=\"jobwatch prove\" {}>", counts(&cells));
    for suite in cells.chunk_by(|one, next| one.job == next.job) {
        let job = escaped(suite[0].job.as_str());
        let _ = writeln!(text, "  <testsuite name=\"{job}\" {}>", counts(suite));
        for cell in suite {
            let _ = write!(text, "    <testcase classname=\"{job}\" name=\"{}\"", escaped(cell.scenario));
            let _ = match cell.judgement.is_kept() {
                true => writeln!(text, "/>"),
                false => writeln!(
                    text,
                    ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                    escaped(cell.judgement.as_str()),
                    escaped(&what_happened(cell))
                ),
            };
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn what_happened(cell: &Cell) -> String {
    let after = |seconds: u64| duration::format(Duration::from_secs(seconds));
    let first = match &cell.first {
        Some((alert, seconds)) => format!("{alert} fires after {}", after(*seconds)),
        None => "no alert fires".to_owned(),
    };
    let best = cell.best.map(|(alert, seconds)| format!("; at best, {alert} after {}", after(seconds)));
    let clears = match (&cell.first, cell.clears) {
        (Some(_), None) if cell.is_trouble => "; it does not clear".to_owned(),
        (Some(_), Some(clears)) => format!("; it clears {} later", after(clears)),
        _ => String::new(),
    };
    format!("{} {first}{}{clears}", cell.says, best.unwrap_or_default())
}

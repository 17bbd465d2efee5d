//! `jobwatch list`

use jobwatch_catalogue::{Catalogue, Quantity};
use jobwatch_observability::alerts::{Alert, alerts};
use jobwatch_observability::runbook::sentence;

use super::Exit;
use crate::args::{List, ListFormat, Listed};
use crate::error::Error;
use crate::output::Output;
use crate::render::{json, table};
use crate::source;

pub(crate) fn run(arguments: &List, output: &mut Output) -> Result<Exit, Error> {
    let source = source::read(&arguments.from.catalogue)?;
    let alerts = alerts(&source.catalogue);
    let jobs_wanted = arguments.what != Some(Listed::Alerts);
    let alerts_wanted = arguments.what != Some(Listed::Jobs);
    let text = match arguments.format {
        ListFormat::Json => json::list(
            jobs_wanted.then_some(source.catalogue.jobs()),
            alerts_wanted.then_some(alerts.as_slice()),
        )?,
        ListFormat::Table => {
            let mut parts = Vec::new();
            parts.extend(jobs_wanted.then(|| jobs_table(&source.catalogue)));
            parts.extend(alerts_wanted.then(|| alerts_table(&alerts)));
            parts.join("\n")
        }
    };
    output.result(&text)?;
    Ok(Exit::Clean)
}

fn jobs_table(catalogue: &Catalogue) -> String {
    let mut table = table::new(&["job", "due", "may take", "variable", "queue"]);
    for job in catalogue.jobs() {
        let due = match job.enabled() {
            true => job.schedule().to_string(),
            false => format!("disabled ({})", job.schedule()),
        };
        table.add_row([
            job.name().as_str(),
            &due,
            &Quantity::Duration(job.timeout().as_secs()).to_string(),
            job.interval_variable(),
            if job.queue().is_some() { "yes" } else { "" },
        ]);
    }
    format!("{table}\n")
}

fn alerts_table(alerts: &[Alert]) -> String {
    let mut table = table::new(&["alert", "severity", "fires when", "jobs"]);
    for alert in alerts {
        let jobs: usize = alert.classes.iter().map(|class| class.jobs.len()).sum();
        table.add_row([
            alert.name.as_str(),
            alert.severity.as_str(),
            &sentence(alert).replace('`', ""),
            &jobs.to_string(),
        ]);
    }
    format!("{table}\n")
}

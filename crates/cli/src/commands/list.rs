//! `jobwatch list`

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::model::Alert;
use jobwatch_observability::quantity::Quantity;
use jobwatch_observability::runbook::sentence;

use crate::args::{List, ListFormat, Listed};
use crate::error::Error;
use crate::exit::Exit;
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::render::{list_json, table};
use crate::source;
use crate::working_folder::WorkingFolder;

pub(crate) fn run(
    arguments: &List,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let source = source::read(&Paths::find(shared, here)?.catalogue, output)?;
    let model = source.model()?;
    let alerts = model.alerts();
    let jobs_wanted = arguments.what != Some(Listed::Alerts);
    let alerts_wanted = arguments.what != Some(Listed::Jobs);
    let text = match arguments.format.unwrap_or(ListFormat::Table) {
        ListFormat::Json => {
            list_json::list(jobs_wanted.then_some(source.catalogue.jobs()), alerts_wanted.then_some(alerts))?
        }
        ListFormat::Table => {
            let mut parts = Vec::new();
            parts.extend(jobs_wanted.then(|| jobs_table(&source.catalogue)));
            parts.extend(alerts_wanted.then(|| alerts_table(alerts)));
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
        table.add_row([
            alert.name().as_str(),
            alert.definition.severity.as_str(),
            &sentence(alert).replace('`', ""),
            &alert.watched().to_string(),
        ]);
    }
    format!("{table}\n")
}

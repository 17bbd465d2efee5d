//! `jobwatch list`

use jobwatch_catalogue::Catalogue;
use jobwatch_observability::Model;
use jobwatch_observability::model::Alert;
use jobwatch_observability::quantity::Quantity;
use jobwatch_observability::runbook::sentence;

use crate::args::{List, ListFormat, Listed};
use crate::error::Error;
use crate::exit::Exit;
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::render::list_json::{self, Wanted};
use crate::render::table;
use crate::source;
use crate::working_folder::WorkingFolder;

pub(crate) fn run(
    arguments: &List,
    shared: &Shared,
    here: &WorkingFolder,
    output: &mut Output,
) -> Result<Exit, Error> {
    let sources = source::read_all(&Paths::find(shared, here)?.catalogues, output)?;
    let models = source::models(&sources)?;
    let wanted =
        Wanted { jobs: arguments.what != Some(Listed::Alerts), alerts: arguments.what != Some(Listed::Jobs) };
    output.result(&match arguments.format.unwrap_or(ListFormat::Table) {
        ListFormat::Json => list_json::list(&models, wanted)?,
        ListFormat::Table => {
            let pairs = sources.iter().zip(&models);
            let lists = pairs.map(|(source, model)| match sources.len() {
                1 => tables(model, wanted),
                _ => format!(
                    "{} ({}):\n\n{}",
                    model.catalogue().name(),
                    source.path.display(),
                    tables(model, wanted)
                ),
            });
            lists.collect::<Vec<_>>().join("\n")
        }
    })?;
    Ok(Exit::Clean)
}

fn tables(model: &Model<'_>, wanted: Wanted) -> String {
    let mut parts = Vec::new();
    parts.extend(wanted.jobs.then(|| jobs_table(model.catalogue())));
    parts.extend(wanted.alerts.then(|| alerts_table(model.alerts())));
    parts.join("\n")
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

//! `jobwatch list`

use jobwatch_catalogue::{Catalogue, JobSpec};
use jobwatch_observability::Model;
use jobwatch_observability::model::{Alert, few};
use jobwatch_observability::quantity::Quantity;
use jobwatch_observability::runbook::sentence;

use crate::args::{List, ListFormat, Listed};
use crate::error::Error;
use crate::exit::Exit;
use crate::locate::Paths;
use crate::options::Shared;
use crate::output::Output;
use crate::render::list_json::{self, Wanted};
use crate::render::reason::Reason;
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
    let wanted = wanted(arguments);
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

/// Returns why there is no list, for programs. `None` for a terminal.
///
/// Errors: it cannot be written.
pub(super) fn failed(arguments: &List, reasons: &[Reason<'_>]) -> Result<Option<String>, Error> {
    Ok(match arguments.format.unwrap_or(ListFormat::Table) {
        ListFormat::Table => None,
        ListFormat::Json => Some(list_json::failed(wanted(arguments), reasons)?),
    })
}

fn wanted(arguments: &List) -> Wanted {
    Wanted { jobs: arguments.what != Some(Listed::Alerts), alerts: arguments.what != Some(Listed::Jobs) }
}

fn tables(model: &Model<'_>, wanted: Wanted) -> String {
    let mut parts = Vec::new();
    parts.extend(wanted.jobs.then(|| jobs_table(model.catalogue())));
    parts.extend(wanted.alerts.then(|| alerts_table(model.alerts())));
    parts.join("\n")
}

fn jobs_table(catalogue: &Catalogue) -> String {
    let has_owners = catalogue.jobs().iter().any(|job| catalogue.owner_of(job).is_some());
    let mut heads = vec!["job", "due", "may take", "variable", "queue"];
    heads.extend(has_owners.then_some("owner"));
    let mut table = table::new(&heads);
    for job in catalogue.jobs() {
        let due = match job.enabled() {
            true => job.schedule().to_string(),
            false => format!("disabled ({})", job.schedule()),
        };
        let queue = if job.queue().is_some() { "yes" } else { "" };
        let mut row = vec![
            job.name().to_string(),
            due,
            may_take(job),
            job.interval_variable().to_owned(),
            queue.to_owned(),
        ];
        row.extend(has_owners.then(|| catalogue.owner_of(job).unwrap_or_default().to_owned()));
        table.add_row(row);
    }
    format!("{table}\n")
}

fn may_take(job: &JobSpec) -> String {
    let by_default = if job.has_default_timeout() { " (default)" } else { "" };
    format!("{}{by_default}", Quantity::Duration(job.timeout().as_secs()))
}

fn alerts_table(alerts: &[Alert]) -> String {
    let mut table = table::new(&["alert", "severity", "fires when", "jobs"]);
    for alert in alerts {
        table.add_row([
            alert.name().as_str(),
            alert.severity.as_str(),
            &fires_when(alert),
            &alert.watched().to_string(),
        ]);
    }
    format!("{table}\n")
}

/// Returns when an alert fires, and for which jobs it is more or less urgent or off: `Queue size >
/// 1000; critical for bill; off for ship`.
fn fires_when(alert: &Alert) -> String {
    if alert.is_off {
        return "never: it is off".to_owned();
    }
    let mut text = sentence(alert).replace('`', "");
    for (severity, jobs) in alert.severities() {
        text.push_str(&format!("; {} for {}", severity.as_str(), few(jobs)));
    }
    if !alert.off.is_empty() {
        text.push_str(&format!("; off for {}", few(&alert.off)));
    }
    text
}

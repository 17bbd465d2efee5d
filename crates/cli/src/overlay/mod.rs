//! A team's own jsonnet over the mixin of a catalogue: an environment in a few lines.
//!
//! What it sets becomes part of the catalogue, so that it passes the same checks and goes into
//! every format. What it changes of rules and dashboards themselves is checked, and takes the place
//! of what is generated. It is evaluated in a process of its own, whose time and memory are
//! bounded.

mod apply;
mod child;
mod config;
mod engine;
mod imports;
mod message;
mod request;

use std::path::{Path, PathBuf};

use jobwatch_catalogue::yaml;
use jobwatch_observability::overlay::Overlay;
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};

use self::apply::{jobs_apart, settings};
use self::config::Evaluated;
pub(crate) use self::engine::serve;
use self::request::{Outcome, Request};
use crate::error::Error;
use crate::files::{self, Input, is_standard_input};
use crate::generate_options::Overlaid;
use crate::locate::Paths;
use crate::runbook::link;
use crate::source::{self, CatalogueSource};
use crate::working_folder::WorkingFolder;

/// What an overlay is, to whoever reads it.
const OVERLAY: Input = Input {
    what: "overlay",
    most_bytes: 1 << 20,
    hint: "name a file of jsonnet, as in { _config+:: { dashboardUID: 'jobs-staging' } }",
};

/// Where the mixin's files are among generated ones.
const MIXIN: &str = "alerts/mixin/";

/// Catalogues in an environment.
pub(crate) struct Environment {
    /// The catalogues with what the overlay sets.
    pub(crate) sources: Vec<CatalogueSource>,
    /// What the overlay changes besides, of each of them.
    pub(crate) overlays: Vec<Overlay>,
}

/// Returns catalogues as an overlay has them. Without one, as they are.
///
/// Errors: it cannot be read, is no overlay, does not come to an end, sets what cannot be so, or
/// yields what is neither rules nor a dashboard.
pub(crate) fn environment(
    sources: Vec<CatalogueSource>,
    arguments: &Overlaid,
    paths: &Paths,
    here: &WorkingFolder,
) -> Result<Environment, Error> {
    let Some(path) = &arguments.overlay else {
        let overlays = vec![Overlay::default(); sources.len()];
        return Ok(Environment { sources, overlays });
    };
    let text = files::read(path, &OVERLAY)?;
    let evaluated = {
        // What the overlay changes of an alert keeps its link into the runbook.
        let models = link(source::models(&sources)?, &sources, paths, here)?;
        let evaluate = |model| evaluate(model, path, &text, &arguments.jpath);
        models.into_iter().map(evaluate).collect::<Result<Vec<_>, _>>()?
    };
    let mut environment = Environment { sources: Vec::new(), overlays: Vec::new() };
    for (source, evaluated) in sources.into_iter().zip(evaluated) {
        environment.overlays.push(beyond_settings(&source, &evaluated, path)?);
        environment.sources.push(settled(source, &evaluated, path)?);
    }
    Ok(environment)
}

/// Evaluates an overlay over the mixin of a model.
fn evaluate(model: Model<'_>, path: &Path, text: &str, further: &[PathBuf]) -> Result<Evaluated, Error> {
    let wrong = |message: String| Error::Overlay { path: path.to_owned(), message };
    let model = model.with_targets([Target::Mixin].into());
    let files = Generator::new(&model).files()?;
    let mixin = files
        .into_iter()
        .filter_map(|file| Some((file.path.as_str().strip_prefix(MIXIN)?.to_owned(), file.text)));
    let folder = match is_standard_input(path) {
        true => PathBuf::from("."),
        false => files::folder_of(path).to_owned(),
    };
    let request = Request {
        mixin: mixin.collect(),
        name: path.display().to_string(),
        text: text.to_owned(),
        folders: [folder].into_iter().chain(further.iter().cloned()).collect(),
    };
    match child::evaluate(&request).map_err(wrong)? {
        Outcome::Evaluated(text) => Evaluated::read(&text).map_err(wrong),
        Outcome::Failed(message) => Err(wrong(message)),
    }
}

/// Returns what an overlay changes besides settings.
///
/// Errors: it is neither rules nor a dashboard.
fn beyond_settings(source: &CatalogueSource, evaluated: &Evaluated, path: &Path) -> Result<Overlay, Error> {
    let read = Overlay::read(&source.catalogue, &evaluated.before, &evaluated.after);
    read.map_err(|source| Error::OverlayYields { path: path.to_owned(), source })
}

/// Returns a catalogue with what an overlay sets.
///
/// Errors: it cannot be so.
fn settled(source: CatalogueSource, evaluated: &Evaluated, path: &Path) -> Result<CatalogueSource, Error> {
    let wrong = |message: String| Error::Overlay { path: path.to_owned(), message };
    let names = source.catalogue.jobs().iter().map(|job| job.name().to_string()).collect::<Vec<_>>();
    let of_all = settings(&source.model()?, evaluated, &names).map_err(wrong)?;
    let first = edited(&source, |catalogue| of_all.clone().applied(catalogue), path)?;
    let of_jobs = jobs_apart(&model(&first, path)?, evaluated).map_err(wrong)?;
    let both = edited(&source, |catalogue| of_jobs.applied(of_all.applied(catalogue)), path)?;
    model(&both, path)?;
    Ok(both)
}

/// Returns a catalogue with changes. Errors: it cannot be so.
fn edited(
    source: &CatalogueSource,
    edit: impl FnOnce(jobwatch_catalogue::CatalogueBuilder) -> jobwatch_catalogue::CatalogueBuilder,
    path: &Path,
) -> Result<CatalogueSource, Error> {
    let parsed = yaml::parse_with(&source.text, edit).map_err(|error| {
        let problems = error.problems.iter().map(|problem| said(&problem.path, &problem.message));
        Error::Overlay { path: path.to_owned(), message: problems.collect::<Vec<_>>().join("\n") }
    })?;
    let (path, text) = (source.path.clone(), source.text.clone());
    Ok(CatalogueSource { path, text, catalogue: parsed.catalogue, positions: parsed.positions })
}

/// Returns the model of a changed catalogue. Errors: what the overlay sets for an alert cannot be
/// so.
fn model<'s>(source: &'s CatalogueSource, path: &Path) -> Result<Model<'s>, Error> {
    Model::new(&source.catalogue).map_err(|error| {
        let problems = error.problems.iter().map(|problem| said(&problem.path, &problem.kind));
        Error::Overlay { path: path.to_owned(), message: problems.collect::<Vec<_>>().join("\n") }
    })
}

/// Keys of a catalogue that settings have other names for.
const NAMES: [(&str, &str); 4] = [
    ("dashboard_uid", "dashboardUID"),
    ("grafana_url", "grafanaURL"),
    ("grouping_labels", "groupLabels"),
    ("runbook_url", "runbookURL"),
];

/// Returns what is wrong with a value of the catalogue, by the name that an overlay has for it.
fn said(path: &str, problem: &impl std::fmt::Display) -> String {
    let name = NAMES.iter().find_map(|(key, name)| Some(format!("{name}{}", path.strip_prefix(key)?)));
    format!("_config.{}: {problem}", name.as_deref().unwrap_or(path))
}

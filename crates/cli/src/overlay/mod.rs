//! A team's own jsonnet over the mixin of a catalogue: an environment in a few lines.
//!
//! What it sets becomes part of the catalogue, so that it passes the same checks and goes into
//! every format. It is evaluated in a process of its own, whose time and memory are bounded.

mod apply;
mod child;
mod config;
mod engine;
mod imports;
mod message;
mod request;

use std::path::{Path, PathBuf};

use jobwatch_catalogue::yaml;
use jobwatch_observability::target::Target;
use jobwatch_observability::{Generator, Model};

use self::apply::{jobs_apart, settings};
use self::config::Evaluated;
pub(crate) use self::engine::serve;
use self::request::{Outcome, Request};
use crate::error::Error;
use crate::files::{self, Input, is_standard_input};
use crate::generate_options::Overlaid;
use crate::source::CatalogueSource;

/// What an overlay is, to whoever reads it.
const OVERLAY: Input = Input {
    what: "overlay",
    most_bytes: 1 << 20,
    hint: "name a file of jsonnet, as in { _config+:: { dashboardUID: 'jobs-staging' } }",
};

/// Where the mixin's files are among generated ones.
const MIXIN: &str = "alerts/mixin/";

/// Returns catalogues as an overlay has them. Without one, as they are.
///
/// Errors: it cannot be read, is no overlay, does not come to an end, or sets what cannot be so.
pub(crate) fn overlaid(
    sources: Vec<CatalogueSource>,
    arguments: &Overlaid,
) -> Result<Vec<CatalogueSource>, Error> {
    let Some(path) = &arguments.overlay else { return Ok(sources) };
    let text = files::read(path, &OVERLAY)?;
    sources.into_iter().map(|source| one(source, path, &text, &arguments.jpath)).collect()
}

fn one(
    source: CatalogueSource,
    path: &Path,
    text: &str,
    further: &[PathBuf],
) -> Result<CatalogueSource, Error> {
    let wrong = |message: String| Error::Overlay { path: path.to_owned(), message };
    let evaluated = {
        let model = source.model()?.with_targets([Target::Mixin].into());
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
            Outcome::Evaluated(text) => Evaluated::read(&text).map_err(wrong)?,
            Outcome::Failed(message) => return Err(wrong(message)),
        }
    };
    evaluated.refuse_other_changes().map_err(wrong)?;
    let names = source.catalogue.jobs().iter().map(|job| job.name().to_string()).collect::<Vec<_>>();
    let of_all = settings(&source.model()?, &evaluated, &names).map_err(wrong)?;
    let first = edited(&source, |catalogue| of_all.clone().applied(catalogue), path)?;
    let of_jobs = jobs_apart(&model(&first, path)?, &evaluated).map_err(wrong)?;
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

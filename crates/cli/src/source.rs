//! The catalogues that a command works on.

use std::path::{Path, PathBuf};

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::{self, MAX_JOBS, Positions, YamlError, YamlProblem};
use jobwatch_observability::Model;
use jobwatch_observability::model::ModelProblem;
use serde::Deserialize;
use serde_yaml::Value;

use crate::error::Error;
use crate::files::{self, Input};
use crate::locate::{CATALOGUE_HINT, CataloguePath};
use crate::output::Output;
use crate::render::error::notices;

/// No larger file is read than the library reads.
pub(crate) const CATALOGUE: Input =
    Input { what: "catalogue", most_bytes: yaml::MAX_BYTES, hint: CATALOGUE_HINT };

/// The most catalogues of one run: what follows from all of them is in memory at once.
const MOST_CATALOGUES: usize = 100;

/// What a file has to have one of to be a catalogue, however wrong the rest of it may be.
const KEYS: [&str; 2] = ["service", "jobs"];

/// A catalogue, its text, and where it comes from.
pub(crate) struct CatalogueSource {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) catalogue: Catalogue,
    pub(crate) positions: Positions,
}

/// Reads catalogues, and tells what they should say in another way. One that was found in a folder
/// and is something else is left out, which is told.
///
/// Errors: one of them cannot be read or is wrong, there is none at all, or there are too many.
pub(crate) fn read_all(paths: &[CataloguePath], output: &mut Output) -> Result<Vec<CatalogueSource>, Error> {
    if paths.len() > MOST_CATALOGUES {
        return Err(Error::TooManyCatalogues { number: paths.len(), most: MOST_CATALOGUES });
    }
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for CataloguePath { path, is_found } in paths {
        match read(path, output) {
            Ok(source) => sources.push(source),
            Err(Error::Problems { text, .. }) if *is_found && !is_catalogue(&text) => {
                let path = path.display();
                output.message(&format!("note: {path} is no catalogue: it has no `service` and no `jobs`\n"));
            }
            Err(error) => errors.push(error),
        }
    }
    if let Some(error) = Error::together(errors) {
        return Err(error);
    }
    if sources.is_empty() {
        return Err(Error::NoCatalogue { looked_at: paths.iter().map(|at| at.path.clone()).collect() });
    }
    let jobs = sources.iter().map(|source| source.catalogue.jobs().len()).sum();
    if jobs > MAX_JOBS {
        return Err(Error::TooManyJobs { number: jobs, most: MAX_JOBS });
    }
    Ok(sources)
}

/// Works out what follows from each of some catalogues.
pub(crate) fn models(sources: &[CatalogueSource]) -> Result<Vec<Model<'_>>, Error> {
    let mut models = Vec::with_capacity(sources.len());
    let mut errors = Vec::new();
    for source in sources {
        match source.model() {
            Ok(model) => models.push(model),
            Err(error) => errors.push(error),
        }
    }
    Error::together(errors).map_or(Ok(models), Err)
}

fn read(path: &Path, output: &mut Output) -> Result<CatalogueSource, Error> {
    CatalogueSource::parse(path, files::read(path, &CATALOGUE)?, output)
}

/// Returns whether a text that is no good catalogue is meant to be one. What is no YAML may be.
fn is_catalogue(text: &str) -> bool {
    let documents = serde_yaml::Deserializer::from_str(text).map(Value::deserialize);
    let is_meant = |document: Result<Value, _>| match document {
        Ok(document) => KEYS.iter().any(|key| document.get(*key).is_some()),
        Err(_) => true,
    };
    documents.into_iter().any(is_meant)
}

impl CatalogueSource {
    /// Reads a text, and tells what it should say in another way.
    pub(crate) fn parse(path: &Path, text: String, output: &mut Output) -> Result<Self, Error> {
        match yaml::parse(&text) {
            Ok(parsed) => {
                if !parsed.notices.is_empty() {
                    output.message(&notices(path, &text, &parsed.notices));
                }
                let (catalogue, positions) = (parsed.catalogue, parsed.positions);
                Ok(Self { path: path.to_owned(), text, catalogue, positions })
            }
            Err(error) => Err(Error::Problems { path: path.to_owned(), text, error }),
        }
    }

    /// Works out what follows from the catalogue.
    pub(crate) fn model(&self) -> Result<Model<'_>, Error> {
        Model::new(&self.catalogue).map_err(|error| {
            let problems = error.problems.into_iter().map(|problem| self.placed(problem)).collect();
            let error = YamlError { problems, omitted: error.omitted };
            Error::Problems { path: self.path.clone(), text: self.text.clone(), error }
        })
    }

    fn placed(&self, ModelProblem { path, is_key, kind, hint }: ModelProblem) -> YamlProblem {
        let position = match is_key {
            true => self.positions.key_of(&path),
            false => self.positions.of(&path),
        };
        YamlProblem { position: position.clone(), path, message: kind.to_string(), hint }
    }
}

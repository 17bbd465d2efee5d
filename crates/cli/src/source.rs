//! The catalogue that a command works on.

use std::path::{Path, PathBuf};

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::{self, Positions, YamlError, YamlProblem};
use jobwatch_observability::Model;
use jobwatch_observability::model::ModelProblem;

use crate::error::Error;
use crate::files::{self, Input};
use crate::locate::CATALOGUE_HINT;
use crate::output::Output;
use crate::render::error::notices;

/// No larger file is read than the library reads.
const CATALOGUE: Input = Input { what: "catalogue", most_bytes: yaml::MAX_BYTES, hint: CATALOGUE_HINT };

/// A catalogue, its text, and where it comes from.
pub(crate) struct CatalogueSource {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) catalogue: Catalogue,
    pub(crate) positions: Positions,
}

/// Reads the catalogue, and tells what it should say in another way.
pub(crate) fn read(path: &Path, output: &mut Output) -> Result<CatalogueSource, Error> {
    let text = files::read(path, &CATALOGUE)?;
    match yaml::parse(&text) {
        Ok(parsed) => {
            if !parsed.notices.is_empty() {
                output.message(&notices(path, &text, &parsed.notices));
            }
            let (catalogue, positions) = (parsed.catalogue, parsed.positions);
            Ok(CatalogueSource { path: path.to_owned(), text, catalogue, positions })
        }
        Err(error) => Err(Error::Catalogue { path: path.to_owned(), text, error }),
    }
}

impl CatalogueSource {
    /// Works out what follows from the catalogue.
    pub(crate) fn model(&self) -> Result<Model<'_>, Error> {
        Model::new(&self.catalogue).map_err(|error| {
            let problems = error.problems.into_iter().map(|problem| self.placed(problem)).collect();
            let error = YamlError { problems, omitted: error.omitted };
            Error::Catalogue { path: self.path.clone(), text: self.text.clone(), error }
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

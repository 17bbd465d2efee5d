//! The catalogue that a command works on.

use std::path::{Path, PathBuf};

use jobwatch_catalogue::Catalogue;
use jobwatch_catalogue::yaml::{self, Positions};

use crate::error::Error;
use crate::files;

/// A catalogue, its text, and where it comes from.
pub(crate) struct CatalogueSource {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) catalogue: Catalogue,
    pub(crate) positions: Positions,
}

/// Reads the catalogue.
pub(crate) fn read(path: &Path) -> Result<CatalogueSource, Error> {
    let hint = "name the catalogue with `--catalogue FILE`; a first one has `service`, and `jobs` with `name`, \
                `summary`, `interval` and `timeout` each";
    let text = files::read(path, hint)?;
    match yaml::parse(&text) {
        Ok(parsed) => Ok(CatalogueSource {
            path: path.to_owned(),
            text,
            catalogue: parsed.catalogue,
            positions: parsed.positions,
        }),
        Err(error) => Err(Error::Catalogue { path: path.to_owned(), text, error }),
    }
}

//! How findings, errors and lists are shown. Every format has private structs of its own.

pub(crate) mod github;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod sarif;
pub(crate) mod table;

use std::path::Path;

use jobwatch_observability::finding::{Finding, Source};

use crate::source::CatalogueSource;

/// What a check has found, and the texts it was found in.
pub(crate) struct Report<'a> {
    pub(crate) findings: &'a [Finding],
    pub(crate) catalogue: &'a CatalogueSource,
    pub(crate) runbook_path: &'a Path,
    pub(crate) runbook: &'a str,
}

impl Report<'_> {
    /// The path of the file that a finding is in.
    fn file(&self, finding: &Finding) -> String {
        match finding.location.source {
            Source::Catalogue => self.catalogue.path.display().to_string(),
            Source::Runbook => self.runbook_path.display().to_string(),
        }
    }

    /// The text of the file that a finding is in.
    fn text(&self, finding: &Finding) -> &str {
        match finding.location.source {
            Source::Catalogue => &self.catalogue.text,
            Source::Runbook => self.runbook,
        }
    }
}

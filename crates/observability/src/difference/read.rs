//! Reads the facts of a side.

use super::facts::Facts;
use super::{of_dashboards, of_model, of_rules};
use crate::artifact::Artifact;
use crate::model::Model;
use crate::rule_file::RuleFileError;

impl Facts {
    /// What follows from a model, and stands in the files that are written for it.
    ///
    /// # Errors
    ///
    /// [`RuleFileError`] if a rule file cannot be read.
    pub fn of_model(model: &Model<'_>, files: &[Artifact]) -> Result<Self, RuleFileError> {
        let mut facts = Self::new(model.catalogue().name());
        for file in files {
            facts.add_file(file.path.as_str(), &file.text)?;
        }
        of_model::add(&mut facts, model);
        Ok(facts)
    }

    /// What stands in generated files of one catalogue, by their paths and texts.
    ///
    /// # Errors
    ///
    /// [`RuleFileError`] if a rule file cannot be read.
    pub fn of_files<'f>(
        catalogue: &str,
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
    ) -> Result<Self, RuleFileError> {
        let mut facts = Self::new(catalogue);
        for (path, text) in files {
            facts.add_file(path, text)?;
        }
        Ok(facts)
    }

    fn add_file(&mut self, path: &str, text: &str) -> Result<(), RuleFileError> {
        if path.ends_with(of_rules::RULES) {
            of_rules::add(self, text)?;
        } else if path.ends_with(of_dashboards::DASHBOARD) {
            let name = path.rsplit('/').next().and_then(|name| name.strip_suffix(of_dashboards::DASHBOARD));
            // A dashboard that an overlay adds has a name of its own behind the catalogue's.
            let further = name
                .and_then(|name| name.strip_prefix(&self.catalogue)?.strip_prefix('.'))
                .map(str::to_owned);
            of_dashboards::add(self, text, further.as_deref());
        }
        Ok(())
    }
}

//! Reads variables, and remembers what was wrong and where each value came from.

use std::fs;

use super::{Origin, SettingsError, SettingsProblem};

pub(super) struct Reader<'e> {
    environment: &'e dyn Fn(&str) -> Option<String>,
    origins: Vec<Origin>,
    problems: Vec<SettingsProblem>,
}

impl<'e> Reader<'e> {
    pub(super) fn new(environment: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self { environment, origins: Vec::new(), problems: Vec::new() }
    }

    /// A setting that has a default of its own.
    pub(super) fn parsed<T>(
        &mut self,
        variable: &str,
        default: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        let value = self.overridden_from(variable, default, "default", expected, &parse, show);
        value.or_else(|| parse(default))
    }

    /// A setting that stands in the catalogue, if nothing overrides it: then the answer is nothing.
    pub(super) fn overridden<T>(
        &mut self,
        variable: &str,
        catalogue: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        self.overridden_from(variable, catalogue, "catalogue", expected, parse, show)
    }

    fn overridden_from<T>(
        &mut self,
        variable: &str,
        otherwise: &str,
        from: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        // An empty variable is how many tools write one that is not set.
        let Some(text) = (self.environment)(variable).filter(|text| !text.trim().is_empty()) else {
            let from = if otherwise == "not set" { "default" } else { from };
            self.origin(variable, otherwise, from);
            return None;
        };
        match parse(text.trim()) {
            Some(value) => {
                self.origin(variable, &show(&value), "environment");
                Some(value)
            }
            None => {
                // A database's address may hold a password, also one that cannot be read.
                let value = (variable != "DATABASE_URL").then_some(text);
                let expected = expected.to_owned();
                self.problems.push(SettingsProblem { variable: variable.to_owned(), value, expected });
                None
            }
        }
    }

    /// A setting that cannot be otherwise.
    pub(super) fn fixed(&mut self, variable: &str, value: &str, why: &'static str) {
        self.origin(variable, value, why);
    }

    /// A secret: from the variable, or from the file that the variable of the same name and `_FILE` names.
    pub(super) fn secret(&mut self, variable: &str) -> Option<String> {
        let file_variable = format!("{variable}_FILE");
        let set = |name: &str| (self.environment)(name).filter(|text| !text.trim().is_empty());
        let (direct, file) = (set(variable), set(&file_variable));
        match (direct, file) {
            (Some(secret), None) => {
                self.origin(variable, "***", "environment");
                Some(secret)
            }
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(secret) if !secret.trim().is_empty() => {
                    self.origin(&file_variable, &path, "environment");
                    Some(secret)
                }
                Ok(_) => {
                    self.problem(&file_variable, Some(path), "the name of a file that is not empty");
                    None
                }
                Err(error) => {
                    self.problem(
                        &file_variable,
                        Some(path),
                        &format!("the name of a file that can be read ({error})"),
                    );
                    None
                }
            },
            (Some(_), Some(_)) => {
                self.problem(variable, None, &format!("set either {variable} or {file_variable}, not both"));
                None
            }
            (None, None) => {
                self.origin(variable, "not set", "default");
                None
            }
        }
    }

    fn origin(&mut self, variable: &str, value: &str, origin: &'static str) {
        self.origins.push(Origin { variable: variable.to_owned(), value: value.to_owned(), origin });
    }

    fn problem(&mut self, variable: &str, value: Option<String>, expected: &str) {
        let expected = expected.to_owned();
        self.problems.push(SettingsProblem { variable: variable.to_owned(), value, expected });
    }

    pub(super) fn finish(self) -> Result<Vec<Origin>, SettingsError> {
        if self.problems.is_empty() {
            Ok(self.origins)
        } else {
            Err(SettingsError { problems: self.problems })
        }
    }
}

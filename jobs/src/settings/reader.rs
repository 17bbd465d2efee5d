//! Reads variables, and remembers what was wrong and where each value came from.

use std::fs;

use super::origin::Origin;
use super::problem::{SettingsError, SettingsProblem};

/// The value of a setting that has none.
const NOT_SET: &str = "not set";

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

    /// A setting that has no default.
    pub(super) fn optional<T>(
        &mut self,
        variable: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        self.overridden_from(variable, NOT_SET, "default", expected, parse, show)
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
        let Some(text) = self.value(variable) else {
            self.origin(variable, otherwise, from);
            return None;
        };
        let value = parse(text.trim());
        match &value {
            Some(value) => self.origin(variable, &show(value), "environment"),
            None => {
                // An address may hold a password where none belongs.
                let shown = (!variable.ends_with("_URL")).then_some(text);
                self.problem(variable, shown, expected);
            }
        }
        value
    }

    /// A setting that cannot be otherwise.
    pub(super) fn fixed(&mut self, variable: &str, value: &str, why: &'static str) {
        self.origin(variable, value, why);
    }

    /// A secret: from the variable, or from the file that the variable of the same name and `_FILE`
    /// names.
    pub(super) fn secret(&mut self, variable: &str) -> Option<String> {
        let text = |text: &str| Some(text.to_owned());
        self.secret_of(variable, NOT_SET, "a text", text, |_| "***".to_owned())
    }

    /// A setting that may hold a secret, which is not shown: from the variable, or from a file as
    /// [`Self::secret`].
    pub(super) fn secret_of<T>(
        &mut self,
        variable: &str,
        otherwise: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        let file_variable = format!("{variable}_FILE");
        let (name, text) = match (self.value(variable), self.value(&file_variable)) {
            (Some(text), None) => (variable, text),
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(text) if !text.trim().is_empty() => (file_variable.as_str(), text),
                Ok(_) => {
                    self.problem(&file_variable, None, "the name of a file that is not empty");
                    return None;
                }
                // Whoever puts the secret itself where the name of its file belongs must not find
                // it in the log.
                Err(error) => {
                    let expected = format!("the name of a file that can be read ({error})");
                    self.problem(&file_variable, None, &expected);
                    return None;
                }
            },
            (Some(_), Some(_)) => {
                self.problem(variable, None, &format!("set either {variable} or {file_variable}, not both"));
                return None;
            }
            (None, None) => {
                self.origin(variable, otherwise, "default");
                return None;
            }
        };
        let value = parse(text.trim());
        match &value {
            Some(value) => self.origin(name, &show(value), "environment"),
            None => self.problem(name, None, expected),
        }
        value
    }

    /// What a variable is set to. An empty one is how many tools write one that is not set.
    fn value(&self, variable: &str) -> Option<String> {
        (self.environment)(variable).filter(|text| !text.trim().is_empty())
    }

    fn origin(&mut self, variable: &str, value: &str, origin: &'static str) {
        self.origins.push(Origin { variable: variable.to_owned(), value: value.to_owned(), origin });
    }

    /// Notes that a setting cannot be used, and what can.
    pub(super) fn problem(&mut self, variable: &str, value: Option<String>, expected: &str) {
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

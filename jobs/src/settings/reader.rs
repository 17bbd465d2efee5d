//! Reads variables, and remembers what was wrong and where each value came from.

use std::convert::Infallible;
use std::fmt::Display;
use std::fs;

use super::origin::Origin;
use super::problem::{SettingsError, SettingsProblem};
use super::table::{NOT_SET, Setting};

pub(super) struct Reader<'e> {
    environment: &'e dyn Fn(&str) -> Option<String>,
    origins: Vec<Origin>,
    problems: Vec<SettingsProblem>,
}

impl<'e> Reader<'e> {
    pub(super) fn new(environment: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self { environment, origins: Vec::new(), problems: Vec::new() }
    }

    /// A setting that has a default of its own, which holds as well where another value cannot be
    /// used: then that is a problem.
    pub(super) fn parsed<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> T {
        let default = (setting.default, "default");
        let value = self.overridden(setting, setting.variable, default, &parse, show);
        #[expect(clippy::expect_used, reason = "a test reads the default of every setting")]
        value.unwrap_or_else(|| parse(setting.default).expect("a default can be used"))
    }

    /// A setting that has no default.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        self.overridden(setting, setting.variable, (NOT_SET, "default"), parse, show)
    }

    /// A setting by the variable of a job. What holds otherwise is known elsewhere, as is said:
    /// then the answer is `None`.
    pub(super) fn overridden<T>(
        &mut self,
        setting: &Setting,
        variable: &str,
        (otherwise, from): (&str, &'static str),
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
                self.problem(variable, shown, &setting.accepts.to_string());
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
    pub(super) fn secret(&mut self, setting: &Setting) -> Option<String> {
        self.secret_of(setting, |text| Ok::<_, Infallible>(text.to_owned()), |_| "***".to_owned())
    }

    /// A setting that may hold a secret, which is not shown: from the variable, or from a file as
    /// [`Self::secret`]. What cannot be read says what to do.
    pub(super) fn secret_of<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, E>,
        show: impl Fn(&T) -> String,
    ) -> Option<T> {
        let variable = setting.variable;
        let file_variable = format!("{variable}_FILE");
        let (name, text) = match (self.value(variable), self.value(&file_variable)) {
            (Some(text), None) => (variable, text),
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(text) if !text.trim().is_empty() => (file_variable.as_str(), text),
                Ok(_) => {
                    self.problem(&file_variable, None, "write the name of a file that is not empty");
                    return None;
                }
                // Whoever puts the secret itself where the name of its file belongs must not find
                // it in the log.
                Err(error) => {
                    let expected = format!("write the name of a file that can be read ({error})");
                    self.problem(&file_variable, None, &expected);
                    return None;
                }
            },
            (Some(_), Some(_)) => {
                self.problem(variable, None, &format!("set either {variable} or {file_variable}, not both"));
                return None;
            }
            (None, None) => {
                self.origin(variable, setting.default, "default");
                return None;
            }
        };
        match parse(text.trim()) {
            Ok(value) => {
                self.origin(name, &show(&value), "environment");
                Some(value)
            }
            Err(error) => {
                self.problem(name, None, &error.to_string());
                None
            }
        }
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

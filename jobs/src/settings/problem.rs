//! Settings that cannot be used.

use std::fmt;

/// Every setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The settings. Never empty.
    pub problems: Vec<SettingsProblem>,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The environment variable.
    pub variable: String,
    /// Its value, or nothing if that is a secret.
    pub value: Option<String>,
    /// What can be used; without a value, what to do.
    pub expected: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings that cannot be used:")?;
        for SettingsProblem { variable, value, expected } in &self.problems {
            match value {
                Some(value) => write!(f, "\n- {variable} is `{value}`; write {expected}")?,
                None => write!(f, "\n- {variable}: {expected}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

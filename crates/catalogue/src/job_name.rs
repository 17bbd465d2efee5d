//! The name of a job.

use std::fmt;
use std::sync::Arc;

use crate::text::shown;

/// The longest name that is accepted, in characters.
pub const MAX_LENGTH: usize = 100;

/// The name of a job: the value of the label `job_name`, and a part of file names, URLs and
/// environment variables.
///
/// It starts with a letter, goes on with letters, digits, `_`, `-` and `.`, and has at most
/// [`MAX_LENGTH`] characters, all of them ASCII: such a name needs no escaping in any of those
/// places. Copies share the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobName(Arc<str>);

/// Why a text is no job name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobNameError {
    /// There is no text.
    #[error("a job needs a name")]
    Empty,
    /// The first character is no letter.
    #[error("a job name starts with a letter, not with `{}`", shown(.0.encode_utf8(&mut [0; 4])))]
    Start(char),
    /// A character has no place in a name.
    #[error("a job name has letters, digits, `_`, `-` and `.`, but not `{}`", shown(.0.encode_utf8(&mut [0; 4])))]
    Character(char),
    /// It is too long.
    #[error("a job name has at most {MAX_LENGTH} characters, not {0}")]
    TooLong(usize),
}

impl JobName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`JobNameError`] names the rule that it breaks.
    pub fn new(name: impl Into<String>) -> Result<Self, JobNameError> {
        let name = name.into();
        let first = name.chars().next().ok_or(JobNameError::Empty)?;
        if !first.is_ascii_alphabetic() {
            return Err(JobNameError::Start(first));
        }
        if let Some(odd) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
        {
            return Err(JobNameError::Character(odd));
        }
        if name.len() > MAX_LENGTH {
            return Err(JobNameError::TooLong(name.len()));
        }
        Ok(Self(name.into()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the prefix of the job's environment variables: in capitals, with `_` for what a
    /// variable's name cannot have.
    pub fn variable_prefix(&self) -> String {
        self.0.to_ascii_uppercase().replace(['-', '.'], "_")
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for JobName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Result<&str, &str>) {
        let found = JobName::new(name).map(|n| n.variable_prefix()).map_err(|e| e.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_name_is_a_label_value_and_a_file_name() {
        check("hot_score_refresh", Ok("HOT_SCORE_REFRESH"));
        check("db.vacuum-full", Ok("DB_VACUUM_FULL"));
        check("", Err("a job needs a name"));
        check("7zip", Err("a job name starts with a letter, not with `7`"));
        check("a job", Err("a job name has letters, digits, `_`, `-` and `.`, but not ` `"));
        check("prüfung", Err("a job name has letters, digits, `_`, `-` and `.`, but not `ü`"));
        check("a\n", Err("a job name has letters, digits, `_`, `-` and `.`, but not `<U+000A>`"));
        check("../etc", Err("a job name starts with a letter, not with `.`"));
        check(&"a".repeat(101), Err("a job name has at most 100 characters, not 101"));
    }
}

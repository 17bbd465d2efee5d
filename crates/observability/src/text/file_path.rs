//! Paths of generated files.

use std::fmt;

/// The path of a generated file, relative to the folder that files are generated into, with `/`
/// between its parts.
///
/// Its parts are made of letters, digits, `-`, `_` and `.` alone, and none is hidden, so that no
/// name of a catalogue or a job leads elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(String);

impl FilePath {
    /// A file in a folder. Whatever has no place in a file's name becomes `_`.
    pub fn new(folder: &'static str, name: &str) -> Self {
        let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
        let visible = name.trim_start_matches('.');
        Self(format!("{folder}/{}", if visible.is_empty() { "_" } else { visible }))
    }

    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<std::path::Path> for FilePath {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

impl PartialEq<str> for FilePath {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_its_folder() {
        let path = |name| FilePath::new("alerts", name).to_string();
        assert_eq!(path("jobs.rules.yaml"), "alerts/jobs.rules.yaml");
        assert_eq!(path("../../etc/x"), "alerts/_.._etc_x");
        assert_eq!(path(".."), "alerts/_");
    }
}

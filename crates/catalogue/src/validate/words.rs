//! Whether the texts of a catalogue are texts.

use std::borrow::Cow;
use std::fmt::Display;

use crate::problem::{Problem, ProblemKind, Problems};
use crate::text::{self, MAX_TEXT, MAX_URL, MAX_WORD};
use crate::threshold::Thresholds;

/// Notes a problem.
pub(super) fn add(problems: &mut Problems, path: impl Display, kind: impl Into<ProblemKind>) {
    problems.add(|| Problem { path: path.to_string(), kind: kind.into() });
}

/// Returns a text of one line, which may be empty.
pub(super) fn line(problems: &mut Problems, path: impl Display, text: String, most: usize) -> String {
    text::one_line(text, most).unwrap_or_else(|error| {
        add(problems, path, error);
        "unread".to_owned()
    })
}

/// Returns a text of one line that has to say something.
pub(super) fn said(
    problems: &mut Problems,
    path: impl Display,
    text: String,
    advice: &'static str,
) -> String {
    let text = line(problems, &path, text, MAX_TEXT);
    if text.is_empty() {
        add(problems, path, ProblemKind::EmptyText(advice));
    }
    text
}

/// Returns a text that may be written on several lines.
pub(super) fn folded(problems: &mut Problems, path: impl Display, text: &str) -> String {
    text::folded(text, MAX_TEXT).unwrap_or_else(|error| {
        add(problems, path, error);
        "unread".to_owned()
    })
}

/// Returns a URL. `None` if there is none, or if it is none.
pub(super) fn url(problems: &mut Problems, path: &str, url: Option<String>) -> Option<String> {
    let found = text::one_line(url?, MAX_URL).map_err(ProblemKind::from);
    let checked = found.and_then(|url| if is_url(&url) { Ok(url) } else { Err(ProblemKind::Url) });
    checked.map_err(|kind| add(problems, path, kind)).ok()
}

/// Returns whether the texts of thresholds are texts. What they say is for those to check who know
/// the alerts.
pub(super) fn thresholds(problems: &mut Problems, path: &str, thresholds: Thresholds) -> Thresholds {
    let mut checked = Thresholds::new();
    for (alert, set) in thresholds {
        let path = format!("{path}.{}", in_path(&alert));
        let alert = word(problems, &path, alert);
        let set = set.map(|key, value| {
            let path = format!("{path}.{}", in_path(&key));
            (word(problems, &path, key), word(problems, &path, value))
        });
        checked.insert(alert, set);
    }
    checked
}

/// Returns a text of one line that is a key or a value.
fn word(problems: &mut Problems, path: &str, text: String) -> String {
    let text = line(problems, path, text, MAX_WORD);
    if text.is_empty() {
        add(problems, path, ProblemKind::EmptyText("write a value, or leave the key out"));
    }
    text
}

/// Returns a key as a path has it: as it is, unless somebody who writes Rust gave one that no YAML
/// could have.
pub(super) fn in_path(key: &str) -> Cow<'_, str> {
    if key.len() > 4 * MAX_WORD || key.contains(text::is_control) {
        Cow::Owned(text::shown(key))
    } else {
        Cow::Borrowed(key)
    }
}

fn is_url(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && !url.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}'))
}

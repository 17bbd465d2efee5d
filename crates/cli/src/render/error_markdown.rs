//! Why a command could not run, in Markdown.

use super::reason::Reason;
use super::table::escaped;

/// Returns the reasons as a list, below what was not done because of them: `Nothing was proved`.
pub(crate) fn failed(undone: &str, reasons: &[Reason<'_>]) -> String {
    let line = |reason: &Reason<'_>| {
        let place = reason.place.as_ref().map(|place| format!("{place}: "));
        let text = format!("{}{}", place.unwrap_or_default(), reason.text());
        format!("- {}\n", escaped(&text.replace('\n', "; ")))
    };
    format!("{undone}:\n\n{}", reasons.iter().map(line).collect::<String>())
}

//! Why a command could not run, as part of a document for programs.

use serde::Serialize;

use super::reason::Reason;

#[derive(Serialize)]
pub(super) struct WireError<'a> {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
    hint: Option<&'a str>,
}

pub(super) fn errors<'a>(reasons: &'a [Reason<'_>]) -> Vec<WireError<'a>> {
    let error = |Reason { message, hint, place }: &'a Reason<'_>| WireError {
        file: place.as_ref().map(|place| place.path.display().to_string()),
        line: place.as_ref().map(|place| place.start.line),
        column: place.as_ref().map(|place| place.start.column),
        message,
        hint: hint.as_deref(),
    };
    reasons.iter().map(error).collect()
}

//! What an editor takes as the texts of a catalogue, as regular expressions.
//!
//! Blanks around a text are passed over where the reader passes over them. Characters that act
//! instead of being written have no place within one.

use jobwatch_catalogue::text::{MAX_PATH, MAX_URL};

/// A blank, as Unicode has it.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// A character that acts, which is no blank on several lines.
const ACTS: &str =
    r"\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069\ufffd-\uffff";
/// A blank that acts on one line.
const BREAKS: &str = r"\t-\r\u0085\u2028\u2029";

/// The code of a finding about rules.
pub(super) const OF_RULES: &str = r"^\s*rule-";
pub(super) const LABEL: &str = "^(?!__)[A-Za-z_][A-Za-z0-9_]*$";
pub(super) const CATALOGUE_NAME: &str = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$";
pub(super) const JOB_NAME: &str = "^[A-Za-z][A-Za-z0-9_.-]{0,99}$";
/// A small part of a domain, as names of namespaces are, too.
const DNS_LABEL: &str = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
/// The key and the value of a label of a Kubernetes object.
pub(super) const KUBERNETES_KEY: &str = "^(?![^/]{254})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$";
pub(super) const KUBERNETES_VALUE: &str = "^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$";

/// A text of one line that says something, of so many characters at most.
pub(super) fn line(most: usize) -> String {
    let inner = most - 2;
    format!("^[{BLANK}]*[^{ACTS}{BLANK}]([^{ACTS}{BREAKS}]{{0,{inner}}}[^{ACTS}{BLANK}])?[{BLANK}]*$")
}

/// A text on lines, of so many characters at most. The blanks that it is folded by are not counted.
pub(super) fn lines(most: usize) -> String {
    format!("^[{BLANK}]*([^{ACTS}{BLANK}][{BLANK}]*){{0,{most}}}$")
}

/// The same that says something.
pub(super) fn said_on_lines(most: usize) -> String {
    format!("^[{BLANK}]*([^{ACTS}{BLANK}][{BLANK}]*){{1,{most}}}$")
}

/// One of these words.
pub(super) fn one_of(words: &[&str]) -> String {
    format!("^[{BLANK}]*({})[{BLANK}]*$", words.join("|"))
}

pub(super) fn namespace() -> String {
    format!("^[{BLANK}]*{DNS_LABEL}[{BLANK}]*$")
}

/// A path that leads into a folder, and not out of it.
pub(super) fn path() -> String {
    let inner = MAX_PATH - 2;
    format!(
        "^[{BLANK}]*(?!/)(?!(.*/)?\\.\\.(/|[{BLANK}]*$))[^{ACTS}{BLANK}\\\\:]([^{ACTS}{BREAKS}\\\\:]{{0,{inner}}}\
         [^{ACTS}{BLANK}\\\\:])?[{BLANK}]*$"
    )
}

pub(super) fn url() -> String {
    let [plain, safe] = ["http://", "https://"]
        .map(|begin| format!("{begin}[^{ACTS}{BLANK}{{}}]{{1,{}}}", MAX_URL - begin.len()));
    format!("^[{BLANK}]*({plain}|{safe})[{BLANK}]*$")
}

//! The labels of a runbook's fields.

use super::names::is_like_name;
use super::severities::severities;

/// What a field says about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Alert,
    /// Several alerts, or something about alerts: it counts where an alert is named.
    Alerts,
    Severity,
    Threshold,
}

const LABELS: [(&str, Label); 12] = [
    ("alert", Label::Alert),
    ("alert(s)", Label::Alert),
    ("alerts", Label::Alerts),
    ("alert rule", Label::Alerts),
    ("alerting rule", Label::Alerts),
    ("alert name", Label::Alert),
    ("alert names", Label::Alert),
    ("alert name(s)", Label::Alert),
    ("alertname", Label::Alert),
    ("severity", Label::Severity),
    ("severity level", Label::Severity),
    ("threshold", Label::Threshold),
];

/// Returns the label that a text names. `None` if it names none.
pub(super) fn label(text: &str) -> Option<Label> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_colon(c));
    LABELS.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, label)| label)
}

/// A label within a line.
pub(super) struct Labelled {
    pub(super) label: Label,
    /// Where it begins, with the signs that set it apart from what stands before.
    pub(super) start: usize,
    /// Where its name begins.
    pub(super) name: usize,
    /// Where its value begins.
    pub(super) value: usize,
}

/// Returns the labels of a line: at its start, or behind a sign that separates fields. A label that
/// is emphasised needs no such sign, and at the start no colon but a dash. Where a line has several
/// fields, a label needs no colon. Emphasis is told by where it ends, from where it begins.
pub(super) fn labels(line: &str, emphasis_at: impl Fn(usize) -> Option<usize>) -> Vec<Labelled> {
    let mut found = with_signs(line, &emphasis_at);
    found.extend(without_signs(line, emphasis_at, &found));
    found.sort_by_key(|label| label.start);
    found
}

/// Returns the labels of a line that a colon or a dash follows.
fn with_signs(line: &str, emphasis_at: impl Fn(usize) -> Option<usize>) -> Vec<Labelled> {
    let mut found: Vec<Labelled> = Vec::new();
    found.extend(dashed(line, &emphasis_at));
    for (colon, sign) in line.match_indices([':', '：']) {
        let free = found.last().map_or(0, |last| last.value);
        let Some(before) = line.get(free..colon) else { continue };
        let begins = |at: usize| emphasis_at(free + at).is_some();
        let Some((name, label)) = ending(before.trim_end(), begins) else { continue };
        // Signs may stand before it, as those of an item; behind another field, one of them has to
        // separate the two.
        let lead = &before[..before.trim_end().len() - name];
        let signs = lead.trim_end_matches(|c: char| !(c.is_alphanumeric() || is_colon(c))).len();
        let separator = match lead[signs..].trim() {
            // A hyphen separates two fields between blanks alone.
            "-" if lead[signs..].starts_with(char::is_whitespace) => lead[signs..].find('-'),
            // "Alert: A. Severity: Warning."
            "." if lead.ends_with(char::is_whitespace) => lead[signs..].find('.'),
            _ => lead[signs..].rfind(is_separator),
        };
        let start = match separator {
            Some(separator) => {
                let end = |c: char| c.is_whitespace() || is_separator(c);
                Some(free + lead[..signs + separator].trim_end_matches(end).len())
            }
            // ":Alert: A" is a field of reStructuredText and AsciiDoc, ":warning: Alert: A" has an
            // emoji before it.
            None if line[..free + signs].split_whitespace().all(is_short_name) => Some(0),
            None if found.is_empty() => None,
            None => Some(free + lead.trim_end().len()).filter(|_| emphasis_at(free + lead.len()).is_some()),
        };
        let name = free + lead.len();
        found.extend(start.map(|start| Labelled { label, start, name, value: colon + sign.len() }));
    }
    found
}

/// Returns the emphasised label that a line begins with and that a dash follows.
fn dashed(line: &str, emphasis_at: impl Fn(usize) -> Option<usize>) -> Option<Labelled> {
    let start = line.find(char::is_alphanumeric)?;
    let end = emphasis_at(start)?;
    let (name, rest) = (line.get(start..end)?, line.get(end..)?);
    let label = label(name).filter(|_| !name.ends_with(is_colon))?;
    let value = rest.trim_start().strip_prefix(['-', '–', '—', '='])?;
    Some(Labelled { label, start: 0, name: start, value: line.len() - value.len() })
}

/// A label without a sign behind it.
struct Bare {
    labelled: Labelled,
    is_emphasised: bool,
    /// Whether an equals sign follows.
    has_equal: bool,
    /// Whether what follows is what such a label has.
    is_plausible: bool,
}

/// Returns the labels of a line that nothing but a value follows, given those that a sign follows.
///
/// An emphasised one is a label beside any other field of the line, or where its value is
/// plausible; so is one before an equals sign. One that is not is plain text, unless its value is
/// plausible and so is the line: it has other fields, and names an alert or has signs that no
/// sentence has.
fn without_signs(
    line: &str,
    emphasis_at: impl Fn(usize) -> Option<usize>,
    with_signs: &[Labelled],
) -> Vec<Labelled> {
    let mut found: Vec<Bare> = Vec::new();
    let mut at = 0;
    for part in line.split_inclusive(is_field_separator) {
        let start = at;
        at += part.len();
        let separated = |c: char| c.is_whitespace() || is_field_separator(c);
        let part = part.trim_end_matches(separated);
        let Some(lead) = part.find(char::is_alphanumeric) else { continue };
        let name = start + lead;
        let emphasis = emphasis_at(name).filter(|end| is_blank_at(line, *end));
        let emphasis = emphasis.and_then(|end| Some((label(line.get(name..end)?)?, end)));
        let Some((label, value)) = emphasis.or_else(|| beginning(line, name)) else { continue };
        let stated = line.get(value..start + part.len()).unwrap_or_default().trim();
        let (value, stated, has_equal) = match stated.strip_prefix("= ") {
            Some(stated) => (start + part.len() - stated.len(), stated.trim_start(), true),
            None => (value, stated, false),
        };
        let is_taken = with_signs.iter().any(|other| other.name == name);
        if is_taken || !stated.starts_with(|c: char| c.is_alphanumeric() || is_begin(c)) {
            continue;
        }
        let start = line[..start].trim_end_matches(separated).len();
        let labelled = Labelled { label, start, name, value };
        let is_plausible = is_plausible(label, stated);
        found.push(Bare { labelled, is_emphasised: emphasis.is_some(), has_equal, is_plausible });
    }
    let is_field = |bare: &&Bare| bare.is_emphasised || bare.is_plausible;
    let fields = with_signs.len() + found.iter().filter(is_field).count();
    let names_alert = found.iter().any(|bare| bare.is_plausible && bare.labelled.label == Label::Alert);
    let is_plain_line = !names_alert && !line.contains(is_strong_separator);
    found.retain(|bare| match bare.is_emphasised || bare.has_equal {
        true => bare.is_plausible || (bare.is_emphasised && fields > 1),
        false => bare.is_plausible && fields > 1 && !is_plain_line,
    });
    found.into_iter().map(|bare| bare.labelled).collect()
}

fn is_blank_at(line: &str, at: usize) -> bool {
    line.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Returns the label that stands at a place of a line as whole words, and where it ends.
fn beginning(line: &str, at: usize) -> Option<(Label, usize)> {
    let begins = |name: &str| {
        let end = at + name.len();
        (is_blank_at(line, end) && line.get(at..end)?.eq_ignore_ascii_case(name)).then_some(end)
    };
    LABELS.into_iter().filter_map(|(name, label)| Some((label, begins(name)?))).max_by_key(|(_, end)| *end)
}

/// Returns whether a text may be the value of a label.
fn is_plausible(label: Label, value: &str) -> bool {
    match label {
        Label::Alert | Label::Alerts => {
            let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            value.trim_start_matches(word).split(word).next().is_some_and(is_like_name)
        }
        Label::Severity => severities(value).is_some(),
        Label::Threshold => value.contains(|c: char| c.is_ascii_digit()),
    }
}

/// Returns the label that a text ends in, as a whole word or emphasised, and how many bytes it has.
fn ending(text: &str, begins_emphasis: impl Fn(usize) -> bool) -> Option<(usize, Label)> {
    let ends = |name: &str| {
        let start = text.len().checked_sub(name.len())?;
        let is_whole = !text.get(..start)?.ends_with(char::is_alphanumeric) || begins_emphasis(start);
        (is_whole && text.get(start..)?.eq_ignore_ascii_case(name)).then_some(name.len())
    };
    LABELS
        .into_iter()
        .filter_map(|(name, label)| Some((ends(name)?, label)))
        .max_by_key(|(length, _)| *length)
}

/// Returns whether a word is the short name of an emoji, as `:warning:`, or a colon alone.
fn is_short_name(word: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    let name = word.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    word == ":" || name.is_some_and(|name| !name.is_empty() && name.chars().all(is_sign))
}

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

/// Signs that a value may begin with.
fn is_begin(c: char) -> bool {
    matches!(c, '>' | '<' | '≥' | '≤' | '`' | '[' | '"' | '.') || u32::from(c) >= 0x2600
}

/// Signs that separate fields without colons.
fn is_field_separator(c: char) -> bool {
    is_strong_separator(c) || matches!(c, ';' | ',')
}

/// Signs that no sentence has.
fn is_strong_separator(c: char) -> bool {
    matches!(c, '|' | '·' | '•')
}

fn is_separator(c: char) -> bool {
    matches!(c, '|' | '·' | '•' | ';' | ',' | '–' | '—' | '/')
}

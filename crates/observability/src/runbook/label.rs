//! The labels of a runbook's fields.

/// What a field says about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Alert,
    /// Several alerts, or something about alerts: it counts where an alert is named.
    Alerts,
    Severity,
    Threshold,
}

const LABELS: [(&str, Label); 11] = [
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
/// is emphasised needs no such sign, and at the start no colon but a dash. Emphasis is told by
/// where it ends, from where it begins.
pub(super) fn labels(line: &str, emphasis_at: impl Fn(usize) -> Option<usize>) -> Vec<Labelled> {
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
            _ => lead[signs..].rfind(is_separator),
        };
        let start = match separator {
            Some(separator) => {
                let end = |c: char| c.is_whitespace() || is_separator(c);
                Some(free + lead[..signs + separator].trim_end_matches(end).len())
            }
            None if free + signs == 0 => Some(0),
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

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

fn is_separator(c: char) -> bool {
    matches!(c, '|' | '·' | '•' | ';' | ',' | '–' | '—' | '/')
}

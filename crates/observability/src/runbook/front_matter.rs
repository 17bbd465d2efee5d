//! Reads the fields that stand in front matter, in YAML between `---` or in TOML between `+++`.

use std::ops::Range;

use super::field::{Field, Writing};
use super::label::{Label, label};

/// Returns the fields of some front matter. One with several names has them in brackets, or as
/// items in lines of their own.
pub(super) fn fields(source: &str, span: Range<usize>) -> Vec<(Label, Field)> {
    let mut fields = Vec::new();
    let mut at = span.start;
    let mut is_list = false;
    for line in source[span].split_inclusive(['\n', '\r']) {
        let item = line.trim_start().strip_prefix("- ").filter(|_| is_list);
        let (named, value) = match (item, line.split_once([':', '='])) {
            (Some(item), _) => (Some(Label::Alert), item),
            (None, Some((key, value))) => (label(key).filter(|_| !key.starts_with([' ', '#'])), value),
            (None, None) => (None, ""),
        };
        let start = at + line.len() - value.len();
        let bare = without_comment(value).trim();
        if item.is_none() && !line.trim().is_empty() {
            is_list = false;
        }
        if let Some(label) = named {
            let label = if label == Label::Alerts { Label::Alert } else { label };
            if bare.is_empty() {
                is_list = label == Label::Alert;
            } else {
                let start = start + value.find(bare).unwrap_or(0);
                fields.push((label, field(bare, start)));
            }
        }
        at += line.len();
    }
    fields
}

/// Returns a value without the comment behind it.
fn without_comment(value: &str) -> &str {
    if value.trim_start().starts_with(['"', '\'']) {
        return value;
    }
    value.split_once(" #").map_or(value, |(value, _)| value)
}

/// Returns a value at a place of the source. Quotes around it are no part of it.
fn field(value: &str, start: usize) -> Field {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return Field::raw(inner.0, start + 1, Writing::Quoted);
        }
    }
    Field::raw(value, start, Writing::Unquoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = |(label, field): (Label, Field)| {
            assert_eq!(&text[field.span.clone()], field.text);
            format!("{label:?}={}", field.text)
        };
        let shown: Vec<String> = fields(text, 0..text.len()).into_iter().map(shown).collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn fields_are_read_from_yaml_and_toml() {
        check("---\nalert: A\nseverity: warning # pages nobody\n---\n", "Alert=A Severity=warning");
        check("---\r\nalert: 'A'\r\nthreshold: \"> 5 # x\"\r\n---\r\n", "Alert=A Threshold=> 5 # x");
        check("+++\nalert = \"A\"\nseverity = \"warning\"\n+++\n", "Alert=A Severity=warning");
        check("---\nalerts:\n  - A\n  - \"B\"\ntags:\n  - C\n---\n", "Alert=A Alert=B");
        check("---\nalerts: [A, B]\n---\n", "Alert=[A, B]");
        check("---\ntitle: A\n  severity: x\n# alert: B\n---\n", "");
    }
}

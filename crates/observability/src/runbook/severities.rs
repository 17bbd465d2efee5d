//! The severities that a value names.

use std::ops::Range;

use super::alert_view::Severity;
use super::extent::is_harmless;

/// Signs behind which a remark may follow.
const BEFORE_REMARK: [char; 13] = ['(', '[', '-', '–', '—', ',', ';', '.', ':', '!', '|', '·', '•'];

/// Signs between two severities.
const BETWEEN: [char; 5] = ['/', ',', '&', '|', '+'];

/// Returns the severities that a value names, and the bytes that name them: one, or several with
/// signs or "and" between them. Signs and emoji may stand before them and a remark behind them.
/// `None` if the value says anything else.
pub(super) fn severities(value: &str) -> Option<(Range<usize>, Vec<Severity>)> {
    let start = value.find(char::is_alphanumeric)?;
    let mut named = Vec::new();
    let (mut at, mut end) = (start, start);
    while let Some((severity, length)) = severity(&value[at..]) {
        named.push(severity);
        end = at + length;
        let rest = &value[end..];
        let blank = |c: char| c.is_whitespace();
        let next = rest.trim_start_matches(blank);
        let next = match next.strip_prefix(BETWEEN) {
            Some(next) => next,
            None => next.strip_prefix("and ").or_else(|| next.strip_prefix("or ")).unwrap_or_default(),
        };
        at = value.len() - next.trim_start_matches(blank).len();
    }
    let rest = &value[end..];
    let remark = rest.trim_start();
    // Emphasis may end behind the word, and a quotation, too.
    let is_over = !remark.contains(char::is_alphanumeric);
    let is_remark = remark.starts_with(BEFORE_REMARK) && is_harmless(remark);
    (!named.is_empty() && (is_over || is_remark)).then_some((start..end, named))
}

/// Returns the severity that a text begins with, as a whole word, and how many bytes it has.
fn severity(text: &str) -> Option<(Severity, usize)> {
    let length = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_'))).unwrap_or(text.len());
    let word = &text[..length];
    let named = [Severity::Warning, Severity::Critical];
    let severity = named.into_iter().find(|severity| word.eq_ignore_ascii_case(severity.as_str()))?;
    Some((severity, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        let shown = severities(value).map(|(range, named)| {
            let named: Vec<&str> = named.into_iter().map(Severity::as_str).collect();
            format!("{} {}", &value[range], named.join(" "))
        });
        assert_eq!(shown.as_deref().unwrap_or_default(), expected, "{value}");
    }

    #[test]
    fn a_severity_may_have_signs_before_it_and_a_remark_behind_it() {
        check("Warning", "Warning warning");
        check("CRITICAL", "CRITICAL critical");
        check("🔴 Critical", "Critical critical");
        check("Critical (pages on-call)", "Critical critical");
        check("critical – pages on-call", "critical critical");
        check("Critical, pages on-call", "Critical critical");
        check("`critical`.", "critical critical");
    }

    #[test]
    fn several_severities_are_several() {
        check("warning / critical", "warning / critical warning critical");
        check("Warning and critical", "Warning and critical warning critical");
        check("warning,critical", "warning,critical warning critical");
    }

    #[test]
    fn what_says_anything_else_is_no_severity() {
        for value in [
            "",
            "P1",
            "high",
            "not critical",
            "non-critical",
            "Critical for web",
            "Critical (only at night)",
            "Critical – unless it is Sunday",
            "Warnings",
            "critical_path",
            "Warning, at most",
            "at least warning",
        ] {
            check(value, "");
        }
    }
}

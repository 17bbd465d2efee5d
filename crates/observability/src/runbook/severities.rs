//! The severities that a value names.

use std::ops::Range;

use super::alert_view::Severity;
use super::remark::is_harmless;

/// Signs behind which a remark may follow.
const BEFORE_REMARK: [char; 13] = ['(', '[', '-', '–', '—', ',', ';', '.', ':', '!', '|', '·', '•'];

/// Signs between two severities.
const BETWEEN: [char; 5] = ['/', ',', '&', '|', '+'];

/// The severities that a value states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    /// The bytes that state them.
    pub(super) span: Range<usize>,
    /// Those for all jobs.
    pub(super) named: Vec<Severity>,
    /// Those for single jobs, with the names as they are written.
    pub(super) of_jobs: Vec<(String, Severity)>,
}

/// Returns the severities that a value states: one, or several with signs or "and" between them,
/// and in parentheses those of single jobs, as in "(`bill`: Critical)". Signs and emoji may stand
/// before them and a remark behind them. `None` if the value says anything else.
pub(super) fn severities(value: &str) -> Option<Stated> {
    let start = value.find(char::is_alphanumeric)?;
    let mut named = Vec::new();
    let (mut at, mut end) = (start, start);
    if let Some(stated) = with_jobs(value, start) {
        return Some(stated);
    }
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
    let of_jobs = of_jobs(&value[end..]);
    end += of_jobs.as_ref().map_or(0, |(_, length)| *length);
    let remark = value[end..].trim_start();
    // Emphasis may end behind the word, and a quotation, too.
    let is_over = !remark.contains(char::is_alphanumeric);
    let is_remark =
        || remark.starts_with(BEFORE_REMARK) && is_harmless(remark) && !names_another(remark, &named);
    let of_jobs = of_jobs.map(|(of_jobs, _)| of_jobs).unwrap_or_default();
    (!named.is_empty() && (is_over || is_remark())).then_some(Stated { span: start..end, named, of_jobs })
}

/// Returns a severity, and those of single jobs that follow without parentheses: "Warning; `bill`:
/// Critical". `None` if anything else is said.
fn with_jobs(value: &str, start: usize) -> Option<Stated> {
    let (severity, length) = severity(&value[start..])?;
    let is_end = |c: char| c.is_whitespace() || c == '.';
    let rest = value[start + length..].trim_end_matches(is_end);
    let of_jobs = rest.trim_start().strip_prefix([';', ',']).filter(|rest| !rest.contains(['(', ')']))?;
    let of_jobs = of_jobs.split([';', ',']).map(of_job).collect::<Option<Vec<_>>>()?;
    Some(Stated { span: start..start + length + rest.len(), named: vec![severity], of_jobs })
}

/// Returns the severities of single jobs that a text begins with, in parentheses, and how many
/// bytes they have. `None` if it does not begin with such.
fn of_jobs(text: &str) -> Option<(Vec<(String, Severity)>, usize)> {
    let (inner, _) = text.trim_start().strip_prefix('(')?.split_once(')')?;
    let of_jobs = inner.split([';', ',']).map(of_job).collect::<Option<Vec<_>>>()?;
    let begin = text.len() - text.trim_start().len();
    Some((of_jobs, begin + inner.len() + "()".len()))
}

/// Reads "`bill`: Critical" or "Critical for `bill`".
fn of_job(text: &str) -> Option<(String, Severity)> {
    let (job, named) = match text.split_once(':') {
        Some(parts) => parts,
        None => {
            let (named, job) = text.split_once(" for ").or_else(|| text.split_once(" on "))?;
            (job, named)
        }
    };
    let job = job.trim().trim_matches('`');
    let named = named.trim().trim_start_matches(|c: char| !c.is_alphanumeric());
    let (severity, length) = severity(named)?;
    let is_name = !job.is_empty() && job.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (is_name && length == named.len()).then(|| (job.to_owned(), severity))
}

/// Returns whether a remark names a severity that is none of these.
fn names_another(remark: &str, named: &[Severity]) -> bool {
    let words = remark.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter_map(severity).any(|(severity, _)| !named.contains(&severity))
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
        let shown = severities(value).map(|Stated { span, named, of_jobs }| {
            let mut named: Vec<String> = named.into_iter().map(|named| named.as_str().to_owned()).collect();
            named.extend(of_jobs.into_iter().map(|(job, severity)| format!("{job}={}", severity.as_str())));
            format!("{} {}", &value[span], named.join(" "))
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
    fn single_jobs_may_have_severities_of_their_own() {
        check("Warning (`b`: Critical)", "Warning (`b`: Critical) warning b=critical");
        check(
            "Warning (b: Critical; c: critical).",
            "Warning (b: Critical; c: critical) warning b=critical c=critical",
        );
        check("Warning (Critical for b)", "Warning (Critical for b) warning b=critical");
        check("Warning (b: Critical) (pages)", "Warning (b: Critical) warning b=critical");
        check("Critical (a critical page)", "Critical critical");
        check("Warning; `b`: Critical", "Warning; `b`: Critical warning b=critical");
        check("Warning, critical for b.", "Warning, critical for b warning b=critical");
        check(
            "⚠️ Warning (`b`: 🔥 Critical, c: critical)",
            "Warning (`b`: 🔥 Critical, c: critical) warning b=critical c=critical",
        );
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
            "Warning, then Critical",
            "Warning (later Critical)",
            "Warning (b: Critical later)",
            "Warning – critical for b",
            "Warning, critical for b at night",
            "Warning; b: Critical (not c)",
            "at least warning",
        ] {
            check(value, "");
        }
    }
}

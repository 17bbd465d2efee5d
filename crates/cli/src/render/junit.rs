//! JUnit XML, which CI servers show as tests: a suite for each subject, a case for each finding.

use jobwatch_observability::findings::Finding;

use super::reason::{CODE, Reason};
use super::report::{Listed, Report};

/// Returns the findings of a report as tests. What fails the check is a failure, what is suppressed
/// is skipped, and a subject without findings is a test that passes.
pub(crate) fn report(report: &Report<'_>) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"jobwatch\">\n");
    for (number, subject) in report.subjects.iter().enumerate() {
        let cases: Vec<String> = report.listed_of(number).map(case).collect();
        let count = |is_meant: fn(&Finding) -> bool| {
            report.listed_of(number).filter(|listed| is_meant(listed.finding)).count()
        };
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
            escaped(&subject.path().display().to_string()),
            cases.len().max(1),
            count(Finding::fails),
            count(|finding| finding.suppressed.is_some())
        ));
        if cases.is_empty() {
            text.push_str(&format!("    <testcase name=\"{}\"/>\n", escaped(&subject.checked)));
        }
        text.extend(cases);
        text.push_str("  </testsuite>\n");
    }
    if let Some(more) = report.more() {
        text.push_str(&format!("  <!-- {more} -->\n"));
    }
    text + "</testsuites>\n"
}

fn case(Listed { finding, excerpt, .. }: Listed<'_>) -> String {
    let alert = finding.alert.as_ref().map(|alert| alert.as_str());
    let about = alert.or(finding.rule.as_deref()).unwrap_or("whole file");
    let place = format!("{}:{}:{}", excerpt.path.display(), excerpt.start.line, excerpt.start.column);
    let message = escaped(&finding.message);
    let details = escaped(&format!("{place}\n{}\n{}", excerpt.text(), finding.hint));
    let inner = match &finding.suppressed {
        Some(reason) => format!("<skipped message=\"{}\"/>", escaped(reason.trim())),
        None if finding.fails() => {
            format!("<failure type=\"{}\" message=\"{message}\">{details}</failure>", finding.code)
        }
        None => format!("<system-out>{message}\n{details}</system-out>"),
    };
    let name = escaped(&format!("{about}: {} at {place}", finding.code));
    format!("    <testcase classname=\"{}\" name=\"{name}\">{inner}</testcase>\n", finding.code)
}

/// Returns why the command could not run as tests that end in an error.
pub(crate) fn failed(reasons: &[Reason<'_>], suites: &str) -> String {
    let number = reasons.len();
    let cases: String = reasons.iter().map(error).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"{suites}\" tests=\"{number}\" failures=\"0\" errors=\"{number}\">\n  \
         <testsuite name=\"{CODE}\" tests=\"{number}\" failures=\"0\" errors=\"{number}\">\n\
         {cases}  </testsuite>\n</testsuites>\n"
    )
}

fn error(reason: &Reason<'_>) -> String {
    let place = reason.place.as_ref().map(ToString::to_string);
    let name = place.as_ref().map_or_else(|| CODE.to_owned(), |place| format!("{CODE} at {place}"));
    let details = [place, reason.hint.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n");
    format!(
        "    <testcase classname=\"{CODE}\" name=\"{}\"><error type=\"{CODE}\" message=\"{}\">{}</error></testcase>\n",
        escaped(&name),
        escaped(&reason.message),
        escaped(&details)
    )
}

/// Returns a text as XML may have it: signs that mean something are written out, and what no XML
/// may have is replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            character if character.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_xml_may_have() {
        assert_eq!(escaped("a < \"b\" & \u{0}\n"), "a &lt; &quot;b&quot; &amp; \u{fffd}&#10;");
    }
}

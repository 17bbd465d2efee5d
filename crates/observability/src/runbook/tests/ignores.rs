//! Findings that a comment in the runbook suppresses.

use super::clipper;
use crate::runbook::{codes, compare, fix};

/// The findings about what a text says, those that are suppressed in parentheses with the reason.
fn shown(text: &str) -> Vec<String> {
    let findings = compare(&clipper(), text).into_iter();
    let shown = findings.filter(|finding| finding.code != codes::SECTION_MISSING).map(|finding| {
        let code = finding.code.name.trim_start_matches("runbook-");
        finding.suppressed.map_or_else(|| code.to_owned(), |reason| format!("({code}: {reason})"))
    });
    shown.collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text), expected, "{text}");
}

/// A comment behind the code that it ignores.
fn ignore(what: &str) -> String {
    format!("<!-- jobwatch: ignore runbook-{what} -->")
}

#[test]
fn a_comment_accepts_what_it_stands_beside() {
    let suppressed = "(alert-unknown: of the platform team)";
    let comment = ignore("alert-unknown of the platform team");
    check(&format!("# Host\nAlert: HostDown {comment}\n"), &[suppressed]);
    check(&format!("# Host\n{comment}\nAlert: HostDown\nSeverity: P1\n"), &[suppressed]);
    check(&format!("{comment}\n# Host\n\nAlert: HostDown\n"), &[suppressed]);
    check(&format!("# Words {comment}\n\n**Alert**: a rule that fires.\n"), &[suppressed]);
    check(
        &format!("# T\n\n| Alert | Severity |\n|---|---|\n| HostDown {comment} | P1 |\n| DiskFull | P1 |\n"),
        &[suppressed, "alert-unknown"],
    );
    check(&format!("# Host\r{comment}\rAlert: HostDown\r"), &[suppressed]);
}

#[test]
fn a_comment_that_accepts_nothing_is_told() {
    let check = |what: &str, expected: &[&str]| {
        check(&format!("# Host\nAlert: HostDown {}\n", ignore(what)), expected)
    };
    check("alert-unknown", &["alert-unknown", "ignore-without-reason"]);
    check("alert-unknown – ", &["alert-unknown", "ignore-without-reason"]);
    check("alert-unknwon theirs", &["alert-unknown", "ignore-unknown"]);
    check("severity-differs theirs", &["alert-unknown", "ignore-unused"]);
    check("ignore-unused theirs", &["alert-unknown", "ignore-unknown"]);
    self::check("# Host\nAlert: HostDown <!-- jobwatch: skip -->\n", &["alert-unknown", "ignore-unknown"]);
    self::check("```\n<!-- jobwatch: ignore runbook-alert-unknown -->\n```\n", &[]);
}

/// Were the line looked for again for each of them, this would not end.
#[test]
fn a_line_may_have_any_number_of_comments() {
    let comments = ignore("alert-unknown theirs").repeat(20_000);
    check(&format!("# Host\nAlert: HostDown {comments}\n"), &["(alert-unknown: theirs)"]);
}

#[test]
fn what_is_accepted_is_not_mended() {
    let section = |severity: &str, threshold: &str| {
        format!("# T\nAlert: BackgroundJobFailing\nSeverity: {severity}\nThreshold: {threshold}\n")
    };
    let kept = format!("Critical {}", ignore("severity-differs until May"));
    let text = section(&kept, "> 7 failures/sec for 5 minutes");
    assert_eq!(fix(&clipper(), &text), section(&kept, "> 0.1 failures/sec for 5 minutes"));
}

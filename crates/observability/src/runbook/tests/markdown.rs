//! What Markdown around a field does to it: how it is read, and that mending it leaves everything
//! else alone.

use std::time::{Duration, Instant};

use super::clipper;
use crate::findings::Code;
use crate::runbook::{MAX_FINDINGS, MAX_SIZE, codes, compare, fix};

/// The findings about what the text says, each with the bytes that it points at. Sections and links
/// that are missing are none.
pub(super) fn shown(text: &str) -> Vec<String> {
    let is_about_text = |code: Code| ![codes::SECTION_MISSING, codes::ANCHOR_BROKEN].contains(&code);
    let findings = compare(&clipper(), text).into_iter().filter(|finding| is_about_text(finding.code));
    findings.map(|finding| format!("{} {:?}", finding.code, &text[finding.location.position.span])).collect()
}

#[track_caller]
pub(super) fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text), expected, "{text}");
    let with_returns: Vec<String> = expected.iter().map(|line| line.replace("\\n", "\\r\\n")).collect();
    assert_eq!(shown(&text.replace('\n', "\r\n")), with_returns, "{text}");
}

/// A section about the failure ratio, with this text for its threshold.
pub(super) fn failure_ratio(threshold: &str) -> String {
    format!("Alert: BackgroundJobCriticalFailureRate\nSeverity: Critical\n{threshold}\n")
}

#[test]
fn a_difference_is_pointed_at_within_marks() {
    let check = |threshold: &str, expected: &[&str]| check(&failure_ratio(threshold), expected);
    check("Threshold: *> 50%* failure rate for **5 minutes**", &[]);
    check("Threshold: `> 50%` failure rate for [5 minutes](x)", &[]);
    check("**Threshold: > 50% failure rate for 5 minutes**", &[]);
    check("_Threshold_: \\> 50\\% failure rate for 5 minutes", &[]);
    check("Threshold: &gt; 50&percnt; failure rate for&nbsp;5 minutes", &[]);
    check("Threshold: > 50% <b>failure</b> rate for 5 minutes", &[]);
    check(
        "Threshold: *> 60%* failure rate for **6 minutes**",
        &["runbook-threshold-differs \"60%\"", "runbook-duration-differs \"6 minutes\""],
    );
    check("Threshold: *> **60**%* failure rate for 5 minutes", &["runbook-threshold-differs \"60**%\""]);
    check("Threshold: `< 50%` failure rate for 5 minutes", &["runbook-comparison-differs \"<\""]);
    check("Threshold: &lt; 50% failure rate for 5 minutes", &["runbook-comparison-differs \"&lt;\""]);
    check("Threshold: \\< 50% failure rate for 5 minutes", &["runbook-comparison-differs \"\\\\<\""]);
    check("Threshold: > 50% failure rate\nfor 6\nminutes", &["runbook-duration-differs \"6\\nminutes\""]);
    check(
        "Threshold: > 50% failure rate for 5 minutes\n\nThreshold: nothing\n",
        &["runbook-threshold-unreadable \"nothing\""],
    );
}

#[test]
fn what_is_struck_through_counts_no_longer() {
    let check = |threshold: &str, expected: &[&str]| check(&failure_ratio(threshold), expected);
    check("Threshold: ~~> 40%~~ > 50% failure rate for 5 minutes", &[]);
    check("Threshold: > ~~*40%*~~ 50% failure rate for 5 minutes", &[]);
    check("Threshold: > 50% failure rate ~~for 5 minutes~~", &["runbook-duration-differs \"\""]);
    check("Threshold: > 50% failure rate for 5 minutes\n~~Severity: Warning~~", &[]);
}

#[test]
fn a_value_may_stand_below_its_label() {
    let check = |threshold: &str, expected: &[&str]| check(&failure_ratio(threshold), expected);
    check("Threshold:\n- \\> 60% failure rate for 5 minutes", &["runbook-threshold-differs \"60%\""]);
    check("**Threshold**:\n\n\\> 60% failure rate for 5 minutes", &["runbook-threshold-differs \"60%\""]);
    check("**Threshold**:\n: \\> 60% failure rate for 5 minutes", &["runbook-threshold-differs \"60%\""]);
    check("Threshold:\n\nText.", &["runbook-field-missing \"\""]);
}

#[test]
fn code_within_a_line_has_no_labels() {
    let threshold = "Threshold: > 50% failure rate for 5 minutes\n\n";
    check(&failure_ratio(&format!("{threshold}- `(time() - Threshold: 5)` gives the hours")), &[]);
    let twice = failure_ratio(&format!("{threshold}- `Threshold: 5`"));
    check(&twice, &["runbook-threshold-unreadable \"5\""]);
}

#[test]
fn a_return_alone_ends_a_line() {
    let text = failure_ratio("Threshold: > 60% failure rate for 5 minutes").replace('\n', "\r");
    let text = format!("# T\r{text}\r\n# U\r\n");
    assert_eq!(shown(&text), ["runbook-threshold-differs \"60%\""]);
    assert_eq!(fix(&clipper(), &text), text.replace("60%", "50%"));
}

#[test]
fn fields_are_read_however_they_are_laid_out() {
    let severity = "runbook-severity-differs \"Warning\"";
    let threshold = "runbook-threshold-differs \"60%\"";
    check(
        "> **Alert:** `BackgroundJobCriticalFailureRate` | **Severity:** Warning | **Threshold:** > 60% failure rate for 5 minutes\n",
        &[severity, threshold],
    );
    check(
        "Alert\n: `BackgroundJobCriticalFailureRate`\n\nSeverity\n: Warning\n\nThreshold\n: > 60% failure rate for 5 minutes\n",
        &[severity, threshold],
    );
    check(
        "---\nseverity: none\n---\n## BackgroundJobCriticalFailureRate\n\n**Severity**: Warning\n**Threshold**: > 60% failure rate for 5 minutes\n\n### Meaning\nMost runs fail.\n",
        &[severity, threshold],
    );
    check(
        "# Alert: BackgroundJobCriticalFailureRate\nSeverity: Warning\n\nThreshold: > 60% failure rate for 5 minutes\n",
        &[severity, threshold],
    );
    check(
        "| Field | Value |\n|---|---|\n| **Alert Name(s)** | `BackgroundJobCriticalFailureRate` |\n| Severity | Warning |\n| Threshold | > 60% failure rate for 5 minutes |\n",
        &[severity, threshold],
    );
    check(
        "| Alert | Severity |\n|---|---|\n| BackgroundJobStuck | warning |\n| BackgroundJobCriticalFailureRate | Warning |\n",
        &[
            "runbook-field-missing \"BackgroundJobStuck\"",
            "runbook-field-missing \"BackgroundJobCriticalFailureRate\"",
            severity,
        ],
    );
}

#[test]
fn fields_of_one_line_need_no_colon() {
    const NAME: &str = "BackgroundJobCriticalFailureRate";
    let severity = "runbook-severity-differs \"Warning\"";
    let threshold = "runbook-threshold-differs \"60%\"";
    for sign in [" · ", " | ", ", ", "; ", " • "] {
        for marks in ["**", "__", "*", ""] {
            let label = |name: &str| format!("{marks}{name}{marks}");
            let (alert, severe, above) = (label("Alert"), label("Severity"), label("Threshold"));
            let stated = "> 60% failure rate for 5 minutes";
            let line = format!("{alert} `{NAME}`{sign}{severe} Warning{sign}{above} {stated}\n");
            check(&line, &[severity, threshold]);
            check(&format!("- {line}"), &[severity, threshold]);
            let right = line.replace("Warning", "Critical").replace("60%", "50%");
            check(&right, &[]);
            // "Severity critical, threshold …" may as well be prose.
            if !marks.is_empty() || !matches!(sign, ", " | "; ") {
                check(&format!("# {NAME}\n{severe} Critical{sign}{above} {stated}\n"), &[threshold]);
            }
            assert_eq!(fix(&clipper(), &line), right);
        }
    }
    check(
        &format!("**Alert** {NAME}\n**Severity** Critical\n**Threshold** > 60% failure rate for 5 minutes"),
        &[threshold],
    );
    check(
        &format!("{NAME} · **Severity** Warning · **Threshold** > 60% failure rate for 5 minutes"),
        &[severity, threshold],
    );
    check(
        &format!(
            "**Alert** {NAME} · **Severity** Wrning · **Team** web · **Threshold**: > 60% failure rate for 5 minutes"
        ),
        &["runbook-severity-differs \"Wrning · **Team** web\"", threshold],
    );
}

#[test]
fn a_sentence_about_alerts_has_no_field() {
    let section = failure_ratio("Threshold: > 50% failure rate for 5 minutes");
    for text in [
        "The severity rises, alert the team.",
        "Severity warning, alert the team.",
        "Severity rises, threshold of 5 is crossed.",
        "**Alert** the team, when it lasts.",
        "*Severity* depends on the time of day.",
        "Alert fatigue | see above",
        "Threshold 5, severity warning",
    ] {
        check(&format!("{section}\n{text}\n"), &[]);
    }
}

#[test]
fn a_table_about_something_else_has_no_field() {
    let section = failure_ratio("Threshold: > 50% failure rate for 5 minutes");
    for table in [
        "| Severity | Response time |\n|---|---|\n| Warning | 1 hour |\n| Critical | 15 minutes |\n",
        "| Alert | Runbook |\n|---|---|\n| BackgroundJobStuck | [here](#x) |\n",
    ] {
        let text = format!("{section}\n{table}");
        check(&text, &[]);
        assert_eq!(fix(&clipper(), &text), text);
    }
}

#[test]
fn a_missing_section_is_pointed_at_where_its_alert_is_named() {
    let findings = compare(&clipper(), "# Alerts\n\nSee BackgroundJobStuckly, `BackgroundJobStuck`.\n");
    let stuck = findings.iter().find(|finding| finding.message.starts_with("BackgroundJobStuck ")).unwrap();
    assert_eq!(
        (stuck.code, stuck.location.position.line, stuck.location.position.column),
        (codes::SECTION_MISSING, 3, 28)
    );
}

/// A threshold of the failure ratio is mended to this.
#[track_caller]
fn check_fix(threshold: &str, expected: &str) {
    let expected = failure_ratio(expected);
    let mended = fix(&clipper(), &failure_ratio(threshold));
    assert_eq!(mended, expected);
    assert_eq!(fix(&clipper(), &mended), mended);
    let mended = fix(&clipper(), &failure_ratio(threshold).replace('\n', "\r\n"));
    assert_eq!(mended, expected.replace('\n', "\r\n"));
}

#[test]
fn mending_replaces_the_value_and_keeps_what_is_around_it() {
    let right = "> 50% failure rate for 5 minutes";
    check_fix("Threshold: > 60%", &format!("Threshold: {right}"));
    check_fix("**Threshold:** > 60%  ", &format!("**Threshold:** {right}  "));
    check_fix("**Threshold:**", &format!("**Threshold:** {right}"));
    check_fix("Threshold: *> 60%*", &format!("Threshold: *{right}*"));
    check_fix("Threshold: `> 60%`", &format!("Threshold: `{right}`"));
    check_fix("Threshold: [> 60%](x)", &format!("Threshold: [{right}](x)"));
    check_fix("**Threshold: > 60%**", &format!("**Threshold: {right}**"));
    check_fix("Threshold: *> 60%* failure **rate**", &format!("Threshold: {right}"));
    check_fix("**Threshold: > 60%** failure rate", &format!("**Threshold:** {right}"));
    check_fix("Threshold: \\> 60%", &format!("Threshold: {right}"));
    check_fix("Threshold: > 60%\nfailure rate\nfor 5 minutes", &format!("Threshold: {right}"));
    check_fix(
        "Threshold: > 60%\nfailure rate.\nMost runs fail.",
        &format!("Threshold: {right}.\nMost runs fail."),
    );
    check_fix("Threshold: > 60%. Most runs fail.", &format!("Threshold: {right}. Most runs fail."));
    check_fix("Threshold: > 60% (see the dashboard)", &format!("Threshold: {right} (see the dashboard)"));
    check_fix("Threshold: > 60% <!-- since May -->", &format!("Threshold: {right} <!-- since May -->"));
    check_fix(
        "Threshold: > 60%[^1]\n\n[^1]: Since May.",
        &format!("Threshold: {right}[^1]\n\n[^1]: Since May."),
    );
    check_fix("Threshold: > 60% | Team: web", &format!("Threshold: {right} | Team: web"));
    check_fix(
        "**Severity** Warning · **Threshold** > 60%",
        &format!("**Severity** Critical · **Threshold** {right}"),
    );
    check_fix("Threshold: > 60% | Severity: Warning", &format!("Threshold: {right} | Severity: Critical"));
    check_fix("Threshold:\nno idea", &format!("Threshold:\n\\{right}"));
    check_fix("\nThreshold\n: > 60%", &format!("\nThreshold\n: {right}"));
}

#[test]
fn a_sentence_with_code_spans_is_not_put_into_one() {
    let section =
        |threshold| format!("Alert: BackgroundJobNotRunning\nSeverity: Warning\nThreshold: {threshold}\n");
    let mended = fix(&clipper(), &section("`No successful run for > 3 hours`"));
    assert_eq!(mended, section("No successful run for > 2 hours (`reputation_tasks`: > 13 hours)"));
}

#[test]
fn a_stray_sign_takes_no_sentence_in() {
    let section = |threshold| {
        format!("Alert: BackgroundJobNotRunning\nSeverity: Warning\nA ` tick\nThreshold: {threshold}\n")
    };
    let mended = fix(&clipper(), &section("No successful run for > 3 hours"));
    assert_eq!(mended, section("No successful run for \\> 2 hours (reputation_tasks: \\> 13 hours)"));
    check(&mended, &[]);
}

#[test]
fn what_is_too_much_is_said_and_not_read() {
    let alerts = clipper();
    let by_indentation: String = (0..1_000).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    for (text, expected) in [
        ("# a\n\n".repeat(1_000_000), "the runbook is larger than 2 MiB, and is not read"),
        (
            "\n".repeat(2_000_000),
            "the runbook has more than 500000 signs of Markdown and line breaks, and is not read",
        ),
        (
            by_indentation,
            "more than 100 lists and quotations stand within each other: the runbook is not read",
        ),
    ] {
        let messages: Vec<String> =
            compare(&alerts, &text).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, [expected]);
        assert!(fix(&alerts, &text) == text);
    }
}

#[test]
fn mending_makes_no_runbook_larger_than_may_be_read() {
    let section = "# Late\nAlert: BackgroundJobNotRunning\nSeverity: Warning\nThreshold:\n\n";
    let padding = "a".repeat(MAX_SIZE - 10 * section.len() - 200);
    let text = format!("{}{padding}", section.repeat(10));
    let mended = fix(&clipper(), &text);
    assert!(text.len() < mended.len() && mended.len() <= MAX_SIZE, "{}", mended.len());
    assert!(fix(&clipper(), &mended) == mended);
}

#[test]
fn a_runbook_with_thousands_of_anything_is_read_in_one_go() {
    let name = "BackgroundJobNotRunning";
    for text in [
        format!("# {name}\nThreshold: > 5{}", " - see".repeat(20_000)),
        format!("# {name}\nThreshold: > 5{}", " (a)".repeat(20_000)),
        format!("# {name}\nSeverity: {}", "warning/".repeat(20_000)),
        format!("---\nalerts:\n{}---\n# X\n", format!("  - {name}\n").repeat(20_000)),
        format!("# X\nAlerts: {}\n", format!("{name}, BackgroundJobStuck, ").repeat(10_000)),
        format!("# {name} {}\n{}", "x".repeat(200_000), "Threshold: > 5\n\n".repeat(5_000)),
        "<!-- jobwatch: ignore runbook-alert-unknown why -->\n\n".repeat(20_000),
        "Alert: X <!-- jobwatch: ignore runbook-alert-unknown why -->\n\n".repeat(5_000),
    ] {
        let started = Instant::now();
        compare(&clipper(), &text);
        let most = Duration::from_secs(20);
        assert!(started.elapsed() < most, "{:?} for {}…", started.elapsed(), &text[..40]);
    }
}

#[test]
fn a_line_behind_a_value_stays_when_the_value_is_mended() {
    let right = "> 50% failure rate for 5 minutes";
    check_fix(
        "Threshold: as there, and generate them again:\nthey agree then.",
        &format!("Threshold: {right}.\nthey agree then."),
    );
    check_fix("Severity: War**ning\nfor** all", "Severity: Critical\n**for** all");
    check_fix("Threshold: > 60%**Severity**: Warning", &format!("Threshold: {right}**Severity**: Critical"));
}

#[test]
fn findings_beyond_some_thousand_are_counted() {
    let findings = compare(&clipper(), &"**Alert**: `BackgroundJobStuck`\n".repeat(4_000));
    assert_eq!(findings.len(), MAX_FINDINGS + 1);
    // Thirteen sections and one link are missing, two fields in each section, and all but the first
    // are duplicates.
    let all = 13 + 1 + 2 * 4_000 + 3_999;
    let last = findings.last().unwrap();
    assert_eq!(last.message, format!("{} more findings are not told", all - MAX_FINDINGS));
    assert!(
        findings.iter().take(MAX_FINDINGS).is_sorted_by_key(|finding| finding.location.position.span.start)
    );
}

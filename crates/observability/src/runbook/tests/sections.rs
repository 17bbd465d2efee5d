//! The sections of a runbook: what they are about, and what they lack.

use super::{RUNBOOK, clipper, codes, with};
use crate::findings::Code;
use crate::runbook::{codes, compare, fix};

#[test]
fn a_promise_that_is_made_twice_is_checked_twice() {
    let twice =
        with("> 600 seconds for 10 minutes\n", "> 600 seconds for 10 minutes\nThreshold: > 1 second\n");
    assert_eq!(codes(&twice), [codes::THRESHOLD_UNREADABLE]);
    let twice = with("**Severity**: Critical\n", "**Severity**: Critical\n**Severity**: Warning\n");
    assert_eq!(codes(&twice), [codes::SEVERITY_DIFFERS]);
}

#[test]
fn a_field_without_a_value_is_missing() {
    for (old, new) in [
        ("**Severity**: Critical", "**Severity**:"),
        ("**Threshold**: > 0.1 failures/sec for 5 minutes", "**Threshold**:"),
    ] {
        assert_eq!(codes(&with(old, new)), [codes::FIELD_MISSING], "{new}");
        assert_eq!(fix(&clipper(), &with(old, new)), RUNBOOK);
    }
    let nameless = with("**Alert**: `BackgroundJobFailing`", "**Alert**:");
    assert_eq!(codes(&nameless), [codes::FIELD_MISSING, codes::SECTION_MISSING]);
}

#[test]
fn an_alert_may_be_named_by_a_link_or_with_words_behind_it() {
    for name in ["[BackgroundJobFailing](https://example.com)", "`BackgroundJobFailing` (one of a pair)"] {
        assert_eq!(codes(&with("`BackgroundJobFailing`", name)), [], "{name}");
    }
    let other = with("`BackgroundJobFailing`", "`BackgroundJobFailing`, `HostDown`");
    assert_eq!(codes(&other), [codes::ALERT_UNKNOWN]);
}

/// A section about two alerts, with these severities and thresholds.
#[track_caller]
fn check_pair(fields: &str, expected: &[Code], mended: &str) {
    let names = "`BackgroundJobCriticallyStale`, `BackgroundJobHighDuration`";
    let section = |fields: &str| format!("## Slow or late\n\nAlerts: {names}\n\n{fields}\n");
    let codes = |text: &str| {
        let findings = compare(&clipper(), text).into_iter().map(|finding| finding.code);
        findings.filter(|code| *code != codes::SECTION_MISSING).collect::<Vec<_>>()
    };
    assert_eq!(codes(&section(fields)), expected, "{fields}");
    let fixed = fix(&clipper(), &section(fields));
    assert_eq!(fixed, section(mended));
    assert_eq!(fix(&clipper(), &fixed), fixed);
}

#[test]
fn a_section_about_two_alerts_has_to_be_right_about_both() {
    let (stale, slow) = (
        "Threshold: No successful run for > 24 hours",
        "Threshold: P95 duration > 300 seconds for 15 minutes",
    );
    let right = format!("Severity: Critical, warning\n{stale}\n{slow}");
    check_pair(&right, &[], &right);
    let turned = format!("Severity: Warning / Critical\n\n{slow}\n\n{stale}");
    check_pair(&turned, &[], &turned);
    let one = format!("Severity: Critical\n{stale}");
    check_pair(
        &one,
        &[codes::FIELD_MISSING, codes::SEVERITY_DIFFERS],
        &format!("Severity: Warning / Critical\n{stale}"),
    );
    let wrong = format!("Severity: Warning / Critical\n{stale}\n{}", slow.replace("300", "400"));
    check_pair(
        &wrong,
        &[codes::THRESHOLD_DIFFERS],
        &format!("Severity: Warning / Critical\n{stale}\n{slow}"),
    );
}

#[test]
fn a_table_of_alerts_beside_their_sections_is_no_second_section() {
    let overview = "# Overview\n\n| Alert | Severity |\n|---|---|\n| [BackgroundJobFailing](#job-failures) | Warning |\n\n";
    assert_eq!(codes(&format!("{overview}{RUNBOOK}")), []);
    let wrong = overview.replace("Warning", "Critical");
    assert_eq!(codes(&format!("{wrong}{RUNBOOK}")), [codes::SEVERITY_DIFFERS]);
}

#[test]
fn a_table_of_all_alerts_may_have_what_their_sections_lack() {
    let table = "| Alert | Severity | Threshold |\n|---|---|---|\n| BackgroundJobStuck | warning | A run in progress for longer than its timeout for 1 minute |\n";
    let text = format!("# Alerts\n\n{table}\n## BackgroundJobStuck\n\nDelete the pod.\n");
    assert_eq!(codes(&text), [codes::SECTION_MISSING; 13]);
    let lacking = text.replace("Stuck | warning | A run", "Failing | warning | A run");
    let about_stuck: Vec<_> =
        compare(&clipper(), &lacking).into_iter().filter(|f| f.message.contains("JobStuck ")).collect();
    assert_eq!(about_stuck.iter().map(|finding| finding.code).collect::<Vec<_>>(), [codes::FIELD_MISSING; 2]);
}

#[test]
fn an_empty_runbook_lacks_everything() {
    let found = codes("");
    assert_eq!(found, [codes::SECTION_MISSING; 14]);
}

const GROWING: &str =
    "**Severity**: Warning\n**Threshold**: Queue > 100 and growing by > 50% over 10 minutes\n\n";
const LONG: &str = "**Severity**: Critical\n\n**Threshold**: Queue size > 1000 for 10 minutes\n";

/// A page whose heading names one alert, and that names another further down.
#[track_caller]
fn check_two(text: &str, expected: &[Code]) {
    let findings = compare(&clipper(), text).into_iter();
    let is_about_queues = |name: &str| name.contains("Queue");
    let about = findings.filter(|finding| finding.alert.is_none_or(|name| is_about_queues(name.as_str())));
    assert_eq!(about.map(|finding| finding.code).collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(fix(&clipper(), text), text);
}

#[test]
fn what_stands_before_another_name_is_about_the_alert_of_the_heading() {
    let heading = format!("# Jobs\n\n### BackgroundJobQueueGrowing\n{GROWING}");
    let name = "`BackgroundJobCriticalQueueSize`";
    check_two(&format!("{heading}**Alert**: {name}\n{LONG}"), &[]);
    check_two(&format!("{heading}See also:\n\n- **Alert**: {name}\n"), &[codes::FIELD_MISSING; 2]);
}

#[test]
fn a_name_alone_begins_another_alert_where_fields_come_a_second_time() {
    let name = "`BackgroundJobCriticalQueueSize`";
    for above in ["### BackgroundJobQueueGrowing\n", "### Queues\n**Alert**: BackgroundJobQueueGrowing\n"] {
        let heading = format!("# Jobs\n\n{above}{GROWING}");
        check_two(&format!("{heading}{name}\n\n{LONG}"), &[]);
        check_two(&format!("{heading}#### The longer ones\n\n{name}\n\n{LONG}"), &[]);
    }
    // What names the same alert once more says more about it.
    let again = format!("# Jobs\n\n### BackgroundJobQueueGrowing\n{GROWING}");
    check_two(&format!("{again}`BackgroundJobQueueGrowing`\n\n{GROWING}"), &[codes::SECTION_MISSING]);
}

#[test]
fn a_heading_may_repeat_the_name_or_state_it_behind_a_value() {
    let page = "# Jobs\n\n### BackgroundJobQueueGrowing\n";
    check_two(&format!("{page}**Alert**: `BackgroundJobQueueGrowing`\n{GROWING}"), &[codes::SECTION_MISSING]);
    let (severity, threshold) = GROWING.split_once('\n').unwrap();
    check_two(
        &format!("{page}{severity}\n**Alert**: `BackgroundJobQueueGrowing`\n{threshold}"),
        &[codes::SECTION_MISSING],
    );
}

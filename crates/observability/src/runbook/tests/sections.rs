//! The sections of a runbook: what they are about, and what they lack.

use insta::assert_snapshot;

use super::{RUNBOOK, clipper, codes, shown, with};
use crate::runbook::{codes, fix};

#[test]
fn a_link_that_leads_to_the_section_of_another_alert_is_told() {
    let swapped = with("### Stuck Job", "### X").replacen("### Metrics Absent", "### Stuck Job", 1);
    let swapped = swapped.replacen("### X", "### Metrics Absent", 1);
    assert_eq!(codes(&swapped), [codes::ANCHOR_BROKEN; 2]);
    assert_snapshot!(shown(&swapped), @r##"
    at column 12 of "**Alert**: `BackgroundJobStuck`"
      runbook-anchor-broken "`BackgroundJobStuck`"
      the link of BackgroundJobStuck leads to #stuck-job, where BackgroundJobMetricsAbsent stands
      expected "#stuck-job", found ""
      name the section's heading `Stuck Job`, or put `<a id="stuck-job"></a>` above it
    at column 12 of "**Alert**: `BackgroundJobMetricsAbsent`"
      runbook-anchor-broken "`BackgroundJobMetricsAbsent`"
      the link of BackgroundJobMetricsAbsent leads to #metrics-absent, where BackgroundJobStuck stands
      expected "#metrics-absent", found ""
      name the section's heading `Metrics Absent`, or put `<a id="metrics-absent"></a>` above it
    "##);
    let by_hand = swapped.replacen("### Metrics Absent", "<a id=\"stuck-job\"></a>\n\n### Metrics Absent", 1);
    assert_eq!(codes(&by_hand), [codes::ANCHOR_BROKEN]);
}

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
    let both = with("`BackgroundJobFailing`", "`BackgroundJobFailing`, `BackgroundJobStuck`");
    assert_eq!(codes(&both), [codes::ALERT_UNKNOWN, codes::SECTION_MISSING]);
}

#[test]
fn an_empty_runbook_lacks_everything() {
    let found = codes("");
    assert_eq!(found, [codes::SECTION_MISSING; 13]);
}

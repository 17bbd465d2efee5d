//! How a section may be laid out: whatever stands around a field, it is read, checked and mended.

use super::clipper;
use crate::findings::Code;
use crate::runbook::{codes, compare, fix};

const NAME: &str = "BackgroundJobCriticalQueueSize";

/// The findings about a page, apart from sections of other alerts.
fn found(page: &str) -> Vec<Code> {
    let findings = compare(&clipper(), page).into_iter();
    let about = findings.filter(|finding| {
        finding.code != codes::SECTION_MISSING || finding.alert.is_some_and(|alert| alert.as_str() == NAME)
    });
    about.map(|finding| finding.code).collect()
}

/// A layout with `ALERT`, `SEVERITY` and `THRESHOLD` in it is read, what is wrong in it is found,
/// and mended where it stands.
#[track_caller]
fn check(layout: &str) {
    check_with(layout, ">");
}

/// The same of a layout whose threshold stands in HTML.
#[track_caller]
fn check_html(layout: &str) {
    check_with(layout, "&gt;");
}

#[track_caller]
fn check_with(layout: &str, sign: &str) {
    for layout in [layout.to_owned(), layout.replace('\n', "\r\n")] {
        let page = |severity: &str, number: u32| {
            layout
                .replace("ALERT", NAME)
                .replace("SEVERITY", severity)
                .replace("THRESHOLD", &format!("Queue size {sign} {number} for 10 minutes"))
        };
        let right = page("Critical", 1000);
        assert_eq!(found(&right), [], "{right}");
        for (wrong, code) in [
            (page("Warning", 1000), codes::SEVERITY_DIFFERS),
            (page("Critical", 2000), codes::THRESHOLD_DIFFERS),
        ] {
            assert_eq!(found(&wrong), [code], "{wrong}");
            assert_eq!(fix(&clipper(), &wrong), right);
        }
    }
}

#[test]
fn texts_in_html_are_read() {
    check_html(
        "<h2>X</h2>\n\n<p>Alert: <code>ALERT</code></p>\n<p>Severity: SEVERITY</p>\n<p>Threshold: THRESHOLD</p>\n",
    );
    check_html("## X\n\n<p>Alert: <b>ALERT</b><br>Severity: SEVERITY<br/>Threshold: THRESHOLD</p>\n");
    check(
        "## X\n\n<details><summary>Alert: ALERT</summary>\n\nSeverity: SEVERITY\n\nThreshold: THRESHOLD\n\n</details>\n",
    );
    check_html(
        "## X\n\n<details>\n<summary>Facts</summary>\nAlert: ALERT\nSeverity: SEVERITY\nThreshold: THRESHOLD\n</details>\n",
    );
    check_html(
        "## X\n\n<dl><dt>Alert</dt><dd>ALERT</dd><dt>Severity</dt><dd>SEVERITY</dd><dt>Threshold</dt><dd>THRESHOLD</dd></dl>\n",
    );
    check_html(
        "## X\n\n<dl>\n  <dt>Alert\n  <dd>ALERT\n  <dt>Severity\n  <dd>SEVERITY\n  <dt>Threshold\n  <dd>THRESHOLD\n</dl>\n",
    );
    check_html(
        "## X\n\n<ul>\n<li>Alert: ALERT</li>\n<li>Severity: SEVERITY</li>\n<li>Threshold: THRESHOLD</li>\n</ul>\n",
    );
    check(
        "## X\n\n<div class=\"facts\">\n\nAlert: ALERT\n\nSeverity: SEVERITY\n\nThreshold: THRESHOLD\n\n</div>\n",
    );
}

#[test]
fn code_scripts_and_comments_in_html_are_no_texts() {
    let right =
        format!("## X\n\nAlert: {NAME}\nSeverity: Critical\nThreshold: Queue size > 1000 for 10 minutes\n\n");
    for beside in [
        "<pre>\nSeverity: Warning\n</pre>\n",
        "<div><pre>Severity: Warning</pre></div>\n",
        "<script>\nSeverity: Warning\n</script>\n",
        "<!--\nSeverity: Warning\n-->\n",
        "<p><!-- Severity: Warning --></p>\n",
        "<p>How severe it is: Warning</p>\n",
    ] {
        let page = format!("{right}{beside}");
        assert_eq!(found(&page), [], "{page}");
        assert_eq!(fix(&clipper(), &page), page);
    }
    let twice = format!("{right}<p>Severity: Warning</p>\n");
    assert_eq!(found(&twice), [codes::SEVERITY_DIFFERS]);
}

#[test]
fn an_equals_sign_and_a_leading_colon_make_a_field() {
    check("## X\n\nAlert = ALERT\nSeverity = SEVERITY\nThreshold = THRESHOLD\n");
    check("## X\n\nAlert = ALERT, Severity = SEVERITY, Threshold = THRESHOLD\n");
    check("## X\n\n- Alert = `ALERT`\n- Severity = SEVERITY\n- Threshold = THRESHOLD\n");
    check("## X\n\n:Alert: ALERT\n:Severity: SEVERITY\n:Threshold: THRESHOLD\n");
}

#[test]
fn emoji_by_name_and_periods_stand_between_fields() {
    check("## X\n\n:warning: **Alert**: `ALERT` \\\n**Severity**: SEVERITY \\\n**Threshold**: THRESHOLD\n");
    check(
        "## X\n\n- :fire: :bell: Alert: ALERT\n- :+1: Severity level: SEVERITY\n- :clock: Threshold: THRESHOLD\n",
    );
    check("## X\n\nAlert: ALERT. Severity: SEVERITY. Threshold: THRESHOLD.\n");
    check("## X\n\n**Alert**: ALERT. **Severity**: SEVERITY. **Threshold**: THRESHOLD.\n");
}

#[test]
fn the_labels_may_be_headings() {
    check("## X\n\n### Alert\n\nALERT\n\n### Severity\n\nSEVERITY\n\n### Threshold\n\nTHRESHOLD\n");
    check(
        "## X\n\n#### Alert name\n`ALERT`\n#### Severity\nSEVERITY\n#### Threshold\nTHRESHOLD\n\n#### Steps\n\nLook.\n",
    );
    check("## ALERT\n\n### Severity\n\nSEVERITY\n\n### Threshold\n\nTHRESHOLD\n");
    // A chapter with this title is about none.
    let chapter = format!(
        "# Alerts\n\n- `{NAME}`\n- `BackgroundJobFailing`\n\n## Alert\n\n{NAME} is one.\n\n## Long\n\nAlert: {NAME}\n         Severity: Critical\nThreshold: Queue size > 1000 for 10 minutes\n"
    );
    assert_eq!(found(&chapter), []);
}

#[test]
fn a_name_of_which_no_section_can_be_made_is_pointed_at() {
    for page in [
        format!("# Queues\n\nWe have {NAME}, which is critical.\n"),
        format!("# Queues\n\n```\nalert: {NAME}\n```\n"),
        format!("# Queues\n\n<pre>Alert: {NAME}</pre>\n"),
        format!("# Queues\n\n<!-- Alert: {NAME} -->\n"),
    ] {
        let finding = compare(&clipper(), &page).into_iter().find(|finding| {
            finding.code == codes::SECTION_MISSING
                && finding.alert.is_some_and(|alert| alert.as_str() == NAME)
        });
        assert_eq!(&page[finding.unwrap().location.position.span], NAME);
    }
}

#[test]
fn comments_in_html_are_there_when_a_value_has_been_mended() {
    let check = |wrong: &str, right: &str| {
        assert_eq!(found(right), [], "{right}");
        assert_eq!(fix(&clipper(), wrong), right);
    };
    let table = |severity: &str, threshold: &str| {
        format!(
            "## X\n\n<table>\n<tr><td>Alert</td><td>{NAME}</td></tr>\n<tr><td>Severity</td><td>{severity}</td></tr>\n\
             <tr><td>Threshold</td><td>{threshold}</td></tr>\n</table>\n"
        )
    };
    check(
        &table("Warning <!-- why -->", "Queue size &gt; 2000 <!-- agreed with Ann --> for 10 minutes"),
        &table("Critical <!-- why -->", "Queue size &gt; 1000 <!-- agreed with Ann --> for 10 minutes"),
    );
    check(
        &table("Warning<!-- why -->, critical", "bananas <!-- c --> on most days"),
        &table("Critical <!-- why -->", "Queue size &gt; 1000 for 10 minutes <!-- c -->"),
    );
    let text = |threshold: &str| {
        format!("## X\n\n<p>Alert: {NAME}</p>\n<p>Severity: Critical</p>\n<p>Threshold: {threshold}</p>\n")
    };
    check(
        &text("Queue size &gt; 2000 <!-- c --> for 10 minutes"),
        &text("Queue size &gt; 1000 <!-- c --> for 10 minutes"),
    );
}

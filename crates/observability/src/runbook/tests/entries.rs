//! What is read from a runbook: names, severities and thresholds, however they are laid out.

use crate::anchor::AnchorStyle;
use crate::runbook::field::Field;
use crate::runbook::names::Names;
use crate::runbook::section::read;

fn shown(text: &str) -> String {
    let value = |fields: &[Field]| match fields {
        [] => "-".to_owned(),
        fields => fields.iter().map(|f| &text[f.span.clone()]).collect::<Vec<_>>().join(" & "),
    };
    let names = Names::new(["AlertA", "AlertB"].into_iter());
    read(text, AnchorStyle::default(), &names)
        .entries
        .iter()
        .map(|entry| [value(&entry.names), value(&entry.severities), value(&entry.thresholds)].join(" | "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected);
    assert_eq!(shown(&text.replace('\n', "\r\n")), expected, "with Windows line ends");
}

const EXPECTED: &str = "`A` | Warning | > 5 for 5 minutes";

#[test]
fn labels_are_written_in_many_ways() {
    check("### T\n**Alert**: `A`\n**Severity**: Warning\n**Threshold**: > 5 for 5 minutes\n", EXPECTED);
    check("### T\n**Alert:** `A`  \n**Severity:** Warning  \n**Threshold:** > 5 for 5 minutes  \n", EXPECTED);
    check("### T\n\nAlert: `A`\n\nseverity: Warning\n\nTHRESHOLD: > 5 for 5 minutes\n", EXPECTED);
    check("### T\n- **Alert**: `A`\n- **Severity**: Warning\n- **Threshold**: > 5 for 5 minutes\n", EXPECTED);
    check("### T\n- Alert: `A`\n\n- Severity: Warning\n\n- Threshold: > 5 for 5 minutes\n", EXPECTED);
    check("### T\n**Alert**: `A`\\\n**Severity**: Warning\\\n**Threshold**: > 5 for 5 minutes\n", EXPECTED);
    check("### T\nSeverity: Warning\nAlert: `A`\nThreshold: > 5 for 5 minutes\n", EXPECTED);
    check("### T\n1. Alert: `A`\n2. Severity: Warning\n3. **Threshold**: > 5 for 5 minutes\n", EXPECTED);
    check(
        "### T\n- [ ] **Alert**: `A`\n- [x] Severity: Warning\n- [ ] Threshold: > 5 for 5 minutes\n",
        EXPECTED,
    );
    check(
        "### T\n**Alert**: `A`<br>\n**Severity**: Warning<br/>\n**Threshold**: > 5 for 5 minutes<br />\n",
        EXPECTED,
    );
}

#[test]
fn tables_are_read() {
    check(
        "### T\n\n| | |\n|---|---|\n| **Alert** | `A` |\n| Severity | Warning |\n| Threshold | > 5 for 5 minutes |\n",
        EXPECTED,
    );
    check(
        "| Alert | Severity | Threshold |\n|---|---|---|\n| `A` | Warning | > 5 for 5 minutes |\n| B | Critical | x |\n",
        "`A` | Warning | > 5 for 5 minutes\nB | Critical | x",
    );
}

#[test]
fn code_and_comments_are_passed_over() {
    check("### T\n```\nAlert: A\n```\n<!--\nAlert: B\n-->\n\n    Alert: C\n", "");
}

#[test]
fn headings_separate() {
    check("### T\nAlert: A\nSeverity: Warning\n### U\nThreshold: > 5\n", "A | Warning | -\n- | - | > 5");
    check(
        "### T\nAlert: A\nSeverity: Warning\n\nAlert: B\nSeverity: Critical\n",
        "A | Warning | -\nB | Critical | -",
    );
}

#[test]
fn what_is_said_twice_is_kept_twice() {
    check("Alert: A\nSeverity: Warning\nSeverity: Critical\nThreshold: x\n", "A | Warning & Critical | x");
}

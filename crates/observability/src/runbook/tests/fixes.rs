//! What is mended in a runbook, and what is left alone.

use proptest::prelude::*;

use super::{RUNBOOK, clipper, codes, shown, with};
use crate::findings::Code;
use crate::runbook::{MAX_SIZE, codes, compare, fix};

/// Every line with a severity or a threshold, and each number in it.
fn changes() -> Vec<(String, Code)> {
    let mut changes = Vec::new();
    for (number, line) in RUNBOOK.lines().enumerate() {
        let mut change = |new: String, code| {
            let mut lines: Vec<String> = RUNBOOK.lines().map(str::to_owned).collect();
            lines[number] = new;
            changes.push((lines.join("\n"), code));
        };
        if line.starts_with("**Severity**: Warning") {
            change(line.replace("Warning", "Critical"), codes::SEVERITY_DIFFERS);
        } else if line.starts_with("**Severity**") {
            change(line.replace("Critical", "Warning"), codes::SEVERITY_DIFFERS);
        }
        if !line.starts_with("**Threshold**") {
            continue;
        }
        let mut at = 0;
        while let Some(start) = line[at..].find(|c: char| c.is_ascii_digit()).map(|start| at + start) {
            let length =
                line[start..].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(line.len() - start);
            at = start + length;
            if line[..start].ends_with('P') {
                continue;
            }
            let before = line[..start].trim_end_matches([' ', '>', '=']);
            let code = if before.ends_with("`reputation_tasks`:") {
                codes::JOB_THRESHOLD_DIFFERS
            } else if before.ends_with(" over")
                || before.ends_with(" for")
                    && !["No successful run for", "Success overdue for"]
                        .iter()
                        .any(|says| before.ends_with(says))
            {
                codes::DURATION_DIFFERS
            } else {
                codes::THRESHOLD_DIFFERS
            };
            change(format!("{}7{}", &line[..start], &line[start..]), code);
        }
    }
    changes
}

#[test]
fn each_changed_threshold_severity_and_duration_is_named_alone() {
    let changes = changes();
    assert!(changes.len() > 12 + 18, "{}", changes.len());
    for (text, code) in changes {
        assert_eq!(codes(&text), [code], "{}", shown(&text));
    }
}

#[test]
fn fixing_mends_what_it_may_and_nothing_else() {
    assert_eq!(fix(&clipper(), RUNBOOK), RUNBOOK);
    for (text, code) in changes() {
        assert_eq!(fix(&clipper(), &text), RUNBOOK.trim_end(), "{code}");
    }
    let crlf = RUNBOOK.replace('\n', "\r\n");
    assert_eq!(fix(&clipper(), &crlf.replace("> 600 seconds", "> 1 second")), crlf);
    let unknown = with("**Alert**: `BackgroundJobFailing`", "**Alert**: `BackgroundJobFailingOften`")
        .replacen("> 0.1 failures/sec", "> 7 failures/sec", 1);
    assert_eq!(fix(&clipper(), &unknown), unknown);
    let code_span = with("**Severity**: Critical", "**Severity**: `Warning`");
    assert!(fix(&clipper(), &code_span).contains("**Severity**: `Critical`"));
}

#[test]
fn an_empty_cell_is_filled_and_one_that_is_not_there_is_not() {
    let table = |row: &str| format!("# T\n\n| Alert | Severity | Threshold |\n|---|---|---|\n{row}\n");
    let filled = "| BackgroundJobCriticalFailureRate | Critical | > 50% failure rate for 5 minutes |";
    assert_eq!(fix(&clipper(), &table("| BackgroundJobCriticalFailureRate | | |")), table(filled));
    for row in ["BackgroundJobCriticalFailureRate", "| BackgroundJobCriticalFailureRate |"] {
        assert_eq!(fix(&clipper(), &table(row)), table(row));
    }
}

#[test]
fn no_runbook_is_mended_beyond_the_largest_size() {
    let section =
        "# T\nAlert: BackgroundJobCriticalFailureRate\nSeverity: Critical\nThreshold: > 1% failed\n\n";
    let filled = |size: usize| format!("{section}{}", "a".repeat(size - section.len()));
    let roomy = fix(&clipper(), &filled(MAX_SIZE - 100));
    assert!(roomy.contains("> 50% failure rate for 5 minutes"));
    assert_eq!(fix(&clipper(), &filled(MAX_SIZE)), filled(MAX_SIZE));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_runbook_panics(at in 0..RUNBOOK.len(), put in "[ -~|*`\n]{0,6}", cut in 0_usize..40) {
        let clean = |mut at: usize| { while !RUNBOOK.is_char_boundary(at) { at -= 1; } at };
        let text = format!("{}{put}{}", &RUNBOOK[..clean(at)], &RUNBOOK[clean((at + cut).min(RUNBOOK.len()))..]);
        let mended = fix(&clipper(), &text);
        prop_assert_eq!(fix(&clipper(), &mended), mended.clone());
        for finding in compare(&clipper(), &text) {
            prop_assert!(text.get(finding.location.position.span.clone()).is_some());
        }
    }
}

/// A value may have only the start or the end of a link or of emphasis; the other part is kept, and
/// so are the signs of what stands beside it.
#[test]
fn what_begins_or_ends_within_a_value_is_kept_with_its_neighbours() {
    #[track_caller]
    fn check(fields: &str, mended: &str) {
        let alert = "# S\n\n**Alert**: `BackgroundJobConsecutiveFailures`\n";
        assert_eq!(fix(&clipper(), &format!("{alert}{fields}\n")), format!("{alert}{mended}\n"));
    }
    check(
        "**Severity**: as [under\n**Threshold**: 3 failed\n**Jobs](#jobs).",
        "**Severity**: Warning\n[**Threshold**: >= 3 failed runs in a row\n**Jobs](#jobs).",
    );
    check("**Severity**: as *under\n_some_ line*", "**Severity**: Warning\n*_some_ line*");
    check("*__Severity:__ wa* rm", "*__Severity:__* Warning");
}

//! What a runbook yields, held against alerts.

use std::time::Duration;

use insta::assert_snapshot;
use jobwatch_catalogue::{AlertName, Catalogue, JobSpec, Quantity, ThresholdOverride, Unit, yaml};
use proptest::prelude::*;

use super::*;
use crate::alerts::{Alert, alerts};
use crate::code::Code;

const RUNBOOK: &str = include_str!("../../../../docs/runbooks/background-jobs.md");

fn clipper() -> Vec<Alert> {
    alerts(&catalogue())
}

fn catalogue() -> Catalogue {
    yaml::parse(include_str!("../../../../jobs/catalogue.yaml")).unwrap().catalogue
}

fn codes(text: &str) -> Vec<Code> {
    compare(&clipper(), text).into_iter().map(|finding| finding.code).collect()
}

/// Each finding, with the text of its line in place of the number, which every sentence that is added above would change.
fn shown(text: &str) -> String {
    compare(&clipper(), text)
        .into_iter()
        .map(|finding| {
            let at = &finding.location;
            format!(
                "at column {} of {:?}\n  {} {:?}\n  {}\n  expected {:?}, found {:?}\n  {}",
                at.column,
                text.lines().nth(at.line - 1).unwrap_or_default(),
                finding.code,
                &text[at.span.clone()],
                finding.message,
                finding.expected.unwrap_or_default(),
                finding.found.unwrap_or_default(),
                finding.hint.lines().next().unwrap_or_default(),
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The runbook with one text in place of another, which has to be there.
fn with(old: &str, new: &str) -> String {
    assert!(RUNBOOK.contains(old), "{old}");
    RUNBOOK.replacen(old, new, 1)
}

#[test]
fn the_runbook_agrees_with_the_rules() {
    assert_eq!(shown(RUNBOOK), "");
    assert_eq!(shown(&RUNBOOK.replace('\n', "\r\n")), "");
    assert_eq!(shown(&RUNBOOK.replace("**", "")), "");
}

#[test]
fn every_sentence_is_read_back() {
    for alert in clipper() {
        assert!(judge::judge(&sentence(&alert), &alert).is_empty(), "{}", sentence(&alert));
    }
}

#[test]
fn each_kind_of_difference_is_told() {
    assert_snapshot!(shown(&with("> 0.1 failures/sec", "> 0.2 failures/sec")), @r#"
    at column 18 of "**Threshold**: > 0.2 failures/sec for 5 minutes"
      runbook-figure-differs "0.2 failures/sec"
      the runbook states another figure than BackgroundJobFailing tests
      expected "0.1 failures/sec", found "0.2 failures/sec"
      write: > 0.1 failures/sec for 5 minutes
    "#);
    assert_snapshot!(shown(&with("> 300 seconds", "> 300 minutes")), @r#"
    at column 31 of "**Threshold**: P95 duration > 300 minutes for 15 minutes"
      runbook-unit-differs "300 minutes"
      the runbook states another unit than BackgroundJobHighDuration tests
      expected "300 seconds", found "300 minutes"
      write: P95 duration > 300 seconds for 15 minutes
    "#);
    assert_snapshot!(shown(&with("> 50% failure rate", "> 50 failures/sec")), @r#"
    at column 18 of "**Threshold**: > 50 failures/sec for 5 minutes"
      runbook-unit-differs "50 failures/sec"
      the runbook states another unit than BackgroundJobCriticalFailureRate tests
      expected "50%", found "50 failures/sec"
      write: > 50% failure rate for 5 minutes
    "#);
    assert_snapshot!(shown(&with("> 1000 for 10 minutes", "> 1000 for 15 minutes")), @r#"
    at column 38 of "**Threshold**: Queue size > 1000 for 15 minutes"
      runbook-duration-differs "15 minutes"
      the condition has to hold for 10 minutes, says the rule of BackgroundJobCriticalQueueSize
      expected "10 minutes", found "15 minutes"
      write: Queue size > 1000 for 10 minutes
    "#);
    assert_snapshot!(shown(&with("> 1000 for 10 minutes", "> 1000")), @r#"
    at column 33 of "**Threshold**: Queue size > 1000"
      runbook-duration-differs ""
      the runbook does not say that the condition has to hold for 10 minutes
      expected "10 minutes", found ""
      write: Queue size > 1000 for 10 minutes
    "#);
    assert_snapshot!(shown(&with("> 24 hours", "> 24 hours for 5 minutes")), @r#"
    at column 53 of "**Threshold**: No successful run for > 24 hours for 5 minutes"
      runbook-duration-differs "5 minutes"
      BackgroundJobCriticallyStale does not wait before it fires
      expected "nothing", found "5 minutes"
      write: No successful run for > 24 hours
    "#);
    assert_snapshot!(shown(&with("> 600 seconds", "< 600 seconds")), @r#"
    at column 29 of "**Threshold**: P95 duration < 600 seconds for 10 minutes"
      runbook-comparison-differs "<"
      the runbook compares in another direction than BackgroundJobCriticalDuration
      expected ">", found "<"
      write: P95 duration > 600 seconds for 10 minutes
    "#);
    assert_snapshot!(shown(&with("> 1000 for 10", "> 1000 for less than 10")), @r#"
    at column 38 of "**Threshold**: Queue size > 1000 for less than 10 minutes"
      runbook-comparison-differs "less than"
      the condition has to hold for 10 minutes, not less
      expected "no comparison", found "less than"
      write: Queue size > 1000 for 10 minutes
    "#);
    assert_snapshot!(shown(&with(">= 3 failed", "> 3 failed")), @r#"
    at column 16 of "**Threshold**: > 3 failed runs in a row"
      runbook-comparison-differs ">"
      the runbook compares in another direction than BackgroundJobConsecutiveFailures
      expected ">=", found ">"
      write: >= 3 failed runs in a row
    "#);
    assert_snapshot!(shown(&with("(`reputation_tasks`: > 13", "(`reputation_tasks`: < 13")), @r#"
    at column 69 of "**Threshold**: No successful run for > 2 hours (`reputation_tasks`: < 13 hours)"
      runbook-comparison-differs "<"
      the runbook compares in another direction than BackgroundJobNotRunning for reputation_tasks
      expected ">", found "<"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with("> 300 seconds", "> 300 milliseconds")), @r#"
    at column 31 of "**Threshold**: P95 duration > 300 milliseconds for 15 minutes"
      runbook-unit-differs "300 milliseconds"
      the runbook states another unit than BackgroundJobHighDuration tests
      expected "300 seconds", found "300 milliseconds"
      write: P95 duration > 300 seconds for 15 minutes
    "#);
    assert_snapshot!(shown(&with("> 0.1 failures/sec", "> 6.00001 failures/min")), @r#"
    at column 18 of "**Threshold**: > 6.00001 failures/min for 5 minutes"
      runbook-figure-differs "6.00001 failures/min"
      the runbook states another figure than BackgroundJobFailing tests
      expected "0.1 failures/sec", found "6.00001 failures/min"
      write: > 0.1 failures/sec for 5 minutes
    "#);
    assert_snapshot!(shown(&with("> 50% failure rate", "> 50.00001% failure rate")), @r#"
    at column 18 of "**Threshold**: > 50.00001% failure rate for 5 minutes"
      runbook-figure-differs "50.00001%"
      the runbook states another figure than BackgroundJobCriticalFailureRate tests
      expected "50%", found "50.00001%"
      write: > 50% failure rate for 5 minutes
    "#);
    assert_snapshot!(shown(&with("> 20% item failure rate", "P95 duration > 20 seconds")), @r#"
    at column 16 of "**Threshold**: P95 duration > 20 seconds for 15 minutes"
      runbook-condition-differs "P95 duration > 20 seconds for 15 minutes"
      the runbook states another condition than BackgroundJobHighItemFailureRate tests
      expected "> 20% item failure rate for 15 minutes", found "P95 duration > 20 seconds for 15 minutes"
      write: > 20% item failure rate for 15 minutes
    "#);
    assert_snapshot!(shown(&with("growing by > 50% over 10", "growing by > 60% over 20")), @r#"
    at column 45 of "**Threshold**: Queue > 100 and growing by > 60% over 20 minutes"
      runbook-figure-differs "60%"
      the runbook states another figure than BackgroundJobQueueGrowing tests
      expected "50%", found "60%"
      write: Queue > 100 and growing by > 50% over 10 minutes
    at column 54 of "**Threshold**: Queue > 100 and growing by > 60% over 20 minutes"
      runbook-duration-differs "20 minutes"
      the queue has to have grown over 10 minutes, says the rule of BackgroundJobQueueGrowing
      expected "10 minutes", found "20 minutes"
      write: Queue > 100 and growing by > 50% over 10 minutes
    "#);
    assert_snapshot!(shown(&with(">= 3 failed runs in a row", "when it fails all night")), @r#"
    at column 16 of "**Threshold**: when it fails all night"
      runbook-threshold-unreadable "when it fails all night"
      the threshold is written in a form that is not understood
      expected ">= 3 failed runs in a row", found "when it fails all night"
      write: >= 3 failed runs in a row; the forms are `> 0.1 failures/sec for 5 minutes`, `> 50% failure rate for 5 minutes`, `No successful run for > 2 hours`, `P95 duration > 300 seconds for 15 minutes`, `Queue > 100 and growing by > 50% over 10 minutes`, `Queue size > 1000 for 10 minutes`, `> 20% item failure rate for 15 minutes`, `>= 3 failed runs in a row`, `A run in progress for longer than its timeout for 1 minute`, `No metrics of the job for 10 minutes`
    "#);
    assert_snapshot!(shown(&with("(`reputation_tasks`: > 13 hours)", "(`reputation_tasks`: > 12 hours)")), @r#"
    at column 50 of "**Threshold**: No successful run for > 2 hours (`reputation_tasks`: > 12 hours)"
      runbook-job-threshold-differs "reputation_tasks`: > 12 hours"
      BackgroundJobNotRunning has another figure for reputation_tasks than the runbook states
      expected "13 hours", found "reputation_tasks`: > 12 hours"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with(" (`reputation_tasks`: > 13 hours)", "")), @r#"
    at column 16 of "**Threshold**: No successful run for > 2 hours"
      runbook-job-threshold-unstated "No successful run for > 2 hours"
      BackgroundJobNotRunning has another figure for reputation_tasks, which the runbook does not state
      expected "13 hours", found "No successful run for > 2 hours"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with("(`reputation_tasks`: > 13 hours)", "(`reputation_tasks`: > 13 hours; `vacuum`: > 1 day)")), @r#"
    at column 82 of "**Threshold**: No successful run for > 2 hours (`reputation_tasks`: > 13 hours; `vacuum`: > 1 day)"
      runbook-job-threshold-differs "vacuum`: > 1 day"
      BackgroundJobNotRunning watches no job named vacuum
      expected "nothing", found "vacuum`: > 1 day"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with("**Severity**: Critical", "**Severity**: Warning")), @r#"
    at column 15 of "**Severity**: Warning"
      runbook-severity-differs "Warning"
      the runbook states another severity than the rule of BackgroundJobCriticalFailureRate has
      expected "Critical", found "Warning"
      write: Critical
    "#);
    assert_snapshot!(shown(&with("**Severity**: Critical\n", "")), @r#"
    at column 12 of "**Alert**: `BackgroundJobCriticalFailureRate`"
      runbook-field-missing "`BackgroundJobCriticalFailureRate`"
      the section of BackgroundJobCriticalFailureRate does not state its severity
      expected "Critical", found ""
      add a line `**Severity**: Critical`
    "#);
    assert_snapshot!(shown(&with("`BackgroundJobStuck`", "`BackgroundJobStick`")), @r####"
    at column 12 of "**Alert**: `BackgroundJobStick`"
      runbook-alert-unknown "`BackgroundJobStick`"
      there is no alert BackgroundJobStick
      expected "", found "BackgroundJobStick"
      did you mean `BackgroundJobStuck`? `jobwatch list alerts` shows all
    at column 43 of "   the job, what you saw and what you did."
      runbook-section-missing ""
      BackgroundJobStuck has no section in the runbook
      expected "### Stuck Job\n**Alert**: `BackgroundJobStuck`\n**Severity**: Warning\n**Threshold**: A run in progress for longer than its timeout for 1 minute\n", found ""
      add:
    "####);
    assert_snapshot!(shown(&with("### Stuck Job", "### Stuck Jobs")), @r##"
    at column 12 of "**Alert**: `BackgroundJobStuck`"
      runbook-anchor-broken "`BackgroundJobStuck`"
      the link of BackgroundJobStuck leads to #stuck-job, which is no heading here
      expected "#stuck-job", found ""
      name the section's heading `Stuck Job`, or put `<a id="stuck-job"></a>` above it
    "##);
    assert_snapshot!(shown(&format!("{RUNBOOK}\n### Again\n{}", section_for(&clipper()[0]))), @r#"
    at column 12 of "**Alert**: `BackgroundJobFailing`"
      runbook-section-duplicate "`BackgroundJobFailing`"
      BackgroundJobFailing has two sections
      expected "", found ""
      keep one of them; the first is in line 53
    "#);
    assert_snapshot!(shown(&with("**Alert**: `BackgroundJobFailing`\n", "")), @r####"
    at column 15 of "**Severity**: Warning"
      runbook-field-missing "Warning"
      this section does not say which alert it is about
      expected "", found ""
      add a line `**Alert**: ` with the alert's name
    at column 43 of "   the job, what you saw and what you did."
      runbook-section-missing ""
      BackgroundJobFailing has no section in the runbook
      expected "### Job Failures\n**Alert**: `BackgroundJobFailing`\n**Severity**: Warning\n**Threshold**: > 0.1 failures/sec for 5 minutes\n", found ""
      add:
    "####);
}

#[test]
fn a_link_that_leads_to_the_section_of_another_alert_is_told() {
    let swapped = with("### Stuck Job", "### X").replacen("### Metrics Absent", "### Stuck Job", 1);
    let swapped = swapped.replacen("### X", "### Metrics Absent", 1);
    assert_eq!(codes(&swapped), [Code::RunbookAnchorBroken; 2]);
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
    assert_eq!(codes(&by_hand), [Code::RunbookAnchorBroken]);
}

#[test]
fn a_promise_that_is_made_twice_is_checked_twice() {
    let twice =
        with("> 600 seconds for 10 minutes\n", "> 600 seconds for 10 minutes\nThreshold: > 1 second\n");
    assert_eq!(codes(&twice), [Code::RunbookThresholdUnreadable]);
    let twice = with("**Severity**: Critical\n", "**Severity**: Critical\n**Severity**: Warning\n");
    assert_eq!(codes(&twice), [Code::RunbookSeverityDiffers]);
}

#[test]
fn a_field_without_a_value_is_missing() {
    for (old, new) in [
        ("**Severity**: Critical", "**Severity**:"),
        ("**Threshold**: > 0.1 failures/sec for 5 minutes", "**Threshold**:"),
    ] {
        assert_eq!(codes(&with(old, new)), [Code::RunbookFieldMissing], "{new}");
        assert_eq!(fix(&clipper(), &with(old, new)), RUNBOOK);
    }
    let nameless = with("**Alert**: `BackgroundJobFailing`", "**Alert**:");
    assert_eq!(codes(&nameless), [Code::RunbookFieldMissing, Code::RunbookSectionMissing]);
}

#[test]
fn an_alert_may_be_named_by_a_link_or_with_words_behind_it() {
    for name in ["[BackgroundJobFailing](https://example.com)", "`BackgroundJobFailing` (one of a pair)"] {
        assert_eq!(codes(&with("`BackgroundJobFailing`", name)), [], "{name}");
    }
    let both = with("`BackgroundJobFailing`", "`BackgroundJobFailing`, `BackgroundJobStuck`");
    assert_eq!(codes(&both), [Code::RunbookAlertUnknown, Code::RunbookSectionMissing]);
}

#[test]
fn an_empty_runbook_lacks_everything() {
    let found = codes("");
    assert_eq!(found, [Code::RunbookSectionMissing; 12]);
}

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
            change(line.replace("Warning", "Critical"), Code::RunbookSeverityDiffers);
        } else if line.starts_with("**Severity**") {
            change(line.replace("Critical", "Warning"), Code::RunbookSeverityDiffers);
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
                Code::RunbookJobThresholdDiffers
            } else if before.ends_with(" over") || before.ends_with(" for") && !line.contains("No successful")
            {
                Code::RunbookDurationDiffers
            } else {
                Code::RunbookFigureDiffers
            };
            change(format!("{}7{}", &line[..start], &line[start..]), code);
        }
    }
    changes
}

#[test]
fn each_changed_figure_severity_and_duration_is_named_alone() {
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

/// The alerts of a catalogue that sets every figure there is.
fn alerts_with(number: u64, growth: u64, seconds: [u64; 2]) -> Vec<Alert> {
    let job = |name| JobSpec::every(name, Duration::from_secs(3600)).items("things").queue("things");
    let mut builder = Catalogue::builder("test").job(job("plain")).job(job("other.job"));
    for alert in AlertName::ALL {
        let figures = alert.figures();
        let above = figures.above.map(|unit| match unit {
            Unit::PerSecond => Quantity::PerSecond(number),
            Unit::Ratio => Quantity::Ratio(number.min(1_000_000)),
            Unit::Duration => Quantity::Duration(number),
            Unit::Count => Quantity::Count(number),
        });
        let set = ThresholdOverride {
            above,
            at_least: figures.at_least.map(|_| number % 1_000 + 1),
            growth: figures.growth.then_some(growth),
            over: figures.growth.then_some(seconds[0]),
            hold: Some(seconds[1]),
        };
        builder = builder.threshold(alert, set);
    }
    alerts(&builder.build().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sentence_is_read_back_to_the_figures_that_it_was_written_from(
        number in 1_u64..3_000_000,
        growth in 1_u64..5_000_000,
        over in 1_u64..200_000,
        hold in 0_u64..200_000,
    ) {
        for alert in alerts_with(number, growth, [over, hold]) {
            let text = sentence(&alert);
            prop_assert_eq!(judge::judge(&text, &alert), vec![], "{}", text);
        }
        let others = alerts_with(number + 1, growth + 1, [over + 1, hold + 1]);
        for (alert, other) in alerts_with(number, growth, [over, hold]).iter().zip(&others) {
            prop_assert!(!judge::judge(&sentence(other), alert).is_empty(), "{}", sentence(other));
        }
    }

    #[test]
    fn no_runbook_panics(at in 0..RUNBOOK.len(), put in "[ -~|*`\n]{0,6}", cut in 0_usize..40) {
        let clean = |mut at: usize| { while !RUNBOOK.is_char_boundary(at) { at -= 1; } at };
        let text = format!("{}{put}{}", &RUNBOOK[..clean(at)], &RUNBOOK[clean((at + cut).min(RUNBOOK.len()))..]);
        let mended = fix(&clipper(), &text);
        prop_assert_eq!(fix(&clipper(), &mended), mended.clone());
        for finding in compare(&clipper(), &text) {
            prop_assert!(text.get(finding.location.span.clone()).is_some());
        }
    }
}

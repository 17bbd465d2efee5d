//! What differs between a runbook and the rules.

use insta::assert_snapshot;

use super::{RUNBOOK, clipper, shown, with};
use crate::runbook::section_for;

#[test]
fn the_runbook_agrees_with_the_rules() {
    assert_eq!(shown(RUNBOOK), "");
    assert_eq!(shown(&RUNBOOK.replace('\n', "\r\n")), "");
    assert_eq!(shown(&RUNBOOK.replace("**", "")), "");
}

#[test]
fn each_kind_of_difference_is_told() {
    assert_snapshot!(shown(&with("> 0.1 failures/sec", "> 0.2 failures/sec")), @r#"
    at column 18 of "**Threshold**: > 0.2 failures/sec for 5 minutes"
      runbook-threshold-differs "0.2 failures/sec"
      the runbook states another threshold than BackgroundJobFailing tests
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
      runbook-threshold-differs "6.00001 failures/min"
      the runbook states another threshold than BackgroundJobFailing tests
      expected "0.1 failures/sec", found "6.00001 failures/min"
      write: > 0.1 failures/sec for 5 minutes
    "#);
    assert_snapshot!(shown(&with("> 50% failure rate", "> 50.00001% failure rate")), @r#"
    at column 18 of "**Threshold**: > 50.00001% failure rate for 5 minutes"
      runbook-threshold-differs "50.00001%"
      the runbook states another threshold than BackgroundJobCriticalFailureRate tests
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
      runbook-threshold-differs "60%"
      the runbook states another threshold than BackgroundJobQueueGrowing tests
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
      write: >= 3 failed runs in a row; the forms are `> 0.1 failures/sec for 5 minutes`, `> 50% failure rate for 5 minutes`, `No successful run for > 2 hours`, `P95 duration > 300 seconds for 15 minutes`, `Queue > 100 and growing by > 50% over 10 minutes`, `Queue size > 1000 for 10 minutes`, `> 20% item failure rate for 15 minutes`, `>= 3 failed runs in a row`, `Success overdue for > 2 minutes for 1 minute`, `A run in progress for longer than its timeout for 1 minute`, `No metrics of the job for 10 minutes`, `A warning unresolved for 30 minutes`
    "#);
    assert_snapshot!(shown(&with("(`reputation_tasks`: > 13 hours)", "(`reputation_tasks`: > 12 hours)")), @r#"
    at column 50 of "**Threshold**: No successful run for > 2 hours (`reputation_tasks`: > 12 hours)"
      runbook-job-threshold-differs "reputation_tasks`: > 12 hours"
      BackgroundJobNotRunning has another threshold for reputation_tasks than the runbook states
      expected "13 hours", found "reputation_tasks: > 12 hours"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with(" (`reputation_tasks`: > 13 hours)", "")), @r#"
    at column 16 of "**Threshold**: No successful run for > 2 hours"
      runbook-job-threshold-unstated "No successful run for > 2 hours"
      BackgroundJobNotRunning has another threshold for reputation_tasks, which the runbook does not state
      expected "13 hours", found "No successful run for > 2 hours"
      write: No successful run for > 2 hours (`reputation_tasks`: > 13 hours)
    "#);
    assert_snapshot!(shown(&with("(`reputation_tasks`: > 13 hours)", "(`reputation_tasks`: > 13 hours; `vacuum`: > 1 day)")), @r#"
    at column 82 of "**Threshold**: No successful run for > 2 hours (`reputation_tasks`: > 13 hours; `vacuum`: > 1 day)"
      runbook-job-threshold-differs "vacuum`: > 1 day"
      BackgroundJobNotRunning watches no job named vacuum
      expected "nothing", found "vacuum: > 1 day"
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
    at column 6 of "page."
      runbook-section-missing ""
      BackgroundJobStuck has no section in the runbook
      expected "### Stuck Job\n**Alert**: `BackgroundJobStuck`\n**Severity**: Warning\n**Threshold**: A run in progress for longer than its timeout for 1 minute\n", found ""
      add:
    "####);
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
    at column 6 of "page."
      runbook-section-missing ""
      BackgroundJobFailing has no section in the runbook
      expected "### Job Failures\n**Alert**: `BackgroundJobFailing`\n**Severity**: Warning\n**Threshold**: > 0.1 failures/sec for 5 minutes\n", found ""
      add:
    "####);
}

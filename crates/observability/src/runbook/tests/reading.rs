//! How sentences are read in the forms of the standard alerts, and in one of somebody else's.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use jobwatch_catalogue::JobName;

use crate::alerts::{
    consecutive_failures, critical_failure_rate, critical_queue_size, failing, high_duration,
    high_item_failure_rate, metrics_absent, not_running, queue_growing, stuck,
};
use crate::anchor::AnchorStyle;
use crate::comparison::Comparison;
use crate::definition::AlertName;
use crate::findings::Code;
use crate::runbook::alert_view::{AlertView, JobGroup, Pace, Quantity, Severity};
use crate::runbook::codes;
use crate::runbook::expected::Expectations;
use crate::runbook::judge::judge;
use crate::runbook::names::Names;
use crate::runbook::section;
use crate::runbook::spoken::spoken;
use crate::runbook::statement::{self, Statement};
use crate::runbook::tokenize::tokens;
use crate::runbook::value::Value;
use crate::sentence::{Blank, Form, Spoken, Stands};

const FORMS: [(&str, Form); 10] = [
    ("FailureRate", failing::FAILING.form),
    ("FailureRatio", critical_failure_rate::CRITICAL_FAILURE_RATE.form),
    ("NoSuccess", not_running::NOT_RUNNING.form),
    ("DurationP95", high_duration::HIGH_DURATION.form),
    ("QueueGrowing", queue_growing::QUEUE_GROWING.form),
    ("QueueSize", critical_queue_size::CRITICAL_QUEUE_SIZE.form),
    ("ItemFailureRatio", high_item_failure_rate::HIGH_ITEM_FAILURE_RATE.form),
    ("ConsecutiveFailures", consecutive_failures::CONSECUTIVE_FAILURES.form),
    ("Stuck", stuck::STUCK.form),
    ("MetricsAbsent", metrics_absent::METRICS_ABSENT.form),
];

const PACE: Pace = Pace { interval: Some(60), timeout: Some(900) };

fn read(sentence: &str, form: &Form) -> Result<Statement, Range<usize>> {
    statement::read(sentence, &tokens(sentence), form)
}

/// The sentence as the parser of Markdown leaves it.
fn plain(sentence: &str) -> String {
    let text = format!("Threshold: {sentence}");
    let entries = section::read(&text, AnchorStyle::default(), &Names::default()).entries;
    entries.first().map(|entry| entry.thresholds[0].text.clone()).unwrap_or_default()
}

/// A statement in few words: comparison and value of each parameter, hold, exceptions.
fn shown(form: &Form, statement: &Statement) -> String {
    let value = |value: &Value| {
        let comparison = value.comparison.map_or("", Comparison::as_str);
        format!("{comparison}{}", value.at(PACE).quantity)
    };
    let mut text = String::new();
    for (parameter, part) in form.parameters.iter().zip(&statement.values) {
        let lead = if matches!(parameter.stands, Stands::Over { .. }) { " over " } else { " " };
        text.push_str(&part.as_ref().map_or(String::new(), |part| format!("{lead}{}", value(part))));
    }
    text.push_str(&statement.hold.as_ref().map_or(String::new(), |part| format!(" for {}", value(part))));
    for exception in &statement.exceptions {
        let values: Vec<_> = exception.values.iter().flatten().map(&value).collect();
        text.push_str(&format!(" [{} {}]", exception.job, values.join(" ")));
    }
    text
}

/// A sentence is read in one form, and in no other. (That rate and ratio of failures are read as
/// each other makes a wrong unit of what would be another condition.)
#[track_caller]
pub(super) fn check(sentence: &str, expected: &str) {
    let plain = plain(sentence);
    let name = expected.split(' ').next().unwrap();
    for (other, form) in FORMS {
        match read(&plain, &form) {
            Ok(statement) if other == name => {
                assert_eq!(format!("{name}{}", shown(&form, &statement)), expected, "{sentence}");
            }
            Err(span) if other == name => panic!("{sentence}: {:?} is unreadable", &plain[span]),
            Ok(_) if !(other.starts_with("FailureRat") && name.starts_with("FailureRat")) => {
                panic!("{sentence} is read as {other}")
            }
            _ => {}
        }
    }
}

/// A sentence is not read in a form; this is the part that makes no sense.
#[track_caller]
fn check_unreadable(form: &Form, sentence: &str, expected: &str) {
    let plain = plain(sentence);
    match read(&plain, form) {
        Ok(statement) => panic!("{sentence} is read:{}", shown(form, &statement)),
        Err(span) => assert_eq!(&plain[span], expected, "{sentence}"),
    }
}

#[test]
fn the_sentences_of_the_contract_are_read() {
    check("> 0.1 failures/sec for 5 minutes", "FailureRate >0.1/s for 5m");
    check("> 50% failure rate for 5 minutes", "FailureRatio >50% for 5m");
    check("No successful run for > 2 hours", "NoSuccess >2h");
    check("No successful run for > 24 hours", "NoSuccess >1d");
    check("P95 duration > 300 seconds for 15 minutes", "DurationP95 >5m for 15m");
    check("P95 duration > 600 seconds for 10 minutes", "DurationP95 >10m for 10m");
    check("Queue > 100 and growing by > 50% over 10 minutes", "QueueGrowing >100 >50% over 10m");
    check("Queue size > 1000 for 10 minutes", "QueueSize >1000 for 10m");
    check("> 20% item failure rate for 15 minutes", "ItemFailureRatio >20% for 15m");
    check(">= 3 failed runs in a row", "ConsecutiveFailures >=3");
    check("A run in progress for longer than its timeout for 1 minute", "Stuck >15m for 1m");
    check("No metrics of the job for 10 minutes", "MetricsAbsent for 10m");
}

#[test]
fn other_words_and_units_are_read() {
    check("more than 6 failures per minute for 300s", "FailureRate >0.1/s for 5m");
    check("More than 0.1 failed executions a second for 5m.", "FailureRate >0.1/s for 5m");
    check("Failure rate above 50 percent for 5 min", "FailureRatio >50% for 5m");
    check("Failure rate: > 50% for 5 minutes", "FailureRatio >50% for 5m");
    check("failure ratio > 0.5 for 5 minutes", "FailureRatio >50% for 5m");
    check("**> 50 %** failure rate for `5m`", "FailureRatio >50% for 5m");
    check("No successful run for 2 hours", "NoSuccess 2h");
    check("No success for more than 120 minutes", "NoSuccess >2h");
    check("no successful execution in the last 1 day", "NoSuccess 1d");
    check("95th percentile of the duration above 5 minutes for 15 minutes", "DurationP95 >5m for 15m");
    check("p95 duration exceeds 1h30m for 15m", "DurationP95 >1h30m for 15m");
    check("Queue size over 1,000 for 10 minutes", "QueueSize >1000 for 10m");
    check("Queue length &gt; 1000 for 10 minutes", "QueueSize >1000 for 10m");
    check("Queue above 100 and grown by more than 50% in 10 minutes", "QueueGrowing >100 >50% over 10m");
    check("≥ 20 % of items failed for 15 minutes", "ItemFailureRatio >=20% for 15m");
    check("at least 3 consecutive failures", "ConsecutiveFailures >=3");
    check("P95 duration < 300 seconds for 15 minutes", "DurationP95 <5m for 15m");
    check("Time since the last success > 2 hours", "NoSuccess >2h");
    check("Last successful run more than 2 hours ago", "NoSuccess >2h");
    check("The job has not succeeded for > 2 hours", "NoSuccess >2h");
    check("No successful run for 24 hours or longer", "NoSuccess >=1d");
    check("P95 duration over 5 minutes for 15 minutes", "DurationP95 >5m for 15m");
    check("P95 duration > 300000 ms for 15 minutes", "DurationP95 >5m for 15m");
    check("P95 duration > 300 seconds (5 minutes) for 15 minutes", "DurationP95 >5m for 15m");
    check("> .1 failures/sec (for five minutes)", "FailureRate >0.1/s for 5m");
    check("Queue depth \\> 1000 entries sustained for 10 minutes", "QueueSize >1000 for 10m");
    check("Queue growing by > 50% over 10 minutes and > 100", "QueueGrowing >100 >50% over 10m");
    check("3 or more consecutive failures", "ConsecutiveFailures >=3");
    check("three failed runs in a row", "ConsecutiveFailures 3");
    check("Metrics of the job missing for 10 minutes", "MetricsAbsent for 10m");
}

#[test]
fn thresholds_of_single_jobs_are_read() {
    check(
        "No successful run for > 2 hours (`reputation_tasks`: > 13 hours)",
        "NoSuccess >2h [reputation_tasks >13h]",
    );
    check(
        "P95 duration > 300 seconds (a: > 20m; b.c: > 1h) for 15 minutes",
        "DurationP95 >5m for 15m [a >20m] [b.c >1h]",
    );
}

#[test]
fn a_word_that_makes_another_promise_is_never_passed_over() {
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "No queue size > 1000 for 10 minutes",
        "No",
    );
    check_unreadable(&stuck::STUCK.form, "No run in progress for longer than its timeout for 1 minute", "No");
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "P95 queue size > 1000 for 10 minutes",
        "P95",
    );
    check_unreadable(
        &high_duration::HIGH_DURATION.form,
        "P95 duration of failed runs > 300 seconds for 15 minutes",
        "failed",
    );
    check_unreadable(
        &critical_failure_rate::CRITICAL_FAILURE_RATE.form,
        "> 50% failure rate without success for 5 minutes",
        "without",
    );
    check_unreadable(
        &not_running::NOT_RUNNING.form,
        "> 50% failure rate without success for 5 minutes",
        "failure",
    );
    check_unreadable(
        &critical_failure_rate::CRITICAL_FAILURE_RATE.form,
        "Failure rate increased by > 50% for 5 minutes",
        "increased",
    );
    for (form, other) in [
        (high_item_failure_rate::HIGH_ITEM_FAILURE_RATE.form, "> 20% item success rate for 15 minutes"),
        (consecutive_failures::CONSECUTIVE_FAILURES.form, ">= 3 successful runs in a row"),
        (metrics_absent::METRICS_ABSENT.form, "metrics of the job for 10 minutes"),
        (not_running::NOT_RUNNING.form, "Successful run for > 2 hours"),
        (high_duration::HIGH_DURATION.form, "Duration > 300 seconds for 15 minutes"),
        (failing::FAILING.form, "> 0.1 runs/sec for 5 minutes"),
    ] {
        for (name, form) in FORMS.iter().chain(&[("own", form)]) {
            assert!(read(other, form).is_err(), "{other} is read as {name}");
        }
        check_unreadable(&form, other, other);
    }
}

#[test]
fn two_negations_make_the_opposite() {
    check_unreadable(
        &not_running::NOT_RUNNING.form,
        "Never missing a successful run for > 2 hours",
        "missing",
    );
    check_unreadable(&not_running::NOT_RUNNING.form, "Last success not more than 2 hours ago", "ago");
    check_unreadable(
        &metrics_absent::METRICS_ABSENT.form,
        "No metrics of the job missing for 10 minutes",
        "missing",
    );
    check("No success since more than 2 hours", "NoSuccess >2h");
}

#[test]
fn what_makes_no_sense_is_pointed_at() {
    check_unreadable(&critical_queue_size::CRITICAL_QUEUE_SIZE.form, "", "");
    check_unreadable(&critical_queue_size::CRITICAL_QUEUE_SIZE.form, "when it hurts", "when it hurts");
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 for 10 minutes unless it is Sunday",
        "unless",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 or 2000 for 10 minutes",
        "or",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size for 10 minutes",
        "Queue size for 10 minutes",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 > 2000 for 10 minutes",
        "2000",
    );
    check_unreadable(
        &critical_failure_rate::CRITICAL_FAILURE_RATE.form,
        "> 50% failure rate for 5 minutes for 6 minutes",
        "6 minutes",
    );
    check_unreadable(
        &critical_failure_rate::CRITICAL_FAILURE_RATE.form,
        "> 50% failure rate for 5 fortnights",
        "fortnights",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 (mostly) for 10 minutes",
        "mostly",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 ( for 10 minutes",
        "(",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 99999999999999999999 for 10 minutes",
        "> 99999999999999999999",
    );
    check_unreadable(&failing::FAILING.form, "> 0.1 purple failures/sec for 5 minutes", "purple");
}

#[test]
fn a_remark_does_no_harm_and_a_condition_does() {
    check("Queue size > 1000 for 10 minutes. Webhooks wait by then.", "QueueSize >1000 for 10m");
    check("Queue size > 1000 for 10 minutes (see the dashboard)", "QueueSize >1000 for 10m");
    check("Queue size > 1k for 10 minutes[^1]\n\n[^1]: Since May.", "QueueSize >1000 for 10m");
    check("Queue size > 1000 <!-- since May --> for 10 minutes", "QueueSize >1000 for 10m");
    check("Queue size > 1000\nfor 10 minutes\nWebhooks wait.", "QueueSize >1000 for 10m");
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 for 10 minutes. Unless it is Sunday.",
        "Unless",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 for 10 minutes\nunless it is Sunday",
        "unless",
    );
    check_unreadable(
        &critical_queue_size::CRITICAL_QUEUE_SIZE.form,
        "Queue size > 1000 for 10 minutes (not on Sundays)",
        "not",
    );
}

/// An alert that no catalogue has, about one job.
fn custom<'a>(
    name: &'static str,
    form: &'a Form,
    comparison: Comparison,
    values: &[(&'a str, Quantity)],
) -> AlertView<'a> {
    let jobs = vec![JobName::new("consumer").unwrap()];
    AlertView {
        id: AlertName::new(name),
        name,
        is_off: false,
        severity: Severity::Warning,
        own_severities: HashMap::new(),
        heading: name,
        hold: 0,
        form,
        comparison,
        values: values.to_vec(),
        exception_count: 0,
        groups: vec![JobGroup {
            threshold: None,
            has_own_threshold: false,
            others: Vec::new(),
            is_exception: false,
            is_set: false,
            jobs,
            pace: PACE,
        }],
        by_name: OnceCell::new(),
    }
}

const LAG: Form = Form { template: "Lag > {above}", needs: &[&["lag"]], ..Form::ABOVE };

/// The codes of a sentence under an alert of our own, which is fine at a lag of 500.
#[track_caller]
fn check_custom(text: &str, alert: AlertView<'_>, expected: &[Code]) {
    let queue_size = &critical_queue_size::CRITICAL_QUEUE_SIZE;
    let queue = custom("Queue", &queue_size.form, queue_size.comparison, &[("above", Quantity::Count(1000))]);
    let all = Expectations::of(vec![alert, queue]);
    let codes: Vec<Code> = judge(text, &all.all[0], &all, 10)
        .into_parts()
        .0
        .into_iter()
        .map(|difference| difference.code)
        .collect();
    assert_eq!(codes, expected, "{text}");
}

#[test]
fn an_alert_from_outside_brings_its_own_words() {
    let values = [("above", Quantity::Count(500))];
    let alert = || custom("Custom", &LAG, Comparison::Above, &values);
    assert_eq!(spoken(&alert()), "Lag > 500");
    let check = |text, expected| check_custom(text, alert(), expected);
    check("Lag > 500", &[]);
    check("The lag of each job is above 500", &[]);
    check("Lag > 400", &[codes::THRESHOLD_DIFFERS]);
    check("Lag < 500", &[codes::COMPARISON_DIFFERS]);
    check("Lag > 500 seconds", &[codes::UNIT_DIFFERS]);
    check("Lag > 500 for 5 minutes", &[codes::DURATION_DIFFERS]);
    check("Lag of the queue > 500", &[codes::THRESHOLD_UNREADABLE]);
    check("Queue size > 1000", &[codes::CONDITION_DIFFERS]);
}

#[test]
fn an_alert_from_outside_may_fire_below_its_threshold() {
    const SLOTS: Form = Form {
        template: "Free slots <= {at_most} within {over}",
        needs: &[&["slots"], &["free"]],
        parameters: &[
            Blank { name: "at_most", stands: Stands::Compared, spoken: Spoken::Plain },
            Blank {
                name: "over",
                stands: Stands::Over { says: "slots have to be free within" },
                spoken: Spoken::Plain,
            },
        ],
        ..Form::ABOVE
    };
    let values = [("at_most", Quantity::Count(2)), ("over", Quantity::Duration(300))];
    let alert = || custom("Custom", &SLOTS, Comparison::AtMost, &values);
    assert_eq!(spoken(&alert()), "Free slots <= 2 within 5 minutes");
    let check = |text, expected| check_custom(text, alert(), expected);
    check("Free slots <= 2 within 5 minutes", &[]);
    check("At most 2 slots free over 300s", &[]);
    check("Free slots < 2 within 5 minutes", &[codes::COMPARISON_DIFFERS]);
    check("Free slots >= 2 within 5 minutes", &[codes::COMPARISON_DIFFERS]);
    check("Free slots <= 2 within 6 minutes", &[codes::DURATION_DIFFERS]);
    check("Free slots <= 2", &[codes::DURATION_DIFFERS]);
}

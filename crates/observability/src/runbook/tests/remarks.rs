//! What somebody wrote within the sentence of a threshold: it does no harm, and is there when the
//! sentence has been mended.

use super::clipper;
use crate::findings::Code;
use crate::runbook::{codes, compare, fix};

#[track_caller]
fn check(name: &str, severity: &str, sentence: &str, mended: &str) {
    let page = |sentence: &str| {
        format!("# T\n\nAlert: {name}\nSeverity: {severity}\nThreshold: {sentence}\n\n[^1]: Agreed.\n")
    };
    let fixed = fix(&clipper(), &page(sentence));
    assert_eq!(fixed, page(mended));
    let left: Vec<Code> = compare(&clipper(), &fixed).into_iter().map(|finding| finding.code).collect();
    assert!(left.iter().all(|code| *code == codes::SECTION_MISSING), "{mended}: {left:?}");
    assert_eq!(fix(&clipper(), &fixed), fixed);
}

#[track_caller]
fn check_queue(sentence: &str, mended: &str) {
    check("BackgroundJobCriticalQueueSize", "Critical", sentence, mended);
}

#[track_caller]
fn check_stale(sentence: &str, mended: &str) {
    check("BackgroundJobNotRunning", "Warning", sentence, mended);
}

#[test]
fn only_what_differs_is_replaced_where_something_else_stands_within() {
    for within in ["(items that wait)", "[^1]", "<!-- agreed with Ann -->", "~~3000~~", "[here](#why)"] {
        let sentence = |value: &str| match within {
            "~~3000~~" => format!("Queue size > {within} {value} for 10 minutes"),
            "[here](#why)" => format!("Queue size > {value} (see {within}) for 10 minutes"),
            _ => format!("Queue size > {value} {within} for 10 minutes"),
        };
        check_queue(&sentence("2000"), &sentence("1000"));
    }
    check_queue("Queue size > 2000[^1] for 10 minutes", "Queue size > 1000[^1] for 10 minutes");
    check_queue("Queue size > [2000](#why) for 10 minutes", "Queue size > [1000](#why) for 10 minutes");
    check_queue("Queue size > **2000** (so far) for 10 min", "Queue size > **1000** (so far) for 10 min");
    check_queue("Queue size < 2000 <!-- c --> for 5 minutes", "Queue size > 1000 <!-- c --> for 10 minutes");
    check_queue("Queue size > <!-- c --> 1000", "Queue size > <!-- c --> 1000 for 10 minutes");
    check(
        "BackgroundJobHighDuration",
        "Warning",
        "P95 duration > 400 seconds (measured at the worker) for 15 minutes",
        "P95 duration > 300 seconds (measured at the worker) for 15 minutes",
    );
}

#[test]
fn what_is_said_beside_the_thresholds_of_single_jobs_is_kept() {
    check_stale(
        "No successful run for > 3 hours (`reputation_tasks`: > 13 hours, see [ops](#x))",
        "No successful run for > 2 hours (`reputation_tasks`: > 13 hours, see [ops](#x))",
    );
    check_stale(
        "No successful run for > 2 hours (`reputation_tasks`: > 2 days, see [ops](#x))",
        "No successful run for > 2 hours (`reputation_tasks`: > 13 hours, see [ops](#x))",
    );
    check_stale(
        "No successful run <!-- c --> for > 2 hours",
        "No successful run <!-- c --> for > 2 hours (reputation_tasks: 13 hours)",
    );
}

#[test]
fn what_stood_in_a_sentence_that_is_written_anew_stands_behind_it() {
    check_queue("bananas <!-- c --> on most[^1] days", "Queue size > 1000 for 10 minutes <!-- c -->[^1]");
    check_queue(
        "[Bananas](#b) in the queue (as told) for days",
        "Queue size > 1000 for 10 minutes ([Bananas](#b)) (as told)",
    );
    check_queue("The queue has [2000 bananas](#b)", "Queue size > 1000 for 10 minutes (see [here](#b))");
    // A remark that changes the threshold is a part of what is wrong.
    check_queue(
        "Queue size > 1000 (mostly) <!-- c --> for 10 minutes",
        "Queue size > 1000 for 10 minutes <!-- c -->",
    );
}
